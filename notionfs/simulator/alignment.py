"""Which old block a new one is: trees compared level by level, so that ids survive an edit.

Blocks that show the same markdown are the same block, kept with everything markdown does not show.
Between those, a block of the same type with similar text is the old one edited. What markdown names
by id (sub-pages, databases, placeholders, synced blocks) is found wherever it went.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.richtext import plain_text

Shown = Callable[[Block], str]  # a block and all inside it as markdown

ALIKE = 0.5  # similarity from which two texts are one text edited
ALIKE_ALONE = 0.3  # the same where one block stands between kept neighbours in both trees
MOST_PAIRS = 4000  # beyond so many pairs, only blocks near each other are compared
NEAR = 8
HOLDERS = frozenset(("column_list", "column", "tab", "table", "synced_block", "meeting_notes"))


@dataclass
class Alignment:
    """The new tree, and what became of the old one."""

    shown: Shown
    pinned: dict[str, Block] = field(default_factory=dict)  # old blocks that the new text names
    kept: set[str] = field(default_factory=set)
    touched: list[str] = field(default_factory=list)
    removed: list[Block] = field(default_factory=list)
    added: list[tuple[list[Block], int]] = field(default_factory=list)
    _prints: dict[int, str] = field(default_factory=dict)

    def level(self, old: Sequence[Block], new: Sequence[Block]) -> list[Block]:
        """Return *new* with the ids, and what markdown hides, of the blocks it keeps from *old*."""
        rest = [block for block in old if block.id not in self.pinned]
        free = [block for block in new if block.id not in self.pinned]
        pairs = dict(self._pairs(rest, free))
        matched = {id(before) for before in pairs.values()}
        self.removed.extend(block for block in rest if id(block) not in matched)
        result: list[Block] = []
        for block in new:
            before = self.pinned.get(block.id) or pairs.get(id(block))
            if before is None:
                self.added.append((result, len(result)))
                self._note_new(block)
                result.append(block)
            else:
                result.append(self._same(before, block))
        return result

    def _pairs(self, old: list[Block], new: list[Block]) -> Iterator[tuple[int, Block]]:
        """Yield (identity of a new block, its old block)."""
        left = [self.print(block) for block in old]
        right = [self.print(block) for block in new]
        for a, b, c, _ in _equal_stretches(left, right):
            yield from ((id(new[c + i]), old[a + i]) for i in range(b - a))
        yield from self._edited(old, new, left, right)

    def _edited(
        self, old: list[Block], new: list[Block], left: list[str], right: list[str]
    ) -> Iterator[tuple[int, Block]]:
        """Yield the pairs in the gaps between equal stretches."""
        for a, b, c, d in _gaps(left, right):
            alone = b - a == 1 and d - c == 1
            floor = ALIKE_ALONE if alone else ALIKE
            for i, j in _best_pairs(old[a:b], new[c:d], floor, self.print):
                yield id(new[c + j]), old[a + i]

    def print(self, block: Block) -> str:
        """Return what the block shows; two blocks that show the same are the same."""
        known = self._prints.get(id(block))
        if known is None:
            known = self._prints[id(block)] = self.shown(block)
        return known

    def _same(self, before: Block, after: Block) -> Block:
        """Return the old block as the new text wants it."""
        self.kept.add(before.id)
        if after.type == "unsupported" or self.print(before) == self.print(after):
            self.kept.update(block.id for block in walk(before.children))
            return before
        data = merged_data(before, after, self.shown)
        if data != before.data:
            self.touched.append(before.id)
        children = self._children(before, after)
        return Block(
            before.id,
            before.type,
            data,
            children,
            before.created_time,
            before.last_edited_time,
            before.created_by,
            before.last_edited_by,
            before.in_trash,
        )

    def _children(self, before: Block, after: Block) -> list[Block]:
        if before.type == "meeting_notes":
            return self._sections(before, after)
        if before.type == "synced_block" and before.data.get("synced_from"):
            return before.children
        return self.level(before.children, after.children)

    def _sections(self, before: Block, after: Block) -> list[Block]:
        """Of meeting notes only the section of notes can be edited."""
        wanted = (before.data.get("children") or {}).get("notes_block_id")
        notes = next(
            (child for child in after.children if child.data.get("block_type") == "section-notes"),
            None,
        )
        for child in before.children:
            if notes is not None and child.id == wanted:
                child.children = self.level(child.children, notes.children)
        return before.children

    def _note_new(self, block: Block) -> None:
        """Take in a block that was not there; named blocks inside it have still only moved."""
        self.touched.append(block.id)
        block.children = [self._inside_new(child) for child in block.children]

    def _inside_new(self, block: Block) -> Block:
        before = self.pinned.get(block.id)
        if before is not None:
            return self._same(before, block)
        self._note_new(block)
        return block

    def settle_moves(self) -> None:
        """Give blocks that only moved their ids back: the same text, gone here and new there."""
        gone: dict[str, list[Block]] = {}
        for block in self.removed:
            gone.setdefault(self.print(block), []).append(block)
        for siblings, index in self.added:
            waiting = gone.get(self.print(siblings[index]))
            if waiting:
                fresh = {block.id for block in walk([siblings[index]])}
                self.touched = [name for name in self.touched if name not in fresh]
                siblings[index] = waiting.pop(0)


Stretch = tuple[int, int, int, int]  # from and to in the old list, from and to in the new one


def _equal_stretches(left: list[str], right: list[str]) -> list[Stretch]:
    if not left or not right:
        return []
    return [
        (step.src_start, step.src_end, step.dest_start, step.dest_end)
        for step in Indel.opcodes(left, right)
        if step.tag == "equal"
    ]


def _gaps(left: list[str], right: list[str]) -> Iterator[Stretch]:
    """Yield the stretches between equal ones where both lists have something."""
    a = c = 0
    ends = (len(left), len(left), len(right), len(right))
    for i, j, k, m in [*_equal_stretches(left, right), ends]:
        if a < i and c < k:
            yield a, i, c, k
        a, c = j, m


def _best_pairs(
    old: list[Block], new: list[Block], floor: float, shown: Shown
) -> list[tuple[int, int]]:
    """Return the pairs, in order, whose similarities add up to the most."""
    if len(old) * len(new) > MOST_PAIRS:
        return _near_pairs(old, new, floor, shown)
    best: list[list[float]] = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    scores: dict[tuple[int, int], float] = {}
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            score = similarity(old[i], new[j], shown)
            paired = 0.0
            if score >= floor:
                scores[i, j] = score
                paired = best[i + 1][j + 1] + score
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    return _walked(best, scores)


def _near_pairs(
    old: list[Block], new: list[Block], floor: float, shown: Shown
) -> list[tuple[int, int]]:
    """Return pairs found by looking a few blocks ahead: for gaps too large to try everything."""
    pairs: list[tuple[int, int]] = []
    i = 0
    for j, block in enumerate(new):
        ahead = range(i, min(i + NEAR, len(old)))
        scores = {at: similarity(old[at], block, shown) for at in ahead}
        match = max(scores, key=scores.__getitem__, default=None)
        if match is not None and scores[match] >= floor:
            pairs.append((match, j))
            i = match + 1
    return pairs


def _walked(best: list[list[float]], scores: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < len(best) - 1 and j < len(best[0]) - 1:
        score = scores.get((i, j))
        if score is not None and best[i][j] == best[i + 1][j + 1] + score:
            pairs.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return pairs


def similarity(old: Block, new: Block, shown: Shown) -> float:
    """Return from 0 to 1 how likely *new* is *old* after an edit."""
    if old.type != new.type:
        return 0.0
    if old.type in HOLDERS:
        return 0.6 + 0.4 * fuzz.ratio(shown(old), shown(new)) / 100
    before, after = _own_text(old), _own_text(new)
    own = fuzz.ratio(before, after) / 100 if before and after else 0.0
    if (old.children and new.children) or not (before or after):
        return max(own, fuzz.ratio(shown(old), shown(new)) / 100)
    return own


def _own_text(block: Block) -> str:
    data = block.data
    if "rich_text" in data:
        return plain_text(data["rich_text"])
    if "cells" in data:
        return " | ".join(plain_text(cell) for cell in data["cells"])
    parts = (str(data[name]) for name in ("url", "expression") if name in data)
    return " ".join(parts) + plain_text(data.get("caption") or [])


# What markdown does not say about a block, and an edit of its text therefore leaves alone.
HIDDEN: dict[str, tuple[str, ...]] = {
    "code": ("caption",),
    "file": ("name",),
    "numbered_list_item": ("list_format",),
    "meeting_notes": ("children", "status", "calendar_event", "recording"),
    "transcription": ("children", "status", "calendar_event", "recording"),
    "child_page": ("title",),
    "child_database": ("title",),
}
TEXTS = ("rich_text", "caption")


def merged_data(before: Block, after: Block, shown: Shown) -> dict[str, Any]:
    """Return the data of the new text, completed with what markdown could not say."""
    data = dict(after.data)
    for name in HIDDEN.get(before.type, ()):
        if name in before.data:
            data[name] = before.data[name]
    for name in TEXTS:
        if name in data and name in before.data and _same_text(before, after, name, shown):
            data[name] = before.data[name]
    if "cells" in data and len(data["cells"]) == len(before.data["cells"]):
        data["cells"] = [
            old if _cell(old, shown) == _cell(new, shown) else new
            for old, new in zip(before.data["cells"], data["cells"], strict=True)
        ]
    return data


def _same_text(before: Block, after: Block, name: str, shown: Shown) -> bool:
    if before.type == "code":
        return plain_text(before.data[name]) == plain_text(after.data[name])
    return _cell(before.data[name], shown) == _cell(after.data[name], shown)


def _cell(items: list[dict[str, Any]], shown: Shown) -> str:
    return shown(Block("", "quote", {"rich_text": items, "color": "default"}))


def fresh_id() -> str:
    """Return an id for a block that may not keep the one its text names."""
    return str(uuid.uuid4())
