"""What each tag of Notion-flavored Markdown makes: one function and one row for every tag."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from notionfs.simulator.blocks import Block, new_block
from notionfs.simulator.dialects.inline_in import Picture
from notionfs.simulator.dialects.media import parsed_file, parsed_icon
from notionfs.simulator.dialects.names import Names, id_in_url
from notionfs.simulator.dialects.tags import api_color, open_tag, unquote, void_tag
from notionfs.simulator.richtext import RichText, plain_text

Attributes = Mapping[str, str]
Warn = Callable[[str, str], None]
Opener = Callable[[Attributes, RichText, list[Block], Names, Warn], list[Block]]
Leaf = Callable[[Attributes, str, Callable[[], RichText], Names, Warn], list[Block]]


def lift_first_paragraph(block: Block) -> Block:
    """Make a plain first paragraph the block's own text, if it has none."""
    if not block.children or block.data.get("rich_text"):
        return block
    first = block.children[0]
    plain = first.type == "paragraph" and not first.children and first.data["color"] == "default"
    if plain and "rich_text" in block.data:
        block.data["rich_text"] = first.data["rich_text"]
        del block.children[0]
    return block


def _known(attributes: Attributes, key: str = "url") -> str | None:
    return id_in_url(attributes.get(key, ""))


def _text_block(kind: str) -> Opener:
    def make(
        attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
    ) -> list[Block]:
        data = {"rich_text": title, "color": api_color(attributes.get("color"))}
        return [new_block(kind, data, children)]

    return make


def _heading(level: int) -> Opener:
    """A heading has no children unless it is a toggle; what stands inside its tag follows it."""

    def make(
        attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
    ) -> list[Block]:
        data = {"rich_text": title, "color": api_color(attributes.get("color"))}
        if children:
            warn("heading_children", "Only a toggle heading has children; they were put behind it.")
        return [new_block(f"heading_{level}", data), *children]

    return make


_LEVEL = re.compile(r"h([1-4])")


