"""All rows of a data source, however many: Notion ends a query after 10,000 results."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

from msgspec import Struct, field
from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.listings import RowListing
from notionfs.errors import CursorExpired
from notionfs.model import DataSourceId, Page, PageId

log = logging.getLogger(__name__)


class _Window(Struct):
    """Where a query stands. *begin* is the creation time it began at, None for the first window.

    Creation times are rounded to the minute, so a new window begins with rows that were seen.
    """

    begin: str | None = None
    cursor: str | None = None
    last: str | None = None
    at_last: set[PageId] = field(default_factory=set)

    def fresh(self, rows: tuple[Page, ...]) -> tuple[Page, ...]:
        """Return the rows that were not seen yet, and move on to the last of them."""
        fresh = tuple(row for row in rows if row.id not in self.at_last)
        if fresh and fresh[-1].created != self.last:
            self.last, self.at_last = fresh[-1].created, set()
        self.at_last |= {row.id for row in fresh if row.created == self.last}
        return fresh

    def can_move(self) -> bool:
        """Tell whether a next window would begin later than this one."""
        return self.last is not None and self.last != self.begin

    def move(self) -> None:
        """Begin the next window at the last row's time."""
        self.begin, self.cursor = self.last, None


async def fetch_rows(client: Client, source_id: DataSourceId) -> AsyncIterator[RowListing]:
    """Yield the rows of a data source, a call each, every row once, the oldest first.

    Windows by creation time lead past the end of a query, and past a cursor that Notion forgot.
    """
    window = _Window()
    while True:
        try:
            rows = await client.query(source_id, cursor=window.cursor, created_from=window.begin)
        except CursorExpired:
            if not window.can_move():
                raise
            window.move()
            continue
        yield replace(rows, results=window.fresh(rows.results))
        window.cursor = rows.next_cursor
        if window.cursor is not None:
            continue
        if not rows.incomplete:
            return
        if not window.can_move():
            log.warning(
                "data source %s: more rows were created at %s than a query shows",
                source_id,
                window.last,
            )
            return
        window.move()
