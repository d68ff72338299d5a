"""Reference-style links, `[Plan][1]` with `[1]: https://…` elsewhere in the file.

Notion keeps each link where it stands, and changes of a page travel block by block: a definition
in another block would not be seen. So links are sent with their address, and the definitions stay
in the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from notionfs.markdown.blocks import split_blocks
from notionfs.patterns import late

_LABEL = r"\[(?!\^)((?:\\.|[^\[\]\\\n])+)\]"
_DEFINITION = late(
    rf" {{0,3}}{_LABEL}:[ \t]*(<[^<>\n]*>|[^\s<]\S*)"
    r"(?:[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*"
)
_USE = late(r"\[([^\[\]\n]+)\](?!:)")
REFERENCE = r"(?<!\])\[(?:\\.|[^\[\]\\`<\n])+\](?:\[[^\[\]\n]*\])?(?![(\[:])"
"""A link whose address stands elsewhere, as far as it can be given one here."""

_REFERENCE = late(r"(!?)\[((?:\\.|[^\[\]\\])*)\](?:\[([^\[\]]*)\])?")
_SIMPLE = late(f"!?{REFERENCE}")


def collect_definitions(body: str) -> dict[str, str]:
    """Return the addresses that *body* defines and uses, by label; the first of a label counts."""
    if "]:" not in body:
        return {}
    found: dict[str, str] = {}
    for block in split_blocks(body):
        for label, address in definitions_of(block):
            found.setdefault(label, address)
    used = {_folded(label) for label in _USE.findall(body)} if found else set()
    return {label: address for label, address in found.items() if label in used}


def settled_labels(body: str, definitions: Mapping[str, str]) -> frozenset[str]:
    """Return the labels of which every use gets its address, so that nothing else needs them."""
    if not definitions:
        return frozenset()
    uses = Counter(_folded(label) for label in _USE.findall(body))
    given: Counter[str] = Counter()
    for link in _SIMPLE.findall(body):
        found = _REFERENCE.fullmatch(link)
        given[_folded(found[3] or found[2]) if found else ""] += 1
    return frozenset(label for label in definitions if given[label] >= uses[label])


def definitions_of(block: str) -> list[tuple[str, str]]:
    """Return what *block* defines, nothing if it is anything else than definitions."""
    lines = block.strip("\n").split("\n")
    found = [_DEFINITION.fullmatch(line) for line in lines]
    if not all(found):
        return []
    return [(_folded(line[1]), line[2].strip("<>")) for line in found if line is not None]


def resolve_reference(link: str, definitions: Mapping[str, str]) -> str | None:
    """Return `[text][label]`, `[label][]` or `[label]` with its address, None if it has none."""
    found = _REFERENCE.fullmatch(link) if definitions else None
    if found is None:
        return None
    address = definitions.get(_folded(found[3] or found[2]))
    if address is None:
        return None
    shown = f"<{address}>" if re.search(r"[()\s]", address) else address
    return f"{found[1]}[{found[2]}]({shown})"


def _folded(label: str) -> str:
    return " ".join(label.split()).casefold()
