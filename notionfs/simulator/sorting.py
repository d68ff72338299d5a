"""What rows are sorted by: one comparable value per property value, None for empty ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notionfs.simulator.clock import seconds_of
from notionfs.simulator.records import Prop, plain


def sort_key(prop: Prop, shown: dict[str, Any]) -> Any:
    """Return what orders *shown* (a property value object of *prop*) among others."""
    value = shown[prop.type]
    if value is None or value in ([], ""):
        return None
    if prop.type in ("select", "status"):
        return _rank(prop, value["name"])
    if prop.type == "multi_select":
        return tuple(_rank(prop, option["name"]) for option in value)
    return KEYS.get(prop.type, str)(value)


def _rank(prop: Prop, name: str) -> int:
    """Return the place of an option in its schema: that is how the service sorts options."""
    names = [option["name"] for option in prop.config.get("options", ())]
    return names.index(name) if name in names else len(names)


def _text(value: Any) -> Any:
    return plain(value).casefold() or None


def _computed(value: dict[str, Any]) -> Any:
    inner = value.get(value["type"])
    if isinstance(inner, dict) and "start" in inner:
        return seconds_of(inner["start"])
    if isinstance(inner, list):
        return len(inner)
    return inner


KEYS: Mapping[str, Callable[[Any], Any]] = {
    "title": _text,
    "rich_text": _text,
    "number": float,
    "checkbox": int,
    "date": lambda value: seconds_of(value["start"]),
    "created_time": seconds_of,
    "last_edited_time": seconds_of,
    "unique_id": lambda value: value["number"] or 0,
    "people": lambda value: tuple((one.get("name") or "").casefold() for one in value),
    "created_by": lambda value: (value.get("name") or "").casefold(),
    "last_edited_by": lambda value: (value.get("name") or "").casefold(),
    "relation": len,
    "files": lambda value: value[0].get("name", ""),
    "formula": _computed,
    "rollup": _computed,
    "url": str.casefold,
    "email": str.casefold,
    "phone_number": str.casefold,
}
