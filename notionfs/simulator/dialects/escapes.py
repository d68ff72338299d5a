"""Literal text in Notion-flavored Markdown: what must carry a backslash so that it stays text.

Two passes: `escape_text` looks at characters that mean something anywhere, `protect_lines` at those
that mean something only where a line begins.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

LINE_BREAK = "\\\n"
CELL_BREAK = "<br />"

_SPECIAL = re.compile(r"[\\`*$\[\]~_<&\n\r:]")
_CITATION = r"\[\^https?://[A-Za-z0-9:/.%?=#-]+\](?![(\[:])"
_TO_ESCAPE = re.compile(
    rf"{_CITATION}"
    r"|[\\`*$\[]"
    r"|~~+|^~|~$"
    r"|_+"
    r"|<(?=[A-Za-z/!?])"
    r"|&(?=#?\w+;)"
    r"|\n[ \t]?"
    r"|\r"
    r"|:[\w+-]+:"
    r"|\]"
)
_SPACES = {" ": "&#32;", "\t": "&#9;"}

Emoji = Callable[[str], Mapping[str, Any] | None]


def escape_text(text: str, emoji: Emoji, *, bracketed: bool = False, line_break: str) -> str:
    """Return *text* so that it reads as itself; *bracketed* where a `]` would end a link."""
    if not _SPECIAL.search(text):
        return text

    def escaped(found: re.Match[str]) -> str:
        part = found[0]
        first = part[0]
        if first == "_":
            return part if _inside_word(text, found) else "\\_" * len(part)
        if first == "]":
            return "\\]" if bracketed else part
        if first == "\n":
            return line_break + _SPACES.get(part[1:], "")
        if first == "\r":
            return "&#13;"
        if first == ":":
            return f"\\{part}" if emoji(part[1:-1]) else part
        if len(part) > 2 and first == "[":
            # A citation and its literal text are one and the same, except inside a link.
            return f"\\{part[:-1]}\\]" if bracketed else part
        return "".join(f"\\{letter}" for letter in part)

    return _TO_ESCAPE.sub(escaped, text)


def _inside_word(text: str, found: re.Match[str]) -> bool:
    before = text[found.start() - 1 : found.start()] if found.start() else ""
    after = text[found.end() : found.end() + 1]
    return before.isalnum() and after.isalnum()


_HAZARD = re.compile(
    r"#{1,6}(?=[ \t]|$)"
    r"|>"
    r"|[-+](?=[ \t]|$)"
    r"|-(?=[- \t]*$)"
    r"|=(?==*[ \t]*$)"
    r"|(?=\d)\d{1,9}(?P<mark>[.)])(?=[ \t]|$)"
    r"|[|:-](?=[-:| \t]*$)"
)


def protect_lines(text: str, *, first: bool = True) -> str:
    """Return *text* with a backslash wherever a line would begin a block of another kind.

    With *first* false the first line follows something on its line, so that it is safe.
    """
    if "\n" not in text:
        return _protect(text) if first else text
    lines = text.split("\n")
    start = 0 if first else 1
    return "\n".join([*lines[:start], *map(_protect, lines[start:])])


def _protect(line: str) -> str:
    found = _HAZARD.match(line)
    if found is None:
        return line
    at = found.start("mark") if found["mark"] else 0
    return f"{line[:at]}\\{line[at:]}"


_CLOSING_HASHES = re.compile(r"(^|[ \t])(#+[ \t]*)$")


def protect_heading(text: str) -> str:
    """Return a heading's text with trailing `#` kept as text."""
    return _CLOSING_HASHES.sub(r"\1\\\2", text) if "#" in text else text


_SAFE_ADDRESS = re.compile(r"[^\s<>()\\\x00-\x20\x7f]+")
_ENTITY_LIKE = re.compile(r"&(?=#?\w+;)")
_UNSAFE_IN_ANGLES = re.compile(r"[\\<>]")


def link_target(address: str) -> str:
    """Return *address* as the target of a link: bare where that is unambiguous, else in `<…>`."""
    flat = address.replace("\n", "%0A").replace("\r", "%0D")
    if _SAFE_ADDRESS.fullmatch(flat):
        return _ENTITY_LIKE.sub("&amp;", flat)
    return f"<{_ENTITY_LIKE.sub('&amp;', _UNSAFE_IN_ANGLES.sub(_slashed, flat))}>"


def _slashed(found: re.Match[str]) -> str:
    return "\\" + found[0]


_RUNS = re.compile(r"`+")


def code_span(content: str) -> str:
    """Return *content* as a code span: behind a fence it does not hold, padded where it must be."""
    runs = {len(run) for run in _RUNS.findall(content)}
    fence = "`" * next(size for size in range(1, len(runs) + 2) if size not in runs)
    edges = content[:1] + content[-1:]
    blank = not content.strip(" ")
    pad = " " if "`" in edges or (edges == "  " and not blank) else ""
    return f"{fence}{pad}{content}{pad}{fence}"


def equation_span(expression: str) -> str:
    """Return an inline equation. Where `$…$` would end early, a code span stands inside."""
    flat = expression.replace("\n", " ")
    if _PLAIN_EQUATION.fullmatch(flat):
        return f"${flat}$"
    return f"${code_span(flat)}$"


# No edge whitespace, no backtick at the start, every dollar sign and only those escaped, and not
# ending in a backslash that would escape the closing sign.
_PLAIN_EQUATION = re.compile(r"(?![\s`])(?:[^$\\]|\\.)*(?<!\s)", re.DOTALL)

_CELL_EDGE = re.compile(r"^\s|\s$")


def protect_cell(text: str) -> str:
    """Return inline markdown for a cell of a pipe table: pipes escaped, edge spaces spelled out."""
    shown = text.replace("|", "\\|")
    return _CELL_EDGE.sub(lambda found: f"&#{ord(found[0])};", shown)


def equation_is_bare(expression: str) -> bool:
    """Say whether an equation's lines can stand between two lines of `$$` as they are."""
    return not any(line.strip() == "$$" for line in expression.split("\n")) and (
        "\r" not in expression
    )


def spelled_out_end(title: str) -> str:
    """Return a title whose last space or line break does not depend on what follows the line."""
    if title.endswith(LINE_BREAK):
        return f"{title[: -len(LINE_BREAK)]}{CELL_BREAK}"
    return f"{title[:-1]}{_SPACES[title[-1]]}" if title[-1:] in _SPACES else title
