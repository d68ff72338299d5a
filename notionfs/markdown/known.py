"""What the stored body says about the things that a shown body only names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from msgspec import Struct, field

from notionfs.markdown.fences import lines_outside_code
from notionfs.markdown.tags import read_attributes
from notionfs.model import normalize_id
from notionfs.patterns import late

_MENTION = late(r"<mention ([^<>\n]*)>([^<\n]*)</mention>")
_LINK = late(
    r"\[((?:\\.|[^\[\]\\`<\n])*)\]\((https?://(?:[\w-]+\.)*notion\.(?:so|com|site)/[^()\s<>#]*)\)"
)
_CHILD = late(r"[ \t>]*(<(page|database)\b[^\n]*?(?:/>|</\2>))[ \t]*$")


class Child(Struct, frozen=True):
    """A child page or database as it stands in a body."""

    id: str
    kind: str
    source: str

    @property
    def label(self) -> str:
        """The title between the tags."""
        return re.sub(r"<[^<>]*>", "", self.source)


class Known(Struct):
    """Tags of the stored body, by what identifies them.

    *links* are the addresses of ordinary links to pages and databases, by id and text.
    *verbatim* holds blocks that are shown as sent and must not be read as anything else;
    *definitions* are what the edited text says about its own links, of which *settled* are those
    that nothing needs once the links have their addresses.
    """

    mention_of_page: dict[str, str] = field(default_factory=dict)
    mention_of_label: dict[str, str] = field(default_factory=dict)
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    children: dict[str, Child] = field(default_factory=dict)
    verbatim: set[str] = field(default_factory=set)
    definitions: dict[str, str] = field(default_factory=dict)
    settled: frozenset[str] = frozenset()


def collect_known(body: str) -> Known:
    """Return what the stored v2 *body* says."""
    known = Known()
    ambiguous: set[str] = set()
    mentioned: set[tuple[str, str]] = set()
    for attributes, label in _MENTION.findall(body) if "<mention" in body else ():
        if "user://" in attributes:
            continue
        page_id = normalize_id(read_attributes(attributes).get("url", ""))
        if page_id is None:
            continue
        known.mention_of_page.setdefault(page_id, attributes)
        mentioned.add((page_id, label.replace("\\", "")))
        if known.mention_of_label.setdefault(label, attributes) != attributes:
            ambiguous.add(label)
    for label in ambiguous:
        del known.mention_of_label[label]
    known.links = _links(body, mentioned)
    known.children = {child.id: child for child in find_children(body)}
    return known


def _links(body: str, mentioned: Set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Return the ordinary links of a body that nothing else in it looks like."""
    if "](http" not in body or "notion." not in body:
        return {}
    found: dict[tuple[str, str], set[str]] = {}
    for label, url in _LINK.findall(body):
        page_id = normalize_id(url)
        if page_id is not None and (page_id, label.replace("\\", "")) not in mentioned:
            found.setdefault((page_id, label), set()).add(url)
    return {key: urls.pop() for key, urls in found.items() if len(urls) == 1}


def find_children(text: str) -> Iterator[Child]:
    """Return the child pages and databases that have a line of their own in v2 *text*."""
    if "<page" not in text and "<database" not in text:
        return
    for line in lines_outside_code(text):
        found = _CHILD.match(line)
        if found is None:
            continue
        child_id = normalize_id(read_attributes(found[1]).get("url", ""))
        if child_id is not None:
            yield Child(child_id, found[2], found[1])
