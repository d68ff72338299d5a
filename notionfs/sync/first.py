"""The first listing: the tree of a workspace that nobody has seen yet, part by part.

Each part of the search is taken in before the next is asked for, so that the tree can be used
while it fills and nothing but one part is in memory. What stands in something that was not read
yet waits in the store until that has its place: nothing is shown at one place and then moved.
Absence is never concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing

import trio
from msgspec import Struct

from notionfs.errors import RemoteError
from notionfs.model import DatabaseId, Page, PageId, Parent
from notionfs.store.waiting import Unplaced
from notionfs.sync.absorber import LISTED, Absorber
from notionfs.sync.context import Context
from notionfs.sync.errands import Errands, Unfinished, rows_of
from notionfs.sync.placement import Placement
from notionfs.sync.report import Errand, Report
from notionfs.sync.scanning import EVERYTHING, OVERLAP_NS, Scan, Scanner

_LATER = "edited meanwhile"
_BATCH = 25
# Times are rounded to the minute: in a shorter listing nothing was edited that it did not show.
_LONG_NS = 60 * 1_000_000_000


class Told(Struct):
    """What the parts said together: the newest edit, and when the first one was asked for."""

    newest: str = ""
    began_ns: int = 0
    is_partial: bool = False
    is_whole: bool = True  # nothing in the tree is older than it


class FirstListing:
    """Reads and places everything once; it goes on where it was interrupted."""

    def __init__(
        self,
        context: Context,
        absorber: Absorber,
        placement: Placement,
        scanner: Scanner,
        errands: Errands,
    ) -> None:
        self._context = context
        self._store = context.store
        self._absorber = absorber
        self._placement = placement
        self._scanner = scanner
        self._errands = errands
        errands.on_done = self.note_step
        self._unfinished = Unfinished(context.store)
        self._done: set[Errand] = set()
        self._begun = self._store.scans.load(EVERYTHING) is not None
        self._outcome = trio.Event()
        self._step = trio.Event()
        self._trouble: BaseException | None = None
        if self._store.snapshots.load_fact(LISTED) is None:
            self._store.dentries.shown.begin()

    @property
    def seen(self) -> int:
        """How many pages were read so far, before an interruption too."""
        progress = self._store.scans.load(EVERYTHING)
        return max(self._scanner.seen, 0 if progress is None else progress.seen)

    async def await_begun(self) -> None:
        """Return once there is something to see; raise the RemoteError if it cannot begin."""
        if not self._begun:
            await self._outcome.wait()
            if not self._begun and isinstance(self._trouble, RemoteError):
                raise self._trouble

    async def await_step(self) -> None:
        """Return when more was read, or the listing ended, well or not."""
        await self._step.wait()

    def note_step(self) -> None:
        """Wake those who wait for a step."""
        self._step.set()
        self._step = trio.Event()

    def _note_outcome(self, trouble: BaseException | None = None) -> None:
        """A part is in the tree, or *trouble* interrupted the listing."""
        self._begun = self._begun or trouble is None
        self._trouble = trouble
        self._outcome.set()
        self._outcome = trio.Event()
        self.note_step()

    async def run(self, report: Report) -> Told:
        """Take in all that the search shows. After a RemoteError it goes on with the next call;
        what came until then is in the tree.
        """
        self._done.clear()
        progress = self._store.scans.load(EVERYTHING)
        was_empty = self._store.snapshots.count_pages() == 0
        try:
            await self._ask(self._unfinished.load(), Scan(self._context.moment()), report)
            told = await self._take_search(EVERYTHING, None, report)
            if told.is_partial:
                await self._take_rows(report)
            if self._store.waiting.list_any(1) and self._lasted(told) > _LONG_NS:
                # What they stand in may have been edited, and so got in front of what was read.
                later = await self._take_search(_LATER, told.began_ns - OVERLAP_NS, report)
                told.newest = max(told.newest, later.newest)
        except BaseException as exc:
            self._note_outcome(exc)
            with self._store.transaction():
                self._unfinished.save(report.failed)
            raise
        await self._place_rest(report)
        is_same = progress is not None and progress.began_ns == told.began_ns
        told.is_whole = was_empty or is_same
        return told

    def _lasted(self, told: Told) -> int:
        return self._context.now_ns() - told.began_ns

    # --- reading ----------------------------------------------------------------------------------

    async def _take_search(self, name: str, until_ns: int | None, report: Report) -> Told:
        told = Told()
        async with aclosing(self._scanner.parts(name, until_ns)) as parts:
            async for part in parts:
                self.note_step()
                await self._take(part, report)
                told = Told(part.newest, part.began_ns, part.is_partial)
                self._note_outcome()
        return told

    async def _take_rows(self, report: Report) -> None:
        """The search left something out: ask each data source."""
        for source in self._store.snapshots.list_sources():
            rows = Scan(self._context.moment())
            await self._ask(rows_of([source]), rows, report)
            report.seen += len(rows.pages)
            await self._place(rows, report)

    async def _take(self, part: Scan, report: Report) -> None:
        part.databases = {i for i in part.databases if not self._is_read(i, part.began_ns)}
        report.seen += len(part.pages)
        # It may take a while until databases and blocks are read: the others go before.
        await trio.lowlevel.checkpoint()  # a part was decoded just now
        ready, waiting = self._split(part.pages.values())
        await trio.lowlevel.checkpoint()
        await self._absorb(ready, part.asked, report)
        part.pages = {page.id: page for page, _ in waiting}
        await self._ask((), part, report)
        await self._place(part, report, [page.id for page in ready])

    def _is_read(self, database_id: DatabaseId, began_ns: int) -> bool:
        """Tell whether a database was read since the listing began: for another data source."""
        return (self._store.snapshots.load_synced(database_id) or 0) >= max(1, began_ns)

    async def _ask(self, errands: Iterable[Errand], scan: Scan, report: Report) -> None:
        trouble = await self._errands.run(errands, scan, report, done=self._done)
        if trouble is not None:
            raise trouble

    # --- placing ----------------------------------------------------------------------------------

    async def _place(self, part: Scan, report: Report, placed: Sequence[str] = ()) -> None:
        """Place what has its place by now, and what waits for that or for what was just *placed*;
        the rest waits.
        """
        databases = await self._absorber.absorb_databases()
        ready, waiting = self._split(map(self._absorber.owned, part.pages.values()))
        await self._absorb(ready, part.asked, report)
        await self._keep(waiting)
        await self._place_below([*databases, *placed, *(page.id for page in ready)], report)

    def _split(self, pages: Iterable[Page]) -> tuple[list[Page], list[tuple[Page, str]]]:
        """Return the pages that have or can have their place, and the others, each with what it
        waits for.
        """
        pages = list(pages)
        known = self._store.snapshots.list_known(page.id for page in pages)
        missing: dict[Parent, str | None] = {}
        ready: list[Page] = []
        waiting: list[tuple[Page, str]] = []
        for page in pages:
            if page.parent not in missing:
                missing[page.parent] = self._placement.world.missing_parent(page.parent)
            behind = missing[page.parent]
            if behind is None or self._placement.world.claimed_by(page.id) is not None:
                ready.append(page)
            elif page.id in known and self._store.docs.find(page.id) is not None:
                ready.append(page)  # it keeps its place
            else:
                waiting.append((page, behind))
        return ready, waiting

    async def _absorb(self, pages: Sequence[Page], asked: int, report: Report) -> None:
        async for told in self._absorber.absorb_pages(pages, asked, by_depth=True):
            report.placed += len(told)

    async def _keep(self, waiting: Sequence[tuple[Page, str]]) -> None:
        for begin in range(0, len(waiting), _BATCH):
            batch = waiting[begin : begin + _BATCH]
            with self._store.transaction(durable=False):
                self._store.snapshots.save_pages(page for page, _ in batch)
                self._store.waiting.put(
                    Unplaced(page.id, False, behind, page.created) for page, behind in batch
                )
            await trio.lowlevel.checkpoint()

    async def _place_below(self, placed: list[str], report: Report) -> None:
        """Place what waits for what was just *placed*, and so on downwards."""
        while placed:
            holders = placed[-_BATCH:]
            del placed[-_BATCH:]
            while batch := self._store.waiting.list_behind(holders, _BATCH):
                placed += await self._place_waiting(batch, report)

    async def _place_waiting(self, batch: Sequence[Unplaced], report: Report) -> list[str]:
        for each in batch:
            database = each.is_database and self._store.snapshots.load_database(
                DatabaseId(each.object_id)
            )
            if database:
                with self._store.transaction(durable=False):
                    self._placement.place_database(database)
        ids = [PageId(each.object_id) for each in batch if not each.is_database]
        pages = [page for i in ids if (page := self._store.snapshots.load_page(i)) is not None]
        await trio.lowlevel.checkpoint()
        async for told in self._absorber.absorb_waiting(pages, self._context.moment()):
            report.placed += len(told)
        with self._store.transaction(durable=False):
            self._store.waiting.drop(each.object_id for each in batch)
        await trio.lowlevel.checkpoint()
        return [each.object_id for each in batch]

    async def _place_rest(self, report: Report) -> None:
        """What it stands in will not come: it is not shared."""
        while rest := self._store.waiting.list_tops(_BATCH) or self._store.waiting.list_any(_BATCH):
            await self._place_below(await self._place_waiting(rest, report), report)
        for database in self._store.snapshots.list_databases():
            if self._store.dentries.find_database_inode(database.id) is None:
                with self._store.transaction(durable=False):
                    self._placement.place_database(database)
