"""Addresses and icons as they stand in markdown, shared by both dialects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from notionfs.simulator.blocks import file_name, file_url
from notionfs.simulator.dialects.names import Names

NATIVE_ICON = re.compile(r"https://www\.notion\.so/icons/([a-z0-9-]+)_([a-z]+)\.svg")


def shown_url(data: Mapping[str, Any], names: Names) -> str:
    """Return the address of a file object: signed if Notion hosts it."""
    stored = file_url(data)
    return names.file_url(stored) if data.get("type") == "file" and stored else stored


def shown_icon(icon: Mapping[str, Any] | None, names: Names) -> str | None:
    """Return an icon as an attribute's value, or None."""
    if not icon:
        return None
    kind = icon["type"]
    value = icon[kind]
    if kind == "emoji":
        return str(value)
    if kind == "custom_emoji":
        return f":{value.get('name', '')}:"
    if kind == "icon":
        return f"https://www.notion.so/icons/{value['name']}_{value.get('color', 'gray')}.svg"
    url = str(value.get("url", ""))
    return names.file_url(url) if kind == "file" else url


def parsed_icon(shown: str | None, names: Names) -> dict[str, Any] | None:
    """Return the icon that an attribute's value names: the inverse of `shown_icon`."""
    if not shown:
        return None
    native = NATIVE_ICON.fullmatch(shown)
    if native is not None:
        return {"type": "icon", "icon": {"name": native[1], "color": native[2]}}
    if shown.startswith(("http://", "https://")):
        return {"type": "external", "external": {"url": shown}}
    if len(shown) > 2 and shown.startswith(":") and shown.endswith(":"):
        facts = names.custom_emoji(shown[1:-1])
        if facts is not None:
            payload = {key: facts.get(key, "") for key in ("id", "name", "url")}
            return {"type": "custom_emoji", "custom_emoji": payload}
    return {"type": "emoji", "emoji": shown}


def parsed_file(kind: str, source: str, caption: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the data of a media block whose file is at *source*.

    Whether that is a file hosted by Notion is not visible here; `edits` compares it with what the
    page had.
    """
    data: dict[str, Any] = {"caption": caption}
    if kind == "file":
        data["name"] = ""
    data.update({"type": "external", "external": {"url": source}})
    if kind == "file":
        data["name"] = file_name(data)
    return data
