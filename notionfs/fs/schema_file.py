"""The text of `.schema.yaml`: a database's data sources, properties and allowed values. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from notionfs.markdown.properties import is_writable
from notionfs.model import JSON, Database, DataSource, PropertySchema

_HEAD = (
    "# Read-only. What rows of this database may hold; the first data source is the default.\n"
    "# All rows as a table: .rows.csv and .rows.jsonl in this folder, which ls does not show.\n"
)

_WIDE = 1 << 20  # a property stays on its line

NameOf = Callable[[str], str | None]


def render_schema(database: Database, sources: Sequence[DataSource], name_of: NameOf) -> bytes:
    """Return the file's bytes; the same schema gives the same bytes everywhere.

    *name_of* gives the name of a data source that relations lead to, None if it is not visible.
    """
    import yaml  # only who reads the file pays for this import

    content: dict[str, Any] = {
        "database": database.title,
        "notion_database_id": database.id,
        "data_sources": [
            _source(source, name_of, is_default=n == 0) for n, source in enumerate(sources)
        ],
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


def _source(source: DataSource, name_of: NameOf, *, is_default: bool) -> dict[str, Any]:
    return {
        "name": source.name,
        "notion_data_source_id": source.id,
        "default": is_default,
        "properties": {column.name: _column(column, name_of) for column in source.schema},
    }


def _column(column: PropertySchema, name_of: NameOf) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "type": column.type,
        "id": column.id,
        "writable": is_writable(column.type),
    }
    if column.options:
        shown["options"] = list(column.options)
    describe = _TARGETS.get(column.type)
    return shown if describe is None else {**shown, **describe(_config(column), name_of)}


def _config(column: PropertySchema) -> dict[str, JSON]:
    config = msgspec.json.decode(column.config)
    return config if isinstance(config, dict) else {}


def _relation(config: dict[str, JSON], name_of: NameOf) -> dict[str, Any]:
    target_id = config.get("data_source_id") or config.get("database_id")
    found = {"target": name_of(str(target_id)), "target_id": target_id}
    return {key: value for key, value in found.items() if value is not None}


def _rollup(config: dict[str, JSON], _name_of: NameOf) -> dict[str, Any]:
    found = {
        "relation": config.get("relation_property_name"),
        "target_property": config.get("rollup_property_name"),
        "function": config.get("function"),
    }
    return {key: value for key, value in found.items() if value is not None}


_TARGETS: Mapping[str, Callable[[dict[str, JSON], NameOf], dict[str, Any]]] = {
    "relation": _relation,
    "rollup": _rollup,
}
"""What a property points to, by type."""
