"""The smallest exact replacements that lead from one v2 body to another.

Notion replaces a text that occurs exactly once. Every old text here does, in the base and after any
of the other replacements, so it makes no difference whether they are applied one by one or
at once. Lines whose text differs between two reads, or whose loss would delete more than text, are
never part of an old text unless the user changed that very line.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from notionfs.errors import UnplannableEdit
from notionfs.markdown.aligning import Region, changed_regions, common_start
from notionfs.markdown.blocks import join_blocks, normal_text, space_between, split_blocks
from notionfs.markdown.bodies import has_hosted_file, hosted_urls

MAX_EDITS = 100
"""How many replacements Notion takes in one request."""

_GUARDED = re.compile(r"<(?:unknown|page|database|synced[-_]block[-_]reference)[ />]")
_SMALL_STEPS = 8


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """What to ask Notion for. At most one of the three kinds is there; none is no change.

    *edits* are (old text, new text); *append* goes behind the last block; *replace* is the whole
    body of a page that was empty.
    """

    edits: tuple[tuple[str, str], ...] = ()
    append: str | None = None
    replace: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return not self.edits and self.append is None and self.replace is None


@dataclass(slots=True)
class _Hunk:
    """Characters start..end of the base, and the text that takes their place.

    *up* and *down* tell in which directions it may take in more lines.
    """

    start: int
    end: int
    new: str
    up: bool = True
    down: bool = True


def plan_body(base: str, new: str) -> BodyPlan:
    """Return how to make the body *base* read as *new*.

    White space that means nothing is no difference. Raises UnplannableEdit if no exact and unique
    replacements do it.
    """
    if base == new:
        return BodyPlan()
    if not base.strip(" \t\n"):
        return BodyPlan(replace=new.strip("\n")) if new.strip(" \t\n") else BodyPlan()
    before, after = _Blocks(base), _Blocks(new)
    regions = list(changed_regions(before.keys, after.keys))
    if not regions:
        return BodyPlan()
    if len(regions) == 1 and regions[0][0] == regions[0][1] == len(before.texts):
        return BodyPlan(append=join_blocks(after.texts[regions[0][2] :]))
    return BodyPlan(edits=_Planner(base).plan(before, after, regions))


def apply_plan(base: str, plan: BodyPlan) -> str:
    """Return *base* after *plan*, as Notion would; raises UnplannableEdit if it does not fit."""
    if plan.replace is not None:
        return plan.replace
    if plan.append is not None:
        return join_blocks([*split_blocks(base), plan.append])
    for old, new in plan.edits:
        if not old or not _occurs_once(base, old):
            raise UnplannableEdit("A text to replace does not occur exactly once.")
        base = base.replace(old, new, 1)
    return base


def _occurs_once(text: str, part: str) -> bool:
    position = text.find(part)
    return position >= 0 and text.find(part, position + 1) < 0


class _Blocks:
    """A body's blocks, their keys, and where they stand in it."""

    def __init__(self, body: str) -> None:
        self.texts: list[str] = []
        self.starts: list[int] = []
        position = 0
        for piece in split_blocks(body):
            text = piece.strip("\n")
            self.texts.append(text)
            self.starts.append(position + piece.index(text))
            position += len(piece)
        self.ends = [start + len(text) for start, text in zip(self.starts, self.texts, strict=True)]
        self.keys = [normal_text(text) for text in self.texts]
        self._body = body

    def has_room(self, at: int, space: str) -> bool:
        """Tell whether what stands above block *at* separates as well as *space* does."""
        return space == "\n" or "\n\n" in self._body[self.ends[at - 1] : self.starts[at]]


