"""Property values that are longer than a page object shows. Never waits."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from notionfs.markdown.whole import may_be_cut, with_values, with_whole
from notionfs.model import JSON, Page, PageId
from notionfs.store.connection import Connection


class WholeValues:
    """The table `whole_values`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def continued(self, page: Page) -> Page:
        """Return *page* with cut values marked, and whole where a row continues them."""
        if not may_be_cut(page.properties):
            return page
        rows = self._db.execute(
            "SELECT property_id, value FROM whole_values WHERE page_id = ?", (page.id,)
        )
        known = {row[0]: json.loads(row[1]) for row in rows}
        return _with(page, *with_whole(page.properties, known))

    def keep(self, page: Page, values: Mapping[str, Sequence[JSON]]) -> Page:
        """Keep values, by property id, as they are now; return *page* with them, to be saved."""
        self._db.executemany(
            "INSERT OR REPLACE INTO whole_values VALUES (?,?,?,?)",
            [(page.id, key, json.dumps(v), page.last_edited) for key, v in values.items()],
        )
        return _with(page, *with_values(page.properties, values)) if values else page

    def list_outgrown(self, page_id: PageId) -> frozenset[str]:
        """Return the ids of the properties whose rows are older than the page's last edit."""
        rows = self._db.execute(
            "SELECT property_id FROM whole_values JOIN pages USING (page_id)"
            " WHERE page_id = ? AND whole_values.last_edited <> pages.last_edited",
            (page_id,),
        )
        return frozenset(str(row[0]) for row in rows)


def _with(page: Page, properties: bytes, title: str | None) -> Page:
    return replace(page, properties=properties, title=page.title if title is None else title)
