"""Learns what changed in Notion: the first tree, polls, full reconciliations, folders never listed.

Absence from a search or query is never deletion: a direct read tells.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass, field, replace

import trio

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import RemoteError, RemoteMissing
from notionfs.model import DatabaseId, DataSource, Page, PageId
from notionfs.store.dentries import Inode, NodeKind
from notionfs.sync.absorber import BOT, Absorber
from notionfs.sync.context import Context
from notionfs.sync.flights import Flights
from notionfs.sync.renditions import nanoseconds
from notionfs.sync.rows import fetch_rows
from notionfs.sync.sources import Sources

log = logging.getLogger(__name__)

# Notion rounds last_edited_time down to the minute, so two edits can share a stamp. We ask for a
# little more than we need and let the content decide.
OVERLAP_NS = 120 * 1_000_000_000
RECONCILE_EVERY = 6 * 3600.0
_TRASH_EVERY = 10
_RETRY_FIRST = 2.0
_RETRY_MOST = 60.0

LISTED = "listed"
WATERMARK = "watermark"


@dataclass(slots=True)
class Report:
    """What a refresh found, in pages."""

    seen: int = 0
    changed: int = 0
    gone: int = 0

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        return {"seen": self.seen, "changed": self.changed, "gone": self.gone}


@dataclass(slots=True)
class _Scan:
    """What a listing showed; *asked* is the moment before its first request."""

    asked: int
    pages: dict[PageId, Page] = field(default_factory=dict)
    newest: str = ""

    def add(self, page: Page) -> None:
        self.pages[page.id] = page
        self.newest = max(self.newest, page.last_edited)


class Refresher:
    """Keeps snapshots and tree in step with Notion."""

    def __init__(self, context: Context, absorber: Absorber, sources: Sources) -> None:
        self._context = context
        self._store = context.store
        self._absorber = absorber
        self._sources = sources
        self._flights = Flights()
        self._polls = 0
        self._asked = trio.Event()
        self.last_refresh_ns: int | None = None
        self.refreshing = False

    @property
    def is_listed(self) -> bool:
        """Whether the whole tree was scanned at least once."""
        return self._store.snapshots.load_fact(LISTED) is not None

    # --- what callers ask for ---------------------------------------------------------------------

    async def run(self) -> None:
        """Scan once, then poll, until cancelled; being offline is not an error."""
        poll = self._context.settings.poll
        pause = _RETRY_FIRST
        reconciled = trio.current_time()
        while True:
            due = trio.current_time() - reconciled >= RECONCILE_EVERY
            try:
                if not self.is_listed or (due and poll is not None):
                    await self.reconcile()
                    reconciled = trio.current_time()
                elif poll is not None:
                    await self.poll()
                pause = _RETRY_FIRST
            except RemoteError as exc:
                log.warning("refresh failed: %s", exc)
                await trio.sleep(pause)
                pause = min(pause * 2, _RETRY_MOST)
                continue
            await trio.sleep(float("inf") if poll is None else poll)

    async def reconcile(self, *, at_once: bool = False) -> Report:
        """Scan everything the connection can see and classify what is no longer seen.

        *at_once*: somebody waits to see what was edited just now. Times are rounded to the minute,
        so pages that were read in the minute of their last edit are read again.
        """
        report = Report()

        async def fly() -> None:
            await self._tracked(self._reconcile(report))

        await self._flights.share("reconcile", fly)
        if at_once:
            with self._store.transaction():
                self._store.snapshots.mark_doubtful(self._store.snapshots.load_fact(BOT))
            self._absorber.settled()
        return report

    async def poll(self) -> Report:
        """Ask for what changed since the watermark: one call when nothing did."""
        report = Report()

        async def fly() -> None:
            await self._tracked(self._poll(report))

        await self._flights.share("poll", fly)
        return report

    async def refresh_page(self, doc_id: int) -> Report:
        """Ask Notion about one page, now: its properties and its body."""
        report = Report()
        page_id = self._store.docs.load(doc_id).page_id
        if page_id is None:
            return report
        client, asked = self._context.client.at(Priority.PROMPT), self._context.moment()
        page = await client.fetch_page(page_id)
        async for changed in self._absorber.absorb_pages([page], asked):
            report.changed += changed
        self._context.note_shown(page_id)
        report.seen, report.gone = 1, int(page.in_trash)
        if not page.in_trash:
            with self._store.transaction():
                self._store.snapshots.mark_stale(page_id)
            self._absorber.settled()
        return report

    async def ensure_listed(self, inode: Inode) -> None:
        """Return when the directory's entries are known, asking Notion only if they never were."""
        if self.is_listed or inode.kind is NodeKind.DIRECTORY:
            return
        if inode.kind is NodeKind.DATABASE and inode.database_id is not None:
            database_id = inode.database_id
            await self._flights.share(database_id, lambda: self._sources.list_rows(database_id))
            return
        await self._flights.share("reconcile", lambda: self._tracked(self._reconcile(Report())))

    # --- the work ---------------------------------------------------------------------------------

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.REFRESH)

    async def _tracked(self, work: Awaitable[None]) -> None:
        self.refreshing = True
        try:
            await work
        finally:
            self.refreshing = False
        self.last_refresh_ns = self._context.now_ns()

    async def _reconcile(self, report: Report) -> None:
        first, asked_ns = not self.is_listed, self._context.now_ns()
        scan = await self._scan(until_ns=None)
        await self._place(scan, report, ordered=first)
        if not first:
            await self._classify_absent(scan, report)
        with self._store.transaction():
            self._store.snapshots.save_fact(WATERMARK, scan.newest)
            self._store.snapshots.save_fact(LISTED, "1")
        self._context.note_scan(asked_ns)
        self._absorber.settled()

    async def _poll(self, report: Report) -> None:
        watermark = self._store.snapshots.load_fact(WATERMARK)
        until_ns = nanoseconds(watermark) - OVERLAP_NS if watermark else None
        asked_ns = self._context.now_ns()
        scan = await self._scan(until_ns=until_ns)
        self._polls += 1
        if self._polls % _TRASH_EVERY == 0:
            await self._scan_trash(scan, until_ns)
        await self._place(scan, report, ordered=False)
        with self._store.transaction():
            newest = max(scan.newest, watermark or "")
            self._store.snapshots.save_fact(WATERMARK, newest)
        self._context.note_scan(asked_ns)
        self._absorber.settled()

    async def _scan(self, *, until_ns: int | None) -> _Scan:
        """Read the search, newest first, down to *until_ns*; sources are stored on the way."""
        scan = _Scan(self._context.moment())
        cursor: str | None = None
        # Search shows data sources; of the databases around them a full scan asks one by one.
        known = self._store.snapshots.list_databases() if until_ns is None else ()
        databases = {database.id for database in known}
        partial = False
        while True:
            listing = await self._client.search(cursor=cursor)
            sources = [item for item in listing.results if isinstance(item, DataSource)]
            databases |= self._absorber.store_sources(sources)
            old = False
            for item in listing.results:
                if isinstance(item, Page):
                    scan.add(item)
                old = until_ns is not None and nanoseconds(item.last_edited) < until_ns
            cursor = listing.next_cursor
            if cursor is None or old:
                partial = listing.incomplete and not old
                break
        if partial:
            databases |= await self._search_sources()
        databases |= self._absorber.unknown_databases(scan.pages.values())
        await self._fetch_databases(databases)
        await self._add_rows(scan, partial=partial)
        await self._sources.climb(scan.pages.values(), self._client)
        return scan

    async def _search_sources(self) -> set[DatabaseId]:
        """Look for data sources alone; return the databases that must be read because of them."""
        databases: set[DatabaseId] = set()
        cursor: str | None = None
        while True:
            listing = await self._client.search(cursor=cursor, kind="data_source")
            sources = [item for item in listing.results if isinstance(item, DataSource)]
            databases |= self._absorber.store_sources(sources)
            cursor = listing.next_cursor
            if cursor is None:
                return databases

    async def _add_rows(self, scan: _Scan, *, partial: bool) -> None:
        """Ask the data sources themselves for what the search cannot show.

        That is everything past the end of a *partial* search, and rows that nobody edited although
        the columns of their table are others now.
        """
        reshaped = self._absorber.take_reshaped()
        known = [source.id for source in self._store.snapshots.list_sources()]
        for source_id in known if partial else reshaped:
            async for rows in fetch_rows(self._client, source_id):
                for page in rows.results:
                    scan.pages.setdefault(page.id, page)

    async def _scan_trash(self, scan: _Scan, until_ns: int | None) -> None:
        cursor: str | None = None
        while True:
            listing = await self._client.search(cursor=cursor, in_trash=True)
            for item in listing.results:
                if isinstance(item, Page) and self._store.snapshots.load_page(item.id):
                    scan.pages.setdefault(item.id, item)
            cursor = listing.next_cursor
            oldest = min((nanoseconds(i.last_edited) for i in listing.results), default=0)
            if cursor is None or (until_ns is not None and oldest < until_ns):
                return

    async def _fetch_databases(self, databases: Iterable[DatabaseId]) -> None:
        for database_id in sorted(databases):
            try:
                database = await self._client.fetch_database(database_id)
            except RemoteMissing:
                self._absorber.store_hidden_database(database_id)
            else:
                self._absorber.store_database(database)

    async def _place(self, scan: _Scan, report: Report, *, ordered: bool) -> None:
        """Put what was read into the tree, a batch a transaction, the oldest first."""
        pages = list(scan.pages.values())
        report.seen = len(pages)
        self._absorber.store_new(pages)
        await self._absorber.absorb_databases()
        async for changed in self._absorber.absorb_pages(pages, scan.asked, by_depth=ordered):
            report.changed += changed

    async def _classify_absent(self, scan: _Scan, report: Report) -> None:
        for page_id in self._store.snapshots.list_live_ids():
            if page_id in scan.pages:
                continue
            asked = self._context.moment()
            try:
                page = await self._client.fetch_page(page_id)
            except RemoteMissing:
                known = self._store.snapshots.load_page(page_id)
                if known is None:
                    continue
                page = replace(known, in_trash=True)  # gone, or no longer shared: out of the tree
            report.gone += int(page.in_trash)
            async for changed in self._absorber.absorb_pages([page], asked):
                report.changed += changed
