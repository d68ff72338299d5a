"""Parts of a page that Notion sends only by themselves, shown where they belong.

Of a very long page Notion sends the first blocks and `<unknown … />` for others. What such a block
says can be read by itself, and nothing there can be changed through the page. So it is shown
between `<unknown … seen="…">` and `</unknown>`, and on the way back becomes what Notion sent.
*seen* tells whether what stands between was edited, which is refused with the line, and how Notion
spelled the tag.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256

from notionfs.errors import InvalidPageFile
from notionfs.markdown.fences import numbered_lines_outside_code
from notionfs.markdown.normal import normal_text
from notionfs.patterns import late

_PLACEHOLDER = late(r"<unknown( [^<>\n]*?)( ?)/>[ \t]*")
_OPENING = late(r'<unknown( [^<>\n]*) seen="([0-9a-f]{8})">[ \t]*')
_CLOSING = late(r"</unknown>[ \t]*")
_URL = late(r' url="([^"]*)"')
_ID = late(r"[0-9a-f]{32}")


def block_of(placeholder: str) -> str | None:
    """Return the id of the block that an `<unknown … />` stands for, without dashes."""
    url = _URL.search(placeholder)
    found = _ID.findall(url[1].replace("-", "").lower()) if url else []
    return found[-1] if found else None


def show_parts(shown: str, parts: Mapping[str, str]) -> str:
    """Return *shown* with the texts of *parts*, by block id without dashes, in their places.

    A placeholder without a part, or whose part could not be told from the rest, stays as it is.
    """
    if not parts or "<unknown" not in shown:
        return shown
    lines = shown.split("\n")
    for number, line in numbered_lines_outside_code(shown):
        found = _PLACEHOLDER.fullmatch(line)
        block_id = block_of(line) if found else None
        part = parts.get(block_id) if block_id else None
        if not found or part is None or not part.strip() or block_of(part.split("\n")[0]):
            continue
        others = {key: text for key, text in parts.items() if key != block_id}
        inner = "\n\n".join(("", show_parts(part.strip("\n"), others), ""))
        seen = _sum(f"{found[1]}{found[2]}", inner)
        whole = f'<unknown{found[1]} seen="{seen}">{inner}</unknown>'
        if _is_undone(whole, line):
            lines[number] = whole
    return "\n".join(lines)


def hide_parts(body: str, first_line: int = 1) -> str:
    """Return *body* with `<unknown … />` for each part, every other line at its number.

    Raises InvalidPageFile, counting from *first_line*, if a part was edited.
    """
    if ' seen="' not in body:
        return body
    lines = body.split("\n")
    problems = []
    last = -1
    for number, line in numbered_lines_outside_code(body):
        opening = _OPENING.fullmatch(line)
        if number <= last or opening is None:
            continue
        end = _end(lines, number)
        inner = "\n".join(("", *lines[number + 1 : end], "")) if end else ""
        source = _source(opening, inner)
        if end is None or source is None:
            problems.append(
                f"Line {number + first_line}: what stands from here to </unknown> can only be "
                "changed in Notion, since the page is too long; take the change back."
            )
            continue
        lines[number : end + 1] = [source] + [""] * (end - number)
        last = end
    if problems:
        raise InvalidPageFile(problems)
    return "\n".join(lines)


def _source(opening: re.Match[str], inner: str) -> str | None:
    """Return the tag that Notion sent, with a space at its end or without; None after an edit."""
    for attributes in (f"{opening[1]} ", opening[1]):
        if _sum(attributes, inner) == opening[2]:
            return f"<unknown{attributes}/>"
    return None


def _end(lines: list[str], start: int) -> int | None:
    """Return the line that ends the part which begins at *start*."""
    depth = 0
    for number in range(start, len(lines)):
        depth += bool(_OPENING.fullmatch(lines[number]))
        depth -= bool(_CLOSING.fullmatch(lines[number]))
        if not depth:
            return number
    return None


def _sum(attributes: str, inner: str) -> str:
    """Return what changes if a part does; what formatters do to blank lines is no change."""
    return sha256(f"{attributes}\n{normal_text(inner)}".encode()).hexdigest()[:8]


def _is_undone(whole: str, line: str) -> bool:
    try:
        return hide_parts(whole).strip() == line.strip()
    except InvalidPageFile:
        return False
