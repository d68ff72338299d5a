"""The engine: what the file system above asks for, and the tasks that run behind it."""

from __future__ import annotations

import logging

import trio
from msgspec.structs import replace

from notionfs.markdown.dialects import V2
from notionfs.naming import PAGE_SUFFIX, stem_of
from notionfs.planning.states import ON_THE_WIRE
from notionfs.store.dentries import Held, NodeKind
from notionfs.store.outbox import Action
from notionfs.sync.absorber import Absorber
from notionfs.sync.assets import Assets
from notionfs.sync.clock import ClockWatch
from notionfs.sync.commenting import Commenting
from notionfs.sync.context import Context, EntryChanged
from notionfs.sync.deciding import Deciding
from notionfs.sync.delivery import Delivery
from notionfs.sync.downloads import Downloads
from notionfs.sync.fetcher import Fetcher
from notionfs.sync.keeping import Keeper
from notionfs.sync.lasting import outlast
from notionfs.sync.placement import FILE_MODE, Placement
from notionfs.sync.refresher import Refresher
from notionfs.sync.relinking import Relinker
from notionfs.sync.removals import Removals
from notionfs.sync.renditions import Renditions
from notionfs.sync.saver import Saver
from notionfs.sync.sources import Sources
from notionfs.sync.uploader import Uploader
from notionfs.sync.uploads import Uploads

log = logging.getLogger(__name__)

_HELD_CHECK = 1.0

DIALECT = "markdown_version"
"""The fact in the store: which Markdown its bodies are in."""


