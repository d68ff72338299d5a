"""What becomes of values when a property gets another type: text and numbers go over, others go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notionfs.simulator.properties import TYPES
from notionfs.simulator.records import DataSource
from notionfs.simulator.texts import checked_rich_text
from notionfs.simulator.workspace import Workspace


def _text_of(items: Any) -> str:
    return "".join(item.get("plain_text", "") for item in items or ())


def _number(text: str) -> float | int | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return int(number) if number.is_integer() else number


def _rich_text(text: str) -> Any:
    if not text:
        return []
    return checked_rich_text([{"type": "text", "text": {"content": text}}], "rich_text")


_PLAIN = ("url", "email", "phone_number")
_FROM: Mapping[str, Callable[[Any], str]] = {
    "rich_text": _text_of,
    "number": lambda value: "" if value is None else str(value),
    **dict.fromkeys(_PLAIN, lambda value: value or ""),
}
_TO: Mapping[str, Callable[[str], Any]] = {
    "rich_text": _rich_text,
    "number": _number,
    **dict.fromkeys(_PLAIN, lambda text: text or None),
}


def convert_values(workspace: Workspace, source: DataSource, before: Mapping[str, str]) -> None:
    """Convert the values of all rows; *before* has the types of properties by id."""
    retyped = [
        prop for prop in source.properties.values() if before.get(prop.id, prop.type) != prop.type
    ]
    if not retyped:
        return
    for page in workspace.pages.values():
        if page.parent.id != source.id:
            continue
        values = workspace.own_values(page)
        for prop in retyped:
            read, write = _FROM.get(before[prop.id]), _TO.get(prop.type)
            if read is None or write is None:
                values[prop.id] = TYPES[prop.type].empty()
            else:
                values[prop.id] = write(read(values.get(prop.id)))
