"""The containers that look different in a file: callouts and toggles.

Each row of the table is a pair: how a v2 tag is shown, and how that is read back. What people type
in the same shape is read as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from msgspec import Struct

from notionfs.markdown.blocks import block_tag, first_block, is_paragraph
from notionfs.markdown.tags import ATTRIBUTES, Tag, read_tag, render_tag
from notionfs.patterns import late

ALERTS: Mapping[str, str] = {
    "NOTE": 'icon="💡" color="gray_bg"',
    "TIP": 'icon="💡" color="green_bg"',
    "IMPORTANT": 'icon="❗" color="purple_bg"',
    "WARNING": 'icon="⚠️" color="yellow_bg"',
    "CAUTION": 'icon="🚨" color="red_bg"',
}
_ALERT_OF: Mapping[str, str] = {attributes: alert for alert, attributes in ALERTS.items()}
_MARKER = late(r"> ?\\?\[!([A-Za-z]+)(?:\|([^\n]*?))?\\?\][+-]?(?:[ \t]+(.*))?")
_ALERT_ATTRIBUTES = late(ATTRIBUTES)
_IS_MORE = late(r"\n[ \t|:]*[-=][-=|: \t]*(?:\n|\Z)")  # below a table's head, or a heading
_QUOTE_MARK = late(r"^ {0,3}> ?", re.MULTILINE)


def show_callout(tag: Tag) -> str:
    """Show a callout as an alert: `> [!NOTE]`."""
    alert = _ALERT_OF.get(tag.attributes)
    marker = f"[!{alert}]" if alert else f"[!NOTE|{tag.attributes}]"
    beginning = f"{marker}\n{tag.title}" if tag.title else marker
    return _quoted(beginning if tag.children is None else f"{beginning}\n\n{tag.children}")


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def read_callout(block: str) -> Tag | None:
    """Read an alert as the callout it stands for."""
    first, _, rest = block.partition("\n")
    marker = _MARKER.fullmatch(first.rstrip())
    if marker is None:
        return None
    attributes = ALERTS.get(marker[1].upper()) if marker[2] is None else marker[2].strip()
    if attributes is None or not _ALERT_ATTRIBUTES.fullmatch(f" {attributes}".rstrip()):
        return None
    title, children = _split_content(marker[3] or "", _QUOTE_MARK.sub("", rest))
    return Tag("callout", attributes, title, children)


def _split_content(beside: str, content: str) -> tuple[str | None, str | None]:
    """Return title and children of an alert with that text beside and below its marker."""
    if beside:
        return beside, content.strip("\n") or None
    if not content.strip(" \t\n"):
        return "", None
    first = first_block(content)
    if content.startswith("\n") or not is_paragraph(first) or _IS_MORE.search(first):
        return "", content.strip("\n")
    children = content[len(first) :]
    return first.rstrip("\n"), children if children.strip(" \t\n") else None


def show_quote(tag: Tag) -> str:
    """Show a quote that holds blocks with the sign of any quote before each line."""
    if tag.attributes or tag.children is None:
        return render_tag(tag)
    return _quoted(f"{tag.title}\n\n{tag.children}" if tag.title else tag.children)


def read_quote(block: str) -> Tag | None:
    """Read a quote of several blocks as the tag that it is for Notion; one of a text is none."""
    lines = block.split("\n")
    if not all(_QUOTE_MARK.match(line) for line in lines):
        return None  # a line that only belongs to the paragraph above it
    title, children = _split_content("", _QUOTE_MARK.sub("", block))
    return None if children is None else Tag("quote", "", title, children)


def show_toggle(tag: Tag) -> str:
    """Show a toggle as HTML that collapses wherever Markdown is rendered."""
    opening = f"<details {tag.attributes}>" if tag.attributes else "<details>"
    children = "" if tag.children is None else f"\n{tag.children}\n\n"
    return f"{opening}\n<summary>{tag.title or ''}</summary>\n{children}</details>"


_DETAILS = late(rf"<details({ATTRIBUTES})(?:[ \t]+open)?[ \t]*>[ \t]*\n?")
_SUMMARY = late(r"[ \t]*<summary>([^\n]*?)</summary>[ \t]*(?:\n|\Z)")


def read_toggle(block: str) -> Tag | None:
    """Read `<details>` as the toggle it stands for."""
    opening = _DETAILS.match(block)
    if opening is None or not block.endswith("</details>"):
        return None
    inside = block[opening.end() : -len("</details>")]
    summary = _SUMMARY.match(inside)
    title = summary[1] if summary else ""
    children = (inside[summary.end() :] if summary else inside).strip("\n")
    return Tag("toggle", opening[1].strip(), title, children or None)


def show_apart(tag: Tag) -> str:
    """Show a tag that holds blocks with blank lines inside: else no renderer takes them for any."""
    if tag.title is not None or tag.children is None:
        return render_tag(tag)
    empty = Tag(tag.name, tag.attributes, "", None)
    opening, slash, ending = render_tag(empty).rpartition("</")
    return f"{opening}\n\n{tag.children}\n\n{slash}{ending}"


class Construct(Struct, frozen=True):
    """How a container is shown, and how the same shape is read."""

    show: Callable[[Tag], str]
    read: Callable[[str], Tag | None]


_AS_SENT = Construct(render_tag, read_tag)
_APART = Construct(show_apart, read_tag)

CONSTRUCTS: Mapping[str, Construct] = {
    "callout": Construct(show_callout, read_callout),
    "toggle": Construct(show_toggle, read_toggle),
    "quote": Construct(show_quote, lambda block: read_tag(block) or read_quote(block)),
    **dict.fromkeys(("column", "tab", "synced-block"), _APART),
    **dict.fromkeys(
        ("p", "h1", "h2", "h3", "h4", "ul", "ol", "li", "todo", "columns", "tabs"),
        _AS_SENT,
    ),
}  # fmt: skip
"""Containers whose title and children are looked into."""


def is_opaque(block: str) -> bool:
    """Tell whether *block* is a tag that nobody looks into: it stays as Notion sent it."""
    name = block_tag(block)
    return name is not None and name not in CONSTRUCTS and name != "details"


_READERS: Mapping[str, Callable[[str], Tag | None]] = {
    ">": lambda block: read_callout(block) or read_quote(block),
    "<details": read_toggle,
    "<": read_tag,
}


def read_container(block: str) -> Tag | None:
    """Return the container that a shown block stands for, or None if it is none."""
    for opening, read in _READERS.items():
        if block.startswith(opening):
            tag = read(block)
            return tag if tag is not None and tag.name in CONSTRUCTS else None
    return None