class Engine:
    """The parts between the two doors, built and wired."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.store = context.store
        self.renditions = Renditions(context)
        self.placement = Placement(context)
        self.assets = Assets(context, self.placement)
        self.renditions.place_assets = self.assets.place
        self.downloads = Downloads(context, context.store.path.parent / "files")
        self.saver = Saver(context, self.renditions, self._wake_uploader)
        self.fetcher = Fetcher(context, self.renditions)
        self.absorber = Absorber(context, self.placement, self.renditions, self.fetcher.fill_soon)
        self.sources = Sources(context, self.absorber)
        self.refresher = Refresher(context, self.absorber, self.placement, self.sources)
        self.uploads = Uploads(context)
        self.commenting = Commenting(context, self._wake_uploader)
        self.delivery = Delivery(
            context,
            self.renditions,
            self.placement,
            self.saver,
            self.sources,
            self.uploads,
            self.commenting,
        )
        self.restoring = self.delivery.restoring
        self.removals = Removals(context)
        self.uploader = Uploader(context, self.delivery)
        self.relinker = Relinker(context, self.renditions)
        self.store.dentries.on_move = self.relinker.wake
        context.client.reach.on_return = self._notion_is_back
        self.deciding = Deciding(
            context, self.renditions, self.placement, self.saver, self._wake_uploader
        )
        context.client.speech.version = self.store.snapshots.load_fact(DIALECT) or V2.version
        context.client.speech.on_settled = self._bodies_are_in
        self._held_wake = trio.Event()
        self.keeper = Keeper(self.store)
        self.clock = ClockWatch(context, self._wake_all)

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Run the background tasks until cancelled; a bug in one ends neither it nor the others."""
        with self.store.transaction():
            unread_roots = self.placement.follow_teamspaces()
            self.placement.folders.follow_settings()
            for ino in self.store.dentries.list_orphans():
                self.store.dentries.remove_inode(ino)
        if unread_roots:
            self.refresher.compare_soon()
        async with trio.open_nursery() as nursery:
            await nursery.start(self.uploader.run)  # drain what the last run left, first
            for what, work in (
                ("the refresh", self.refresher.run),
                ("the fetching of attachments", self.downloads.run),
                ("the background fill", self.fetcher.run_fill),
                ("the reading ahead", self.fetcher.readahead.run),
                ("the refresh of data sources", self.sources.run),
                ("the return of held names", self._run_held),
                ("the watch of the clock", self.clock.run),
                ("the care for links", self.relinker.run),
                ("the care for the store", self.keeper.run),
            ):
                await nursery.start(outlast, what, work)
            task_status.started()

    def follow_settings(self) -> None:
        """The settings changed while the mount is up: do by them from now on."""
        with self.store.transaction():
            unread_roots = self.placement.follow_teamspaces()
        if unread_roots:
            self.refresher.compare_soon()
        self._wake_all()
        self.refresher.wake()
        self.fetcher.fill_soon()

    # --- what the file system tells ---------------------------------------------------------------

    def note_writing(self, doc_id: int, writing: bool) -> None:
        """Somebody opened a page for writing, or the last writer closed it."""
        self.delivery.note_writing(doc_id, writing)

    def closed(self, doc_id: int) -> None:
        """The last handle of a page closed: catch up with what was put off meanwhile."""
        if self.fetcher.was_settled(doc_id):
            return
        doc = self.store.docs.get(doc_id)
        if doc is not None and doc.outdated:
            with self.store.transaction():
                self.renditions.complete(doc_id)

    def watch_held(self) -> None:
        """A name was held: its time will be over."""
        self._held_wake.set()

    # --- names whose time is over -----------------------------------------------------------------

    async def _run_held(self) -> None:
        while True:
            now = self.context.now_ns()
            with self.store.transaction():
                for held in self.store.dentries.list_held(now):
                    self._expire(held)
            self._held_wake = trio.Event()
            waiting = self.store.dentries.list_held(2**62)
            pending = any(held.outcome != "trash" for held in waiting)
            with trio.move_on_after(_HELD_CHECK if pending else float("inf")):
                await self._held_wake.wait()

    def _expire(self, held: Held) -> None:
        """Nothing came back under the name. A page in the trash stays held until it is there."""
        if held.outcome == "trash":
            return
        self.store.dentries.release(held.parent_ino, held.name)
        doc = self.store.docs.get(held.doc_id)
        if doc is None:
            return
        if held.outcome != "drop":
            self.show_again(held)
        elif doc.page_id is None and doc.state not in ON_THE_WIRE:
            self.store.outbox.drop(held.doc_id)
            self.store.docs.remove(held.doc_id)
        else:
            self._trash_after_all(held)

    def _trash_after_all(self, held: Held) -> None:
        """The page that was to be forgotten got into Notion, or may have: it goes from there."""
        now = self.context.now_ns()
        self.store.dentries.hold(replace(held, until_ns=now, outcome="trash"))
        self.store.outbox.put(held.doc_id, Action.TRASH, now_ns=now, due_ns=now)
        self.uploader.wake()

    def show_again(self, held: Held) -> None:
        """Give a held page its file back; the caller holds the transaction."""
        ino = self.store.dentries.add_inode(
            NodeKind.PAGE, mode=FILE_MODE, mtime_ns=0, doc_id=held.doc_id
        )
        name, n = held.name, 1
        while self.store.dentries.find(held.parent_ino, name) is not None:
            n += 1
            name = f"{stem_of(held.name)}-{n}{PAGE_SUFFIX}"
        self.store.dentries.add(held.parent_ino, name, ino, chosen=held.chosen)
        self.context.tell(EntryChanged(held.parent_ino, name))

    def _wake_uploader(self) -> None:
        self.uploader.wake()

    def _bodies_are_in(self, version: str) -> None:
        """It is clear which Markdown the server speaks; bodies in another are read again."""
        if version != V2.version:
            log.warning("this server speaks the older Markdown; pages are shown line by line")
        if version != (self.store.snapshots.load_fact(DIALECT) or V2.version):
            with self.store.transaction():
                self.store.snapshots.save_fact(DIALECT, version)
                self.store.snapshots.mark_all_stale()

    def _wake_all(self) -> None:
        self.uploader.wake()
        self.watch_held()

    def _notion_is_back(self) -> None:
        self.uploader.retry_now()
        self.refresher.wake()
