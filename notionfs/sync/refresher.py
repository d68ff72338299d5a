"""Keeps in step with Notion: the first tree, polls, looks at everything, folders never listed.

Absence from a search or query is never deletion: a direct read tells.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import trio

from notionfs.api.pacing import Priority
from notionfs.errors import RemoteError
from notionfs.model import DatabaseId, DataSource, Page
from notionfs.store.dentries import Inode, NodeKind
from notionfs.sync.absorber import BOT, LISTED, Absorber
from notionfs.sync.context import Context
from notionfs.sync.errands import Errands, Unfinished, rows_of
from notionfs.sync.first import FirstListing
from notionfs.sync.flights import Flights
from notionfs.sync.placement import Placement
from notionfs.sync.reconciling import RECONCILED, REFRESHED, WATERMARK, Reconciling
from notionfs.sync.renditions import nanoseconds
from notionfs.sync.report import Errand, Report
from notionfs.sync.scanning import OVERLAP_NS, Scan, Scanner
from notionfs.sync.scope import Scope
from notionfs.sync.sources import Sources

log = logging.getLogger(__name__)

_RECONCILE_EVERY = 6 * 3600 * 1_000_000_000  # nanoseconds
# What failed is asked again alone only while everything else is fresh.
_REPEAT_WITHIN = 600 * 1_000_000_000  # nanoseconds
_TRASH_EVERY = 10
_RETRY_FIRST = 2.0
_RETRY_MOST = 60.0
_POLL = "poll"
TRASH = "trash"


class Refresher:
    """Keeps snapshots and tree in step with Notion."""

    def __init__(
        self, context: Context, absorber: Absorber, placement: Placement, sources: Sources
    ) -> None:
        self._context = context
        self._store = context.store
        self._absorber = absorber
        self._sources = sources
        self._scanner = Scanner(context, absorber)
        self._errands = Errands(context, absorber)
        self._unfinished = Unfinished(context.store)
        self._first = FirstListing(context, absorber, placement, self._scanner, self._errands)
        self._reconciling = Reconciling(
            context, absorber, self._scanner, self._errands, self._first
        )
        self._flights = Flights()
        self._polls = 0
        self._compare = False
        self._polling = trio.Lock()
        self._wake = trio.Event()
        self._latest = Report()
        refreshed = context.store.snapshots.load_fact(REFRESHED)
        self.last_refresh_ns = None if refreshed is None else int(refreshed)
        self.refreshing = False

    @property
    def is_listed(self) -> bool:
        """Whether the whole tree was scanned at least once."""
        return self._store.snapshots.load_fact(LISTED) is not None

    def first_listing(self) -> dict[str, int] | None:
        """Return how far the first listing has come, in pages; None once it is complete.

        `waiting` counts those that stand in something that was not read yet.
        """
        if self.is_listed:
            return None
        return {"pages": self._first.seen, "waiting": self._store.waiting.count_pages()}

    def listed_so_far(self) -> int | None:
        """Return how many pages the first listing has read; None once it is complete.

        To be asked at each step: it counts nothing, as `first_listing` does.
        """
        return None if self.is_listed else self._first.seen

    async def await_step(self) -> None:
        """Return when `first_listing` has something new to tell."""
        await self._first.await_step()

    # --- what callers ask for ---------------------------------------------------------------------

    async def run(self) -> None:
        """Scan once, then poll, until cancelled; being offline is not an error."""
        pause = _RETRY_FIRST
        while True:
            poll = self._context.settings.poll
            self._wake = trio.Event()
            try:
                if self._wants_comparison(poll is not None):
                    await self.reconcile()
                    self._compare = False
                elif poll is not None:
                    await self.poll()
                pause, wait = _RETRY_FIRST, float("inf") if poll is None else poll
            except RemoteError as exc:
                log.warning("refresh failed: %s", exc)
                pause, wait = min(pause * 2, _RETRY_MOST), pause
            with trio.move_on_after(wait):
                await self._wake.wait()

    def wake(self) -> None:
        """Notion answers again after silence: look at once."""
        self._wake.set()

    def compare_soon(self) -> None:
        """Compare everything at the next look, however recently that was done."""
        self._compare = True
        self._wake.set()

    async def reconcile(self, *, at_once: bool = False) -> Report:
        """Scan everything the connection can see and classify what is no longer seen.

        *at_once*: somebody waits to see what was edited just now. Times are rounded to the minute,
        so pages that were read in the minute of their last edit are read again.
        """
        report = await self._share("reconcile", self._reconciling.run)
        if at_once:
            self._doubt()
        return report

    async def repeat(self) -> Report | None:
        """Ask again only what failed minutes ago, and what changed since; None: nothing failed."""
        if not self._unfinished.load() or self._is_overdue(_REPEAT_WITHIN):
            return None

        async def again(report: Report) -> None:
            report.repeated = True
            await self._poll(report, self._unfinished.load())

        report = await self._share("repeat", again)
        self._doubt()
        return report

    async def poll(self) -> Report:
        """Ask for what changed since the watermark: one call when nothing did."""

        async def look(report: Report) -> None:
            await self._poll(report, self._unfinished.load(transient_only=True))

        return await self._share("poll", look)

    async def refresh_page(self, doc_id: int) -> Report:
        """Ask Notion about one page, now: its properties and its body."""
        report = Report()
        page_id = self._store.docs.load(doc_id).page_id
        if page_id is None:
            return report
        client, asked = self._context.client.at(Priority.PROMPT), self._context.moment()
        page = await client.fetch_page(page_id)
        async for news in self._absorber.absorb_pages([page], asked):
            report.note(news)
        self._context.note_shown(page_id)
        report.seen = 1
        if not page.in_trash:
            with self._store.transaction(durable=False):
                self._store.snapshots.mark_stale(page_id)
            self._absorber.settled()
        return report

    async def refresh_below(self, ino: int) -> Report:
        """Ask Notion about everything in a directory, now."""
        scope = Scope.below(self._store, ino)
        report = Report()
        await self._tracked(self._reconciling.run(report, scope))
        self._doubt()
        return report

    async def ensure_listed(self, inode: Inode) -> None:
        """Return when all entries of a directory are known, asking Notion if they never were."""
        if self.is_listed or inode.kind is NodeKind.DIRECTORY:
            return
        if inode.database_id is not None:
            database_id = inode.database_id
            await self._flights.share(database_id, lambda: self._sources.list_rows(database_id))
            return
        await self.ensure_whole()

    async def ensure_begun(self) -> None:
        """Return when the first listing has something to show; RemoteError if it cannot begin."""
        if self.is_listed:
            return
        if not self.refreshing:
            self.wake()
        await self._first.await_begun()

    async def ensure_whole(self) -> None:
        """Return when the first listing is complete."""
        if not self.is_listed:
            await self._share("reconcile", self._reconciling.run)

    # --- the work ---------------------------------------------------------------------------------

    async def _share(self, key: str, look: Callable[[Report], Awaitable[None]]) -> Report:
        """Run *look* once for all who ask meanwhile; return its report."""

        async def fly() -> None:
            report = Report()
            await self._tracked(look(report))
            self._latest = report

        await self._flights.share(key, fly)
        return self._latest

    async def _tracked(self, work: Awaitable[None]) -> None:
        self.refreshing = True
        try:
            await work
        finally:
            self.refreshing = False
        self.last_refresh_ns = self._context.now_ns()

    def _wants_comparison(self, polls: bool) -> bool:
        return self._compare or not self.is_listed or (polls and self._is_overdue(_RECONCILE_EVERY))

    def _is_overdue(self, span_ns: int) -> bool:
        """Tell whether everything was compared longer ago, or by a clock that was turned back."""
        last = self._store.snapshots.load_fact(RECONCILED)
        return last is None or not 0 <= self._context.now_ns() - int(last) < span_ns

    def _doubt(self) -> None:
        with self._store.transaction(durable=False):
            self._store.snapshots.mark_doubtful(self._store.snapshots.load_fact(BOT))
        self._absorber.settled()

    async def _poll(self, report: Report, errands: list[Errand]) -> None:
        async with self._polling:
            await self._poll_alone(report, errands)

    async def _poll_alone(self, report: Report, errands: list[Errand]) -> None:
        watermark = self._store.snapshots.load_fact(WATERMARK)
        until_ns = nanoseconds(watermark) - OVERLAP_NS if watermark else None
        scan = await self._scanner.read(_POLL, until_ns)
        trash = None
        self._polls += 1
        if self._polls % _TRASH_EVERY == 0:
            trash = await self._scan_trash(scan)
        if scan.is_partial:
            errands += rows_of(self._store.snapshots.list_sources())
        trouble = await self._errands.run(errands, scan, report)
        await self._reconciling.place(scan, report)
        with self._store.transaction(durable=False):
            newest = max(scan.newest, watermark or "")
            self._store.snapshots.save_fact(WATERMARK, newest)
            self._store.snapshots.save_fact(REFRESHED, str(self._context.now_ns()))
            if trash is not None:
                self._store.snapshots.save_fact(TRASH, trash)
            if errands or report.failed:
                self._unfinished.save(report.failed, but=not report.repeated)
            self._scanner.finished(_POLL)
        self._context.note_scan(scan.began_ns)
        self._absorber.settled()
        if trouble is not None:
            raise trouble

    async def _scan_trash(self, scan: Scan) -> str:
        """Read what came into the trash since the last time; return how far that was."""
        seen = self._store.snapshots.load_fact(TRASH) or ""
        until_ns = nanoseconds(seen) - OVERLAP_NS if seen else None
        newest, cursor = seen, None
        while True:
            client = self._context.client.at(Priority.REFRESH)
            listing = await client.search(cursor=cursor, in_trash=True)
            for item in listing.results:
                newest = max(newest, item.last_edited)
                if isinstance(item, Page) and self._store.snapshots.load_page(item.id):
                    scan.pages.setdefault(item.id, item)
                elif isinstance(item, DataSource) and self._was_there(item):
                    scan.databases.add(DatabaseId(item.database_id or ""))
            cursor = listing.next_cursor
            oldest = min((nanoseconds(i.last_edited) for i in listing.results), default=0)
            if cursor is None or until_ns is None or oldest < until_ns:
                return newest

    def _was_there(self, source: DataSource) -> bool:
        known = self._store.snapshots.load_source(source.id)
        return known is not None and not known.in_trash and known.database_id is not None
