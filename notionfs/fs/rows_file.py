"""The text of `.rows.csv` and `.rows.jsonl`: a database's rows, a line each. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from notionfs.markdown.values import PROPERTY_TYPES
from notionfs.model import DataSource, Page

IDENTITY = (
    "path",
    "title",
    "notion_id",
    "notion_data_source_id",
    "notion_data_source_name",
    "created",
    "last_edited",
    "notion_url",
)
"""What stands before the properties of a row, whatever its data source."""

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


class Row(Struct, frozen=True):
    """A row, the *path* of its file below the folder, and its properties as a file shows them."""

    path: str
    page: Page
    source: DataSource
    properties: Mapping[str, Any]

    def identity(self) -> dict[str, str]:
        """Return the values of the columns `IDENTITY`."""
        page, source = self.page, self.source
        facts = (page.title, page.id, source.id, source.name, page.created, page.last_edited)
        return dict(zip(IDENTITY, (self.path, *facts, page.url), strict=True))


class RowsForm(Struct, frozen=True):
    """A file form: what stands before the rows, and a row; both end their lines."""

    head: Callable[[Sequence[str]], str]
    line: Callable[[Row, Sequence[str]], str]


def property_names(sources: Sequence[DataSource]) -> list[str]:
    """Return the properties of all data sources, each once, in the order of the schemas."""
    shown = (column for source in sources for column in source.schema)
    return list(dict.fromkeys(column.name for column in shown if column.type in PROPERTY_TYPES))


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # RFC 4180: CRLF, and quotes where they are needed
    return line.getvalue()


def _csv_head(names: Sequence[str]) -> str:
    shown = [f"{name} (property)" if name in IDENTITY else name for name in names]
    return _csv_line([*IDENTITY, *map(_safe, shown)])


def _csv_row(row: Row, names: Sequence[str]) -> str:
    values = (row.properties.get(name) for name in names)
    return _csv_line([*map(_safe, row.identity().values()), *map(_cell, values)])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _safe(value)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return _safe(", ".join(value))
    return json.dumps(value, ensure_ascii=False)


def _safe(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: people of all kinds fill in rows."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _no_head(_names: Sequence[str]) -> str:
    return ""


def _json_row(row: Row, _names: Sequence[str]) -> str:
    facts = {**row.identity(), "properties": row.properties}
    return json.dumps(facts, ensure_ascii=False) + "\n"


FORMS: Mapping[str, RowsForm] = {
    ".rows.csv": RowsForm(_csv_head, _csv_row),
    ".rows.jsonl": RowsForm(_no_head, _json_row),
}
"""The files by name."""
