"""Notion-flavored Markdown (v2) as block trees.

The grammar gives a flat list of tokens; the reader pairs tags, makes one block of each construct,
and writes a warning wherever Notion would change or ignore what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from markdown_it.token import Token

from notionfs.simulator.blocks import Block, new_block
from notionfs.simulator.dialects.grammar import DEEPEST, markdown_parser
from notionfs.simulator.dialects.inline_in import Picture, read_inline
from notionfs.simulator.dialects.names import Names, Parsed, warning
from notionfs.simulator.dialects.tables_in import html_table_rows, table_block
from notionfs.simulator.dialects.tag_blocks import (
    LEAVES,
    OPENERS,
    image_data,
    lift_first_paragraph,
)
from notionfs.simulator.dialects.tags import BLOCK_TAGS, Shape
from notionfs.simulator.languages import PLAIN_TEXT, language_of
from notionfs.simulator.richtext import RichText, of

DEEPEST_TAG = 80
AROUND = frozenset(("list_item_close", "blockquote_close"))
_LINE_ENDS = re.compile(r"\r\n?")


def parse_blocks(markdown: str, names: Names) -> Parsed:
    """Return the blocks that *markdown* describes."""
    source = _LINE_ENDS.sub("\n", markdown).replace("\x00", "\ufffd")
    parser = markdown_parser()
    env: dict[str, Any] = {"emoji": names.custom_emoji}
    tokens: list[Token] = []
    parser.block.parse(source, parser, env, tokens)
    reader = Reader(names, tokens, env)
    blocks = reader.blocks()
    if any(token.nesting == 1 and token.level >= DEEPEST - 1 for token in tokens):
        reader.warn(
            "too_deep", "Lists or quotes are nested too deeply; the innermost were left out."
        )
    return Parsed(blocks, reader.warnings)


@dataclass(slots=True)
class Reader:
    """Walks the tokens once, from left to right."""

    names: Names
    tokens: list[Token]
    env: dict[str, Any]
    index: int = 0
    warnings: list[dict[str, Any]] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    flattened: list[str] = field(default_factory=list)  # too deep: their closing tags mean nothing
    depth: int = 0

    def warn(self, kind: str, message: str) -> None:
        """Tell the writer what was changed or ignored."""
        self.warnings.append(warning(kind, message))

    def inline(self, source: str) -> tuple[RichText, list[Picture]]:
        """Return what a text says, and the images in it."""
        return read_inline(source, self.names, self.env)

    def text(self, source: str) -> RichText:
        """Return what a text says; images are not possible there and become links."""
        items, pictures = self.inline(source)
        if pictures:
            self.warn("image_ignored", "An image is not possible in this text and was left out.")
        return items

    def take(self) -> Token:
        """Return the present token and move past it."""
        token = self.tokens[self.index]
        self.index += 1
        return token

    def blocks(self, end: str | None = None) -> list[Block]:
        """Return the blocks up to the token of type *end*, which is consumed."""
        found: list[Block] = []
        while self.index < len(self.tokens):
            token = self.tokens[self.index]
            if token.type == end:
                self.index += 1
                break
            if token.type in AROUND:
                break  # the item or quote ends before the tag does
            if token.type == "tag_close":
                if token.meta["name"] in self.open_tags:
                    break  # for whoever opened it
                self.index += 1
                found.extend(self._stray(token))
                continue
            self.index += 1
            found.extend(READERS[token.type](self, token))
        return found

    def _stray(self, token: Token) -> list[Block]:
        name = token.meta["name"]
        if name in self.flattened:
            self.flattened.remove(name)
            return []
        shown = f"</{name}>"
        self.warn("unexpected_tag", f"{shown} closes nothing and was kept as text.")
        return [new_block("paragraph", {"rich_text": of(shown)})]

    def inside(self, name: str) -> list[Block]:
        """Return the blocks up to the closing tag of *name*; none if it stands too deep."""
        if self.depth >= DEEPEST_TAG:
            self.warn("too_deep", f"<{name}> is nested too deeply; its content follows it.")
            self.flattened.append(name)
            return []
        self.open_tags.append(name)
        self.depth += 1
        found = self.blocks()
        self.depth -= 1
        self.open_tags.pop()
        ahead = self.tokens[self.index] if self.index < len(self.tokens) else None
        if ahead is not None and ahead.type == "tag_close" and ahead.meta["name"] == name:
            self.index += 1
        else:
            self.warn("unclosed_tag", f"<{name}> was not closed; it was taken to end here.")
        return found

    def nested(self, end: str) -> list[Block]:
        """Return the blocks up to *end*, in which tags opened outside cannot be closed."""
        outside, self.open_tags = self.open_tags, []
        found = self.blocks(end)
        self.open_tags = outside
        return found


def _texts(reader: Reader, kind: str, data: Mapping[str, Any], source: str) -> list[Block]:
    """Return a text block, and behind it the images that stood in its text."""
    items, pictures = reader.inline(source)
    blocks = [new_block(kind, {"rich_text": items, **data})]
    return [*blocks, *_moved_out(reader, pictures)]


def _moved_out(reader: Reader, pictures: Sequence[Picture]) -> list[Block]:
    if pictures:
        reader.warn("image_moved", "An image cannot stand inside a text; it became its own block.")
    return [new_block("image", image_data(picture)) for picture in pictures]


def _paragraph(reader: Reader, token: Token) -> list[Block]:
    source = reader.take().content
    reader.take()
    if source.startswith("!["):
        items, pictures = reader.inline(source)
        if not items and len(pictures) == 1:
            return [new_block("image", image_data(pictures[0]))]
    return _texts(reader, "paragraph", {}, source)


DEEPEST_HEADING = 4


def _heading(reader: Reader, token: Token) -> list[Block]:
    level = int(token.tag[1])
    if level > DEEPEST_HEADING:
        reader.warn("heading_level", f"Headings end at level 4; level {level} became level 4.")
    source = reader.take().content
    reader.take()
    return _texts(reader, f"heading_{min(level, DEEPEST_HEADING)}", {}, source)


def _quote(reader: Reader, token: Token) -> list[Block]:
    inside = reader.nested("blockquote_close")
    return [lift_first_paragraph(new_block("quote", children=inside))]


# --- lists -------------------------------------------------------------------------------------


def _bullet_list(reader: Reader, token: Token) -> list[Block]:
    return _items(reader, "bulleted_list_item", "bullet_list_close")


def _ordered_list(reader: Reader, token: Token) -> list[Block]:
    blocks = _items(reader, "numbered_list_item", "ordered_list_close")
    first = int(token.attrs.get("start", 1))
    if first > 1 and blocks and blocks[0].type == "numbered_list_item":
        blocks[0].data["list_start_index"] = first
    return blocks


def _items(reader: Reader, kind: str, end: str) -> list[Block]:
    found: list[Block] = []
    while reader.take().type != end:
        found.append(_item(reader, kind))
    return found


_TASK = re.compile(r"\[([ xX])\](?=\s|$)\s?")


def _item(reader: Reader, kind: str) -> Block:
    """Return one item: the text of a first paragraph is its own, the rest are children."""
    data: dict[str, Any] = {}
    children: list[Block] = []
    if reader.tokens[reader.index].type == "paragraph_open":
        reader.take()
        source = reader.take().content
        reader.take()
        task = _TASK.match(source)
        if task is not None:
            kind = "to_do"
            data["checked"] = task[1] != " "
            source = source[task.end() :]
        data["rich_text"], pictures = reader.inline(source)
        children = _moved_out(reader, pictures)
    children += reader.nested("list_item_close")
    return new_block(kind, data, children)


# --- code, tables, rules -----------------------------------------------------------------------


def _code(reader: Reader, token: Token) -> list[Block]:
    language = language_of(token.info) if token.type == "fence" else PLAIN_TEXT
    if language is None:
        reader.warn("code_language", f"Unknown code language {token.info.strip()!r}: plain text.")
    content = token.content.removesuffix("\n")
    data = {"rich_text": of(content), "language": language or PLAIN_TEXT}
    return [new_block("code", data)]


def _divider(reader: Reader, token: Token) -> list[Block]:
    return [new_block("divider")]


def _equation(reader: Reader, token: Token) -> list[Block]:
    return [new_block("equation", {"expression": token.meta["content"]})]


def _pipe_table(reader: Reader, token: Token) -> list[Block]:
    rows: list[list[RichText]] = []
    while True:
        step = reader.take()
        if step.type == "table_close":
            break
        if step.type == "tr_open":
            rows.append([])
        elif step.type == "inline":
            rows[-1].append(reader.text(step.content))
    return [table_block(rows, column_header=True, row_header=False)]


def _tag_table(reader: Reader, token: Token) -> list[Block]:
    rows, headed = html_table_rows(token.meta["content"])
    attributes = token.meta["attributes"]
    cells = [[reader.text(cell) for cell in row] for row in rows]
    if not any(cells):
        reader.warn("empty_table", "A table without cells was left out.")
        return []
    column_header = attributes.get("header-row") == "true" or headed
    row_header = attributes.get("header-column") == "true"
    return [table_block(cells, column_header=column_header, row_header=row_header)]


# --- tags --------------------------------------------------------------------------------------


def _tag(reader: Reader, token: Token) -> list[Block]:
    """Return the blocks of a tag that holds blocks."""
    name = token.meta["name"]
    attributes: Mapping[str, str] = token.meta["attributes"]
    title, pictures = reader.inline(token.meta["title"])
    children = [*_moved_out(reader, pictures), *reader.inside(name)]
    if BLOCK_TAGS[name] is Shape.PLAIN and title:
        children.insert(0, new_block("paragraph", {"rich_text": title}))
    blocks = OPENERS[name](attributes, title, children, reader.names, reader.warn)
    if token.meta["tight"] and not title and BLOCK_TAGS[name] is Shape.TITLED:
        blocks = [lift_first_paragraph(block) for block in blocks]
    return blocks


def _leaf(reader: Reader, token: Token) -> list[Block]:
    """Return the block of a tag that holds text only."""
    name = token.meta["name"]
    content = token.meta["content"]
    text = partial(reader.text, content)
    return LEAVES[name](token.meta["attributes"], content, text, reader.names, reader.warn)


READERS: Mapping[str, Callable[[Reader, Token], list[Block]]] = {
    "paragraph_open": _paragraph,
    "heading_open": _heading,
    "blockquote_open": _quote,
    "bullet_list_open": _bullet_list,
    "ordered_list_open": _ordered_list,
    "fence": _code,
    "code_block": _code,
    "hr": _divider,
    "equation_block": _equation,
    "table_open": _pipe_table,
    "tag_open": _tag,
    "tag_leaf": _leaf,
    "tag_table": _tag_table,
}
