"""Takes what Notion said into the store and the tree, a batch a transaction.

None of these waits for the disk: what a power failure takes, Notion has, and the place up to which
it was read goes with it.
"""

from __future__ import annotations

import logging
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from itertools import islice

import msgspec
import trio
from msgspec.structs import replace

from notionfs.errors import StoreError
from notionfs.model import (
    JSON,
    BlockId,
    Database,
    DatabaseId,
    DataSource,
    DataSourceId,
    Page,
    PageId,
    Parent,
    ParentType,
    SourceRef,
    User,
    UserId,
)
from notionfs.planning.reconcile import climb, unknown_block
from notionfs.planning.states import PENDING
from notionfs.store.documents import Doc
from notionfs.store.snapshots import StoredBody
from notionfs.store.waiting import Unplaced
from notionfs.sync.activity import Event
from notionfs.sync.context import Context
from notionfs.sync.newcomers import Newcomers
from notionfs.sync.people import named_users
from notionfs.sync.placement import Placement
from notionfs.sync.renditions import Renditions, nanoseconds
from notionfs.sync.report import News
from notionfs.sync.turns import Turn

log = logging.getLogger(__name__)

_TOGETHER = 32  # pages that share look-ups
_MANY = 4  # fewer are not worth them
_LOOKED_UP = 200  # pages whose ids are looked up at once
_MOST = 64  # pages in one transaction, if there is time for so many
_MINUTE_NS = 60 * 1_000_000_000
_MAX_DEPTH = 64
BOT = "bot"
LISTED = "listed"
"""The facts in the store: our own user id; whether the whole tree was scanned once."""


