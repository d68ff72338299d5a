"""Block trees in the older dialect ("enhanced markdown", v1): a line is a block, tabs nest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from notionfs.simulator.blocks import Block
from notionfs.simulator.dialects.media import shown_icon, shown_url
from notionfs.simulator.dialects.names import Names, Rendered
from notionfs.simulator.dialects.page_out import Page
from notionfs.simulator.dialects.tags import attribute_text, open_tag, short_color
from notionfs.simulator.dialects.v1_inline_out import escaped_v1, inline_v1
from notionfs.simulator.richtext import plain_text

Lines = list[str]


def render_v1(
    blocks: Sequence[Block],
    names: Names,
    *,
    record_limit: int = 20_000,
    include_transcript: bool = False,
) -> Rendered:
    """Return *blocks* as v1 markdown without a final newline."""
    page = Page(names, record_limit, _text, include_transcript)
    lines = _blocks(blocks, page)
    return Rendered("\n".join(lines), page.truncated, page.unknown)


def _text(blocks: Sequence[Block], page: Page) -> str:
    return "\n".join(_blocks(blocks, page))


def _blocks(blocks: Sequence[Block], page: Page) -> Lines:
    return [line for block in blocks for line in _block(block, page)]


def _block(block: Block, page: Page) -> Lines:
    if page.records > 0:
        page.records -= 1
        return RENDERERS.get(block.type, _unknown)(block, page)
    page.leave_out(block)
    return _unknown(block, page)


def _indented(lines: Lines) -> Lines:
    return [f"\t{line}" for line in lines]


def _inline(block: Block, page: Page) -> str:
    return inline_v1(block.data["rich_text"], page.names)


def _color(block: Block) -> str | None:
    return short_color(block.data.get("color"))


def _suffix(attributes: Mapping[str, str | None]) -> str:
    """Return the attribute list at the end of a block's first line."""
    shown = attribute_text(attributes).strip()
    return f" {{{shown}}}" if shown else ""


_MARKER = re.compile(r"#{1,6}(?= |$)|>|-|\d+(?=\.( |$))|!|\t")


def protected_line(text: str) -> str:
    """Return a line of text so that it does not begin a block of another kind."""
    found = _MARKER.match(text)
    if found is not None and found[0].isdigit():
        return f"{found[0]}\\{text[found.end() :]}"
    if found is not None or (text and not text.strip()):
        return f"\\{text}"
    return text


def _paragraph(block: Block, page: Page) -> Lines:
    text = _inline(block, page)
    suffix = _suffix({"color": _color(block)})
    first = protected_line(text) + suffix if text else suffix.strip() or "<empty-block/>"
    return [first, *_indented(_blocks(block.children, page))]


def _marked(mark: str) -> Callable[[Block, Page], Lines]:
    def render(block: Block, page: Page) -> Lines:
        text = (
            f"{mark} {_inline(block, page)}".rstrip(" ")
            if not block.data["rich_text"]
            else (f"{mark} {_inline(block, page)}")
        )
        first = text + _suffix({"color": _color(block)})
        return [first, *_indented(_blocks(block.children, page))]

    return render


def _to_do(block: Block, page: Page) -> Lines:
    mark = "- [x]" if block.data.get("checked") else "- [ ]"
    return _marked(mark)(block, page)


def _heading(block: Block, page: Page) -> Lines:
    toggles = "true" if block.data.get("is_toggleable") else None
    text = f"{'#' * int(block.type[-1])} {_inline(block, page)}"
    first = text + _suffix({"toggle": toggles, "color": _color(block)})
    return [first, *_indented(_blocks(block.children, page))]


def _toggle(block: Block, page: Page) -> Lines:
    return [
        open_tag("details", {"color": _color(block)}),
        f"<summary>{_inline(block, page)}</summary>",
        *_indented(_blocks(block.children, page)),
        "</details>",
    ]


def _callout(block: Block, page: Page) -> Lines:
    """The first line inside is the text; without one, an empty block says so where it matters."""
    icon = shown_icon(block.data.get("icon"), page.names)
    text = _inline(block, page)
    first = block.children[0].type if block.children else ""
    own = [protected_line(text)] if text else ["<empty-block/>"] if first == "paragraph" else []
    inside = [*own, *_blocks(block.children, page)]
    return [
        open_tag("callout", {"icon": icon, "color": _color(block)}),
        *_indented(inside),
        "</callout>",
    ]


def _code(block: Block, page: Page) -> Lines:
    content = plain_text(block.data["rich_text"])
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    lines = content.split("\n") if content else []
    return [f"{fence}{block.data.get('language', '')}", *lines, fence]


