"""Block trees as Notion-flavored Markdown (v2).

A block takes Markdown's own form where that says everything, and its tag form where it has a color,
children that Markdown cannot hold, or spaces at its edges.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from notionfs.simulator.blocks import Block
from notionfs.simulator.dialects.escapes import (
    equation_is_bare,
    link_target,
    protect_heading,
    protect_lines,
    spelled_out_end,
)
from notionfs.simulator.dialects.inline_out import (
    cell_markdown,
    html_cell_markdown,
    inline_markdown,
    label_markdown,
)
from notionfs.simulator.dialects.media import shown_icon, shown_url
from notionfs.simulator.dialects.names import Names, Piece, Rendered
from notionfs.simulator.dialects.tags import open_tag, quote, short_color, void_tag
from notionfs.simulator.languages import PLAIN_TEXT
from notionfs.simulator.richtext import plain_text, text_item

Attributes = Mapping[str, str | None]
LIST_TYPES = frozenset(("bulleted_list_item", "numbered_list_item", "to_do"))
MOST_UNKNOWN_IDS = 100


@dataclass(slots=True)
class Page:
    """One rendering: who knows names, how many records may still be shown, what was left out."""

    names: Names
    records: int
    include_transcript: bool = False
    truncated: bool = False
    unknown: list[str] = field(default_factory=list)


def render_blocks(
    blocks: Sequence[Block],
    names: Names,
    *,
    record_limit: int = 20_000,
    include_transcript: bool = False,
) -> Rendered:
    """Return *blocks* as one markdown text without a final newline."""
    page = Page(names, record_limit, include_transcript)
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
    for tagged, group in groupby(blocks, key=_item_tag):
        if tagged is not None:
            items = list(group)
            pieces.append((_gap(pieces) + _tagged_items(tagged, items, page), len(items)))
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
    return RENDERERS.get(block.type, _unknown)(block, page)


def _left_out(block: Block, page: Page) -> str:
    """Stand in for a block beyond the limit of records."""
    page.truncated = True
    if len(page.unknown) < MOST_UNKNOWN_IDS:
        page.unknown.append(block.id)
    return _unknown(block, page)


# --- text and tags -----------------------------------------------------------------------------


def _inline(block: Block, page: Page) -> str:
    return inline_markdown(block.data["rich_text"], page.names)


def _has_edge_space(block: Block) -> bool:
    """Say whether the text begins or ends with what a parser would trim."""
    text = plain_text(block.data["rich_text"])
    return text != text.strip()


def _color(block: Block) -> str | None:
    return short_color(block.data.get("color"))


def _tagged(name: str, attributes: Attributes, title: str, block: Block, page: Page) -> str:
    """Return the tag form: the title behind the opening tag, a blank line, the children."""
    shown = protect_lines(title, first=False)
    opening = open_tag(name, attributes)
    if not block.children:
        return f"{opening}{shown}</{name}>"
    return f"{opening}{spelled_out_end(shown)}\n\n{_siblings(block.children, page)}\n</{name}>"


def _container(name: str, attributes: Attributes, inside: str) -> str:
    """Return a tag that has only blocks inside."""
    return (
        f"{open_tag(name, attributes)}\n{inside}\n</{name}>"
        if inside
        else (f"{open_tag(name, attributes)}</{name}>")
    )


def _needs_tag(block: Block) -> bool:
    return bool(_color(block) or block.children or _has_edge_space(block))


def _paragraph(block: Block, page: Page) -> str:
    title = _inline(block, page)
    if not title and not block.children:
        return void_tag("p", {"color": _color(block)})
    if _needs_tag(block):
        return _tagged("p", {"color": _color(block)}, title, block, page)
    return protect_lines(title)


def _heading(block: Block, page: Page) -> str:
    level = block.type[-1]
    title = _inline(block, page)
    color = {"color": _color(block)}
    if block.data.get("is_toggleable") or block.children:
        return _tagged("toggle", {"heading": f"h{level}", **color}, title, block, page)
    if _needs_tag(block) or "\n" in title:
        return _tagged(f"h{level}", color, title, block, page)
    return f"{'#' * int(level)} {protect_heading(title)}".rstrip(" ")


def _quote(block: Block, page: Page) -> str:
    title = _inline(block, page)
    if _needs_tag(block):
        return _tagged("quote", {"color": _color(block)}, title, block, page)
    return "\n".join(f"> {line}".rstrip(" ") for line in protect_lines(title).split("\n"))


def _toggle(block: Block, page: Page) -> str:
    return _tagged("toggle", {"color": _color(block)}, _inline(block, page), block, page)


def _callout(block: Block, page: Page) -> str:
    icon = shown_icon(block.data.get("icon"), page.names)
    attributes = {"icon": icon, "color": _color(block)}
    return _tagged("callout", attributes, _inline(block, page), block, page)


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
    return bool(_color(block) or (empty and block.children) or _has_edge_space(block))


def _tagged_items(wrapper: Wrapper, items: Sequence[Block], page: Page) -> str:
    tag, kind, start = wrapper
    inside = "\n".join(_tagged_item(item, page) for item in items)
    first = str(start) if start else None
    return _container(tag, {"type": kind, "start": first}, inside)


def _tagged_item(block: Block, page: Page) -> str:
    if page.records <= 0:
        return _left_out(block, page)
    page.records -= 1
    return _tagged("li", {"color": _color(block)}, _inline(block, page), block, page)


def _bulleted(block: Block, page: Page) -> str:
    return _item("- ", 2, block, page)


def _numbered(block: Block, page: Page, mark: str) -> str:
    bullet = f"{block.data.get('list_start_index') or 1}{mark} "
    return _item(bullet, len(bullet), block, page)


def _to_do(block: Block, page: Page) -> str:
    checked = bool(block.data.get("checked"))
    if _item_needs_tag(block):
        attributes = {"checked": "true" if checked else "false", "color": _color(block)}
        return _tagged("todo", attributes, _inline(block, page), block, page)
    return _item("- [x] " if checked else "- [ ] ", 2, block, page)


_LINE_START = re.compile(r"\n(?=[^\n])")


def _item(bullet: str, width: int, block: Block, page: Page) -> str:
    """Return an item in Markdown's own form, what belongs to it indented by *width*."""
    title = protect_lines(_inline(block, page))
    inside = (bullet + title).rstrip(" ")
    if block.children:
        gap = "\n" if _follows_directly(block.children[0], page) else "\n\n"
        inside += gap + _siblings(block.children, page)
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


