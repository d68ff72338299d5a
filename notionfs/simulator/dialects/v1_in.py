"""The older dialect ("enhanced markdown", v1) as block trees: a line is a block, tabs nest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator.blocks import Block, new_block
from notionfs.simulator.dialects.media import parsed_file, parsed_icon
from notionfs.simulator.dialects.names import Names, Parsed, id_in_url, warning
from notionfs.simulator.dialects.tables_in import html_table_rows, table_block
from notionfs.simulator.dialects.tags import OPEN_TAG, api_color, attributes_of
from notionfs.simulator.dialects.v1_inline_in import read_v1
from notionfs.simulator.languages import PLAIN_TEXT, language_of
from notionfs.simulator.richtext import RichText, of, plain_text

DEEPEST = 80
_SUFFIX = re.compile(r"(?:^|[ ])\{((?:[\w-]+=\"[^\"]*\"\s*)+)\}$")


def parse_v1(markdown: str, names: Names) -> Parsed:
    """Return the blocks that v1 *markdown* describes."""
    source = markdown.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "\ufffd")
    reader = Reader(names, source.split("\n"))
    return Parsed(reader.blocks(0), reader.warnings)


@dataclass(slots=True)
class Reader:
    """Goes through the lines once; a block's children are the deeper lines behind it."""

    names: Names
    lines: list[str]
    index: int = 0
    warnings: list[dict[str, Any]] = field(default_factory=list)

    def warn(self, kind: str, message: str) -> None:
        """Note what was changed or ignored."""
        self.warnings.append(warning(kind, message))

    def text(self, source: str) -> RichText:
        """Return what a line says."""
        return read_v1(source, self.names)

    def blocks(self, depth: int, closing: str | None = None) -> list[Block]:
        """Return the blocks indented by at least *depth*, up to the line that is *closing*."""
        found: list[Block] = []
        while self.index < len(self.lines):
            line = self.lines[self.index]
            if not line.strip(" \t"):
                self.index += 1
                continue
            indent = min(len(line) - len(line.lstrip("\t")), DEEPEST)
            if indent < depth or (closing and line.strip() == closing):
                break
            found.extend(self.block(line.lstrip("\t"), indent))
        return found

    def block(self, line: str, depth: int) -> list[Block]:
        """Return what the present line begins, with all that belongs to it."""
        self.index += 1
        for begins, read in FORMS:
            found = begins.match(line)
            if found is not None:
                return read(self, found, depth)
        return self.text_block("paragraph", line, depth)

    def text_block(
        self, kind: str, source: str, depth: int, data: Mapping[str, Any] | None = None
    ) -> list[Block]:
        """Return a block of text with its attributes and children."""
        text, attributes = taken_suffix(source)
        complete = {
            **(data or {}),
            "rich_text": self.text(text),
            "color": api_color(attributes.get("color")),
        }
        if kind.startswith("heading"):
            complete["is_toggleable"] = attributes.get("toggle") == "true"
        children = self.blocks(depth + 1)
        block = new_block(kind, complete)
        if kind.startswith("heading") and children and not complete["is_toggleable"]:
            self.warn("heading_children", "Only a toggle heading has children; put behind it.")
            return [block, *children]
        block.children = children
        return [block]

    def until(self, closing: str, depth: int) -> list[str] | None:
        """Return the lines before *closing*, without indentation, or None if it never comes."""
        for end in range(self.index, len(self.lines)):
            if self.lines[end].strip() == closing:
                lines = [_dedented(line, depth) for line in self.lines[self.index : end]]
                self.index = end + 1
                return lines
        return None

    def inside(self, name: str, depth: int) -> list[Block]:
        """Return the blocks before a closing tag, which is passed over."""
        closing = f"</{name}>"
        found = self.blocks(depth, closing)
        if self.index < len(self.lines) and self.lines[self.index].strip() == closing:
            self.index += 1
        else:
            self.warn("unclosed_tag", f"<{name}> was not closed; it was taken to end here.")
        return found


def _dedented(line: str, depth: int) -> str:
    tabs = len(line) - len(line.lstrip("\t"))
    return line[min(tabs, depth) :]


def taken_suffix(source: str) -> tuple[str, dict[str, str]]:
    """Return a line without the attribute list at its end, and the attributes."""
    found = _SUFFIX.search(source)
    if found is None:
        return source, {}
    return source[: found.start()], attributes_of(f" {found[1]}")


# --- one function per form ---------------------------------------------------------------------

Found = re.Match[str]


def _heading(reader: Reader, found: Found, depth: int) -> list[Block]:
    level = min(len(found[1]), 4)
    return reader.text_block(f"heading_{level}", found[2] or "", depth)


