"""Looks at everything, or at all below a directory, and finds what polls cannot see.

The whole tree by search, the rows of every data source by query, the configured roots and their
children by direct reads. What none of them shows is asked for one by one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import trio
from msgspec.structs import replace

from notionfs.api.pacing import Priority
from notionfs.errors import RemoteError
from notionfs.model import Database, DatabaseId, Page, PageId, normalize_id
from notionfs.sync.absorber import LISTED, Absorber
from notionfs.sync.context import Context
from notionfs.sync.errands import (
    CHILDREN,
    DATABASE,
    PAGE,
    ROOT,
    SOURCE,
    Errands,
    Unfinished,
    rows_of,
)
from notionfs.sync.first import FirstListing
from notionfs.sync.people import learn_people
from notionfs.sync.report import Errand, Report
from notionfs.sync.scanning import EVERYTHING, Scan, Scanner
from notionfs.sync.scope import Scope

WATERMARK = "watermark"
RECONCILED = "reconciled"
REFRESHED = "refreshed"
_PART = 100  # pages of one search request
# A folder of so few pages is asked for page by page in any case: a search may not show the newest.
_FEW = 10


class Reconciling:
    """One look; failures go into the report and are asked again by the next one."""

    def __init__(
        self,
        context: Context,
        absorber: Absorber,
        scanner: Scanner,
        errands: Errands,
        first: FirstListing,
    ) -> None:
        self._context = context
        self._store = context.store
        self._absorber = absorber
        self._scanner = scanner
        self._errands = errands
        self.first = first
        self._unfinished = Unfinished(context.store)
        self._one = trio.Lock()

    async def run(self, report: Report, scope: Scope | None = None) -> None:
        """Look at everything, or within *scope*. Raises RemoteError if Notion went away meanwhile;
        what was read until then is taken in, or kept for the next time.
        """
        async with self._one:
            if self._store.snapshots.load_fact(LISTED) is None:
                await self._run_first(report)
            elif scope is not None and self._is_small(scope):
                await self._run_directly(scope, report)
            else:
                await self._run_widely(scope, report)

    async def _run_widely(self, scope: Scope | None, report: Report) -> None:

        async def settle(pages: Sequence[Page], asked: int) -> set[PageId]:
            return await self._settle(pages, asked, report)

        scan = await self._scanner.read(EVERYTHING, None, settle)
        known = [*self._containers(scope), *self._roots(scope)]
        trouble = await self._errands.run(known, scan, report)
        if trouble is None:
            trouble = await self._errands.run(self._rows(scope), scan, report)
        await self.place(scan, report)
        if trouble is None:
            trouble = await self._classify_absent(scan, scope, report)
        self._finish(scan.newest, scan.began_ns, scope, report)
        if trouble is not None:
            raise trouble
        if scope is None:
            await learn_people(self._context.client.at(Priority.REFRESH), self._store)

    async def _run_first(self, report: Report) -> None:
        told = await self.first.run(report)
        self._finish(told.newest, told.began_ns, None, report, is_whole=told.is_whole)
        self._store.dentries.shown.end()
        self.first.note_step()
        await learn_people(self._context.client.at(Priority.REFRESH), self._store)

    async def _settle(self, pages: Sequence[Page], asked: int, report: Report) -> set[PageId]:
        """Take in the pages that stay where they are: nothing that is read later moves them."""
        staying = [page for page in pages if self._stays(page)]
        report.seen += len(staying)
        async for news in self._absorber.absorb_pages(staying, asked):
            report.note(news)
        return {page.id for page in staying}

    def _stays(self, page: Page) -> bool:
        known = self._store.snapshots.load_page(page.id)
        return (
            known is not None
            and not known.in_trash
            and known.parent == self._absorber.owned(page).parent
            and self._store.docs.find(page.id) is not None
        )

    async def place(self, scan: Scan, report: Report) -> None:
        """Put what was read into the tree, a batch a transaction, the oldest first."""
        pages = list(scan.pages.values())
        report.seen += len(pages)
        await self._absorber.store_new(pages)
        await self._absorber.absorb_databases()
        async for news in self._absorber.absorb_pages(pages, scan.asked):
            report.note(news)

    def _finish(
        self,
        newest: str,
        began_ns: int,
        scope: Scope | None,
        report: Report,
        *,
        is_whole: bool = True,
    ) -> None:
        with self._store.transaction():
            self._store.snapshots.save_fact(WATERMARK, newest)
            self._store.snapshots.save_fact(LISTED, "1")
            if scope is None:
                self._store.snapshots.save_fact(REFRESHED, str(self._context.now_ns()))
            if scope is None and is_whole:
                self._store.snapshots.save_fact(RECONCILED, str(self._context.now_ns()))
            self._unfinished.save(report.failed, but=scope is not None)
            self._scanner.finished(EVERYTHING)
        self._context.note_scan(began_ns)
        self._absorber.settled()

    # --- what search does not tell ----------------------------------------------------------------

    def _roots(self, scope: Scope | None) -> list[Errand]:
        if scope is not None:
            return []
        spaces = self._context.settings.teamspaces.values()
        return [
            Errand(ROOT, normalize_id(root) or root) for space in spaces for root in space.roots
        ]

    def _databases(self, scope: Scope | None) -> list[Database]:
        known = self._store.snapshots.list_databases()
        return [each for each in known if scope is None or each.id in scope.databases]

    def _containers(self, scope: Scope | None) -> list[Errand]:
        """Search shows data sources; of the databases around them we ask one by one."""
        return [Errand(DATABASE, database.id) for database in self._databases(scope)]

    def _rows(self, scope: Scope | None) -> list[Errand]:
        sources = self._store.snapshots
        return [e for d in self._databases(scope) for e in rows_of(sources.list_sources(d.id))]

    async def _classify_absent(
        self, scan: Scan, scope: Scope | None, report: Report
    ) -> RemoteError | None:
        """Ask for each known page that no listing showed, those above before those below."""
        live = self._store.snapshots.list_live_ids()
        waiting = {p for p in live if not scan.has(p) and (not scope or p in scope.pages)}
        while waiting:
            known = [p for i in waiting if (p := self._store.snapshots.load_page(i)) is not None]
            ready = [page for page in known if page.parent.id not in waiting] or known
            found = Scan(self._context.moment())
            # What stood in a page or database that is in the trash went there with it.
            gone = [page for page in ready if self._is_below_trash(page)]
            found.pages = {page.id: replace(page, in_trash=True) for page in gone}
            errands = [Errand(PAGE, p.id) for p in ready if p.id not in found.pages]
            trouble = await self._errands.run(errands, found, report)
            await self.place(found, report)
            if trouble is not None:
                return trouble
            waiting -= {page.id for page in ready}
            if not known:
                break
        return None

    def _is_below_trash(self, page: Page) -> bool:
        if page.parent.database_id is not None:
            database = self._store.snapshots.load_database(DatabaseId(page.parent.database_id))
            return database is not None and database.in_trash
        above = self._store.snapshots.load_page(PageId(page.parent.id or ""))
        return above is not None and above.in_trash

    # --- a small part -----------------------------------------------------------------------------

    def _is_small(self, scope: Scope) -> bool:
        """Tell whether asking for each page directly is cheaper than a search of everything."""
        pages = len(list(self._free(scope)))
        return pages <= max(_FEW, self._store.snapshots.count_pages() / _PART / 2)

    def _free(self, scope: Scope) -> Iterable[Page]:
        """Yield the pages of *scope* that no query of its databases lists."""
        for page_id in sorted(scope.pages):
            page = self._store.snapshots.load_page(page_id)
            if page is not None and page.parent.database_id not in scope.databases:
                yield page

    async def _run_directly(self, scope: Scope, report: Report) -> None:
        scan = Scan(self._context.moment())
        sources = [s for d in scope.databases for s in self._store.snapshots.list_sources(d)]
        free = list(self._free(scope))
        errands = [
            *(Errand(DATABASE, i) for i in sorted(scope.databases)),
            *(Errand(SOURCE, source.id) for source in sources),
            *rows_of(sources),
            *(Errand(PAGE, page.id) for page in free),
            *(Errand(CHILDREN, page.id) for page in free),
        ]
        trouble = await self._errands.run(errands, scan, report)
        await self.place(scan, report)
        if trouble is None:
            trouble = await self._classify_absent(scan, scope, report)
        with self._store.transaction(durable=False):
            self._unfinished.save(report.failed, but=True)
        self._absorber.settled()
        if trouble is not None:
            raise trouble
