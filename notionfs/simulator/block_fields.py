"""The keys of type objects: how the value of each is checked when a client sends it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from notionfs.simulator import richtext
from notionfs.simulator.richtext import refuse

Clean = Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a type object: how a value is checked, and what it is when nobody says it."""

    clean: Clean
    default: Callable[[], Any] | None = None  # None: the request must have it
    writable: bool = True  # False: PATCH /blocks may not change it
    shown: bool = True  # False: absent from answers until it has a value


def clean_flag(value: Any, where: str) -> bool:
    """Return true or false."""
    if not isinstance(value, bool):
        raise refuse(where, "a boolean", value)
    return value


def clean_string(value: Any, where: str) -> str:
    """Return a string."""
    if not isinstance(value, str):
        raise refuse(where, "a string" if value is not None else "defined", value)
    return value


def clean_width(value: Any, where: str) -> int:
    """Return the width of a table."""
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 100:
        raise refuse(where, "a number between 1 and 100" if value is not None else "defined", value)
    return value


def clean_ratio(value: Any, where: str) -> float:
    """Return the share of the width that a column has."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise refuse(where, "a number between 0 and 1", value)
    return value


def clean_start(value: Any, where: str) -> int:
    """Return the first number of a list."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise refuse(where, "a number ≥ `1`", value)
    return value


def one_of(*names: str) -> Clean:
    """Return the check that a value is one of *names*."""
    allowed = frozenset(names)

    def clean(value: Any, where: str) -> str:
        if value not in allowed:
            wanted = ", ".join(f'`"{name}"`' for name in sorted(allowed))
            raise refuse(where, wanted if value is not None else "defined", value)
        return str(value)

    return clean


def clean_cells(value: Any, where: str) -> list[richtext.RichText]:
    """Return the cells of a table row."""
    if not isinstance(value, list):
        raise refuse(where, "an array" if value is not None else "defined", value)
    return [richtext.normalise(cell, f"{where}[{index}]") for index, cell in enumerate(value)]


def clean_source(value: Any, where: str) -> dict[str, Any] | None:
    """Return what a synced block copies; null for an original."""
    if value is None:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("block_id"), str):
        raise refuse(f"{where}.block_id", "a valid uuid", None)
    return {"type": "block_id", "block_id": dashed(value["block_id"], f"{where}.block_id")}


def dashed(value: Any, where: str) -> str:
    """Return an id in its dashed form, or raise `BlockError`."""
    try:
        return str(uuid.UUID(value))
    except (AttributeError, TypeError, ValueError):
        raise refuse(where, "a valid uuid", value) from None


ICON_KINDS = ("emoji", "external", "file", "file_upload", "custom_emoji", "icon")


def clean_icon(value: Any, where: str) -> dict[str, Any] | None:
    """Return an icon with its type said."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise refuse(where, "an object or `null`", value)
    kind = value.get("type") or next((name for name in ICON_KINDS if name in value), None)
    if kind not in ICON_KINDS or kind not in value:
        raise refuse(f"{where}.{kind or 'emoji'}", "defined", None)
    return {"type": kind, kind: value[kind]}


def nothing() -> None:
    """Return the default of a key that may be null."""
    return


def default_icon() -> dict[str, Any]:
    """Return the icon of a callout that was made without one."""
    return {"type": "emoji", "emoji": "💡"}
