"""The smallest exact replacements that lead from one v2 body to another.

Notion replaces a text that occurs exactly once. Every old text here does, in the base and after any
of the other replacements, so it makes no difference whether they are applied one by one or
at once. Lines whose text differs between two reads, or whose loss would delete more than text, are
never part of an old text unless the user changed that very line. Only if there is no other way, a
line that stands for more than text is named, and it stands in the new text as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from notionfs.errors import UnplannableEdit
from notionfs.markdown.aligning import Pins, Region, common_start, pinned_regions
from notionfs.markdown.blocks import join_blocks, space_between, split_blocks
from notionfs.markdown.bodies import hosted_urls, may_have_hosted_file
from notionfs.markdown.cutting import cut_body
from notionfs.markdown.stretches import Stretches
from notionfs.markdown.unique import Hunk, Widener, occurs_once


class BodyPlan(Struct, frozen=True):
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
    regions = _regions(before, after)
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
    regions = _regions(before, after)
    if len(regions) < 2 or not regions[-1][0] == regions[-1][1] == len(before.texts):
        raise UnplannableEdit("The changes do not end with an addition.")
    addition = join_blocks(after.texts[regions[-1][2] :])
    return _plan_edits(before, after, regions[:-1]), addition


def _plan_edits(before: _Blocks, after: _Blocks, regions: Sequence[Region]) -> BodyPlan:
    try:
        return _plan_with(Stretches(before.body), before, after, regions)
    except UnplannableEdit:
        # Better named as they are, beside a change, than sent with all of the page.
        return _plan_with(Stretches(before.body, strict=False), before, after, regions)


def _plan_with(
    stretches: Stretches, before: _Blocks, after: _Blocks, regions: Sequence[Region]
) -> BodyPlan:
    drafter = _Drafter(before.body, stretches)
    hunks = [hunk for region in regions for hunk in drafter.hunks(before, after, region)]
    return BodyPlan(edits=Widener(before.body, stretches).edits(hunks))


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
        cut = cut_body(body)
        self.texts = [piece.text for piece in cut.pieces]
        self.keys = [piece.key for piece in cut.pieces]
        self.starts = [0, *cut.ends][: len(self.texts)]
        if self.texts:
            self.starts[0] = body.index(self.texts[0])  # blank lines may come first
        self.ends = [start + len(text) for start, text in zip(self.starts, self.texts, strict=True)]
        self.body = body

    def files(self) -> Pins:
        """Return the blocks that have hosted files, and the addresses of these."""
        if not may_have_hosted_file(self.body):
            return []
        found = ((at, tuple(hosted_urls(text))) for at, text in enumerate(self.texts))
        return [(at, urls) for at, urls in found if urls]

    def has_room(self, at: int, space: str) -> bool:
        """Tell whether what stands above block *at* separates as well as *space* does."""
        return space == "\n" or "\n\n" in self.body[self.ends[at - 1] : self.starts[at]]


def _regions(before: _Blocks, after: _Blocks) -> list[Region]:
    return pinned_regions(before.keys, after.keys, before.files(), after.files())


class _Drafter:
    """Turns changed blocks into hunks, as small as lines are."""

    def __init__(self, base: str, stretches: Stretches) -> None:
        self._base = base
        self._stretches = stretches

    def hunks(self, before: _Blocks, after: _Blocks, region: Region) -> Iterator[Hunk]:
        """Yield the hunks of one changed region."""
        i1, i2, j1, j2 = region
        if i1 == i2:
            yield self._insertion(before, i1, after.texts[j1:j2])
        elif j1 == j2:
            yield self._deletion(before, i1, i2)
        else:
            if _are_pairs(before.texts[i1:i2], after.texts[j1:j2]):
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
        """Replace the stretches that differ, and none between them that must not be touched."""
        first = self._stretches.first_from(start)
        before, after = Stretches(self._base[start:end], strict=False), Stretches(new, strict=False)
        old_keys, new_keys = before.keys(), after.keys()
        head = common_start(old_keys, new_keys)
        tail = common_start(old_keys[head:][::-1], new_keys[head:][::-1])
        last = len(old_keys) - tail
        if self._stretches.guards.isdisjoint(range(first + head, first + last)):
            gaps = iter([(head, last, head, len(new_keys) - tail)])
        else:
            gaps = iter(pinned_regions(old_keys, new_keys, before.files(), after.files()))
        for gap in gaps:
            yield _gap_hunk(start, before, after, gap)


def _are_pairs(before: Sequence[str], after: Sequence[str]) -> bool:
    """Tell whether each block became the one in its place, with the same hosted files."""
    return len(before) == len(after) and all(
        hosted_urls(old) == hosted_urls(new) for old, new in zip(before, after, strict=True)
    )


def _gap_hunk(at: int, before: Stretches, after: Stretches, gap: Region) -> Hunk:
    """Return the hunk of stretches that differ, in a text that begins at *at*."""
    i1, i2, j1, j2 = gap
    if i2 < len(before.texts):
        # With the line end behind them, up to a stretch that stays.
        start, end = before.starts[i1], before.starts[i2]
        text = after.text[after.starts[j1] : after.starts[j2]]
        if before.text[start:end].endswith("\n") and text.endswith("\n"):
            end, text = end - 1, text[:-1]
    elif i1 < i2 and j1 < j2:
        start, end = before.starts[i1], len(before.text)
        text = after.text[after.starts[j1] :]
    else:
        start, end = before.end(i1 - 1), len(before.text)
        text = after.text[after.end(j1 - 1) :]
    return Hunk(at + start, at + end, text)
