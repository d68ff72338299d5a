"""Hunks of one base, each grown until its old text occurs once."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from notionfs.errors import UnplannableEdit
from notionfs.markdown.bodies import has_hosted_file, may_have_hosted_file

MAX_EDITS = 100
"""How many replacements Notion takes in one request."""

_GUARDED = re.compile(r"<(?:unknown|page|database|synced[-_]block[-_]reference)[ />]")
_SMALL_STEPS = 8


@dataclass(slots=True)
class Hunk:
    """Characters start..end of the base, and the text that takes their place.

    *up* and *down* tell in which directions it may take in more lines.
    """

    start: int
    end: int
    new: str
    up: bool = True
    down: bool = True


class Lines:
    """The lines of a base body: where they stand, and which of them must not be named.

    Guarded are lines whose text differs between two reads, or whose loss deletes more than text.
    Without *strict* only the former: the others may be named as they are, beside a change.
    """

    def __init__(self, base: str, *, strict: bool = True) -> None:
        self.texts = base.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.texts[:-1])]
        self.guards = self._guards_of(base, strict=strict)

    def _guards_of(self, base: str, *, strict: bool) -> frozenset[int]:
        tags = {self.at(found.start()) for found in _GUARDED.finditer(base)} if strict else set()
        if not may_have_hosted_file(base):
            return frozenset(tags)
        files = (at for at, line in enumerate(self.texts) if has_hosted_file(line))
        return frozenset(tags.union(files))

    def at(self, position: int) -> int:
        """Return the line that holds the character at *position*."""
        return bisect_right(self.starts, position) - 1

    def end(self, line: int) -> int:
        """Return where *line* ends, before its line end."""
        return self.starts[line] + len(self.texts[line])


class Widener:
    """Makes the hunks of one base unique."""

    def __init__(self, base: str, lines: Lines) -> None:
        self._base = base
        self._lines = lines

    def edits(self, hunks: list[Hunk]) -> tuple[tuple[str, str], ...]:
        """Return *hunks*, in order of the base, as replacements; raises UnplannableEdit."""
        count = len(hunks) + 1
        while len(hunks) < count:
            count = len(hunks)
            hunks = self._merge_nearest(self._merge_touching(hunks))
            for position in range(len(hunks)):
                self._widen(hunks, position)
            hunks = self._join_stuck(self._merge_touching(hunks))
        edits = tuple((self._old(hunk), hunk.new) for hunk in hunks)
        self._check(edits)
        return edits

    def _old(self, hunk: Hunk) -> str:
        return self._base[hunk.start : hunk.end]

    def _widen(self, hunks: Sequence[Hunk], position: int) -> None:
        """Add lines around a hunk until its old text occurs once or its room is used up."""
        hunk = hunks[position]
        lowest = hunks[position - 1].end if position else 0
        highest = hunks[position + 1].start if position + 1 < len(hunks) else len(self._base)
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

    def _is_unique(self, hunk: Hunk) -> bool:
        old = self._old(hunk)
        return bool(old.strip()) and occurs_once(self._base, old)

    def _grow_up(self, hunk: Hunk, lowest: int, count: int) -> bool:
        """Take in up to *count* lines above that are not guarded, and blank ones behind them."""
        start = hunk.start
        while count and hunk.up and start > lowest:
            line = bisect_left(self._lines.starts, start) - 1
            if line in self._lines.guards or self._lines.starts[line] < lowest:
                break
            start = self._lines.starts[line]
            count -= bool(self._lines.texts[line].strip())
        hunk.new = self._base[start : hunk.start] + hunk.new
        grown, hunk.start = start < hunk.start, start
        return grown

    def _grow_down(self, hunk: Hunk, highest: int, count: int) -> bool:
        """Take in up to *count* lines below that are not guarded, and blank ones before them."""
        end = hunk.end
        while count and hunk.down and end < highest:
            line = bisect_left(self._lines.starts, end)
            if line < len(self._lines.texts) and self._lines.end(line) == end:
                line += 1  # a blank line: all of it is here already
            if line >= len(self._lines.texts) or self._lines.end(line) > highest:
                break
            if line in self._lines.guards:
                break
            end = self._lines.end(line)
            count -= bool(self._lines.texts[line].strip())
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
        return Hunk(one.start, other.end, one.new + between + other.new, one.up, other.down)

    def _has_guard(self, start: int, end: int) -> bool:
        lines = range(self._lines.at(start), self._lines.at(end) + 1)
        return not self._lines.guards.isdisjoint(lines)

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
            if not old.strip() or not occurs_once(self._base, old):
                raise UnplannableEdit("A changed part cannot be told from others like it.")
            if not occurs_once(text, old):
                raise UnplannableEdit("A changed part looks like the new text of another one.")
            text = text.replace(old, new, 1)


def _guarded_lines(text: str) -> Counter[str]:
    return Counter(line.strip() for line in text.split("\n") if _GUARDED.search(line))


def occurs_once(text: str, part: str) -> bool:
    """Tell whether *part* stands in *text* at exactly one place."""
    position = text.find(part)
    return position >= 0 and text.find(part, position + 1) < 0
