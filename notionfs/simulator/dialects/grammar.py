"""CommonMark with Notion's additions, as rules for markdown-it.

Block tags stay flat in the token stream (`tag_open`, `tag_close`, `tag_leaf`, `tag_table`); whoever
builds blocks pairs them. So a closing tag inside a code fence is code, without any look-ahead.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock

from notionfs.simulator.dialects.inline_grammar import emoji, inline_equation, inline_tag
from notionfs.simulator.dialects.tags import (
    BLOCK_TAGS,
    CLOSE_TAG,
    OPEN_TAG,
    TABLE_TAG,
    Shape,
    attributes_of,
)

BLOCK_RULES = [
    "table",
    "code",
    "fence",
    "blockquote",
    "hr",
    "list",
    "reference",
    "heading",
    "lheading",
    "paragraph",
]
INLINE_RULES = [
    "text",
    "newline",
    "escape",
    "backticks",
    "strikethrough",
    "emphasis",
    "link",
    "image",
    "autolink",
    "entity",
]
DEEPEST = 120  # levels of nesting that are read; what is deeper is not a document any more


@cache
def markdown_parser() -> MarkdownIt:
    """Return the one parser of Notion-flavored Markdown."""
    parser = MarkdownIt("zero", {"maxNesting": DEEPEST})
    parser.enable(BLOCK_RULES)
    parser.enable(INLINE_RULES)
    parser.inline.ruler2.enable(["balance_pairs", "strikethrough", "emphasis", "fragments_join"])
    stops: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("table", "tag", _tag, stops)
    parser.block.ruler.before("table", "equation", _equation_block, stops)
    parser.inline.ruler.before("strikethrough", "equation", inline_equation)
    parser.inline.ruler.before("autolink", "tag", inline_tag)
    parser.inline.ruler.after("entity", "emoji", emoji)
    # Addresses are kept letter by letter; whether one is harmful is for whoever opens it.
    parser.normalizeLink = lambda url: url  # type: ignore[method-assign]
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    return parser


# --- blocks ------------------------------------------------------------------------------------

_CLOSINGS = re.compile(rf"(?:{CLOSE_TAG.pattern}\s*)+")


def _line(state: StateBlock, line: int) -> str:
    """Return a line from its first letter on, with the spaces at its end."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _push(state: StateBlock, kind: str, first: int, last: int, **meta: Any) -> None:
    token = state.push(kind, "", 0)
    token.map = [first, last]
    token.meta = meta


