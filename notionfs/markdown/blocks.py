"""Where one top-level block of a body ends and the next begins.

A block is what can be changed without touching its neighbours. A list item is a block, as it is in
Notion; a container is one block from its tag to the matching end tag. Both dialects are understood,
v2 and what people edit.
"""

from __future__ import annotations

from collections.abc import Iterable

from notionfs.markdown.cutting import Piece, cut_body, shared_ends, split_body
from notionfs.markdown.items import item_kind
from notionfs.markdown.normal import normal_text
from notionfs.markdown.scanning import CONTAINERS, TAG_LINE, Scanner


def split_blocks(body: str) -> list[str]:
    """Return the blocks of *body*, each with the line ends behind it; joined they are *body*."""
    return split_body(body)


def first_block(body: str) -> str:
    """Return the first of `split_blocks`, which there must be."""
    line = body.partition("\n")[0]
    rest = body[len(line) :].lstrip("\n")
    is_alone = len(line) + len(rest) + 1 < len(body) and rest[:1] not in (" ", "\t")
    if is_alone and line[:1].isalpha():
        return body[: len(body) - len(rest)]
    return split_blocks(body)[0]


def block_tag(block: str) -> str | None:
    """Return the name of the block tag that *block* begins with."""
    found = TAG_LINE.match(block)
    return found[1] if found and found[1] in CONTAINERS else None


def is_paragraph(block: str) -> bool:
    """Tell whether *block* is text (or a table), and no other kind of block."""
    if block[:1].isalpha():
        return True
    lines = block.split("\n")
    return bool(lines[0].strip(" \t")) and not Scanner(lines).is_special(0)


def join_blocks(blocks: Iterable[str]) -> str:
    """Return a body of *blocks*, taken from anywhere, in which each is a block again.

    Items of one list and parts of one container stand line by line, others a blank line apart.
    """
    texts = (block.strip("\n") for block in blocks)
    return _joined((text, item_kind(text)) for text in texts if text)


def join_pieces(pieces: Iterable[Piece]) -> str:
    """Return the same as `join_blocks`, of pieces of which the kind may be known."""
    return _joined((piece.text, piece.kind) for piece in pieces if piece.text)


def _joined(items: Iterable[tuple[str, str | None]]) -> str:
    parts: list[str] = []
    above: str | None = None
    for text, kind in items:
        parts += ["\n" if kind is not None and kind == above else "\n\n", text]
        above = kind
    return "".join(parts[1:])


def space_between(before: str, after: str) -> str:
    """Return the line ends that keep two blocks apart, as Notion writes them."""
    kind = item_kind(before)
    return "\n" if kind is not None and kind == item_kind(after) else "\n\n"


def same_text(one: str, other: str) -> bool:
    """Tell whether two bodies are equal but for white space that means nothing."""
    if one == other:
        return True
    head, tail = shared_ends(one, other)
    if _bare(one[head : len(one) - tail]) != _bare(other[head : len(other) - tail]):
        return False
    if normal_text(one) == normal_text(other):
        return True
    first, second = cut_body(one).pieces, cut_body(other).pieces
    return len(first) == len(second) and all(
        a.key == b.key for a, b in zip(first, second, strict=True)
    )


def _bare(text: str) -> str:
    """Return *text* without every character that white space without meaning may consist of."""
    return text.replace(" ", "").replace("\n", "").replace("\t", "").replace(">", "")
