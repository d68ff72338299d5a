"""The text of `.schema.yaml`: a database's data sources, properties and allowed values. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from notionfs.markdown.properties import is_writable
from notionfs.model import Database, DataSource, PropertySchema

_HEAD = "# Read-only. What rows of this database may hold; the first data source is the default.\n"

_WIDE = 1 << 20  # a property stays on its line


def render_schema(database: Database, sources: Sequence[DataSource]) -> bytes:
    """Return the file's bytes; the same schema gives the same bytes everywhere."""
    content: dict[str, Any] = {
        "database": database.title,
        "notion_database_id": database.id,
        "data_sources": [_source(source, is_default=n == 0) for n, source in enumerate(sources)],
    }
    text = yaml.dump(
        content,
        Dumper=yaml.CSafeDumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=None,  # one line a property, the rest as a block
        width=_WIDE,
    )
    return (_HEAD + str(text)).encode()


def _source(source: DataSource, *, is_default: bool) -> dict[str, Any]:
    return {
        "name": source.name,
        "notion_data_source_id": source.id,
        "default": is_default,
        "properties": {column.name: _column(column) for column in source.schema},
    }


def _column(column: PropertySchema) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": column.type,
        "id": column.id,
        "writable": is_writable(column.type),
    }
    if column.options:
        shown["options"] = list(column.options)
    return shown
