"""Which items of one sequence became which of another."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import TypeAlias

Region: TypeAlias = tuple[int, int, int, int]
"""Items i1..i2 of one sequence became items j1..j2 of the other."""

Pins: TypeAlias = Sequence[tuple[int, Hashable]]
"""Items that stay where they are, and what they are."""

_ALIKE = 40.0
_MOST_COMPARED = 400  # pairs; beyond that items are paired by their order


def changed_regions(before: Sequence[str], after: Sequence[str]) -> Iterator[Region]:
    """Yield where the sequences differ, in order; between two regions they are equal."""
    from rapidfuzz.distance import Indel  # only a save pays for this import

    head = common_start(before, after)
    tail = common_start(before[head:][::-1], after[head:][::-1])
    middle, new_middle = before[head : len(before) - tail], after[head : len(after) - tail]
    i1 = j1 = 0
    for code in Indel.opcodes(middle, new_middle):
        if code.tag != "equal":
            continue
        if code.src_start > i1 or code.dest_start > j1:
            yield head + i1, head + code.src_start, head + j1, head + code.dest_start
        i1, j1 = code.src_end, code.dest_end
    if i1 < len(middle) or j1 < len(new_middle):
        yield head + i1, head + len(middle), head + j1, head + len(new_middle)


def pinned_regions(
    before: Sequence[str], after: Sequence[str], pins: Pins, new_pins: Pins
) -> list[Region]:
    """Return where the sequences differ; an item with a pin is the one with the same pin there.

    So other items go past it, and never it past others. If the pins are not the same ones in the
    same order, they mean nothing.
    """
    if [what for _, what in pins] != [what for _, what in new_pins]:
        pins = new_pins = ()
    regions: list[Region] = []
    bounds = [(at, new) for (at, _), (new, _) in zip(pins, new_pins, strict=True)]
    i = j = 0
    for i2, j2 in [*bounds, (len(before), len(after))]:
        for i1, i3, j1, j3 in changed_regions(before[i:i2], after[j:j2]):
            _add(regions, (i + i1, i + i3, j + j1, j + j3))
        if before[i2 : i2 + 1] != after[j2 : j2 + 1]:
            _add(regions, (i2, i2 + 1, j2, j2 + 1))
        i, j = i2 + 1, j2 + 1
    return regions


def _add(regions: list[Region], region: Region) -> None:
    """Add a region behind others; one that touches the last is part of it."""
    if regions and (regions[-1][1], regions[-1][3]) == (region[0], region[2]):
        last = regions.pop()
        region = (last[0], region[1], last[2], region[3])
    regions.append(region)


def common_start(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many items both begin with."""
    length = min(len(one), len(other))
    if one[:length] == other[:length]:
        return length
    same, different = 0, length  # as many items are the same, and as many are not
    while different - same > 1:
        middle = (same + different) // 2
        if one[same:middle] == other[same:middle]:
            same = middle
        else:
            different = middle
    return same


def pair_alike(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """Return which text of *after* is an edited form of which one of *before*, in order."""
    if len(before) == len(after) or len(before) * len(after) > _MOST_COMPARED:
        return list(zip(range(len(before)), range(len(after)), strict=False))
    from rapidfuzz import fuzz  # only a save pays for this import

    pairs: list[tuple[int, int]] = []
    next_old = 0
    for position, text in enumerate(after):
        scores = [(fuzz.ratio(before[old], text), -old) for old in range(next_old, len(before))]
        score, best = max(scores, default=(0.0, 0))
        if score >= _ALIKE:
            pairs.append((-best, position))
            next_old = 1 - best
    return pairs
