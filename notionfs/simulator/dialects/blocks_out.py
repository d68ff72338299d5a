"""Block trees as Notion-flavored Markdown (v2).

A block takes Markdown's own form where that says everything, and its tag form where it has a color,
children that Markdown cannot hold, or spaces at its edges. Here are siblings and lists.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from notionfs.simulator.blocks import Block
from notionfs.simulator.dialects.escapes import protect_lines
from notionfs.simulator.dialects.leaves_out import LEAF_RENDERERS, unknown
from notionfs.simulator.dialects.names import Names, Piece, Rendered
from notionfs.simulator.dialects.page_out import (
    Page,
    Renderer,
    color_of,
    container,
    has_edge_space,
    inline_of,
    tagged,
)
from notionfs.simulator.dialects.text_out import TEXT_RENDERERS

LIST_TYPES = frozenset(("bulleted_list_item", "numbered_list_item", "to_do"))


def render_blocks(
    blocks: Sequence[Block],
    names: Names,
    *,
    record_limit: int = 20_000,
    include_transcript: bool = False,
) -> Rendered:
    """Return *blocks* as one markdown text without a final newline."""
    page = Page(names, record_limit, _siblings, include_transcript)
    pieces = _pieces(blocks, page)
    text = "".join(piece for piece, _ in pieces)
    return Rendered(text, page.truncated, page.unknown, pieces)


def _siblings(blocks: Sequence[Block], page: Page) -> str:
    return "".join(piece for piece, _ in _pieces(blocks, page))


def _pieces(blocks: Sequence[Block], page: Page) -> list[Piece]:
    """Return blocks one blank line apart; plain items of one list stand directly below each other.

    Each piece is text with the gap before it, and how many of the blocks it shows.
    """
    pieces: list[Piece] = []
    previous: Block | None = None
    mark = "."
    for wrapper, group in groupby(blocks, key=_item_tag):
        if wrapper is not None:
            items = list(group)
            pieces.append((_gap(pieces) + _tagged_items(wrapper, items, page), len(items)))
            previous = None
            continue
        for block in group:
            joins = previous is not None and page.records > 0 and _continues(previous, block)
            if block.type == "numbered_list_item":
                restarts = joins and block.data.get("list_start_index")
                mark = _other(mark) if restarts else mark if joins else "."
            gap = "\n" if joins else _gap(pieces)
            pieces.append((gap + _one(block, page, mark), 1))
            previous = block
    return pieces


def _gap(pieces: Sequence[Piece]) -> str:
    return "\n\n" if pieces else ""


def _other(mark: str) -> str:
    """Return the other mark behind a number: changing it begins a new list in CommonMark."""
    return ")" if mark == "." else "."


def _continues(previous: Block, block: Block) -> bool:
    return block.type == previous.type and block.type in LIST_TYPES


def _one(block: Block, page: Page, mark: str) -> str:
    if page.records <= 0:
        return _left_out(block, page)
    page.records -= 1
    if block.type == "numbered_list_item":
        return _numbered(block, page, mark)
    return RENDERERS.get(block.type, unknown)(block, page)


def _left_out(block: Block, page: Page) -> str:
    """Stand in for a block beyond the limit of records."""
    page.leave_out(block)
    return unknown(block, page)


# --- lists -------------------------------------------------------------------------------------

_LETTERED: Mapping[str, str] = {"letters": "a", "roman": "i"}
Wrapper = tuple[str, str | None, int | None]  # tag, type of the numbers, first number


def _item_tag(block: Block) -> Wrapper | None:
    """Return the list tag around an item that Markdown's own form cannot hold, else None."""
    if block.type not in LIST_TYPES or block.type == "to_do":
        return None
    kind = _LETTERED.get(str(block.data.get("list_format")))
    if kind is None and not _item_needs_tag(block):
        return None
    if block.type == "bulleted_list_item":
        return "ul", None, None
    return "ol", kind, block.data.get("list_start_index")


def _item_needs_tag(block: Block) -> bool:
    empty = not block.data["rich_text"]
    return bool(color_of(block) or (empty and block.children) or has_edge_space(block))


def _tagged_items(wrapper: Wrapper, items: Sequence[Block], page: Page) -> str:
    tag, kind, start = wrapper
    inside = "\n".join(_tagged_item(item, page) for item in items)
    first = str(start) if start else None
    return container(tag, {"type": kind, "start": first}, inside)


def _tagged_item(block: Block, page: Page) -> str:
    if page.records <= 0:
        return _left_out(block, page)
    page.records -= 1
    return tagged("li", {"color": color_of(block)}, inline_of(block, page), block, page)


def _bulleted(block: Block, page: Page) -> str:
    return _item("- ", 2, block, page)


def _numbered(block: Block, page: Page, mark: str) -> str:
    bullet = f"{block.data.get('list_start_index') or 1}{mark} "
    return _item(bullet, len(bullet), block, page)


def _to_do(block: Block, page: Page) -> str:
    checked = bool(block.data.get("checked"))
    if _item_needs_tag(block):
        attributes = {"checked": "true" if checked else "false", "color": color_of(block)}
        return tagged("todo", attributes, inline_of(block, page), block, page)
    return _item("- [x] " if checked else "- [ ] ", 2, block, page)


_LINE_START = re.compile(r"\n(?=[^\n])")


def _item(bullet: str, width: int, block: Block, page: Page) -> str:
    """Return an item in Markdown's own form, what belongs to it indented by *width*."""
    title = protect_lines(inline_of(block, page))
    inside = (bullet + title).rstrip(" ")
    if block.children:
        gap = "\n" if _follows_directly(block.children[0], page) else "\n\n"
        inside += gap + page.siblings(block.children)
    return _LINE_START.sub("\n" + " " * width, inside)


def _follows_directly(child: Block, page: Page) -> bool:
    """Say whether a first child may stand right below its item's text.

    A list may interrupt a text only with an item that has text itself and does not begin at two.
    """
    return (
        child.type in LIST_TYPES
        and page.records > 0
        and _item_tag(child) is None
        and bool(child.data["rich_text"])
        and not (child.type == "to_do" and _item_needs_tag(child))
        and child.data.get("list_start_index") in (None, 1)
    )


RENDERERS: Mapping[str, Renderer] = {
    **TEXT_RENDERERS,
    **LEAF_RENDERERS,
    "bulleted_list_item": _bulleted,
    "to_do": _to_do,
}
