"""Single questions that a look at the workspace leads to: databases, blocks, rows, roots, pages.

Each may fail alone; the others go on, and what failed is asked again later.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping

import msgspec
from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import (
    RemoteError,
    RemoteMissing,
    ServerTrouble,
    Throttled,
    Unauthorized,
    Unreachable,
)
from notionfs.model import BlockId, DatabaseId, DataSource, DataSourceId, Page, PageId
from notionfs.store.store import Store
from notionfs.sync.absorber import Absorber
from notionfs.sync.context import Context
from notionfs.sync.report import Errand, Failure, Report
from notionfs.sync.rows import fetch_rows
from notionfs.sync.scanning import Scan

log = logging.getLogger(__name__)

DATABASE = "database"  # read a container and the list of its sources
SOURCE = "source"  # read a data source with its schema
BLOCK = "block"  # climb from a block to its page
ROWS = "rows"  # list all rows of a data source
ROOT = "root"  # read what the settings name as a teamspace's root, and its children
CHILDREN = "children"  # list the sub-pages of a page
PAGE = "page"  # read one page: does it still exist?

UNFINISHED = "unfinished"
_ROUNDS = 8
# Repeating the question may help; anything else is asked again when everything is.
_TRANSIENT = (ServerTrouble, Throttled)


def rows_of(sources: Iterable[DataSource]) -> list[Errand]:
    """Return the errands that list the rows of *sources*."""
    return [Errand(ROWS, source.id) for source in sources]


class Errands:
    """Runs errands one after another and notes which of them failed."""

    def __init__(self, context: Context, absorber: Absorber) -> None:
        self._context = context
        self._store = context.store
        self._absorber = absorber
        self.on_done: Callable[[], None] = lambda: None
        self._work: Mapping[str, Callable[[str, Scan], Awaitable[None]]] = {
            DATABASE: self._database,
            SOURCE: self._source,
            BLOCK: self._block,
            ROWS: self._rows,
            ROOT: self._root,
            CHILDREN: self._children,
            PAGE: self._page,
        }

    async def run(
        self,
        errands: Iterable[Errand],
        scan: Scan,
        report: Report,
        *,
        done: set[Errand] | None = None,
    ) -> RemoteError | None:
        """Do *errands*, and what they lead to; what they find goes into *scan*.

        Failures go into *report*. Returns the error if Notion is away altogether, or refuses the
        token: then all that is left counts as failed. What is *done* is not led to again.
        """
        done = set() if done is None else done
        wanted = list(dict.fromkeys(errands))
        for _ in range(_ROUNDS):
            for n, errand in enumerate(wanted):
                trouble = await self._run_one(errand, scan, report)
                done.add(errand)
                self.on_done()
                if trouble is not None:
                    done.discard(errand)
                    report.failed.update(dict.fromkeys(wanted[n:], Failure(str(trouble), True)))
                    return trouble
            wanted = [errand for errand in self._following(scan) if errand not in done]
            if not wanted:
                break
        return None

    async def _run_one(self, errand: Errand, scan: Scan, report: Report) -> RemoteError | None:
        try:
            await self._work[errand.kind](errand.id, scan)
        except (Unauthorized, Unreachable) as exc:
            return exc
        except RemoteError as exc:
            log.warning("%s", exc)
            report.failed[errand] = Failure(str(exc), isinstance(exc, _TRANSIENT))
            if errand.kind == DATABASE:  # until it can be read, its sources tell its name
                self._absorber.stand_in(DatabaseId(errand.id))
        return None

    def _following(self, scan: Scan) -> list[Errand]:
        """Return what must be read before the pages of *scan* can be placed."""
        databases = scan.databases | self._absorber.unknown_databases(scan.pages.values())
        blocks = self._absorber.unknown_blocks(scan.pages.values())
        return [
            *(Errand(DATABASE, i) for i in sorted(databases)),
            *(Errand(BLOCK, i) for i in blocks),
            # Nobody edited these rows, and yet their columns are others now.
            *(Errand(ROWS, i) for i in self._absorber.take_reshaped()),
        ]

    # --- the errands ------------------------------------------------------------------------------

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.REFRESH)

    async def _database(self, database_id: str, scan: Scan) -> None:
        known = self._store.snapshots.load_database(DatabaseId(database_id))
        try:
            database = await self._client.fetch_database(DatabaseId(database_id))
        except RemoteMissing:
            sources = self._store.snapshots.list_sources(DatabaseId(database_id))
            if known is None or any(source.id in scan.sources for source in sources):
                self._absorber.store_hidden_database(DatabaseId(database_id))
            else:  # gone, or no longer shared: out of the tree
                self._absorber.store_database(replace(known, in_trash=True))
        else:
            self._absorber.store_database(database)

    async def _source(self, source_id: str, scan: Scan) -> None:
        try:
            source = await self._client.fetch_data_source(DataSourceId(source_id))
        except RemoteMissing:
            return  # its database tells what became of it
        scan.databases |= self._absorber.store_sources([source])
        scan.sources.add(source.id)

    async def _block(self, block_id: str, scan: Scan) -> None:
        at: BlockId | None = BlockId(block_id)
        while at is not None:
            try:
                parent = await self._client.fetch_block_parent(at)
            except RemoteMissing:
                parent = None
            at = self._absorber.store_block_parent(at, parent)

    async def _rows(self, source_id: str, scan: Scan) -> None:
        try:
            async for rows in fetch_rows(self._client, DataSourceId(source_id)):
                scan.databases |= self._absorber.store_sources(rows.sources)  # of a wiki
                scan.pages.update((r.id, r) for r in rows.results if not self._is_settled(r, scan))
        except RemoteMissing:
            return  # no longer shared: each row is asked for

    def _is_settled(self, row: Page, scan: Scan) -> bool:
        """Tell whether a row was taken in as it is."""
        return row.id in scan.settled and self._store.snapshots.load_page(row.id) == row

    async def _root(self, root_id: str, scan: Scan) -> None:
        if not scan.has(PageId(root_id)):
            try:
                page = await self._client.fetch_page(PageId(root_id))
            except RemoteMissing:
                await self._database_root(root_id, scan)
                return
            scan.pages[page.id] = page
        await self._children(root_id, scan)

    async def _database_root(self, root_id: str, scan: Scan) -> None:
        try:
            database = await self._client.fetch_database(DatabaseId(root_id))
        except RemoteMissing:
            log.info("the root %s of a teamspace is not shared with the connection", root_id)
            return
        self._absorber.store_database(database)
        for ref in database.sources:
            if ref.id not in scan.sources:
                await self._source(ref.id, scan)
                await self._rows(ref.id, scan)

    async def _children(self, page_id: str, scan: Scan) -> None:
        cursor: str | None = None
        while True:
            try:
                children, cursor = await self._client.fetch_child_pages(page_id, cursor)
            except RemoteMissing:
                return  # what became of the page itself is another errand
            for child in children:
                if not scan.has(child.id) and not self._stands_below(child.id, page_id):
                    await self._page(child.id, scan)
            if cursor is None:
                return

    def _stands_below(self, child_id: PageId, page_id: str) -> bool:
        known = self._store.snapshots.load_page(child_id)
        return known is not None and not known.in_trash and known.parent.id == page_id

    async def _page(self, page_id: str, scan: Scan) -> None:
        known = self._store.snapshots.load_page(PageId(page_id))
        try:
            page: Page | None = await self._client.fetch_page(PageId(page_id))
        except RemoteMissing:
            # Gone, or no longer shared: out of the tree.
            page = None if known is None else replace(known, in_trash=True)
        if page is not None:
            scan.pages[page.id] = page


# --- what failed, kept for the next look ----------------------------------------------------------


class Unfinished:
    """The errands that failed at the last look; a row of `meta`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def load(self, *, transient_only: bool = False) -> list[Errand]:
        """Return what failed; *transient_only*: what may go well if it is asked again now."""
        return [
            Errand(kind, id_)
            for kind, id_, is_transient in self._load()
            if is_transient or not transient_only
        ]

    def save(self, failed: Mapping[Errand, Failure], *, but: bool = False) -> None:
        """Keep what failed; with *but*, beside what failed for good at an earlier look."""
        kept = [row for row in self._load() if not row[2]] if but else []
        rows = [row for row in kept if Errand(row[0], row[1]) not in failed]
        rows += [(*errand, failure.is_transient) for errand, failure in failed.items()]
        self._store.snapshots.save_fact(UNFINISHED, msgspec.json.encode(rows).decode())

    def _load(self) -> list[tuple[str, str, bool]]:
        text = self._store.snapshots.load_fact(UNFINISHED)
        return [] if text is None else msgspec.json.decode(text, type=list[tuple[str, str, bool]])
