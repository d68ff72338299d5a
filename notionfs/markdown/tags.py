"""The tag form of a block: an opening tag, a title, children, an end tag.

A v2 container has its title right behind the opening tag and its children behind a blank line:
`<toggle>Title`, blank line, children, `</toggle>`. Without children it is one line. Where there is
no room for a title, as in a column, the children begin in the next line.
"""

from __future__ import annotations

from msgspec import Struct

from notionfs.patterns import late

ATTRIBUTES = r'(?:[ \t]+[a-z][a-z0-9-]*="[^"<>\n]*")*'
_OPENING = late(rf"<([a-z][a-z0-9_-]*)({ATTRIBUTES})[ \t]*>")
_ATTRIBUTE = late(r'([a-z][a-z0-9-]*)="([^"]*)"')


UNTITLED = frozenset(("columns", "column", "tabs", "ul", "ol", "synced-block"))
"""Tags that hold blocks and no text of their own."""


class Tag(Struct, frozen=True):
    """A block in tag form. *attributes* is their text as it stands, without space around it.

    *title* is None if there is no room for one, *children* is None if there are none.
    """

    name: str
    attributes: str
    title: str | None
    children: str | None


def read_attributes(text: str) -> dict[str, str]:
    """Return the attributes in *text* by name."""
    return dict(_ATTRIBUTE.findall(text))


def parse_tag(block: str) -> Tag | None:
    """Return the parts of *block*, or None if it is not exactly of the tag form."""
    tag = read_tag(block)
    return tag if tag is not None and render_tag(tag) == block else None


def read_tag(block: str) -> Tag | None:
    """Return the parts of *block* as people write it: with any number of blank lines."""
    opening = _OPENING.match(block)
    if opening is None:
        return None
    name, attributes = opening[1], opening[2].strip()
    ending = f"</{name}>"
    if not block.endswith(ending) or len(block) < opening.end() + len(ending):
        return None
    inside = block[opening.end() : -len(ending)]
    if name in UNTITLED or (inside.startswith("\n") and not inside.startswith("\n\n")):
        children = inside.strip("\n")
        return (
            Tag(name, attributes, None, children) if children else Tag(name, attributes, "", None)
        )
    title, blank, children = inside.partition("\n\n")
    return Tag(name, attributes, title, children.strip("\n") if blank else None)


def render_tag(tag: Tag) -> str:
    """Return the v2 text of *tag*."""
    opening = f"<{tag.name} {tag.attributes}>" if tag.attributes else f"<{tag.name}>"
    ending = f"</{tag.name}>"
    if tag.children is None:
        return f"{opening}{tag.title or ''}{ending}"
    if tag.title is None:
        return f"{opening}\n{tag.children}\n{ending}"
    return f"{opening}{tag.title}\n\n{tag.children}\n{ending}"
