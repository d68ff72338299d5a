"""The part of a body that a change of its text can concern.

A long page is rendered as pieces, one for each block. Where the new text begins and ends with
pieces of the old one, only the middle has to be read again, together with a neighbour on either
side: if those come out as they were, nothing in the middle reaches beyond it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from notionfs.simulator.dialects.names import Piece

GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Window:
    """The new text of the blocks from *start* to *end*; the outer ones must come out unchanged."""

    start: int
    end: int
    text: str
    guards_before: int
    guards_after: int


def changed_window(pieces: Sequence[Piece], text: str) -> Window:
    """Return the smallest window of *text* that holds every difference from *pieces*."""
    first, begin = _same_start(pieces, text)
    last, finish = _same_end(pieces, text, first, begin)
    if first and text[begin : begin + 1] not in ("", "\n"):
        first -= 1  # the text goes on where this piece ended
        begin -= len(pieces[first][0])
    left, begin = _widened_left(pieces, first, begin)
    right, finish = _widened_right(pieces, last, finish)
    return Window(
        start=_blocks(pieces[:left]),
        end=_blocks(pieces[:right]),
        text=text[begin:finish],
        guards_before=_blocks(pieces[left:first]),
        guards_after=_blocks(pieces[last:right]),
    )


def _blocks(pieces: Sequence[Piece]) -> int:
    return sum(count for _, count in pieces)


def _same_start(pieces: Sequence[Piece], text: str) -> tuple[int, int]:
    position = 0
    for index, (piece, _) in enumerate(pieces):
        if not text.startswith(piece, position):
            return index, position
        position += len(piece)
    return len(pieces), position


def _same_end(pieces: Sequence[Piece], text: str, first: int, begin: int) -> tuple[int, int]:
    position = len(text)
    index = len(pieces)
    while index > first and text.endswith(pieces[index - 1][0], begin, position):
        index -= 1
        position -= len(pieces[index][0])
    while index < len(pieces) and not pieces[index][0].startswith(GAP):
        position += len(pieces[index][0])  # an item would join what stands before it
        index += 1
    return index, position


def _widened_left(pieces: Sequence[Piece], first: int, begin: int) -> tuple[int, int]:
    """Take in one neighbour, and its whole list if it stands in one."""
    left = first
    while left > 0:
        left -= 1
        begin -= len(pieces[left][0])
        if pieces[left][0].startswith(GAP):
            break
    return left, begin


def _widened_right(pieces: Sequence[Piece], last: int, finish: int) -> tuple[int, int]:
    right = last
    while right < len(pieces):
        finish += len(pieces[right][0])
        right += 1
        if right == len(pieces) or pieces[right][0].startswith(GAP):
            break
    return right, finish
