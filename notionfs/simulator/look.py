"""Looking at the workspace without a request: what tests compare with."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.documents import markdown_object
from notionfs.simulator.hands import Hands
from notionfs.simulator.objects import (
    block_object,
    data_source_object,
    database_object,
    page_object,
)
from notionfs.simulator.records import (
    Parent,
    plain,
)


class Looking(Hands):
    """The part of `Simulator` that shows what is there."""

    def markdown(self, page_id: str, *, version: str = "v2") -> str:
        """Return the body of a page as markdown."""
        page = self._page(page_id)
        shown = markdown_object(self._as_person(), page.id, self.workspace.body(page), version)
        return str(shown["markdown"])

    def page(self, page_id: str) -> dict[str, Any]:
        """Return a page as the API shows it."""
        return page_object(self.world, self._page(page_id))

    def database(self, database_id: str) -> dict[str, Any]:
        """Return a database as the API shows it."""
        return database_object(self.world, self.workspace.databases[self._id(database_id)])

    def data_source(self, source_id: str) -> dict[str, Any]:
        """Return a data source as the API shows it."""
        return data_source_object(self.world, self.workspace.data_sources[self._id(source_id)])

    def children(self, thing_id: str) -> list[dict[str, Any]]:
        """Return the direct children of a page or block as the API shows them."""
        found = self._id(thing_id)
        page = self.workspace.pages.get(found)
        if page is not None:
            parent = Parent("page_id", found)
            return [block_object(self.world, b, parent) for b in self.workspace.own_body(page)]
        spot = self.workspace.find_block(found)
        if spot is None:
            raise KeyError(f"there is no block {thing_id}")
        parent = Parent("block_id", found)
        return [block_object(self.world, b, parent) for b in spot.block.children]

    def title(self, page_id: str) -> str:
        """Return the title of a page."""
        return plain(self.workspace.title(self._page(page_id)))

    def titles(self) -> list[str]:
        """Return the titles of all pages that are not in the trash, sorted."""
        pages = self.workspace.pages.values()
        live = [p for p in pages if not p.is_template and not self.workspace.in_trash(p.id)]
        return sorted(plain(self.workspace.title(page)) for page in live)

    def find(self, title: str) -> str:
        """Return the id of the one live page with this title; raises KeyError."""
        found = [
            page.id
            for page in self.workspace.pages.values()
            if not page.in_trash and plain(self.workspace.title(page)) == title
        ]
        if len(found) != 1:
            raise KeyError(f"{len(found)} pages are called {title!r}")
        return found[0]
