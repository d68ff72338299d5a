"""Blocks that are not text as Notion-flavored Markdown: code, tables, columns, media, pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from notionfs.simulator.blocks import Block
from notionfs.simulator.dialects.escapes import equation_is_bare, link_target, protect_lines
from notionfs.simulator.dialects.inline_out import (
    cell_markdown,
    html_cell_markdown,
    inline_markdown,
    label_markdown,
)
from notionfs.simulator.dialects.media import shown_icon, shown_url
from notionfs.simulator.dialects.page_out import (
    Page,
    Renderer,
    color_of,
    container,
    inline_of,
    tagged,
)
from notionfs.simulator.dialects.tags import open_tag, quote, void_tag
from notionfs.simulator.languages import PLAIN_TEXT
from notionfs.simulator.richtext import plain_text, text_item


def _code(block: Block, page: Page) -> str:
    content = plain_text(block.data["rich_text"])
    longest = max((len(run) for run in re.findall(r"`+", content)), default=0)
    fence = "`" * max(3, longest + 1)
    language = block.data.get("language", PLAIN_TEXT)
    info = "" if language == PLAIN_TEXT else language
    body = f"{content}\n" if content else ""
    return f"{fence}{info}\n{body}{fence}"


def _equation(block: Block, page: Page) -> str:
    expression = block.data["expression"]
    if equation_is_bare(expression):
        return f"$$\n{expression}\n$$"
    shown = quote(expression).replace("<", "&lt;")
    if shown.endswith("\\"):
        shown = f"{shown[:-1]}&#92;"  # it would escape the closing tag
    return f"<equation>{shown}</equation>"


def _divider(block: Block, page: Page) -> str:
    return "---"


def _contents(block: Block, page: Page) -> str:
    return void_tag("table-of-contents", {"color": color_of(block)})


def _table(block: Block, page: Page) -> str:
    rows = [row.data["cells"] for row in block.children]
    page.records -= len(rows)
    if rows and block.data.get("has_column_header") and not block.data.get("has_row_header"):
        return _pipe_table(rows, page)
    return _tag_table(block, rows, page)


def _pipe_table(rows: Sequence[Sequence[Any]], page: Page) -> str:
    lines = [
        "| " + " | ".join(cell_markdown(cell, page.names) for cell in row) + " |" for row in rows
    ]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)


def _tag_table(block: Block, rows: Sequence[Sequence[Any]], page: Page) -> str:
    attributes = {
        "header-row": "true" if block.data.get("has_column_header") else None,
        "header-column": "true" if block.data.get("has_row_header") else None,
    }
    lines = [open_tag("table", attributes)]
    for row in rows:
        lines.append("<tr>")
        lines.extend(f"<td>{html_cell_markdown(cell, page.names)}</td>" for cell in row)
        lines.append("</tr>")
    return "\n".join([*lines, "</table>"])


def _columns(block: Block, page: Page) -> str:
    return container("columns", {}, _each(block.children, page, _column))


def _each(blocks: Sequence[Block], page: Page, render: Callable[[Block, Page], str]) -> str:
    """Return the parts of a container, which stand directly below each other."""
    page.records -= len(blocks)
    return "\n".join(render(block, page) for block in blocks)


def _column(block: Block, page: Page) -> str:
    ratio = block.data.get("width_ratio")
    shown = f"{round(ratio * 100, 4):g}" if ratio is not None else None
    return container("column", {"ratio": shown}, page.siblings(block.children))


def _tabs(block: Block, page: Page) -> str:
    return container("tabs", {}, _each(block.children, page, _one_tab))


def _one_tab(block: Block, page: Page) -> str:
    icon = shown_icon(block.data.get("icon"), page.names)
    return tagged(
        "tab", {"icon": icon, "color": color_of(block)}, inline_of(block, page), block, page
    )


def _synced(block: Block, page: Page) -> str:
    source = block.data.get("synced_from")
    if not source:
        attributes = {"url": page.names.page_url(block.id)}
        return container("synced-block", attributes, page.siblings(block.children))
    attributes = {"url": page.names.page_url(source["block_id"])}
    inside = block.children or page.names.synced_children(source["block_id"])
    return container("synced-block-reference", attributes, page.siblings(inside))


# --- media -------------------------------------------------------------------------------------


def _media(name: str) -> Callable[[Block, Page], str]:
    def render(block: Block, page: Page) -> str:
        return _captioned(name, shown_url(block.data, page.names), block, page)

    return render


def _linked(name: str) -> Callable[[Block, Page], str]:
    def render(block: Block, page: Page) -> str:
        return _captioned(name, block.data["url"], block, page)

    return render


def _captioned(name: str, source: str, block: Block, page: Page) -> str:
    caption = inline_markdown(block.data.get("caption") or [], page.names)
    return f"{open_tag(name, {'source': source})}{protect_lines(caption, first=False)}</{name}>"


def _image(block: Block, page: Page) -> str:
    source = shown_url(block.data, page.names)
    caption = block.data.get("caption") or []
    text = plain_text(caption)
    if not source or "\n" in text or text != text.strip():
        return _captioned("image", source, block, page)
    return f"![{label_markdown(caption, page.names)}]({link_target(source)})"


# --- other pages, and what cannot be shown -----------------------------------------------------


def _title(text: str, page: Page) -> str:
    flat = text.replace("\r", " ").replace("\n", " ")
    return inline_markdown([text_item(flat)], page.names) if flat else ""


def _child_page(block: Block, page: Page) -> str:
    title = page.names.page_title(block.id)
    shown = _title(block.data.get("title", "") if title is None else title, page)
    url = None if block.to_create else page.names.page_url(block.id)
    return f"{open_tag('page', {'url': url})}{shown}</page>"


def _child_database(block: Block, page: Page) -> str:
    facts = page.names.database_facts(block.id) or {}
    inline = facts.get("inline")
    attributes = {
        "url": page.names.page_url(block.id),
        "data-source-url": facts.get("data_source_url"),
        "inline": None if inline is None else "true" if inline else "false",
        "icon": facts.get("icon"),
    }
    title = facts.get("title")
    shown = _title(block.data.get("title", "") if title is None else title, page)
    return f"{open_tag('database', attributes)}{shown}</database>"


SECTIONS = ("summary", "notes", "transcript")


def _meeting_notes(block: Block, page: Page) -> str:
    ids = block.data.get("children") or {}
    parts = []
    for section in SECTIONS:
        wanted = ids.get(f"{section}_block_id")
        held = [child for child in block.children if child.id == wanted]
        if not held or (section == "transcript" and not page.include_transcript):
            continue
        inside = page.siblings(held[0].children)
        parts.append(container(f"meeting-notes-section-{section}", {}, inside))
    title = inline_markdown(block.data.get("title") or [], page.names)
    opening = open_tag("meeting-notes", {"view-url": page.names.page_url(block.id)})
    body = "\n\n" + "\n".join(parts) + "\n" if parts else ""
    return f"{opening}{protect_lines(title, first=False)}{body}</meeting-notes>"


ALIASES: Mapping[str, str] = {"link_to_page": "alias"}


def unknown(block: Block, page: Page) -> str:
    """Return what stands for a block that markdown has no form for."""
    kind = block.type
    if kind == "unsupported":
        kind = block.data.get("block_type") or kind
    kept = block.data.get("_tag")
    if kept:
        return str(kept)
    shown = ALIASES.get(kind, kind)
    return void_tag("unknown", {"url": page.names.page_url(block.id), "alt": shown})


LEAF_RENDERERS: Mapping[str, Renderer] = {
    "code": _code,
    "equation": _equation,
    "divider": _divider,
    "table_of_contents": _contents,
    "table": _table,
    "column_list": _columns,
    "column": _column,
    "tab": _tabs,
    "synced_block": _synced,
    "bookmark": _linked("bookmark"),
    "embed": _linked("embed"),
    "image": _image,
    "video": _media("video"),
    "pdf": _media("pdf"),
    "audio": _media("audio"),
    "file": _media("file"),
    "child_page": _child_page,
    "child_database": _child_database,
    "meeting_notes": _meeting_notes,
    "transcription": _meeting_notes,
}
