"""Icon and cover of a page: two lines of the frontmatter.

    notion_icon: 🎯                                 an emoji, a web address, or a file
    notion_cover: https://example.com/sea.jpg      a web address or a file

They travel among the page's property values, under names that no property can have, so that all
that is true of properties is true of them: only changes are sent, and two changes are a conflict.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from notionfs.errors import InvalidPageFile
from notionfs.markdown.bodies import canonical_url
from notionfs.markdown.fields import ProblemError, as_text, short
from notionfs.markdown.media import waiting_in
from notionfs.model import COVER, ICON, JSON, References

ICON_KEY, COVER_KEY = "notion_icon", "notion_cover"


def render_look(values: Mapping[str, JSON], refs: References) -> dict[str, str]:
    """Return icon and cover as they stand in a file; what a page does not have has no line."""
    found = {key: _shown(values, row, refs) for key, row in _ROWS.items()}
    return {key: shown for key, shown in found.items() if shown}


def plan_look(
    shown: Mapping[str, Any], base: Mapping[str, JSON], refs: References
) -> dict[str, JSON]:
    """Return what to send so that icon and cover read as *shown*; a missing line means nothing.

    Raises InvalidPageFile with every problem.
    """
    patch: dict[str, JSON] = {}
    problems = []
    for key in shown.keys() & _ROWS.keys():
        row = _ROWS[key]
        try:
            text = "" if shown[key] is None else as_text(shown[key]).strip()
            if text == (_shown(base, row, refs) or ""):
                continue
            payload = row.parse(text, refs) if text else None
        except ProblemError as exc:
            problems.append(f"“{key}” {exc}.")
            continue
        before = base.get(row.name, {}).get(row.field)
        if _address(payload) is None or _address(payload) != _address(before):
            patch[row.name] = {row.field: payload}
    if problems:
        raise InvalidPageFile(problems)
    return patch


# --- one of the two -------------------------------------------------------------------------------


class _Row(Struct, frozen=True):
    """Under which name a value travels, and how its line is read."""

    name: str
    field: str
    parse: Callable[[str, References], JSON]


def _shown(values: Mapping[str, JSON], row: _Row, refs: References) -> str | None:
    payload = values.get(row.name, {}).get(row.field)
    if not payload:
        return None
    kind = payload.get("type")
    value = payload.get(kind) or {}
    if kind == "emoji":
        return str(value)
    if kind == "custom_emoji":
        return f":{value.get('name', '')}:"
    if kind == "icon":
        return f"https://www.notion.so/icons/{value.get('name')}_{value.get('color', 'gray')}.svg"
    url = canonical_url(str(value.get("url", "")))
    return refs.asset_path(url) or url or None


def _address(payload: JSON) -> str | None:
    value = (payload or {}).get("file") or (payload or {}).get("external") or {}
    return canonical_url(str(value["url"])) if "url" in value else None


def _parse_icon(text: str, refs: References) -> JSON:
    if not text.isascii() and len(text) <= 40 and not re.search(r"[\s/]", text):
        return {"type": "emoji", "emoji": text}
    if re.fullmatch(r":[\w-]+:", text):
        raise ProblemError("can be set to an emoji of your own workspace only in Notion")
    return _parse_file(text, refs, "an emoji, a web address or the path of a picture")


def _parse_cover(text: str, refs: References) -> JSON:
    return _parse_file(text, refs, "a web address or the path of a picture")


def _parse_file(text: str, refs: References, expected: str) -> JSON:
    if re.match(r"https?://\S+$", text):
        return {"type": "external", "external": {"url": text}}
    address = refs.find_asset(text)
    if address is None:
        raise ProblemError(f"is “{short(text)}”, which is not {expected}")
    if waiting_in(address):
        return {"type": "file_upload", "file_upload": {"id": address}}
    return {"type": "file", "file": {"url": address}}


_ROWS: Mapping[str, _Row] = {
    ICON_KEY: _Row(ICON, "icon", _parse_icon),
    COVER_KEY: _Row(COVER, "cover", _parse_cover),
}
