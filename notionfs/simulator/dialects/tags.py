"""The tags of Notion-flavored Markdown: which there are, how attributes and colors are written.

The set is closed. Everything else that looks like HTML is text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from enum import Enum

from notionfs.simulator.richtext import COLORS


class Shape(Enum):
    """What may stand between a block tag and its closing tag."""

    TITLED = "a title, a blank line, blocks"
    PLAIN = "blocks"
    CONTENT = "text only"


BLOCK_TAGS: Mapping[str, Shape] = {
    **dict.fromkeys(
        ("p", "h1", "h2", "h3", "h4", "quote", "toggle", "callout", "li", "todo", "tab"),
        Shape.TITLED,
    ),
    **dict.fromkeys(("meeting-notes", "mail"), Shape.TITLED),
    **dict.fromkeys(
        ("columns", "column", "tabs", "ul", "ol", "synced-block", "synced-block-reference"),
        Shape.PLAIN,
    ),
    **dict.fromkeys(
        (
            "meeting-notes-section-notes",
            "meeting-notes-section-summary",
            "meeting-notes-section-transcript",
        ),
        Shape.PLAIN,
    ),
    **dict.fromkeys(
        ("image", "pdf", "file", "audio", "video", "bookmark", "embed", "equation"),
        Shape.CONTENT,
    ),
    **dict.fromkeys(
        ("page", "folder", "database", "external_object_instance", "custom-block", "unknown"),
        Shape.CONTENT,
    ),
    "table-of-contents": Shape.CONTENT,
}
TABLE_TAG = "table"
STYLE_TAGS = frozenset(("b", "i", "s", "u", "span"))

_NAME = r"[A-Za-z][A-Za-z0-9_-]*"
_VALUE = r"""(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+)"""
_ATTRIBUTES = rf"(?:\s+{_NAME}(?:\s*=\s*{_VALUE})?)*"
OPEN_TAG = re.compile(rf"<({_NAME})({_ATTRIBUTES})\s*(/?)>")
CLOSE_TAG = re.compile(rf"</({_NAME})\s*>")
_ATTRIBUTE = re.compile(rf"\s+({_NAME})(?:\s*=\s*({_VALUE}))?")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_QUOTED = {'"': "&quot;", "\n": "&#10;", "\r": "&#13;"}
_TO_QUOTE = re.compile(r'["\n\r]|&(?=#?\w+;)')


def quote(value: str) -> str:
    """Return *value* for use between double quotes; `&` stays bare wherever that is unambiguous."""
    return _TO_QUOTE.sub(lambda found: _QUOTED.get(found[0], "&amp;"), value)


def unquote(value: str) -> str:
    """Return what a quoted value says: the inverse of `quote`."""
    if "&" not in value:
        return value
    return _ENTITY.sub(lambda found: html.unescape(found[0]), value)


def attributes_of(source: str) -> dict[str, str]:
    """Return the attributes of an opening tag; one without a value is `true`."""
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(source):
        bare = value[1:-1] if value[:1] in ('"', "'") else value
        found[name.lower()] = unquote(bare) if value else "true"
    return found


def attribute_text(attributes: Mapping[str, str | None]) -> str:
    """Return the attributes as they stand in a tag, without those that are None."""
    return "".join(
        f' {name}="{quote(value)}"' for name, value in attributes.items() if value is not None
    )


def open_tag(name: str, attributes: Mapping[str, str | None] | None = None) -> str:
    """Return an opening tag."""
    return f"<{name}{attribute_text(attributes or {})}>"


def void_tag(name: str, attributes: Mapping[str, str | None] | None = None) -> str:
    """Return a tag that is complete in itself."""
    return f"<{name}{attribute_text(attributes or {})} />"


def short_color(api_color: str | None) -> str | None:
    """Return markdown's name for a color of the API; the default has none."""
    if not api_color or api_color == "default":
        return None
    return api_color.replace("_background", "_bg")


def api_color(name: str | None) -> str:
    """Return the API's name for a color in markdown; unknown ones are the default."""
    full = (name or "default").strip().replace("_bg", "_background")
    return full if full in COLORS else "default"
