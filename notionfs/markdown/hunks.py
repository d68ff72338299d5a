"""The smallest exact replacements that lead from one v2 body to another.

Notion replaces a text that occurs exactly once. Every old text here does, in the base and after any
of the other replacements, so it makes no difference whether they are applied one by one or
at once. Lines whose text differs between two reads, or whose loss would delete more than text, are
never part of an old text unless the user changed that very line. Only if there is no other way, a
line that stands for more than text is named, and it stands in the new text as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from notionfs.errors import UnplannableEdit
from notionfs.markdown.aligning import Region, changed_regions, common_start
from notionfs.markdown.blocks import join_blocks, normal_text, space_between, split_blocks
from notionfs.markdown.bodies import has_hosted_file, hosted_urls
from notionfs.markdown.unique import Hunk, Lines, Widener, occurs_once


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
    return _plan_edits(before, after, regions)


def plan_apart(base: str, new: str) -> tuple[BodyPlan, str]:
    """Return the plan of everything but what is new at the end, and that.

    For a body whose last block can be no part of an old text, such as a hosted file. Raises
    UnplannableEdit if that is not what is in the way.
    """
    before, after = _Blocks(base), _Blocks(new)
    regions = list(changed_regions(before.keys, after.keys))
    if len(regions) < 2 or not regions[-1][0] == regions[-1][1] == len(before.texts):
        raise UnplannableEdit("The changes do not end with an addition.")
    addition = join_blocks(after.texts[regions[-1][2] :])
    return _plan_edits(before, after, regions[:-1]), addition


def _plan_edits(before: _Blocks, after: _Blocks, regions: Sequence[Region]) -> BodyPlan:
    try:
        return _plan_with(Lines(before.body), before, after, regions)
    except UnplannableEdit:
        # Better named as they are, beside a change, than sent with all of the page.
        return _plan_with(Lines(before.body, strict=False), before, after, regions)


def _plan_with(
    lines: Lines, before: _Blocks, after: _Blocks, regions: Sequence[Region]
) -> BodyPlan:
    drafter = _Drafter(before.body, lines)
    hunks = [hunk for region in regions for hunk in drafter.hunks(before, after, region)]
    return BodyPlan(edits=Widener(before.body, lines).edits(hunks))


def apply_plan(base: str, plan: BodyPlan) -> str:
    """Return *base* after *plan*, as Notion would; raises UnplannableEdit if it does not fit."""
    if plan.replace is not None:
        return plan.replace
    if plan.append is not None:
        return join_blocks([*split_blocks(base), plan.append])
    for old, new in plan.edits:
        if not old or not occurs_once(base, old):
            raise UnplannableEdit("A text to replace does not occur exactly once.")
        base = base.replace(old, new, 1)
    return base


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
        self.body = body

    def has_room(self, at: int, space: str) -> bool:
        """Tell whether what stands above block *at* separates as well as *space* does."""
        return space == "\n" or "\n\n" in self.body[self.ends[at - 1] : self.starts[at]]


class _Drafter:
    """Turns changed blocks into hunks, as small as lines are."""

    def __init__(self, base: str, lines: Lines) -> None:
        self._base = base
        self._lines = lines

    def hunks(self, before: _Blocks, after: _Blocks, region: Region) -> Iterator[Hunk]:
        """Yield the hunks of one changed region."""
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

    def _insertion(self, before: _Blocks, at: int, texts: Sequence[str]) -> Hunk:
        """Put new blocks between two, or before the first, or behind the last."""
        new = join_blocks(texts)
        if not at:
            start = before.starts[0]
            return Hunk(start, start, new + space_between(texts[-1], before.texts[0]))
        end = before.ends[at - 1]
        new = space_between(before.texts[at - 1], texts[0]) + new
        if at == len(before.texts):
            return Hunk(end, end, new)
        space = space_between(texts[-1], before.texts[at])
        if before.has_room(at, space):
            return Hunk(end, end, new)
        return Hunk(end, before.starts[at], new + space)

    def _deletion(self, before: _Blocks, i1: int, i2: int) -> Hunk:
        """Take blocks away with the space on one side of them."""
        if i2 == len(before.texts):
            return Hunk(before.ends[i1 - 1] if i1 else before.starts[0], before.ends[-1], "")
        space = space_between(before.texts[i1 - 1], before.texts[i2]) if i1 else ""
        if not i1 or before.has_room(i1, space):
            return Hunk(before.starts[i1], before.starts[i2], "")
        return Hunk(before.ends[i1 - 1], before.starts[i2], space)

    def _replacements(
        self, before: _Blocks, groups: Sequence[tuple[int, int, str]]
    ) -> Iterator[Hunk]:
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

    def _room(self, before: _Blocks, at: int, space: str) -> Iterator[Hunk]:
        """Separate what now stands around the line end above block *at*, if that must be."""
        if not before.has_room(at, space):
            yield Hunk(before.ends[at - 1], before.starts[at], space)

    def _replacement(self, start: int, end: int, new: str) -> Iterator[Hunk]:
        """Replace the lines that differ, and no line between them that must not be touched."""
        first = self._lines.at(start)
        old_lines, new_lines = self._base[start:end].split("\n"), new.split("\n")
        head = common_start(old_lines, new_lines)
        tail = common_start(old_lines[head:][::-1], new_lines[head:][::-1])
        last = first + len(old_lines) - tail
        if not self._lines.guards.isdisjoint(range(first + head, last)):
            gaps = changed_regions(old_lines, new_lines)
        else:
            gaps = iter([(head, len(old_lines) - tail, head, len(new_lines) - tail)])
        for i1, i2, j1, j2 in gaps:
            yield self._line_hunk(first, (i1, i2, j1, j2), new_lines, len(old_lines))

    def _line_hunk(self, first: int, gap: Region, new_lines: list[str], count: int) -> Hunk:
        i1, i2, j1, j2 = gap
        if i2 - i1 == 1 and j2 - j1 == 1 and has_hosted_file(self._lines.texts[first + i1]):
            return self._beside_hosted(first + i1, new_lines[j1])
        text = "\n".join(new_lines[j1:j2])
        if i1 < i2 and j1 < j2:
            return Hunk(self._lines.starts[first + i1], self._lines.end(first + i2 - 1), text)
        if i2 < count:
            # Whole lines with the line end behind them, up to one that stays.
            return Hunk(
                self._lines.starts[first + i1],
                self._lines.starts[first + i2],
                text + "\n" if j1 < j2 else "",
            )
        above = self._lines.end(first + i1 - 1)
        return Hunk(above, self._lines.end(first + i2 - 1), "\n" + text if j1 < j2 else "")

    def _beside_hosted(self, line: int, new: str) -> Hunk:
        """Replace what stands on one side of a hosted file's address, which nobody can repeat."""
        old = self._lines.texts[line]
        start = self._lines.starts[line]
        for url in hosted_urls(old):
            before, after = old.split(url, 1)
            new_before, found, new_after = new.partition(url)
            if found and after == new_after:
                return Hunk(start, start + len(before), new_before, down=False)
            if found and before == new_before:
                return Hunk(start + len(before + url), start + len(old), new_after, up=False)
        raise UnplannableEdit("A line with a file that Notion hosts was changed.")
