"""Hunks of one base, each grown until its old text occurs once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from notionfs.errors import UnplannableEdit
from notionfs.markdown.bodies import has_hosted_file
from notionfs.markdown.stretches import GUARDED, Stretches

MAX_EDITS = 100
"""How many replacements Notion takes in one request."""

_SMALL_STEPS = 8


class Hunk(Struct):
    """Characters start..end of the base, and the text that takes their place."""

    start: int
    end: int
    new: str


class Widener:
    """Makes the hunks of one base unique."""

    def __init__(self, base: str, stretches: Stretches) -> None:
        self._base = base
        self._stretches = stretches

    def edits(self, hunks: list[Hunk]) -> tuple[tuple[str, str], ...]:
        """Return *hunks*, in order of the base, as replacements; raises UnplannableEdit."""
        count = len(hunks) + 1
        while len(hunks) < count:
            count = len(hunks)
            hunks = self._merge_nearest(self._merge_touching(hunks))
            for position in range(len(hunks)):
                self._widen(hunks, position)
            self._tell_apart(hunks)
            hunks = self._join_stuck(self._merge_touching(hunks))
        if not all(map(self._is_unique, hunks)):
            raise UnplannableEdit("A changed part cannot be told from others like it.")
        edits = tuple((self._old(hunk), hunk.new) for hunk in hunks)
        self._check(edits)
        return edits

    def _old(self, hunk: Hunk) -> str:
        return self._base[hunk.start : hunk.end]

    def _widen(self, hunks: Sequence[Hunk], position: int) -> None:
        """Add lines around a hunk until its old text occurs once or its room is used up."""
        hunk = hunks[position]
        lowest, highest = self._room(hunks, position)
        # Neither text should begin or end with a line end: somebody may trim it on the way.
        if self._old(hunk)[:1] in ("", "\n") or hunk.new[:1] in ("", "\n"):
            self._grow_up(hunk, lowest, 1)
        if self._old(hunk)[-1:] in ("", "\n") or hunk.new[-1:] in ("", "\n"):
            self._grow_down(hunk, highest, 1)
        steps = 0
        while not self._is_unique(hunk):
            count = 1 if steps < _SMALL_STEPS else 2 ** (steps - _SMALL_STEPS + 1)
            grown = self._grow_up(hunk, lowest, count)
            if not self._grow_down(hunk, highest, count) and not grown:
                break
            steps += 1

    def _room(self, hunks: Sequence[Hunk], position: int) -> tuple[int, int]:
        """Return how far up and down a hunk may grow: to its neighbours."""
        lowest = hunks[position - 1].end if position else 0
        highest = hunks[position + 1].start if position + 1 < len(hunks) else len(self._base)
        return lowest, highest

    def _tell_apart(self, hunks: Sequence[Hunk]) -> None:
        """Add lines around a hunk whose old text is also the new text of one before it."""
        for _ in range(_SMALL_STEPS):
            position = self._first_ambiguous(hunks)
            if position is None:
                return
            lowest, highest = self._room(hunks, position)
            grown = self._grow_up(hunks[position], lowest, 1)
            if not self._grow_down(hunks[position], highest, 1) and not grown:
                return

    def _is_unique(self, hunk: Hunk) -> bool:
        old = self._old(hunk)
        return bool(old.strip()) and self._is_telling(hunk) and occurs_once(self._base, old)

    def _is_telling(self, hunk: Hunk) -> bool:
        """Tell whether an old text is more than a bracket in a line, which may turn up anywhere."""
        old = self._old(hunk)
        if "\n" in old or any(map(str.isalnum, old)):
            return True
        before, behind = self._base[hunk.start - 1 : hunk.start], self._base[hunk.end :][:1]
        return before in ("", "\n") and behind in ("", "\n")

    def _grow_up(self, hunk: Hunk, lowest: int, count: int) -> bool:
        """Take in up to *count* stretches above, unguarded, and blank ones behind them."""
        stretches = self._stretches
        start = hunk.start
        while count and start > lowest:
            number = stretches.first_from(start) - 1
            if number in stretches.guards or stretches.starts[number] < lowest:
                break
            start = stretches.starts[number]
            count -= bool(stretches.texts[number].strip())
        hunk.new = self._base[start : hunk.start] + hunk.new
        grown, hunk.start = start < hunk.start, start
        return grown

    def _grow_down(self, hunk: Hunk, highest: int, count: int) -> bool:
        """Take in up to *count* stretches below, unguarded, and blank ones before them."""
        stretches = self._stretches
        end = hunk.end
        while count and end < highest:
            number = stretches.first_from(end)
            if number < len(stretches.texts) and stretches.end(number) == end:
                number += 1  # a blank line: all of it is here already
            if number >= len(stretches.texts) or stretches.end(number) > highest:
                break
            if number in stretches.guards:
                break
            end = stretches.end(number)
            count -= bool(stretches.texts[number].strip())
        hunk.new += self._base[hunk.end : end]
        grown, hunk.end = end > hunk.end, end
        return grown

    def _merge_touching(self, hunks: Sequence[Hunk]) -> list[Hunk]:
        merged: list[Hunk] = []
        for hunk in hunks:
            if merged and hunk.start <= merged[-1].end:
                merged[-1] = self._join(merged[-1], hunk)
            else:
                merged.append(hunk)
        return merged

    def _join_stuck(self, hunks: list[Hunk]) -> list[Hunk]:
        """Join a hunk that cannot be made unique to its nearest neighbour, if there is one."""
        stuck = next((at for at in range(len(hunks)) if not self._is_unique(hunks[at])), None)
        if stuck is None:
            stuck = self._first_ambiguous(hunks)
        if stuck is None:
            return hunks
        distances = [
            (hunks[at + 1].start - hunks[at].end, at)
            for at in (stuck - 1, stuck)
            if 0 <= at < len(hunks) - 1 and not self._has_guard(hunks[at].end, hunks[at + 1].start)
        ]
        if not distances:
            return hunks
        _, at = min(distances)
        return [*hunks[:at], self._join(hunks[at], hunks[at + 1]), *hunks[at + 2 :]]

    def _first_ambiguous(self, hunks: Sequence[Hunk]) -> int | None:
        """Return the first hunk whose old text is not unique once those before it are applied."""
        text = self._base
        for at, hunk in enumerate(hunks):
            if not occurs_once(text, self._old(hunk)):
                return at
            text = text.replace(self._old(hunk), hunk.new, 1)
        return None

    def _merge_nearest(self, hunks: list[Hunk]) -> list[Hunk]:
        """Join the closest neighbours until Notion takes so many; guarded lines are not joined."""
        distances = sorted(
            (hunks[at + 1].start - hunks[at].end, at)
            for at in range(len(hunks) - 1)
            if not self._has_guard(hunks[at].end, hunks[at + 1].start)
        )
        joined = {at for _, at in distances[: max(0, len(hunks) - MAX_EDITS)]}
        merged: list[Hunk] = []
        for at, hunk in enumerate(hunks):
            if at - 1 in joined:
                merged[-1] = self._join(merged[-1], hunk)
            else:
                merged.append(hunk)
        return merged

    def _join(self, one: Hunk, other: Hunk) -> Hunk:
        between = self._base[one.end : other.start]
        return Hunk(one.start, other.end, one.new + between + other.new)

    def _has_guard(self, start: int, end: int) -> bool:
        numbers = range(self._stretches.at(start), self._stretches.at(end) + 1)
        return not self._stretches.guards.isdisjoint(numbers)

    def _check(self, edits: tuple[tuple[str, str], ...]) -> None:
        """Raise UnplannableEdit unless *edits* work at once and one after the other."""
        if len(edits) > MAX_EDITS:
            raise UnplannableEdit(f"The edit has more than {MAX_EDITS} separate parts.")
        text = self._base
        for old, new in edits:
            if _guarded_lines(old) - _guarded_lines(new):
                raise UnplannableEdit("A line that stands for more than text would be lost.")
            if has_hosted_file(old):
                raise UnplannableEdit("A line with a file that Notion hosts was changed.")
            if not occurs_once(text, old):
                raise UnplannableEdit("A changed part looks like the new text of another one.")
            text = text.replace(old, new, 1)


def _guarded_lines(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.split("\n") if GUARDED.search(line))


def occurs_once(text: str, part: str) -> bool:
    """Tell whether *part* stands in *text* at exactly one place."""
    position = text.find(part)
    return position >= 0 and text.find(part, position + 1) < 0