class Absorber:
    """Everything between an answer of Notion's and the tree."""

    def __init__(
        self,
        context: Context,
        placement: Placement,
        renditions: Renditions,
        fill_soon: Callable[[], None],
    ) -> None:
        self._context = context
        self._store = context.store
        self._placement = placement
        self._newcomers = Newcomers(context, placement)
        self._renditions = renditions
        self._fill_soon = fill_soon
        self._moved_databases: dict[DatabaseId, str | None] = {}
        self._parents: set[PageId] = set()  # of things that came before them
        self._reshaped: set[DataSourceId] = set()
        self._unresolved: set[DatabaseId] = set()

    def settled(self) -> None:
        """A refresh is complete: the background fill may find new work."""
        self._fill_soon()

    # --- databases and sources --------------------------------------------------------------------

    def store_sources(self, sources: Sequence[DataSource]) -> set[DatabaseId]:
        """Store data sources; return the databases that must be read because of them."""
        wanted: set[DatabaseId] = set()
        if not sources:
            return wanted
        with self._store.transaction(durable=False):
            for source in sources:
                known = self._store.snapshots.load_source(source.id)
                if known != source:
                    self._store.snapshots.save_source(source)
                if known is not None and _shape(known) != _shape(source):
                    self._reshaped.add(source.id)
                database_id = source.database_id
                if database_id is not None and self._is_news(database_id, source, known):
                    wanted.add(database_id)
        return wanted

    def take_reshaped(self) -> list[DataSourceId]:
        """Return the data sources whose columns changed since the last call: rows are stale."""
        reshaped, self._reshaped = self._reshaped, set()
        return sorted(reshaped)

    def unknown_databases(self, pages: Iterable[Page]) -> set[DatabaseId]:
        """Return the databases of rows that no search result named."""
        named = {_database_of(page.parent) for page in pages}
        return {
            database_id
            for database_id in named
            if database_id is not None and self._store.snapshots.load_database(database_id) is None
        }

    def store_database(self, database: Database) -> None:
        """Store a database container, to be placed with the next `absorb_databases`.

        A source that it does not name any more is gone. A linked view shows the data sources of
        another database, and is not one itself.
        """
        own = tuple(ref for ref in database.sources if self._is_own(ref, database))
        if database.sources and not own:
            return
        database = replace(database, sources=own)
        known = self._store.snapshots.load_database(database.id)
        named = {ref.id for ref in database.sources}
        with self._store.transaction(durable=False):
            self._store.snapshots.save_database(database, synced_ns=self._context.now_ns())
            for source in self._store.snapshots.list_sources(database.id):
                if named and source.id not in named:
                    self._store.snapshots.save_source(replace(source, in_trash=True))
        self._moved_databases[database.id] = known.title if known else None

    def _is_own(self, ref: SourceRef, database: Database) -> bool:
        source = self._store.snapshots.load_source(ref.id)
        return source is None or source.database_id in (None, database.id)

    def stand_in(self, database_id: DatabaseId) -> None:
        """Make do without a container that could not be read now, unless it is known."""
        if self._store.snapshots.load_database(database_id) is None:
            self.store_hidden_database(database_id)

    def store_hidden_database(self, database_id: DatabaseId) -> None:
        """Make do without a container that is not shared: its sources tell what can be told."""
        sources = self._store.snapshots.list_sources(database_id)
        if not sources:
            return
        first = sources[0]
        self.store_database(
            Database(
                id=database_id,
                title=first.name,
                parent=first.database_parent,
                sources=tuple(SourceRef(s.id, s.name) for s in sources),
                created=first.created,
                last_edited=first.last_edited,
                url=first.url,
            )
        )

    async def absorb_databases(self) -> list[DatabaseId]:
        """Give the databases stored since the last call their places, oldest first.

        Returns them. While the first listing runs, one on a page that has no place yet waits.
        """
        is_first = self._is_first()
        placed: list[DatabaseId] = []
        moved, self._moved_databases = self._moved_databases, {}
        found = [(self._store.snapshots.load_database(i), title) for i, title in moved.items()]
        known = [(database, title) for database, title in found if database is not None]
        for database, title in sorted(known, key=lambda pair: pair[0].created):
            missing = self._placement.world.missing_above(database) if is_first else None
            with self._store.transaction(durable=False):
                if missing is None:
                    self._placement.place_database(database, title)
                    placed.append(database.id)
                else:
                    row = Unplaced(database.id, True, missing, database.created)
                    self._store.waiting.put([row])
            await trio.lowlevel.checkpoint()
        return placed

    def _is_first(self) -> bool:
        return self._store.snapshots.load_fact(LISTED) is None

    def _is_news(
        self, database_id: DatabaseId, source: DataSource, known: DataSource | None
    ) -> bool:
        database = self._store.snapshots.load_database(database_id)
        return (
            database is None
            or database.in_trash
            or known is None
            or known.name != source.name
            or known.database_parent != source.database_parent
            or source.id not in {ref.id for ref in database.sources}
        )

    # --- blocks -----------------------------------------------------------------------------------

    def unknown_blocks(self, pages: Iterable[Page]) -> list[BlockId]:
        """Return the blocks to look up before the pages, and new databases, can be placed."""
        world = self._placement.world
        parents = [page.parent for page in pages]
        for database_id in self._moved_databases:
            database = self._store.snapshots.load_database(database_id)
            if database is not None:
                parents.append(database.parent)
        found = {unknown_block(parent, world) for parent in parents}
        return sorted(block for block in found if block is not None)

    def store_block_parent(self, block_id: BlockId, parent: Parent | None) -> BlockId | None:
        """Store where a block hangs (None: not visible); return the next block to look up."""
        parent = parent or Parent(ParentType.WORKSPACE)
        with self._store.transaction(durable=False):
            self._store.snapshots.save_block_parent(block_id, parent)
        return unknown_block(parent, self._placement.world)

    # --- pages ------------------------------------------------------------------------------------

    async def absorb_pages(
        self, pages: Sequence[Page], asked: int, *, by_depth: bool = False
    ) -> AsyncIterator[dict[PageId, News]]:
        """Take *pages* in, yielding what was news in each batch.

        *asked* is the moment before Notion was asked: what we wrote since then is newer. With
        *by_depth*, whole levels go before the next and the oldest first, so that in a first
        tree the oldest page gets the plain name.
        """
        pages = [self.owned(page) for page in pages]
        await self.store_new(pages)
        strangers = [page.id for page in pages if self._newcomers.knows(page.id)]
        self._parents |= self._store.snapshots.list_parents_among(strangers)
        depths = self._depths(pages) if by_depth else {}
        waiting = deque(sorted(pages, key=lambda p: (depths.get(p.id, 0), p.created, p.id)))
        await trio.lowlevel.checkpoint()
        while waiting:
            with self._placement.remembering(), self._store.transaction(durable=False):
                found = self._absorb_for_a_while(waiting, asked)
            told = {page_id: news for page_id, news in found.items() if news is not None}
            self._note(told)
            yield told
            await trio.lowlevel.checkpoint()

    def _note(self, told: Mapping[PageId, News]) -> None:
        """Write down what changed in Notion; the pages of a first tree are no news."""
        is_first = self._is_first()
        for page_id, news in told.items():
            if news is not News.NEW or not is_first:
                self._context.activity.note(Event(news.value), page_id=page_id)

    def owned(self, page: Page) -> Page:
        """Return a row that names only its database with its data source, if there is just one.

        So do answers in the manner of old API versions, and what an older program stored.
        """
        if page.parent.type is not ParentType.DATABASE:
            return page
        database_id = DatabaseId(page.parent.id or "")
        database = self._store.snapshots.load_database(database_id)
        sources = () if database is None else database.sources
        if len(sources) == 1:
            parent = Parent(ParentType.DATA_SOURCE, sources[0].id, database_id)
            return replace(page, parent=parent)
        if database_id not in self._unresolved:
            self._unresolved.add(database_id)
            names = ", ".join(f"{ref.name} ({ref.id})" for ref in sources) or "none that is visible"
            log.warning(
                "rows of database %s do not say which data source they belong to: %s; they stay "
                "as they are",
                database_id,
                names,
            )
        return page

    async def store_new(self, pages: Sequence[Page]) -> None:
        """Store the pages nobody knew, so that whatever hangs below them finds its place."""
        for begin in range(0, len(pages), _LOOKED_UP):
            await self._store_strangers(pages[begin : begin + _LOOKED_UP])

    async def _store_strangers(self, pages: Sequence[Page]) -> None:
        known = self._store.snapshots.list_known(page.id for page in pages)
        rest = (self.owned(page) for page in pages if page.id not in known)
        await trio.lowlevel.checkpoint()  # the answer was just decoded, which took its time
        batch = list(islice(rest, _TOGETHER))
        while batch:
            turn = Turn()
            with self._store.transaction(durable=False):
                while batch and turn.fits():
                    self._newcomers.store(batch)
                    batch = list(islice(rest, _TOGETHER))
            await trio.lowlevel.checkpoint()

    def absorb_waiting(
        self, pages: Sequence[Page], asked: int
    ) -> AsyncIterator[dict[PageId, News]]:
        """As `absorb_pages`, for pages as the store has them, which had no place until now."""
        self._newcomers.recall(pages)
        return self.absorb_pages(pages, asked, by_depth=True)

    def _absorb_for_a_while(self, waiting: deque[Page], asked: int) -> dict[PageId, News | None]:
        """Take in the first of the pages *waiting*, until others should have their turn."""
        turn = Turn()
        found: dict[PageId, News | None] = {}
        while waiting and len(found) < _MOST and turn.fits():
            strangers = self._take_strangers(waiting, asked)
            alone = strangers if len(strangers) < _MANY else self._absorb_together(strangers)
            found |= dict.fromkeys((page.id for page in strangers), News.NEW)
            if not strangers:
                alone = [waiting.popleft()]
            for page in alone:
                found[page.id] = self._absorb_safely(page, asked)
        return found

    def _take_strangers(self, waiting: deque[Page], asked: int) -> list[Page]:
        """Take away those at the beginning that need nothing but a name: nobody knew them, and
        nothing hangs below them.
        """
        taken: dict[PageId, Page] = {}
        while waiting and len(taken) < _TOGETHER:
            page = waiting[0]
            if (
                self._newcomers.kept(page) is None
                or page.in_trash
                or page.id in taken
                or page.id in self._parents
                or (taken and self._stands_below_new(page))
                or self._context.is_history(page.id, asked)
            ):
                break
            taken[page.id] = waiting.popleft()
        return list(taken.values())

    def _stands_below_new(self, page: Page) -> bool:
        """Tell whether a page brings another one in: names go to those that come before it."""
        around = climb(page.parent, self._placement.world.block_parent)
        return self._newcomers.knows(PageId(around.id or ""))

    def _absorb_together(self, pages: Sequence[Page]) -> Sequence[Page]:
        """Place pages that nobody knew; return those that must be taken in one by one."""
        try:
            with self._store.part():
                self._note_users(pages)
                return self._newcomers.place(pages)
        except Exception as exc:
            _raise_if_hopeless(exc)
            self._placement.forget()
            return pages

    def _absorb_safely(self, page: Page, asked: int) -> News | None:
        """Take one page in; one that cannot be must not keep the others out."""
        if self._context.is_history(page.id, asked):
            return None
        try:
            with self._store.part():
                return self._absorb(page)
        except Exception as exc:
            _raise_if_hopeless(exc)
            self._placement.forget()
            log.exception("page %s cannot be taken in", page.id)
            return None

    def _absorb(self, page: Page) -> News | None:
        is_new, kept = self._newcomers.knows(page.id), self._newcomers.take(page)
        old = None if is_new else self._store.snapshots.load_page(page.id)
        doc = self._store.docs.find(page.id)
        if page.in_trash and doc is not None and self._is_in_use(doc):
            return None  # a text waits to be sent: what becomes of it is decided when it is sent
        before = self._renditions.snapshot_base(page.id) if doc is not None else None
        page = self._store.snapshots.save_page(page) if kept is None else kept
        self._note_users([page])
        if is_new and doc is None:
            doc_id = self._placement.place_new(page)
        else:
            self._note_body(page)
            doc_id = self._placement.place_page(page, old.title if old is not None else None)
        if is_new and page.id in self._parents:
            self._parents.discard(page.id)
            self._adopt_children(page)
        if old == page:
            return None
        if doc_id is not None and before is not None:
            self._renditions.settle(doc_id, before)
        return _news(old, page)

    def _is_in_use(self, doc: Doc) -> bool:
        """Tell whether a text waits to be sent, or may yet be written by whoever has it open."""
        return doc.state in PENDING or self._context.is_open(doc.doc_id)

    def _adopt_children(self, page: Page) -> None:
        """What stood at the top because this page was not known yet moves below it."""
        for database in self._store.snapshots.list_databases_under(page.id):
            self._placement.place_database(database, database.title)
        for child in self._store.snapshots.list_placed_under(page.id):
            self._placement.place_page(child, child.title)

    def _note_body(self, page: Page) -> None:
        stored = self._store.snapshots.load_body(page.id)
        if stored is not None and not stored.stale and self._is_stale(page, stored):
            self._store.snapshots.mark_stale(page.id)

    def _is_stale(self, page: Page, stored: StoredBody) -> bool:
        """Tell whether the body may have changed since it was fetched.

        Times are rounded down to the minute: an edit in the very minute of our read is settled by
        one more read once that minute is over; our own writes are no news. Other mounts may share
        our name, so only a body that Notion answered to us counts as ours.
        """
        edited = nanoseconds(page.last_edited)
        if edited + _MINUTE_NS <= stored.fetched_ns:
            return False
        if edited >= stored.fetched_ns:
            return True
        if stored.ours and page.last_edited_by == self._store.snapshots.load_fact(BOT):
            return False
        return self._context.now_ns() >= edited + _MINUTE_NS

    def _note_users(self, pages: Iterable[Page]) -> None:
        """Learn names from people values: they come with the pages, at no call."""
        users: dict[UserId, User] = {}
        for page in pages:
            if b'"people"' in page.properties:
                values: dict[str, JSON] = msgspec.json.decode(page.properties)
                people = [p for value in values.values() for p in value.get("people") or ()]
                users |= {user.id: user for user in named_users(people)}
        if users:
            self._store.snapshots.save_users(list(users.values()))

    def _depths(self, pages: Sequence[Page]) -> dict[str, int]:
        by_id = {page.id: page for page in pages}
        depths: dict[str, int] = {}
        for page in pages:
            chain: list[str] = []
            at: Page | None = page
            while at is not None and at.id not in depths and len(chain) < _MAX_DEPTH:
                chain.append(at.id)
                at = by_id.get(PageId(at.parent.id or ""))
            depth = depths.get(at.id, 0) if at is not None else -1
            for page_id in reversed(chain):
                depth += 1
                depths[page_id] = depth
        return depths


def _database_of(parent: Parent) -> DatabaseId | None:
    """Return the database that a parent names, also one without a data source."""
    if parent.type is ParentType.DATABASE and parent.id is not None:
        return DatabaseId(parent.id)
    return parent.database_id


def _shape(source: DataSource) -> frozenset[tuple[str, str, str]]:
    return frozenset((column.id, column.name, column.type) for column in source.schema)


def _news(old: Page | None, page: Page) -> News | None:
    was_there = old is not None and not old.in_trash
    if page.in_trash:
        return News.GONE if was_there else None
    return News.CHANGED if was_there else News.NEW


def _raise_if_hopeless(exc: Exception) -> None:
    """Raise what ails the store, and not a page."""
    is_store = isinstance(exc, sqlite3.Error | StoreError)
    if is_store and not isinstance(exc, sqlite3.IntegrityError):
        raise exc
