"""Reads Notion's search, part by part, so that an interrupted scan goes on where it stopped.

The watermark is not moved here: whoever took in what was read calls `finished`.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence

import msgspec
from msgspec import Struct, field

from notionfs.api.client import Listing
from notionfs.api.pacing import Priority
from notionfs.errors import CursorExpired
from notionfs.model import DatabaseId, DataSource, DataSourceId, Page, PageId
from notionfs.store.scans import Progress
from notionfs.sync.absorber import Absorber
from notionfs.sync.context import Context
from notionfs.sync.renditions import nanoseconds

log = logging.getLogger(__name__)

# What was read longer ago than this is not worth keeping: much of it is old news by now.
_WORTH_KEEPING_NS = 3600 * 1_000_000_000
_MAX_RESTARTS = 3
EVERYTHING = "everything"
"""The name of the scan that reads all of it."""
# Notion rounds last_edited_time down to the minute, so two edits can share a stamp. We ask for a
# little more than we need and let the content decide.
OVERLAP_NS = 120 * 1_000_000_000


Settle = Callable[[Sequence[Page], int], Awaitable[set[PageId]]]
"""Takes in those of some pages that need not wait for the end of a scan; returns their ids."""


class Scan(Struct):
    """What listings showed; *asked* is the moment before the first request.

    Of pages that are *settled*, taken in already, only the ids are kept.
    """

    asked: int
    began_ns: int = 0
    pages: dict[PageId, Page] = field(default_factory=dict)
    settled: set[PageId] = field(default_factory=set)
    sources: set[DataSourceId] = field(default_factory=set)
    databases: set[DatabaseId] = field(default_factory=set)  # to be read because of them
    newest: str = ""
    is_partial: bool = False  # Notion ended the search before its end

    def has(self, page_id: PageId) -> bool:
        """Tell whether a page was shown."""
        return page_id in self.pages or page_id in self.settled

    def add(self, pages: Iterable[Page]) -> None:
        """Take in pages from a search, whose newest edit moves the watermark."""
        for page in pages:
            self.pages[page.id] = page
            self.newest = max(self.newest, page.last_edited)


class Scanner:
    """Reads the search newest first, all of it or down to a moment."""

    def __init__(self, context: Context, absorber: Absorber) -> None:
        self._context = context
        self._store = context.store
        self._absorber = absorber
        self._run = uuid.uuid4().hex
        self.seen = 0
        """How many pages the scan of this moment, or the last one, has read."""

    async def read(self, name: str, until_ns: int | None, settle: Settle | None = None) -> Scan:
        """Return what the search shows, down to *until_ns* (None: everything).

        With *settle*, pages are taken in as they come, so that they need not be kept.
        A scan of that *name* which was interrupted goes on. After a RemoteError, what was read is
        kept for the next call. Data sources are stored on the way.
        """
        scan, cursor = self._resume(name, until_ns)
        restarts = 0
        while True:
            listing = await self._ask(cursor, restarts)
            if listing is None:
                restarts += 1
                scan, cursor = self._begin(name), None
                continue
            pages = self._take(scan, listing)
            settled = set() if settle is None else await settle(pages, scan.asked)
            scan.settled |= settled
            for page_id in settled:
                del scan.pages[page_id]
            if _reaches(listing, until_ns):
                return scan
            if listing.next_cursor is None:
                if listing.incomplete:
                    await self._search_sources(scan)
                return scan
            cursor = listing.next_cursor
            rest = [page for page in pages if page.id not in settled]
            progress = self._progress(scan, cursor, until_ns)
            with self._store.transaction(durable=False):
                self._store.scans.keep(name, rest, sorted(settled), progress)

    async def parts(self, name: str, until_ns: int | None) -> AsyncGenerator[Scan]:
        """Yield what the search shows, part by part, each to be taken in before the next is asked
        for. A scan of that *name* which was interrupted goes on behind the last such part.

        Every part knows the newest edit so far; the last one tells whether the search is partial.
        """
        begun, cursor = self._resume_parts(name, until_ns)
        restarts = 0
        while True:
            part = Scan(self._context.moment(), begun.began_ns, newest=begun.newest)
            listing = await self._ask(cursor, restarts)
            if listing is None:
                restarts += 1
                begun, cursor = self._begin(name), None
                self.seen = 0
                continue
            seen = self.seen
            self._take(part, listing)
            self.seen = seen + len(part.pages)
            is_last = _reaches(listing, until_ns) or listing.next_cursor is None
            if is_last and listing.incomplete:
                await self._search_sources(part)
            yield part
            if is_last:
                return
            begun, cursor = part, listing.next_cursor
            with self._store.transaction(durable=False):
                progress = self._progress(part, str(cursor), until_ns)
                self._store.scans.note(name, msgspec.structs.replace(progress, seen=self.seen))

    async def _ask(self, cursor: str | None, restarts: int) -> Listing | None:
        """Return the part behind *cursor*; None if Notion forgot that, so that it begins anew."""
        try:
            return await self._context.client.at(Priority.REFRESH).search(cursor=cursor)
        except CursorExpired:
            if cursor is None or restarts >= _MAX_RESTARTS:
                raise
            return None

    def _resume_parts(self, name: str, until_ns: int | None) -> tuple[Scan, str | None]:
        progress = self._store.scans.load(name)
        if progress is None or progress.until_ns != until_ns or not self._is_fresh(progress):
            self.seen = 0
            return self._begin(name), None
        self.seen = progress.seen
        log.info("a scan goes on after %d pages", self.seen)
        return Scan(0, progress.began_ns, newest=progress.newest), progress.cursor

    async def _search_sources(self, scan: Scan) -> None:
        """The search has an end that is not its own: look for data sources alone."""
        log.warning(
            "Notion's search ended before its end: pages that are no rows may be missing here "
            "until they are edited, or the page above them is the root of a teamspace"
        )
        scan.is_partial = True
        cursor: str | None = None
        while True:
            client = self._context.client.at(Priority.REFRESH)
            listing = await client.search(cursor=cursor, kind="data_source")
            self._take(scan, listing)
            cursor = listing.next_cursor
            if cursor is None:
                return

    def finished(self, name: str) -> None:
        """What was read is taken in: nothing needs to be kept. The caller has a transaction."""
        self._store.scans.drop(name)

    def _take(self, scan: Scan, listing: Listing) -> list[Page]:
        sources = [item for item in listing.results if isinstance(item, DataSource)]
        pages = [item for item in listing.results if isinstance(item, Page)]
        scan.databases |= self._absorber.store_sources(sources)
        scan.sources |= {source.id for source in sources}
        scan.add(pages)
        self.seen = len(scan.pages)
        return pages

    def _progress(self, scan: Scan, cursor: str, until_ns: int | None) -> Progress:
        return Progress(
            run=self._run,
            asked=scan.asked,
            began_ns=scan.began_ns,
            until_ns=until_ns,
            cursor=cursor,
            newest=scan.newest,
            databases=sorted(scan.databases),
            sources=sorted(scan.sources),
        )

    def _begin(self, name: str) -> Scan:
        with self._store.transaction(durable=False):
            self._store.scans.drop(name)
        return Scan(self._context.moment(), self._context.now_ns())

    def _resume(self, name: str, until_ns: int | None) -> tuple[Scan, str | None]:
        progress = self._store.scans.load(name)
        if progress is None or progress.until_ns != until_ns or not self._is_fresh(progress):
            return self._begin(name), None
        # Moments of another process mean nothing here: everything we wrote since is newer.
        same_run = progress.run == self._run
        scan = Scan(progress.asked if same_run else 0, progress.began_ns)
        pages = self._store.scans.list_pages(name)
        scan.add(pages if same_run else map(self._newer, pages))
        scan.settled = set(self._store.scans.list_settled(name))
        scan.newest = progress.newest
        scan.databases = {DatabaseId(i) for i in progress.databases}
        scan.sources = {DataSourceId(i) for i in progress.sources}
        log.info("a scan goes on after %d pages", len(scan.pages) + len(scan.settled))
        return scan, progress.cursor

    def _is_fresh(self, progress: Progress) -> bool:
        return 0 <= self._context.now_ns() - progress.began_ns <= _WORTH_KEEPING_NS

    def _newer(self, page: Page) -> Page:
        """Return what is known of a page, if that is as new as what an earlier process read."""
        known = self._store.snapshots.load_page(page.id)
        return known if known is not None and known.last_edited >= page.last_edited else page


def _reaches(listing: Listing, until_ns: int | None) -> bool:
    """Tell whether a part, newest first, goes back beyond *until_ns*."""
    if until_ns is None or not listing.results:
        return False
    return nanoseconds(listing.results[-1].last_edited) < until_ns
