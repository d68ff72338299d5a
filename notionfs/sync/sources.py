"""Databases, their data sources and schemas: asked for once in a while, once for all who wait."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

import trio
from cachetools import TTLCache

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import Refused, RemoteError, RemoteMissing
from notionfs.model import BlockId, Database, DatabaseId, DataSource, DataSourceId, Page
from notionfs.sync.absorber import Absorber
from notionfs.sync.context import Context
from notionfs.sync.flights import Flights
from notionfs.sync.rows import fetch_rows

log = logging.getLogger(__name__)

T = TypeVar("T")

_MOST = 4096
_NS = 1_000_000_000


class Sources:
    """The data-source cache. What it says stands in the store; the cache knows how old it is.

    An entry is a database with its data sources. It is good for `data_source_ttl` seconds; a
    refused request drops it.
    """

    def __init__(self, context: Context, absorber: Absorber) -> None:
        self._context = context
        self._store = context.store
        self._absorber = absorber
        self._flights = Flights()
        self._used: set[DatabaseId] = set()
        self._wake = trio.Event()
        self._fresh: TTLCache[DatabaseId, bool] = TTLCache(
            _MOST, context.settings.data_source_ttl, timer=self._seconds
        )

    def _seconds(self) -> float:
        return self._context.now_ns() / _NS

    def _client(self, priority: Priority) -> Client:
        return self._context.client.at(priority)

    # --- entries ----------------------------------------------------------------------------------

    def is_fresh(self, database_id: DatabaseId) -> bool:
        """Tell whether an entry needs no question; also right after a restart."""
        if database_id in self._fresh:
            return True
        synced = self._store.snapshots.load_synced(database_id)
        age = self._context.now_ns() - (synced or 0)
        return synced is not None and 0 <= age < self._context.settings.data_source_ttl * _NS

    def drop(self, database_id: DatabaseId) -> None:
        """Forget that an entry was fresh: the next one who needs it asks."""
        self._fresh.pop(database_id, None)
        with self._store.transaction():
            self._store.snapshots.note_synced(database_id, 0)

    async def ensure(
        self, database_id: DatabaseId, priority: Priority = Priority.PROMPT
    ) -> Database:
        """Return a database whose entry is fresh: no call, or one refresh for all who wait.

        Raises RemoteMissing for a database that the connection may not see.
        """
        if not self.is_fresh(database_id):
            await self.refresh(database_id, priority)
        database = self._store.snapshots.load_database(database_id)
        if database is None:
            raise RemoteMissing(f"Database {database_id} is not shared with the connection.")
        return database

    async def refresh(self, database_id: DatabaseId, priority: Priority = Priority.PROMPT) -> None:
        """Ask Notion about a database and its data sources, fresh or not."""
        await self._flights.share(database_id, lambda: self._refresh(database_id, priority))

    async def using(self, database_id: DatabaseId, work: Callable[[Database], Awaitable[T]]) -> T:
        """Return what *work* makes of a database; refused, ask again and try once more."""
        try:
            return await work(await self.ensure(database_id))
        except (Refused, RemoteMissing):
            self.drop(database_id)
            return await work(await self.ensure(database_id))

    async def reread(self, database_id: DatabaseId) -> bool:
        """Drop an entry after a refusal and ask again; tell whether that brought anything new."""
        before = self._store.snapshots.list_sources(database_id)
        self.drop(database_id)
        try:
            await self.ensure(database_id, Priority.UPLOAD)
        except RemoteError as exc:
            log.info("database %s cannot be read again: %s", database_id, exc)
            return False
        return self._store.snapshots.list_sources(database_id) != before

    async def _refresh(self, database_id: DatabaseId, priority: Priority) -> None:
        client = self._client(priority)
        try:
            database = await client.fetch_database(database_id)
        except RemoteMissing:
            if not self._store.snapshots.list_sources(database_id):
                raise
            self._absorber.store_hidden_database(database_id)
        else:
            self._absorber.store_database(database)
            sources = [await self._fetch_source(client, ref.id) for ref in database.sources]
            self._absorber.store_sources([source for source in sources if source is not None])
        await self.climb((), client)
        await self._absorber.absorb_databases()
        self._fresh[database_id] = True
        await self.relist(self._absorber.take_reshaped(), priority)

    async def _fetch_source(self, client: Client, source_id: DataSourceId) -> DataSource | None:
        try:
            return await client.fetch_data_source(source_id)
        except RemoteMissing:
            return None

    async def climb(self, pages: Iterable[Page], client: Client) -> None:
        """Look up the blocks around pages and new databases, so that they find their page."""
        for block_id in self._absorber.unknown_blocks(pages):
            at: BlockId | None = block_id
            while at is not None:
                try:
                    parent = await client.fetch_block_parent(at)
                except RemoteMissing:
                    parent = None
                at = self._absorber.store_block_parent(at, parent)

    # --- rows -------------------------------------------------------------------------------------

    async def list_rows(self, database_id: DatabaseId) -> None:
        """Take in all rows of all data sources of a database."""

        async def work(database: Database) -> None:
            await self.relist([ref.id for ref in database.sources], Priority.PROMPT)

        await self.using(database_id, work)

    async def relist(self, source_ids: Iterable[DataSourceId], priority: Priority) -> None:
        """Take in all rows of some data sources, also because their columns are others now."""
        client = self._client(priority)
        for source_id in source_ids:
            asked = self._context.moment()
            async for rows in fetch_rows(client, source_id):
                await self._take_inner(self._absorber.store_sources(rows.sources), priority)
                async for _ in self._absorber.absorb_pages(rows.results, asked):
                    pass
                asked = self._context.moment()

    async def _take_inner(self, databases: Iterable[DatabaseId], priority: Priority) -> None:
        """Take in the databases inside a wiki, of which its rows tell."""
        for database_id in sorted(databases):
            await self.ensure(database_id, priority)

    async def resolve_rows(self) -> None:
        """Give rows that an older program stored with a database alone their data sources."""
        rows = self._store.snapshots.list_sourceless()
        for database_id in sorted({DatabaseId(row.parent.id or "") for row in rows}):
            try:
                await self.ensure(database_id, Priority.REFRESH)
            except RemoteError as exc:
                log.info("database %s cannot be read yet: %s", database_id, exc)
        asked = self._context.moment()
        async for _ in self._absorber.absorb_pages(rows, asked):
            pass

    # --- in the background ------------------------------------------------------------------------

    def note_used(self, database_id: DatabaseId) -> None:
        """Somebody looks at a database: an old entry is asked for behind their back."""
        if self._context.settings.poll is not None and not self.is_fresh(database_id):
            self._used.add(database_id)
            self._wake.set()

    async def run(self) -> None:
        """Find the data sources of old rows, then refresh old entries that are used."""
        await self.resolve_rows()
        while True:
            await self._wake.wait()
            self._wake = trio.Event()
            while self._used:
                database_id = self._used.pop()
                try:
                    await self.ensure(database_id, Priority.REFRESH)
                except RemoteError as exc:
                    log.info("database %s keeps its old schema for now: %s", database_id, exc)
