"""What a block holds: the text of its own, and the blocks inside of it.

Two people who work in two columns, or under two items of an outline, do not disturb each other; a
merge has to look into blocks to see that.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from notionfs.markdown.blocks import is_paragraph, split_blocks
from notionfs.markdown.scanning import content_column, list_item
from notionfs.markdown.tags import UNTITLED, Tag, parse_tag, render_tag

Opened = tuple[str, str, Callable[[str, str], str]]
"""A block's own text, the body inside of it, and how to put two such texts together again."""


def open_block(block: str) -> Opened | None:
    """Take a v2 container or list item apart, or return None for a block that holds none."""
    if block.startswith("<"):
        return _open_tag(block)
    return _open_item(block) if list_item(block.split("\n", 1)[0]) else None


def _open_tag(block: str) -> Opened | None:
    tag = parse_tag(block)
    if tag is None:
        return None
    own = render_tag(Tag(tag.name, tag.attributes, tag.title, None)).removesuffix(f"</{tag.name}>")
    return own, tag.children or "", partial(_close_tag, tag.name)


def _close_tag(name: str, own: str, inside: str) -> str:
    if not inside:
        return f"{own}</{name}>"
    space = "\n" if name in UNTITLED else "\n\n"
    return f"{own}{space}{inside}\n</{name}>"


def _open_item(block: str) -> Opened | None:
    width = content_column(block.split("\n", 1)[0])
    lines = block[width:].split("\n")
    if "\t" in block or any(line[:width].strip(" ") for line in lines[1:]):
        return None  # indented in a way that cannot be repeated
    pieces = split_blocks("\n".join([lines[0], *(line[width:] for line in lines[1:])]))
    if not pieces or not is_paragraph(pieces[0]):
        return None
    own = block[:width] + pieces[0].rstrip("\n")
    return own, "".join(pieces[1:]).rstrip("\n"), partial(_close_item, width)


def _close_item(width: int, own: str, inside: str) -> str:
    space = "\n" if list_item(inside.split("\n", 1)[0]) else "\n\n"
    lines = (own + space + inside if inside else own).split("\n")
    return "\n".join([lines[0], *(" " * width + line if line else "" for line in lines[1:])])