# --- blocks without text of their own ----------------------------------------------------------


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
    return void_tag("table-of-contents", {"color": _color(block)})


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
    return _container("columns", {}, _each(block.children, page, _column))


def _each(blocks: Sequence[Block], page: Page, render: Callable[[Block, Page], str]) -> str:
    """Return the parts of a container, which stand directly below each other."""
    page.records -= len(blocks)
    return "\n".join(render(block, page) for block in blocks)


def _column(block: Block, page: Page) -> str:
    ratio = block.data.get("width_ratio")
    shown = f"{round(ratio * 100, 4):g}" if ratio is not None else None
    return _container("column", {"ratio": shown}, _siblings(block.children, page))


def _tabs(block: Block, page: Page) -> str:
    return _container("tabs", {}, _each(block.children, page, _one_tab))


def _one_tab(block: Block, page: Page) -> str:
    icon = shown_icon(block.data.get("icon"), page.names)
    return _tagged("tab", {"icon": icon, "color": _color(block)}, _inline(block, page), block, page)


def _synced(block: Block, page: Page) -> str:
    source = block.data.get("synced_from")
    if not source:
        attributes = {"url": page.names.page_url(block.id)}
        return _container("synced-block", attributes, _siblings(block.children, page))
    attributes = {"url": page.names.page_url(source["block_id"])}
    inside = block.children or page.names.synced_children(source["block_id"])
    return _container("synced-block-reference", attributes, _siblings(inside, page))


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
        inside = _siblings(held[0].children, page)
        parts.append(_container(f"meeting-notes-section-{section}", {}, inside))
    title = inline_markdown(block.data.get("title") or [], page.names)
    opening = open_tag("meeting-notes", {"view-url": page.names.page_url(block.id)})
    body = "\n\n" + "\n".join(parts) + "\n" if parts else ""
    return f"{opening}{protect_lines(title, first=False)}{body}</meeting-notes>"


ALIASES: Mapping[str, str] = {"link_to_page": "alias"}


def _unknown(block: Block, page: Page) -> str:
    kind = block.type
    if kind == "unsupported":
        kind = block.data.get("block_type") or kind
    kept = block.data.get("_tag")
    if kept:
        return str(kept)
    shown = ALIASES.get(kind, kind)
    return void_tag("unknown", {"url": page.names.page_url(block.id), "alt": shown})


Renderer = Callable[[Block, Page], str]
RENDERERS: Mapping[str, Renderer] = {
    "paragraph": _paragraph,
    "heading_1": _heading,
    "heading_2": _heading,
    "heading_3": _heading,
    "heading_4": _heading,
    "bulleted_list_item": _bulleted,
    "to_do": _to_do,
    "toggle": _toggle,
    "quote": _quote,
    "callout": _callout,
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
