"""A large change goes to Notion in pieces, each small enough for one request.

Every piece is a whole body on the way from the old one to the new one: what was not reached yet is
as it was. So whoever finds a piece in Notion, after a crash too, knows what is left to send.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from notionfs.markdown.aligning import Region, changed_regions, common_start
from notionfs.markdown.blocks import join_blocks, split_blocks
from notionfs.markdown.normal import normal_text

MAX_BYTES = 400_000
"""What a request may hold of old and new text. Notion takes 500 KB; lines around a change come on
top."""

MAX_BLOCKS = 900
"""How many new blocks a request may hold; Notion's limit is 1,000."""


def next_piece(
    base: str,
    wanted: str,
    *,
    split: Callable[[str], list[str]] = split_blocks,
    join: Callable[[Iterable[str]], str] = join_blocks,
    max_bytes: int = MAX_BYTES,
    max_blocks: int = MAX_BLOCKS,
) -> str:
    """Return the body that the next request leads to: *wanted* itself if nothing is in the way.

    A single block is never cut: it goes alone, whatever its size.
    """
    if len(base) + len(wanted) <= max_bytes // 6 and wanted.count("\n") < max_blocks:
        return wanted  # no character takes more than six bytes
    before, after = split(base), split(wanted)
    room = _Room(max_bytes, max_blocks)
    for region in _regions(before, after):
        i, j = room.reach(before, after, region)
        if (i, j) != (region[1], region[3]):
            return join([*after[:j], *before[i:]])
    return wanted


def largest_new_block(
    base: str, wanted: str, split: Callable[[str], list[str]] = split_blocks
) -> int:
    """Return how many bytes the largest block of *wanted* that *base* lacks takes in a request."""
    if len(wanted) <= MAX_BYTES // 6:
        return 0
    before, after = split(base), split(wanted)
    start, end = _same_ends(before, after)
    changed = {piece.strip("\n") for piece in after[start : len(after) - end]}
    for text in sorted(changed, key=request_size, reverse=True):
        if text not in base or all(text != piece.strip("\n") for piece in before):
            return request_size(text)
    return 0


def request_size(text: str) -> int:
    """Return how many bytes *text* takes in a request."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"))


def _same_ends(before: Sequence[str], after: Sequence[str]) -> tuple[int, int]:
    """Return how many blocks are the same at the beginning, and behind these at the end."""
    head = common_start(before, after)
    return head, common_start(before[head:][::-1], after[head:][::-1])


def _regions(before: Sequence[str], after: Sequence[str]) -> list[Region]:
    """Return where the blocks say different things; most are the same, and not looked at."""
    head, tail = _same_ends(before, after)
    old, new = (
        [normal_text(text) for text in texts[head : len(texts) - tail]] for texts in (before, after)
    )
    return [
        (head + i1, head + i2, head + j1, head + j2) for i1, i2, j1, j2 in changed_regions(old, new)
    ]


class _Room(Struct):
    """What one request has left for text and blocks; the first thing always fits."""

    bytes_left: int
    blocks_left: int
    is_untouched: bool = True

    def reach(self, before: Sequence[str], after: Sequence[str], region: Region) -> tuple[int, int]:
        """Return how far into a changed region the request leads: new blocks first, then old."""
        i1, i2, j1, j2 = region
        new = [request_size(text) for text in after[j1:j2]]
        old = [request_size(text) for text in before[i1:i2]]
        if self._take(sum(new) + sum(old), len(new), only_if_it_fits=True):
            return i2, j2
        j = j1
        while j < j2 and self._take(new[j - j1], 1):
            j += 1
        i = i1
        while j == j2 and i < i2 and self._take(old[i - i1], 0):
            i += 1
        return i, j

    def _take(self, size: int, blocks: int, *, only_if_it_fits: bool = False) -> bool:
        fits = size <= self.bytes_left and blocks <= self.blocks_left
        if not fits and (only_if_it_fits or not self.is_untouched):
            return False
        self.is_untouched = False
        self.bytes_left -= size
        self.blocks_left -= blocks
        return True
