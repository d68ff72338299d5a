"""Icons and covers in requests."""

from __future__ import annotations

import re
from typing import Any

from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.limits import check_length
from notionfs.simulator.uploads import attach
from notionfs.simulator.world import World

NOTICON_COLORS = frozenset(
    ["gray", "lightgray", "brown", "yellow", "orange", "green", "blue", "purple", "pink", "red"]
)
FILES = ("external", "file_upload", "file")


def checked_icon(world: World, value: Any, where: str = "body.icon") -> dict[str, Any] | None:
    """Return a requested icon in stored form; null clears."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise body_invalid(where, "an object or `null`", value)
    kind = value.get("type") or next((key for key in value if key != "type"), None)
    if kind in FILES:
        return _native_from_url(attach(world, value, where))
    if kind == "emoji":
        emoji = check_length(value.get("emoji"), 40, f"{where}.emoji")
        if not emoji or emoji.isascii():
            raise body_invalid(f"{where}.emoji", "an emoji", emoji)
        return {"type": "emoji", "emoji": emoji}
    if kind == "custom_emoji":
        return _custom(world, value.get(kind), where)
    if kind == "icon":
        return _native(value.get(kind), where)
    raise body_invalid(where, "an emoji, icon, custom_emoji, external or file_upload object", value)


def checked_cover(world: World, value: Any, where: str = "body.cover") -> dict[str, Any] | None:
    """Return a requested cover in stored form; null clears."""
    return None if value is None else attach(world, value, where)


NATIVE_URL = re.compile(
    r"https://(?:www\.notion\.so|app\.notion\.com)/icons/([a-z0-9-]+)_([a-z]+)\.svg"
)


def _native_from_url(stored: dict[str, Any]) -> dict[str, Any]:
    """Return Notion's own icons as icons, also when somebody names them by address."""
    url = stored.get("external", {}).get("url", "")
    match = NATIVE_URL.fullmatch(url)
    if match is None or match[2] not in NOTICON_COLORS:
        return stored
    return {"type": "icon", "icon": {"name": match[1], "color": match[2]}}


def _custom(world: World, data: Any, where: str) -> dict[str, Any]:
    wanted = data.get("id") if isinstance(data, dict) else None
    emoji_id = dashed(wanted) if isinstance(wanted, str) else None
    for emoji in world.workspace.records.emojis:
        if emoji["id"] == emoji_id:
            return {"type": "custom_emoji", "custom_emoji": dict(emoji)}
    raise invalid(f"{where}.custom_emoji.id: there is no custom emoji with ID {wanted}.")


def _native(data: Any, where: str) -> dict[str, Any]:
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str) or not name:
        raise body_invalid(f"{where}.icon.name", "a non-empty string", name)
    color = data.get("color", "gray")
    if color not in NOTICON_COLORS:
        raise body_invalid(f"{where}.icon.color", "an icon color", color)
    return {"type": "icon", "icon": {"name": name, "color": color}}
