"""Text blocks other than list items as Notion-flavored Markdown."""

from __future__ import annotations

from collections.abc import Mapping

from notionfs.simulator.blocks import Block
from notionfs.simulator.dialects.escapes import protect_heading, protect_lines
from notionfs.simulator.dialects.media import shown_icon
from notionfs.simulator.dialects.page_out import (
    Page,
    Renderer,
    color_of,
    inline_of,
    needs_tag,
    tagged,
)
from notionfs.simulator.dialects.tags import void_tag


def _paragraph(block: Block, page: Page) -> str:
    title = inline_of(block, page)
    if not title and not block.children:
        return void_tag("p", {"color": color_of(block)})
    if needs_tag(block):
        return tagged("p", {"color": color_of(block)}, title, block, page)
    return protect_lines(title)


def _heading(block: Block, page: Page) -> str:
    level = block.type[-1]
    title = inline_of(block, page)
    color = {"color": color_of(block)}
    if block.data.get("is_toggleable") or block.children:
        return tagged("toggle", {"heading": f"h{level}", **color}, title, block, page)
    if needs_tag(block) or "\n" in title:
        return tagged(f"h{level}", color, title, block, page)
    return f"{'#' * int(level)} {protect_heading(title)}".rstrip(" ")


def _quote(block: Block, page: Page) -> str:
    title = inline_of(block, page)
    if needs_tag(block):
        return tagged("quote", {"color": color_of(block)}, title, block, page)
    return "\n".join(f"> {line}".rstrip(" ") for line in protect_lines(title).split("\n"))


def _toggle(block: Block, page: Page) -> str:
    return tagged("toggle", {"color": color_of(block)}, inline_of(block, page), block, page)


def _callout(block: Block, page: Page) -> str:
    icon = shown_icon(block.data.get("icon"), page.names)
    attributes = {"icon": icon, "color": color_of(block)}
    return tagged("callout", attributes, inline_of(block, page), block, page)


TEXT_RENDERERS: Mapping[str, Renderer] = {
    "paragraph": _paragraph,
    "heading_1": _heading,
    "heading_2": _heading,
    "heading_3": _heading,
    "heading_4": _heading,
    "toggle": _toggle,
    "quote": _quote,
    "callout": _callout,
}
