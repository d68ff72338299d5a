"""Tables as blocks, and tables in tags taken apart into cells."""

from __future__ import annotations

import re
from collections.abc import Sequence

from notionfs.simulator.blocks import Block, new_block
from notionfs.simulator.richtext import RichText


def table_block(
    rows: Sequence[Sequence[RichText]], *, column_header: bool, row_header: bool
) -> Block:
    """Return a table as wide as its widest row."""
    width = max(len(row) for row in rows)
    lines = [
        new_block("table_row", {"cells": [*row, *([] for _ in range(width - len(row)))]})
        for row in rows
    ]
    data = {
        "table_width": width,
        "has_column_header": column_header,
        "has_row_header": row_header,
    }
    return new_block("table", data, lines)


# Escapes, equations, code and mention labels are stepped over, so that a tag inside them is none.
_TABLE_PART = re.compile(
    r"\\."
    r"|(?P<sum>\$)?(?P<fence>(?<![^\\]`)`+(?!`)).*?(?<!`)(?P=fence)(?!`)(?(sum)\$)"
    r"|\$(?![\s$`])(?:[^$\\]|\\.)+(?<!\s)\$(?!\d)"
    r"|<mention(?P<of>[\w-]*)(?:\"[^\"]*\"|'[^']*'|[^>\"'])*(?<!/)>.*?</mention(?P=of)>"
    r"|<(?P<close>/?)(?P<name>tr|td|th)\b(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>",
    re.DOTALL | re.IGNORECASE,
)


def html_table_rows(source: str) -> tuple[list[list[str]], bool]:
    """Return the cells of a table in tags, and whether its first row is made of `<th>`."""
    rows: list[list[str]] = []
    kinds: list[str] = []
    begin: int | None = None
    for found in _TABLE_PART.finditer(source):
        name = (found["name"] or "").lower()
        if not name:
            continue
        if begin is not None:
            rows[-1].append(html_text(source[begin : found.start()]))
            begin = None
        if found["close"]:
            continue
        if name == "tr" or not rows:
            rows.append([])
        if name != "tr":
            begin = found.end()
            kinds.extend([name] if len(rows) == 1 else [])
    return [row for row in rows if row], bool(kinds) and set(kinds) == {"th"}


def html_text(content: str) -> str:
    """Return a cell's inline markdown; line ends of the source are no line breaks."""
    return re.sub(r"\s*\n\s*", " ", content)
