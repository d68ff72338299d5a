"""Short ways to say property values and schemas in Python: `{"Status": "Done", "Due":
"2026-01-15"}`.

Only for building workspaces and for edits by hand; everything becomes an ordinary API request
first, so that what cannot be requested cannot be built.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from notionfs.simulator.ids import dashed
from notionfs.simulator.records import Prop
from notionfs.simulator.workspace import Workspace

Schema = Mapping[str, Any]


def rich_text_request(content: Any) -> list[dict[str, Any]]:
    """Return a string as rich text of a request; rich text stays as it is."""
    if isinstance(content, list):
        return content
    chunks = [content[start : start + 2000] for start in range(0, len(content), 2000)]
    return [{"type": "text", "text": {"content": chunk}} for chunk in chunks]


def value_request(workspace: Workspace, prop: Prop, value: Any) -> dict[str, Any]:
    """Return a simple value as a property value request; API values stay as they are."""
    if isinstance(value, dict) and prop.type in value:
        return value
    make = REQUESTS.get(prop.type)
    return {prop.type: make(workspace, value) if make else value}


def _option(workspace: Workspace, value: Any) -> Any:
    return {"name": value} if isinstance(value, str) else value


def _many(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]


def _options(workspace: Workspace, value: Any) -> Any:
    return [_option(workspace, item) for item in _many(value)]


def _date(workspace: Workspace, value: Any) -> Any:
    if isinstance(value, str):
        return {"start": value}
    if isinstance(value, tuple):
        return {"start": value[0], "end": value[1]}
    return value


def user_id(workspace: Workspace, name: str) -> str:
    """Return the id of the user with this id, name or address; raises KeyError."""
    if (known := dashed(name)) is not None:
        return known
    for user in workspace.records.users.values():
        if name.casefold() in (user.name.casefold(), (user.email or "").casefold()):
            return user.id
    raise KeyError(f"there is no user called {name}")


def _people(workspace: Workspace, value: Any) -> Any:
    return [
        {"id": user_id(workspace, item)} if isinstance(item, str) else item for item in _many(value)
    ]


def _relation(workspace: Workspace, value: Any) -> Any:
    return [{"id": item} if isinstance(item, str) else item for item in _many(value)]


def _files(workspace: Workspace, value: Any) -> Any:
    return [
        {"type": "external", "external": {"url": item}} if isinstance(item, str) else item
        for item in _many(value)
    ]


REQUESTS: Mapping[str, Callable[[Workspace, Any], Any]] = {
    "title": lambda workspace, value: rich_text_request(value),
    "rich_text": lambda workspace, value: rich_text_request(value or ""),
    "select": _option,
    "status": _option,
    "multi_select": _options,
    "date": _date,
    "people": _people,
    "relation": _relation,
    "files": _files,
}


def schema_request(schema: Schema) -> dict[str, Any]:
    """Return a simple schema as `properties` of a request; a title property is added if there is
    none.

    A value is a type (`"date"`), or a type with its options (`{"select": ["High", "Low"]}`), or a
    formula (`{"formula": 'prop("A")'}`), or a relation (`{"relation": data_source_id}`), or an API
    config.
    """
    made = {name: entry_request(entry) for name, entry in schema.items()}
    if not any("title" in entry for entry in made.values()):
        made = {"Name": {"title": {}}, **made}
    return made


def entry_request(entry: Any) -> dict[str, Any]:
    """Return one simple schema entry as a request."""
    if isinstance(entry, str):
        return {entry: {}}
    if not isinstance(entry, Mapping) or "name" in entry:
        return dict(entry)
    kind = entry.get("type") or next(key for key in entry if key != "description")
    config = entry.get(kind, {})
    make = CONFIGS.get(kind)
    made = config if make is None or _is_config(config) else make(config)
    return {**{key: entry[key] for key in ("description",) if key in entry}, kind: made}


def _is_config(config: Any) -> bool:
    return isinstance(config, Mapping) and bool(
        {"options", "format", "expression", "data_source_id", "prefix", "function"} & set(config)
    )


def _option_list(config: Any) -> dict[str, Any]:
    if not config:
        return {}
    return {"options": [_option_request(item) for item in config]}


def _option_request(item: Any) -> dict[str, Any]:
    if isinstance(item, tuple):
        return {"name": item[0], "color": item[1]}
    return {"name": item} if isinstance(item, str) else dict(item)


def _status(config: Any) -> dict[str, Any]:
    if not isinstance(config, Mapping):
        return _option_list(config)
    options = [
        {**_option_request(item), "group": group}
        for group, items in config.items()
        for item in items
    ]
    return {"options": options} if options else {}


CONFIGS: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "select": _option_list,
    "multi_select": _option_list,
    "status": _status,
    "number": lambda config: {"format": config} if isinstance(config, str) else {},
    "formula": lambda config: {"expression": config},
    "relation": lambda config: {"data_source_id": config},
    "unique_id": lambda config: {"prefix": config} if isinstance(config, str) else {},
}
