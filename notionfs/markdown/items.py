"""What stands line by line with its like: items of a list, parts of a container."""

from __future__ import annotations

from notionfs.markdown.scanning import list_item
from notionfs.patterns import late

_PART = late(r"<(column|tab|li|meeting-notes-section)\b")
_TO_DO = late(r"\[[ xX]\](?:[ \t]|$)")


def item_kind(block: str) -> str | None:
    """Return what *block* is an item of, None if it stands apart from other blocks."""
    if block[:1].isalpha():
        return None
    first = block.split("\n", 1)[0]
    part = _PART.match(first)
    if part is not None:
        return part[1]
    item = list_item(first)
    if item is None:
        return None
    return "to-do" if _TO_DO.match(first, item.end()) else item[2][-1]