def _toggle(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    data: dict[str, Any] = {"rich_text": title, "color": api_color(attributes.get("color"))}
    level = _LEVEL.fullmatch(attributes.get("heading", ""))
    if level is None:
        return [new_block("toggle", data, children)]
    return [new_block(f"heading_{level[1]}", {**data, "is_toggleable": True}, children)]


def _callout(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    icon = parsed_icon(attributes.get("icon"), names)
    data = {"rich_text": title, "color": api_color(attributes.get("color")), "icon": icon}
    return [new_block("callout", data, children)]


def _todo(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    checked = attributes.get("checked") == "true"
    data = {"rich_text": title, "color": api_color(attributes.get("color")), "checked": checked}
    return [new_block("to_do", data, children)]


def _unordered(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    return children


_FORMATS: Mapping[str, str] = {"a": "letters", "i": "roman"}


def _ordered(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    """Items arrive as bulleted ones, because `<li>` does not say what it is an item of."""
    kind = _FORMATS.get(attributes.get("type", "1").lower())
    start = attributes.get("start", "")
    first = True
    for block in children:
        if block.type != "bulleted_list_item":
            continue
        block.type = "numbered_list_item"
        if kind is not None:
            block.data["list_format"] = kind
        if first and start.isdecimal() and int(start) > 1:
            block.data["list_start_index"] = int(start)
        first = False
    return children


def _columns(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    return [new_block("column_list", {}, _only("column", children, warn))]


def _only(kind: str, children: list[Block], warn: Warn) -> list[Block]:
    """Return the parts of a container; what stands between them moves into a part of its own."""
    strays = [block for block in children if block.type != kind]
    if not strays:
        return children
    warn("misplaced_block", f"Only {kind} blocks can stand here; others were wrapped in one.")
    return [block if block.type == kind else new_block(kind, {}, [block]) for block in children]


def _column(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    data: dict[str, Any] = {}
    try:
        data["width_ratio"] = round(float(attributes["ratio"].rstrip("%")) / 100, 6)
    except KeyError:
        pass
    except ValueError:
        warn("bad_attribute", "The ratio of a column is a number; it was left out.")
    return [new_block("column", data, children)]


def _tabs(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    return [new_block("tab", {}, _only("paragraph", children, warn))]


def _tab(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    icon = parsed_icon(attributes.get("icon"), names)
    data = {"rich_text": title, "color": api_color(attributes.get("color")), "icon": icon}
    return [new_block("paragraph", data, children)]


def _synced(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    return [new_block("synced_block", {"synced_from": None}, children, id=_known(attributes))]


def _synced_reference(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    """A copy has no content of its own: what stands inside belongs to the original."""
    source = _known(attributes)
    if source is None:
        warn("bad_attribute", "A synced block reference needs the url of its original.")
        return children
    data = {"synced_from": {"type": "block_id", "block_id": source}}
    return [new_block("synced_block", data)]


def _meeting_notes(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    known = _known(attributes, "view-url")
    if known is None:
        warn("meeting_notes", "Meeting notes cannot be created from markdown; kept as blocks.")
        return children
    return [new_block("meeting_notes", {"title": title}, children, id=known)]


def _section(name: str) -> Opener:
    def make(
        attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
    ) -> list[Block]:
        return [new_block("unsupported", {"block_type": f"section-{name}"}, children)]

    return make


def _mail(
    attributes: Attributes, title: RichText, children: list[Block], names: Names, warn: Warn
) -> list[Block]:
    shown = void_tag("mail", attributes)
    if title or children:
        warn("mail", "Mail blocks are read-only; their content was left out.")
    return [new_block("unsupported", {"block_type": "mail", "_tag": shown})]


OPENERS: Mapping[str, Opener] = {
    "p": _text_block("paragraph"),
    **{f"h{level}": _heading(level) for level in (1, 2, 3, 4)},
    "quote": _text_block("quote"),
    "toggle": _toggle,
    "callout": _callout,
    "li": _text_block("bulleted_list_item"),
    "todo": _todo,
    "tab": _tab,
    "tabs": _tabs,
    "ul": _unordered,
    "ol": _ordered,
    "columns": _columns,
    "column": _column,
    "synced-block": _synced,
    "synced-block-reference": _synced_reference,
    "meeting-notes": _meeting_notes,
    **{
        f"meeting-notes-section-{name}": _section(name)
        for name in ("notes", "summary", "transcript")
    },
    "mail": _mail,
}


# --- tags with text only -----------------------------------------------------------------------


def image_data(picture: Picture) -> dict[str, Any]:
    """Return the data of an image block."""
    return parsed_file("image", picture.address, picture.caption)


def _media(kind: str) -> Leaf:
    def make(
        attributes: Attributes,
        content: str,
        text: Callable[[], RichText],
        names: Names,
        warn: Warn,
    ) -> list[Block]:
        return [new_block(kind, parsed_file(kind, attributes.get("source", ""), text()))]

    return make


def _linked(kind: str) -> Leaf:
    def make(
        attributes: Attributes,
        content: str,
        text: Callable[[], RichText],
        names: Names,
        warn: Warn,
    ) -> list[Block]:
        data = {"url": attributes.get("source", ""), "caption": text()}
        return [new_block(kind, data)]

    return make


def _equation(
    attributes: Attributes, content: str, text: Callable[[], RichText], names: Names, warn: Warn
) -> list[Block]:
    return [new_block("equation", {"expression": unquote(content)})]


def _contents(
    attributes: Attributes, content: str, text: Callable[[], RichText], names: Names, warn: Warn
) -> list[Block]:
    return [new_block("table_of_contents", {"color": api_color(attributes.get("color"))})]


def _page(
    attributes: Attributes, content: str, text: Callable[[], RichText], names: Names, warn: Warn
) -> list[Block]:
    """A page that exists is known by its url; without one, markdown asks for a new page."""
    title = plain_text(text())
    known = _known(attributes)
    if known is None:
        block = new_block("child_page", {"title": title})
        block.to_create = True
        return [block]
    return [new_block("child_page", {"title": title}, id=known)]


def _database(
    attributes: Attributes, content: str, text: Callable[[], RichText], names: Names, warn: Warn
) -> list[Block]:
    known = _known(attributes)
    if known is None:
        warn("database", "Databases cannot be created from markdown; the tag was left out.")
        return []
    return [new_block("child_database", {"title": plain_text(text())}, id=known)]


def _unknown(
    attributes: Attributes, content: str, text: Callable[[], RichText], names: Names, warn: Warn
) -> list[Block]:
    """A placeholder stands for a block that is there; by itself it makes nothing."""
    known = _known(attributes)
    if known is None:
        warn("unknown_block", "An <unknown> tag without the url of a block was left out.")
        return []
    return [new_block("unsupported", {"block_type": attributes.get("alt", "unknown")}, id=known)]


def _kept(name: str) -> Leaf:
    """A tag that the block API has no type for: kept as it came."""

    def make(
        attributes: Attributes,
        content: str,
        text: Callable[[], RichText],
        names: Names,
        warn: Warn,
    ) -> list[Block]:
        shown = void_tag(name, attributes)
        if content:
            shown = f"{open_tag(name, attributes)}{content}</{name}>"
        data = {"block_type": name.replace("-", "_"), "_tag": shown}
        return [new_block("unsupported", data, id=_known(attributes))]

    return make


LEAVES: Mapping[str, Leaf] = {
    **{kind: _media(kind) for kind in ("image", "pdf", "file", "audio", "video")},
    "bookmark": _linked("bookmark"),
    "embed": _linked("embed"),
    "equation": _equation,
    "table-of-contents": _contents,
    "page": _page,
    "database": _database,
    "unknown": _unknown,
    "folder": _kept("folder"),
    "custom-block": _kept("custom-block"),
    "external_object_instance": _kept("external_object_instance"),
}