def _task(reader: Reader, found: Found, depth: int) -> list[Block]:
    data = {"checked": found[1] != " "}
    return reader.text_block("to_do", found[2] or "", depth, data)


def _as(kind: str) -> Callable[[Reader, Found, int], list[Block]]:
    def read(reader: Reader, found: Found, depth: int) -> list[Block]:
        return reader.text_block(kind, found[1] or "", depth)

    return read


def _divider(reader: Reader, found: Found, depth: int) -> list[Block]:
    return [new_block("divider")]


def _empty(reader: Reader, found: Found, depth: int) -> list[Block]:
    return reader.text_block("paragraph", "", depth)


def _code(reader: Reader, found: Found, depth: int) -> list[Block]:
    lines = reader.until(found[1], depth)
    if lines is None:
        lines = [_dedented(line, depth) for line in reader.lines[reader.index :]]
        reader.index = len(reader.lines)
    language = language_of(found[2])
    if language is None:
        reader.warn("code_language", f"Unknown code language {found[2].strip()!r}: plain text.")
    data = {"rich_text": of("\n".join(lines)), "language": language or PLAIN_TEXT}
    return [new_block("code", data)]


def _equation(reader: Reader, found: Found, depth: int) -> list[Block]:
    lines = reader.until("$$", depth)
    if lines is None:
        return reader.text_block("paragraph", found[0], depth)
    return [new_block("equation", {"expression": "\n".join(lines)})]


def _pipe_table(reader: Reader, found: Found, depth: int) -> list[Block]:
    rows = [found[0]]
    while reader.index < len(reader.lines):
        line = reader.lines[reader.index].strip()
        if not line.startswith("|"):
            break
        rows.append(line)
        reader.index += 1
    if len(rows) < 2 or not _DELIMITERS.fullmatch(rows[1]):
        reader.index -= len(rows) - 1
        return reader.text_block("paragraph", found[0], depth)
    cells = [[reader.text(cell) for cell in _cells(row)] for row in [rows[0], *rows[2:]]]
    return [table_block(cells, column_header=True, row_header=False)]


_DELIMITERS = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")


def _cells(row: str) -> list[str]:
    inner = row.strip().removeprefix("|").removesuffix("|")
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", inner)]


def _image(reader: Reader, found: Found, depth: int) -> list[Block]:
    address = re.sub(r"\\(.)", r"\1", found[2])
    return [new_block("image", parsed_file("image", address, reader.text(found[1])))]


def _tag(reader: Reader, found: Found, depth: int) -> list[Block]:
    """A line that begins with a tag. Tags that mean nothing here are text."""
    name = found[1]
    attributes = attributes_of(found[2])
    rest = found.string[found.end() :]
    if name in HOLDERS and not rest.strip() and not found[3]:
        return HOLDERS[name](reader, attributes, depth)
    closing = f"</{name}>"
    if name in LEAVES and (found[3] or rest.rstrip().endswith(closing)):
        content = "" if found[3] else rest.rstrip().removesuffix(closing)
        return LEAVES[name](reader, attributes, content)
    return reader.text_block("paragraph", found.string, depth)


Attributes = Mapping[str, str]


def _details(reader: Reader, attributes: Attributes, depth: int) -> list[Block]:
    title = ""
    line = reader.lines[reader.index].strip() if reader.index < len(reader.lines) else ""
    if line.startswith("<summary>") and line.endswith("</summary>"):
        title = line.removeprefix("<summary>").removesuffix("</summary>")
        reader.index += 1
    data = {"rich_text": reader.text(title), "color": api_color(attributes.get("color"))}
    return [new_block("toggle", data, reader.inside("details", depth))]


def _callout(reader: Reader, attributes: Attributes, depth: int) -> list[Block]:
    children = reader.inside("callout", depth)
    data: dict[str, Any] = {
        "icon": parsed_icon(attributes.get("icon"), reader.names),
        "color": api_color(attributes.get("color")),
    }
    first = children[0] if children else None
    if first is not None and first.type == "paragraph" and first.data["color"] == "default":
        data["rich_text"] = first.data["rich_text"]
        children = [*first.children, *children[1:]]
    return [new_block("callout", data, children)]


def _columns(reader: Reader, attributes: Attributes, depth: int) -> list[Block]:
    children = reader.inside("columns", depth)
    columns = [
        child if child.type == "column" else new_block("column", {}, [child]) for child in children
    ]
    return [new_block("column_list", {}, columns)]


