"""The truth: a simulated workspace, its records and the lookups over them.

Everything a client sees is made from here (`objects.py`, `dialects/`), everything it changes ends
here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.records import (
    Database,
    DataSource,
    LazyPages,
    Page,
    Parent,
    Prop,
    Records,
    RichText,
)


class Spot(NamedTuple):
    """Where a block stands.

    Its page, the list that holds it, its index, and the blocks around it.
    """

    page: Page
    siblings: list[Block]
    at: int
    holders: tuple[Block, ...]

    @property
    def block(self) -> Block:
        """The block itself."""
        return self.siblings[self.at]


class Workspace:
    """The records with the lookups over them. *version* grows with every change."""

    def __init__(self, records: Records | None = None, *, lazy: LazyPages | None = None) -> None:
        self.records = records or Records()
        self.lazy = lazy
        self.version = 0
        self.rows: dict[str, dict[str, None]] = {}  # data source id -> row ids, oldest first
        self.owners: dict[str, str] = {}  # block id -> page id
        self._reindex()

    def _reindex(self) -> None:
        self.rows = {source_id: {} for source_id in self.records.data_sources}
        self.owners = {}
        for page in self.records.pages.values():
            self._index_row(page)
            if page.body:
                for block in walk(page.body):
                    self.owners[block.id] = page.id

    def _index_row(self, page: Page) -> None:
        if page.parent.kind == "data_source_id":
            self.rows.setdefault(page.parent.id, {})[page.id] = None

    # --- pages -----------------------------------------------------------------------------------

    @property
    def pages(self) -> dict[str, Page]:
        """All pages and rows by id."""
        return self.records.pages

    @property
    def databases(self) -> dict[str, Database]:
        """All databases by id."""
        return self.records.databases

    @property
    def data_sources(self) -> dict[str, DataSource]:
        """All data sources by id."""
        return self.records.data_sources

    def add(self, page: Page) -> None:
        """Take in a new page; its block in a parent's body is the caller's part."""
        self.pages[page.id] = page
        self._index_row(page)
        if page.body:
            for block in walk(page.body):
                self.owners[block.id] = page.id
        self.version += 1

    def rehang(self, page: Page, parent: Parent) -> None:
        """Give *page* another parent, in the row index too."""
        if page.parent.kind == "data_source_id":
            self.rows[page.parent.id].pop(page.id, None)
        page.parent = parent
        self._index_row(page)
        self.version += 1

    def values(self, page: Page) -> dict[str, Any]:
        """Return the values of *page* for reading."""
        if page.values is None:
            return self.lazy.values(page.id) if self.lazy else {}
        return page.values

    def own_values(self, page: Page) -> dict[str, Any]:
        """Return the values of *page* for changing."""
        if page.values is None:
            page.values = dict(self.values(page))
        return page.values

    def body(self, page: Page) -> list[Block]:
        """Return the body of *page* for reading; a lazy body is made anew each time."""
        if page.body is None:
            return self.lazy.body(page.id) if self.lazy else []
        return page.body

    def own_body(self, page: Page) -> list[Block]:
        """Return the body of *page* for changing, and for finding its blocks by id."""
        if page.body is None:
            self.set_body(page, self.body(page))
        assert page.body is not None
        return page.body

    def set_body(self, page: Page, body: list[Block]) -> None:
        """Replace the body of *page*; the ids of its blocks lead to it from now on."""
        if page.body:
            for block in walk(page.body):
                if self.owners.get(block.id) == page.id:
                    del self.owners[block.id]
        page.body = body
        for block in walk(body):
            self.owners[block.id] = page.id
        self.version += 1

    # --- finding ---------------------------------------------------------------------------------

    def find_block(self, block_id: str) -> Spot | None:
        """Return where the block with this id stands, if it stands anywhere."""
        page_id = self.owners.get(block_id)
        page = self.pages.get(page_id) if page_id else None
        if page is None:
            return self._find_in_lazy_parent(block_id)
        return find_in(page, self.own_body(page), block_id)

    def _find_in_lazy_parent(self, block_id: str) -> Spot | None:
        thing = self.pages.get(block_id) or self.databases.get(block_id)
        if thing is None or thing.parent.kind not in ("page_id", "block_id"):
            return None
        parent = self.pages.get(thing.parent.id)
        if parent is None or parent.body is not None:
            return None
        return find_in(parent, self.own_body(parent), block_id)

    def home_of(self, parent: Parent) -> Page | None:
        """Return the page around whatever *parent* names.

        Itself, or the page that holds the block.
        """
        if parent.kind == "page_id":
            return self.pages.get(parent.id)
        if parent.kind == "block_id":
            return self.pages.get(self.owners.get(parent.id, ""))
        return None

    def above(self, thing_id: str) -> str | None:
        """Return the id of the page, data source or database that holds the object with this id."""
        return self._mark_and_above(thing_id)[1]

    def _mark_and_above(self, thing_id: str) -> tuple[bool, str | None]:
        """Return whether an object itself was trashed, and what holds it."""
        records = self.records
        thing: Page | Database | None = records.pages.get(thing_id)
        if thing is None and (source := records.data_sources.get(thing_id)):
            return source.in_trash, source.database_id
        thing = thing or records.databases.get(thing_id)
        if thing is None:
            return thing_id in records.bin, self.owners.get(thing_id)
        parent = thing.parent
        above = self.owners.get(parent.id) if parent.kind == "block_id" else parent.id or None
        return thing.in_trash, above

    def ancestors(self, thing_id: str) -> Iterator[str]:
        """Yield the object's own id and the ids of all that hold it, nearest first."""
        seen: set[str] = set()
        current: str | None = thing_id
        while current and current not in seen:
            seen.add(current)
            yield current
            current = self.above(current)

    def in_trash(self, thing_id: str) -> bool:
        """Say whether the object or anything above it was trashed."""
        seen: set[str] = set()
        current: str | None = thing_id
        while current and current not in seen:
            seen.add(current)
            is_marked, current = self._mark_and_above(current)
            if is_marked:
                return True
        return False

    def schema(self, page: Page) -> dict[str, Prop]:
        """Return the properties *page* has: those of its data source, or just a title."""
        if page.parent.kind == "data_source_id":
            source = self.data_sources.get(page.parent.id)
            return source.properties if source else PLAIN_SCHEMA
        return PLAIN_SCHEMA

    def title(self, page: Page) -> RichText:
        """Return the title of *page* as rich text."""
        value = self.values(page).get("title")
        return value if isinstance(value, list) else []

    def database_title(self, database: Database) -> RichText:
        """Return the title of *database*; without one it shows its first data source's."""
        if database.title:
            return database.title
        first = next((self.data_sources.get(source) for source in database.sources), None)
        return first.title if first else []

    def user_name(self, user_id: str) -> str | None:
        """Return the name of a user, if there is one."""
        user = self.records.users.get(user_id)
        return user.name if user else None


PLAIN_SCHEMA: dict[str, Prop] = {"title": Prop("title", "title", "title")}


def find_in(page: Page, blocks: list[Block], block_id: str) -> Spot | None:
    """Return where in *blocks* the block stands."""
    pending: list[tuple[list[Block], tuple[Block, ...]]] = [(blocks, ())]
    while pending:
        siblings, holders = pending.pop()
        for index, block in enumerate(siblings):
            if block.id == block_id:
                return Spot(page, siblings, index, holders)
            if block.children:
                pending.append((block.children, (*holders, block)))
    return None