def _equation(block: Block, page: Page) -> Lines:
    return ["$$", *block.data["expression"].split("\n"), "$$"]


def _divider(block: Block, page: Page) -> Lines:
    return ["---"]


def _contents(block: Block, page: Page) -> Lines:
    return [f"<table_of_contents{attribute_text({'color': _color(block)})}/>"]


def _table(block: Block, page: Page) -> Lines:
    page.records -= len(block.children)
    attributes = {
        "fit-page-width": "false",
        "header-row": "true" if block.data.get("has_column_header") else "false",
        "header-column": "true" if block.data.get("has_row_header") else "false",
    }
    lines = [open_tag("table", attributes)]
    for row in block.children:
        lines.append("\t<tr>")
        cells = (inline_v1(cell, page.names) for cell in row.data["cells"])
        lines.extend(f"\t\t<td>{cell}</td>" for cell in cells)
        lines.append("\t</tr>")
    return [*lines, "</table>"]


def _holder(name: str) -> Callable[[Block, Page], Lines]:
    def render(block: Block, page: Page) -> Lines:
        return [f"<{name}>", *_indented(_blocks(block.children, page)), f"</{name}>"]

    return render


def _image(block: Block, page: Page) -> Lines:
    caption = inline_v1(block.data.get("caption") or [], page.names)
    source = re.sub(r"[\\()]", r"\\\g<0>", shown_url(block.data, page.names))
    return [f"![{caption}]({source})"]


def _media(name: str) -> Callable[[Block, Page], Lines]:
    def render(block: Block, page: Page) -> Lines:
        caption = inline_v1(block.data.get("caption") or [], page.names)
        opening = open_tag(name, {"src": shown_url(block.data, page.names)})
        return [f"{opening}{caption}</{name}>"]

    return render


def _synced(block: Block, page: Page) -> Lines:
    source = block.data.get("synced_from")
    name = "synced_block_reference" if source else "synced_block"
    target = source["block_id"] if source else block.id
    inside: Sequence[Block] = block.children
    if source and not inside:
        inside = page.names.synced_children(target)
    opening = open_tag(name, {"url": page.names.page_url(target)})
    return [opening, *_indented(_blocks(inside, page)), f"</{name}>"]


def _title(text: str, names: Names) -> str:
    return escaped_v1(text.replace("\n", " "), names)


def _child_page(block: Block, page: Page) -> Lines:
    known = page.names.page_title(block.id)
    title = block.data.get("title", "") if known is None else known
    url = None if block.to_create else page.names.page_url(block.id)
    return [f"{open_tag('page', {'url': url})}{_title(title, page.names)}</page>"]


def _child_database(block: Block, page: Page) -> Lines:
    facts: Mapping[str, Any] = page.names.database_facts(block.id) or {}
    title = facts.get("title")
    shown = block.data.get("title", "") if title is None else title
    attributes = {
        "url": page.names.page_url(block.id),
        "inline": "true" if facts.get("inline") else "false",
        "icon": facts.get("icon"),
    }
    return [f"{open_tag('database', attributes)}{_title(shown, page.names)}</database>"]


def _unknown(block: Block, page: Page) -> Lines:
    kind = block.data.get("block_type") or block.type
    shown = "alias" if kind == "link_to_page" else kind
    attributes = {"url": page.names.page_url(block.id), "alt": shown}
    return [f"<unknown{attribute_text(attributes)}/>"]


# v1 has no form for bookmarks, embeds and tabs: they are unknown to it.
RENDERERS: Mapping[str, Callable[[Block, Page], Lines]] = {
    "paragraph": _paragraph,
    "heading_1": _heading,
    "heading_2": _heading,
    "heading_3": _heading,
    "heading_4": _heading,
    "bulleted_list_item": _marked("-"),
    "numbered_list_item": _marked("1."),
    "to_do": _to_do,
    "quote": _marked(">"),
    "toggle": _toggle,
    "callout": _callout,
    "code": _code,
    "equation": _equation,
    "divider": _divider,
    "table_of_contents": _contents,
    "table": _table,
    "column_list": _holder("columns"),
    "column": _holder("column"),
    "meeting_notes": _holder("meeting-notes"),
    "image": _image,
    "video": _media("video"),
    "audio": _media("audio"),
    "pdf": _media("pdf"),
    "file": _media("file"),
    "synced_block": _synced,
    "child_page": _child_page,
    "child_database": _child_database,
}