def _column(reader: Reader, attributes: Attributes, depth: int) -> list[Block]:
    return [new_block("column", {}, reader.inside("column", depth))]


def _table(reader: Reader, attributes: Attributes, depth: int) -> list[Block]:
    lines = reader.until("</table>", depth)
    rows, _ = html_table_rows("\n".join(lines or []))
    cells = [[reader.text(cell) for cell in row] for row in rows]
    if not any(cells):
        reader.warn("empty_table", "A table without cells was left out.")
        return []
    return [
        table_block(
            cells,
            column_header=attributes.get("header-row") == "true",
            row_header=attributes.get("header-column") == "true",
        )
    ]


def _synced(reader: Reader, attributes: Attributes, depth: int) -> list[Block]:
    known = id_in_url(attributes.get("url", ""))
    inside = reader.inside("synced_block", depth)
    return [new_block("synced_block", {"synced_from": None}, inside, id=known)]


def _synced_reference(reader: Reader, attributes: Attributes, depth: int) -> list[Block]:
    known = id_in_url(attributes.get("url", ""))
    inside = reader.inside("synced_block_reference", depth)
    if known is None:
        return inside
    data = {"synced_from": {"type": "block_id", "block_id": known}}
    return [new_block("synced_block", data)]


def _meeting_notes(reader: Reader, attributes: Attributes, depth: int) -> list[Block]:
    inside = reader.inside("meeting-notes", depth)
    reader.warn("meeting_notes", "Meeting notes cannot be written as markdown; kept as blocks.")
    return inside


HOLDERS: Mapping[str, Callable[[Reader, Attributes, int], list[Block]]] = {
    "details": _details,
    "callout": _callout,
    "columns": _columns,
    "column": _column,
    "table": _table,
    "synced_block": _synced,
    "synced_block_reference": _synced_reference,
    "meeting-notes": _meeting_notes,
}


def _media(kind: str) -> Callable[[Reader, Attributes, str], list[Block]]:
    def read(reader: Reader, attributes: Attributes, content: str) -> list[Block]:
        data = parsed_file(kind, attributes.get("src", ""), reader.text(content))
        return [new_block(kind, data)]

    return read


def _page(reader: Reader, attributes: Attributes, content: str) -> list[Block]:
    title = plain_text(reader.text(content))
    known = id_in_url(attributes.get("url", ""))
    block = new_block("child_page", {"title": title}, id=known)
    block.to_create = known is None
    return [block]


def _database(reader: Reader, attributes: Attributes, content: str) -> list[Block]:
    known = id_in_url(attributes.get("url", ""))
    if known is None:
        reader.warn("database", "Databases cannot be created from markdown; left out.")
        return []
    title = plain_text(reader.text(content))
    return [new_block("child_database", {"title": title}, id=known)]


def _contents(reader: Reader, attributes: Attributes, content: str) -> list[Block]:
    return [new_block("table_of_contents", {"color": api_color(attributes.get("color"))})]


def _unknown(reader: Reader, attributes: Attributes, content: str) -> list[Block]:
    known = id_in_url(attributes.get("url", ""))
    if known is None:
        reader.warn("unknown_block", "An <unknown> tag without the url of a block was left out.")
        return []
    return [new_block("unsupported", {"block_type": attributes.get("alt", "unknown")}, id=known)]


LEAVES: Mapping[str, Callable[[Reader, Attributes, str], list[Block]]] = {
    **{kind: _media(kind) for kind in ("audio", "video", "file", "pdf", "image")},
    "page": _page,
    "database": _database,
    "table_of_contents": _contents,
    "unknown": _unknown,
}

FORMS: tuple[tuple[re.Pattern[str], Callable[[Reader, Found, int], list[Block]]], ...] = (
    (re.compile(r"(#{1,6})(?: (.*))?$"), _heading),
    (re.compile(r"---$"), _divider),
    (re.compile(r"- \[([ xX])\](?: (.*))?$"), _task),
    (re.compile(r"-(?: (.*))?$"), _as("bulleted_list_item")),
    (re.compile(r"\d+\.(?: (.*))?$"), _as("numbered_list_item")),
    (re.compile(r">(?: ?(.*))?$"), _as("quote")),
    (re.compile(r"(`{3,})([^`]*)$"), _code),
    (re.compile(r"\$\$$"), _equation),
    (re.compile(r"\|.*\|$"), _pipe_table),
    (re.compile(r"!\[(.*)\]\(((?:\\.|[^()\\]|\([^()]*\))*)\)\s*(?:\{.*\})?$"), _image),
    (re.compile(r"<empty-block\s*/>"), _empty),
    (OPEN_TAG, _tag),
)