def _tag(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    position = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("<", position) or state.is_code_block(start):
        return False
    line = _line(state, start)
    if line.startswith("</"):
        return _closing(state, start, line, silent)
    found = OPEN_TAG.match(line)
    if found is None:
        return False
    name = found[1].lower()
    if name == TABLE_TAG:
        return _table(state, start, end, found, silent)
    if name not in BLOCK_TAGS:
        return False
    if found[3]:
        return _void(state, start, line, found, silent)
    return _opening(state, start, end, found, silent)


def _closing(state: StateBlock, start: int, line: str, silent: bool) -> bool:
    """A line of nothing but closing tags."""
    if not _CLOSINGS.fullmatch(line):
        return False
    names = [name.lower() for name in CLOSE_TAG.findall(line)]
    if not all(name in BLOCK_TAGS for name in names):
        return False
    if not silent:
        for name in names:
            _push(state, "tag_close", start, start + 1, name=name)
        state.line = start + 1
    return True


def _void(state: StateBlock, start: int, line: str, found: re.Match[str], silent: bool) -> bool:
    if line[found.end() :].strip():
        return False
    if not silent:
        name = found[1].lower()
        meta: dict[str, Any] = {"name": name, "attributes": attributes_of(found[2])}
        if BLOCK_TAGS[name] is Shape.CONTENT:
            _push(state, "tag_leaf", start, start + 1, **meta, content="")
        else:
            _push(state, "tag_open", start, start + 1, **meta, title="", tight=False)
            _push(state, "tag_close", start, start + 1, name=name)
        state.line = start + 1
    return True


def _opening(state: StateBlock, start: int, end: int, found: re.Match[str], silent: bool) -> bool:
    """A tag that opens, with its title: up to a blank line, another block or its closing tag."""
    name = found[1].lower()
    shape = BLOCK_TAGS[name]
    if silent and shape is not Shape.CONTENT:
        return True
    if shape is Shape.CONTENT and state.src.find(f"</{found[1]}", state.bMarks[start]) < 0:
        return False
    first = _line(state, start)[found.end() :]
    title, stop, closed = _title(state, start, end, first, name, shape)
    if shape is Shape.CONTENT and not closed:
        return False
    if silent:
        return True
    meta: dict[str, Any] = {"name": name, "attributes": attributes_of(found[2])}
    if shape is Shape.CONTENT:
        _push(state, "tag_leaf", start, stop, **meta, content=title)
    else:
        tight = stop < end and not state.isEmpty(stop)
        _push(state, "tag_open", start, stop, **meta, title=title, tight=tight)
        if closed:
            _push(state, "tag_close", start, stop, name=name)
    state.line = stop
    return True


def _title(
    state: StateBlock, start: int, end: int, first: str, name: str, shape: Shape
) -> tuple[str, int, bool]:
    """Return the text after an opening tag, where reading goes on, and whether the tag closed."""
    closing = re.compile(rf"^(?P<text>.*?)(?<!\\)(?P<even>(?:\\\\)*)</{name}\s*>\s*$", re.S | re.I)
    lines: list[str] = []
    line = start
    text: str | None = first
    while text is not None:
        found = closing.match(text) if "</" in text else None
        if found is not None:
            lines.append(found["text"] + found["even"])
            return _joined(lines), line + 1, True
        if not lines and not text.strip() and shape is not Shape.CONTENT:
            return "", line + 1, False
        lines.append(text)
        line += 1
        text = _continued(state, line, end, shape)
    return "\n".join(lines), line, False


def _joined(lines: list[str]) -> str:
    """Return the lines of a closed title; a closing tag on its own line adds no break to it."""
    if len(lines) > 1 and not lines[-1] and not _ends_in_break(lines[-2]):
        lines = lines[:-1]
    return "\n".join(lines)


def _ends_in_break(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _continued(state: StateBlock, line: int, end: int, shape: Shape) -> str | None:
    """Return the line if a title goes on in it."""
    if line >= end or state.isEmpty(line) or state.sCount[line] < state.blkIndent:
        return None
    text = _line(state, line)
    if text.startswith("</") or shape is Shape.CONTENT:
        return text
    rules = state.md.block.ruler.getRules("paragraph")
    return None if any(rule(state, line, end, True) for rule in rules) else text


def _table(state: StateBlock, start: int, end: int, found: re.Match[str], silent: bool) -> bool:
    """A table in tags, up to its closing tag; the rows are taken apart by whoever builds blocks."""
    if state.src.find("</table>", state.bMarks[start]) < 0:
        return False  # said at once, or many such lines would each look through all the others
    last = start
    while not _line(state, last).rstrip().endswith("</table>"):
        last += 1
        if last >= end:
            return False
    if not silent:
        source = "\n".join(_line(state, line) for line in range(start, last + 1))
        _push(
            state,
            "tag_table",
            start,
            last + 1,
            attributes=attributes_of(found[2]),
            content=source[found.end() :].rstrip().removesuffix("</table>"),
        )
        state.line = last + 1
    return True


def _equation_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """An equation between two lines that are nothing but `$$`."""
    position = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith("$$", position) or state.is_code_block(start):
        return False
    if _line(state, start).rstrip() != "$$":
        return False
    last = start + 1
    while last < end and _line(state, last).rstrip() != "$$":
        if not state.isEmpty(last) and state.sCount[last] < state.blkIndent:
            return False
        last += 1
    if last >= end:
        return False
    if not silent:
        content = state.getLines(start + 1, last, state.sCount[start], False)
        _push(state, "equation_block", start, last + 1, content=content)
        state.line = last + 1
    return True