class _Planner:
    """Turns changed blocks of one base into hunks, and makes each of them unique."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._lines = base.split("\n")
        self._starts = [0, *accumulate(len(line) + 1 for line in self._lines[:-1])]
        self._guards = frozenset(
            at
            for at, line in enumerate(self._lines)
            if _GUARDED.search(line) or has_hosted_file(line)
        )

    def plan(
        self, before: _Blocks, after: _Blocks, regions: Sequence[Region]
    ) -> tuple[tuple[str, str], ...]:
        """Return the edits for these regions; raises UnplannableEdit."""
        hunks = [hunk for region in regions for hunk in self._hunks(before, after, region)]
        while True:
            hunks = self._merge_touching(hunks)
            for position in range(len(hunks)):
                self._widen(hunks, position)
            merged = self._merge_nearest(self._merge_touching(hunks))
            if len(merged) == len(hunks):
                break
            hunks = merged
        edits = tuple((self._old(hunk), hunk.new) for hunk in hunks)
        self._check(edits)
        return edits

    # --- from blocks to hunks ---

    def _hunks(self, before: _Blocks, after: _Blocks, region: Region) -> Iterator[_Hunk]:
        i1, i2, j1, j2 = region
        if i1 == i2:
            yield self._insertion(before, i1, after.texts[j1:j2])
        elif j1 == j2:
            yield self._deletion(before, i1, i2)
        else:
            if i2 - i1 == j2 - j1:
                groups = [(old, old + 1, after.texts[j1 + old - i1]) for old in range(i1, i2)]
            else:
                groups = [(i1, i2, join_blocks(after.texts[j1:j2]))]
            yield from self._replacements(before, groups)

    def _insertion(self, before: _Blocks, at: int, texts: Sequence[str]) -> _Hunk:
        """Put new blocks between two, or before the first, or behind the last."""
        new = join_blocks(texts)
        if not at:
            start = before.starts[0]
            return _Hunk(start, start, new + space_between(texts[-1], before.texts[0]))
        end = before.ends[at - 1]
        new = space_between(before.texts[at - 1], texts[0]) + new
        if at == len(before.texts):
            return _Hunk(end, end, new)
        space = space_between(texts[-1], before.texts[at])
        if before.has_room(at, space):
            return _Hunk(end, end, new)
        return _Hunk(end, before.starts[at], new + space)

    def _deletion(self, before: _Blocks, i1: int, i2: int) -> _Hunk:
        """Take blocks away with the space on one side of them."""
        if i2 == len(before.texts):
            return _Hunk(before.ends[i1 - 1] if i1 else before.starts[0], before.ends[-1], "")
        space = space_between(before.texts[i1 - 1], before.texts[i2]) if i1 else ""
        if not i1 or before.has_room(i1, space):
            return _Hunk(before.starts[i1], before.starts[i2], "")
        return _Hunk(before.ends[i1 - 1], before.starts[i2], space)

    def _replacements(
        self, before: _Blocks, groups: Sequence[tuple[int, int, str]]
    ) -> Iterator[_Hunk]:
        """Replace blocks i1..i2 of each group, one after the other, by its text."""
        above = before.texts[groups[0][0] - 1] if groups[0][0] else None
        for i1, i2, new in groups:
            if above is not None:
                yield from self._room(before, i1, space_between(above, new))
            yield from self._replacement(before.starts[i1], before.ends[i2 - 1], new)
            above = split_blocks(new)[-1]
        end = groups[-1][1]
        if end < len(before.texts) and above is not None:
            yield from self._room(before, end, space_between(above, before.texts[end]))

    def _room(self, before: _Blocks, at: int, space: str) -> Iterator[_Hunk]:
        """Separate what now stands around the line end above block *at*, if that must be."""
        if not before.has_room(at, space):
            yield _Hunk(before.ends[at - 1], before.starts[at], space)

    def _replacement(self, start: int, end: int, new: str) -> Iterator[_Hunk]:
        """Replace the lines that differ, and no line between them that must not be touched."""
        first = self._line_at(start)
        old_lines, new_lines = self._base[start:end].split("\n"), new.split("\n")
        head = common_start(old_lines, new_lines)
        tail = common_start(old_lines[head:][::-1], new_lines[head:][::-1])
        last = first + len(old_lines) - tail
        if not self._guards.isdisjoint(range(first + head, last)):
            gaps = changed_regions(old_lines, new_lines)
        else:
            gaps = iter([(head, len(old_lines) - tail, head, len(new_lines) - tail)])
        for i1, i2, j1, j2 in gaps:
            yield self._line_hunk(first, (i1, i2, j1, j2), new_lines, len(old_lines))

    def _line_hunk(self, first: int, gap: Region, new_lines: list[str], count: int) -> _Hunk:
        i1, i2, j1, j2 = gap
        if i2 - i1 == 1 and j2 - j1 == 1 and has_hosted_file(self._lines[first + i1]):
            return self._beside_hosted(first + i1, new_lines[j1])
        text = "\n".join(new_lines[j1:j2])
        if i1 < i2 and j1 < j2:
            return _Hunk(self._starts[first + i1], self._line_end(first + i2 - 1), text)
        if i2 < count:
            # Whole lines with the line end behind them, up to one that stays.
            return _Hunk(
                self._starts[first + i1], self._starts[first + i2], text + "\n" if j1 < j2 else ""
            )
        above = self._line_end(first + i1 - 1)
        return _Hunk(above, self._line_end(first + i2 - 1), "\n" + text if j1 < j2 else "")

    def _beside_hosted(self, line: int, new: str) -> _Hunk:
        """Replace what stands on one side of a hosted file's address, which nobody can repeat."""
        old = self._lines[line]
        start = self._starts[line]
        for url in hosted_urls(old):
            before, after = old.split(url, 1)
            new_before, found, new_after = new.partition(url)
            if found and after == new_after:
                return _Hunk(start, start + len(before), new_before, down=False)
            if found and before == new_before:
                return _Hunk(start + len(before + url), start + len(old), new_after, up=False)
        raise UnplannableEdit("A line with a file that Notion hosts was changed.")

    # --- making texts unique ---

    def _old(self, hunk: _Hunk) -> str:
        return self._base[hunk.start : hunk.end]

    def _line_at(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1

    def _line_end(self, line: int) -> int:
        return self._starts[line] + len(self._lines[line])

    def _widen(self, hunks: Sequence[_Hunk], position: int) -> None:
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

    def _is_unique(self, hunk: _Hunk) -> bool:
        old = self._old(hunk)
        return bool(old.strip()) and _occurs_once(self._base, old)

    def _grow_up(self, hunk: _Hunk, lowest: int, count: int) -> bool:
        """Take in up to *count* lines above that are not guarded, and blank ones behind them."""
        start = hunk.start
        while count and hunk.up and start > lowest:
            line = bisect_left(self._starts, start) - 1
            if line in self._guards or self._starts[line] < lowest:
                break
            start = self._starts[line]
            count -= bool(self._lines[line].strip())
        hunk.new = self._base[start : hunk.start] + hunk.new
        grown, hunk.start = start < hunk.start, start
        return grown

    def _grow_down(self, hunk: _Hunk, highest: int, count: int) -> bool:
        """Take in up to *count* lines below that are not guarded, and blank ones before them."""
        end = hunk.end
        while count and hunk.down and end < highest:
            line = bisect_left(self._starts, end)
            if line < len(self._lines) and self._line_end(line) == end:
                line += 1  # a blank line: all of it is here already
            if line in self._guards or line >= len(self._lines) or self._line_end(line) > highest:
                break
            end = self._line_end(line)
            count -= bool(self._lines[line].strip())
        hunk.new += self._base[hunk.end : end]
        grown, hunk.end = end > hunk.end, end
        return grown

    def _merge_touching(self, hunks: Sequence[_Hunk]) -> list[_Hunk]:
        merged: list[_Hunk] = []
        for hunk in hunks:
            if merged and hunk.start <= merged[-1].end:
                merged[-1] = self._join(merged[-1], hunk)
            else:
                merged.append(hunk)
        return merged

    def _merge_nearest(self, hunks: list[_Hunk]) -> list[_Hunk]:
        """Join the closest neighbours until Notion takes so many; guarded lines are not joined."""
        distances = sorted(
            (hunks[at + 1].start - hunks[at].end, at)
            for at in range(len(hunks) - 1)
            if not self._has_guard(hunks[at].end, hunks[at + 1].start)
        )
        joined = {at for _, at in distances[: max(0, len(hunks) - MAX_EDITS)]}
        merged: list[_Hunk] = []
        for at, hunk in enumerate(hunks):
            if at - 1 in joined:
                merged[-1] = self._join(merged[-1], hunk)
            else:
                merged.append(hunk)
        return merged

    def _join(self, one: _Hunk, other: _Hunk) -> _Hunk:
        between = self._base[one.end : other.start]
        return _Hunk(one.start, other.end, one.new + between + other.new, one.up, other.down)

    def _has_guard(self, start: int, end: int) -> bool:
        lines = range(self._line_at(start), self._line_at(end) + 1)
        return not self._guards.isdisjoint(lines)

    def _check(self, edits: tuple[tuple[str, str], ...]) -> None:
        """Raise UnplannableEdit unless *edits* work at once and one after the other."""
        if len(edits) > MAX_EDITS:
            raise UnplannableEdit(f"The edit has more than {MAX_EDITS} separate parts.")
        text = self._base
        for old, new in edits:
            if has_hosted_file(old):
                raise UnplannableEdit("A line with a file that Notion hosts was changed.")
            if not old.strip() or not _occurs_once(self._base, old):
                raise UnplannableEdit("A changed part cannot be told from others like it.")
            if not _occurs_once(text, old):
                raise UnplannableEdit("A changed part looks like the new text of another one.")
            text = text.replace(old, new, 1)
