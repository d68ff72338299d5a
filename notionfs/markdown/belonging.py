"""Lines of child pages and databases belong to the page that holds them: texts cannot move them.

Notion takes such a line in an edit for an order to move that page here, and to take it out of the
trash. So a text that still shows a child that has gone, or one copied from elsewhere, is sent
without the order.
"""

from __future__ import annotations

from notionfs.markdown.fences import numbered_lines_outside_code
from notionfs.markdown.known import find_children
from notionfs.markdown.tags import read_attributes


def without_strangers(text: str, here: str, before: str) -> str:
    """Return v2 *text* with lines of those children only that v2 *here* holds.

    A child that *before* held, but *here* no longer does, has gone: its line is left out. Any other
    is mentioned.
    """
    if "<page" not in text and "<database" not in text:
        return text
    own = {child.id for child in find_children(here)}
    if all(child.id in own for child in find_children(text)):
        return text
    gone = {child.id for child in find_children(before)}
    lines = text.split("\n")
    for number, line in numbered_lines_outside_code(text):
        child = next(find_children(line), None)
        if child is not None and child.id not in own:
            at = line.index(child.source)
            lines[number] = "" if child.id in gone else line[:at] + _mention(child.source)
    return "\n".join(lines)


def _mention(source: str) -> str:
    opening, _, rest = source.partition(">")
    url = read_attributes(opening.strip("</").partition(" ")[2]).get("url", "")
    label = rest.rpartition("</")[0]
    return f'<mention url="{url}">{label}</mention>' if label else f'<mention url="{url}"/>'
