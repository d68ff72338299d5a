"""Very many pages in little memory.

Titles and times are kept, contents are made when somebody looks.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from notionfs.simulator.blocks import Block, new_block
from notionfs.simulator.clock import minute_time
from notionfs.simulator.records import DataSource, Page, Parent, text

if TYPE_CHECKING:
    from notionfs.simulator.simulator import Simulator

PAGES_BELOW = 100  # children of one folder page
HEAD = "5f1"  # ids of bulk pages: everything about a page follows from its number
WORDS = [
    "alpha",
    "river",
    "quiet",
    "engine",
    "paper",
    "signal",
    "north",
    "market",
    "garden",
    "stone",
    "letter",
    "harbor",
    "copper",
    "window",
    "meadow",
    "cloud",
    "ladder",
    "winter",
    "bridge",
    "candle",
    "orbit",
    "forest",
    "silver",
    "morning",
    "thread",
    "anchor",
]


def bulk_id(kind: int, number: int) -> str:
    """Return the id of bulk page *number* of a *kind* (0 folder, 1 page, 2 row)."""
    return f"{HEAD}9ce7b-60a4-81{kind:02x}-8000-{number:012x}"


def number_of(page_id: str) -> tuple[int, int]:
    """Return the kind and the number of a bulk id."""
    digits = page_id.replace("-", "")
    return int(digits[14:16], 16), int(digits[20:], 16)


def block_id_of(kind: int, number: int, index: int) -> str:
    """Return the id of block *index* of a bulk page."""
    tail = f"{index >> 12 & 0xFFFF:04x}{number:08x}"
    return f"{HEAD}9ce7b-60a4-82{kind:02x}-8{index & 0xFFF:03x}-{tail}"


class BulkPages:
    """Makes the contents of bulk pages, the same each time."""

    def __init__(
        self, pages: int, blocks: int, created: float, schemas: Sequence[dict[str, str]]
    ) -> None:
        self.pages = pages
        self.blocks = blocks
        self.created = created
        self.schemas = schemas  # of each table: property name -> id

    def values(self, page_id: str) -> dict[str, Any]:
        """Return the property values of a page."""
        kind, number = number_of(page_id)
        values: dict[str, Any] = {"title": text(title_of(kind, number))}
        if kind == 2:
            schema = self.schemas[number % len(self.schemas)]
            values[schema["Number"]] = number
            values[schema["Done"]] = number % 3 == 0
            values[schema["Note"]] = text(" ".join(_words(number, 6)))
        return values

    def body(self, page_id: str) -> list[Block]:
        """Return the blocks of a page."""
        kind, number = number_of(page_id)
        if kind == 0:
            first = number * PAGES_BELOW
            below = range(first, min(first + PAGES_BELOW, self.pages))
            return [
                self._stamped(new_block("child_page", {"title": ""}, id=bulk_id(1, n)))
                for n in below
            ]
        return [self._stamped(self._block(page_id, number, index)) for index in range(self.blocks)]

    def _block(self, page_id: str, number: int, index: int) -> Block:
        block_id = block_id_of(*number_of(page_id), index)
        if index == 0:
            return new_block("heading_2", {"rich_text": text(f"Section {number}")}, id=block_id)
        sentence = " ".join(_words(number * 31 + index, 14)).capitalize() + "."
        kind = "bulleted_list_item" if index % 4 == 3 else "paragraph"
        return new_block(kind, {"rich_text": text(sentence)}, id=block_id)

    def _stamped(self, block: Block) -> Block:
        block.created_time = block.last_edited_time = minute_time(self.created)
        return block


def _words(number: int, count: int) -> list[str]:
    return random.Random(number).choices(WORDS, k=count)


def title_of(kind: int, number: int) -> str:
    """Return the title of bulk page *number*."""
    return ("Folder", "Page", "Row")[kind] + f" {number:06d}"


def plant_bulk(
    simulator: Simulator, pages: int, rows: int, blocks: int, databases: int = 1
) -> None:
    """Add pages in folders of a hundred, and rows dealt out to tables, each of *blocks* blocks."""
    workspace = simulator.workspace
    created = simulator.world.now - 86_400 * 30
    person = next(user.id for user in workspace.records.users.values() if user.type == "person")
    names = ["Bulk rows", *(f"Bulk rows {n:02d}" for n in range(2, databases + 1))] if rows else []
    sources = [_plant_table(simulator, name, created, rows) for name in names]
    schemas = [{prop.name: prop.id for prop in s.properties.values()} for s in sources]
    workspace.lazy = BulkPages(pages, blocks, created, schemas)

    def put(kind: int, number: int, parent: Parent) -> None:
        moment = created + number
        page_id = bulk_id(kind, number)
        workspace.pages[page_id] = Page(page_id, parent, moment, moment, person, person)

    for folder in range((pages + PAGES_BELOW - 1) // PAGES_BELOW):
        put(0, folder, Parent("workspace"))
        parent = Parent("page_id", bulk_id(0, folder))
        for number in range(folder * PAGES_BELOW, min((folder + 1) * PAGES_BELOW, pages)):
            put(1, number, parent)
    parents = [Parent("data_source_id", source.id) for source in sources]
    for number in range(rows):
        parent = parents[number % len(parents)]
        put(2, number, parent)
        workspace.rows[parent.id][bulk_id(2, number)] = None
    workspace.version += 1


def _plant_table(simulator: Simulator, name: str, created: float, rows: int) -> DataSource:
    columns = {name: {"Number": "number", "Done": "checkbox", "Note": "rich_text"}}
    _, (source_id, *_) = simulator.add_database(name, sources=columns, created=created)
    source = simulator.workspace.data_sources[source_id]
    source.next_number = rows + 1
    return source
