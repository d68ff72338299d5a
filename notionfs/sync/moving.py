"""Moves pages to other parents and into the trash, and back if their names came back."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import InvalidPageFile, NotFoundYet, RemoteMissing
from notionfs.markdown.properties import carried_properties, plan_properties
from notionfs.model import DataSource, DataSourceId, Page, PageId, Parent, ParentType
from notionfs.planning.states import PENDING
from notionfs.store.dentries import NodeKind
from notionfs.store.documents import Doc
from notionfs.store.outbox import Action, Change, RowState
from notionfs.store.store import Store
from notionfs.sync.context import Context, EntryChanged
from notionfs.sync.earlier import Earlier, Why
from notionfs.sync.placement import Placement
from notionfs.sync.renditions import Renditions
from notionfs.sync.saver import Saver

log = logging.getLogger(__name__)


def source_under(store: Store, parent: Parent | None) -> DataSource | None:
    """Return the data source that *parent* names, if it is one."""
    if parent is None or parent.type is not ParentType.DATA_SOURCE:
        return None
    return store.snapshots.load_source(DataSourceId(parent.id or ""))


class Moving:
    """Carries out what `mv` and `rm` asked for."""

    def __init__(
        self, context: Context, renditions: Renditions, placement: Placement, saver: Saver
    ) -> None:
        self._context = context
        self._renditions = renditions
        self._store = context.store
        self._placement = placement
        self._saver = saver
        self._earlier = Earlier(context)

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    # --- to another parent ------------------------------------------------------------------------

    async def send_move(self, change: Change) -> None:
        """Put a page under another parent; its id stays.

        What Notion drops on the way, although the new table has a place for it, is set again.
        """
        doc = self._store.docs.load(change.doc_id)
        try:
            parent = self._saver.parent_of(doc)
        except LookupError:  # Notion took the page away meanwhile
            self._finish(change)
            return
        if doc.page_id is None or parent is None:
            raise NotFoundYet("The page, or the one it moves to, is not in Notion yet.")
        target = source_under(self._store, parent)
        carried = self._journal_carried(change, doc, target)
        if not await self._is_there(change, doc.page_id, parent):
            page = await self._client.move_page(doc.page_id, parent)
            self._took(change, doc, page, moved_to=parent.id)
        await self._carry(change, doc, target, carried)
        self._finish(change)

    async def _is_there(self, change: Change, page_id: PageId, parent: Parent) -> bool:
        """Tell whether an earlier attempt moved the page; ask if its answer was lost."""
        if change.payload.get("moved_to") == parent.id:
            return True
        if change.state is not RowState.UNSURE:
            known = self._store.snapshots.load_page(page_id)
            return known is not None and known.parent == parent  # it came back before it left
        page = await self._client.fetch_page(page_id)
        self._took(change, self._store.docs.load(change.doc_id), page)
        return self._placement.same_place(page.parent, parent)

    def _journal_carried(
        self, change: Change, doc: Doc, target: DataSource | None
    ) -> dict[str, Any]:
        """Return the values that go along, as they were before the first attempt."""
        known = change.payload.get("carried")
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        source = None if page is None else self._renditions.source_of(page)
        if known is not None or page is None or source is None or target is None:
            return dict(known or {})
        values = msgspec.json.decode(page.properties)
        references = self._renditions.references(doc.doc_id)
        carried = carried_properties(source, values, target, references)
        with self._store.transaction():
            self._store.outbox.annotate(change.seq, carried=carried)
        return carried

    async def _carry(
        self, change: Change, doc: Doc, target: DataSource | None, carried: dict[str, Any]
    ) -> None:
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        if page is None or target is None or not carried:
            return
        values = msgspec.json.decode(page.properties)
        references = self._renditions.references(doc.doc_id)
        try:
            patch = plan_properties(target, values, carried, references)
        except InvalidPageFile:  # the table changed since: what fits no more is lost
            log.warning("page %s lost properties by a move: its new table changed", page.id)
            return
        if patch:
            answer = await self._client.update_page(page.id, properties=patch)
            self._took(change, doc, answer)

    def _took(self, change: Change, doc: Doc, page: Page, **facts: str | None) -> None:
        """Store an answer; the file shows where the page is, and what it has there."""
        with self._store.transaction():
            before = self._renditions.snapshot_base(page.id)
            self._answered(page)
            self._renditions.settle(doc.doc_id, before)
            if facts:
                self._store.outbox.annotate(change.seq, **facts)

    # --- to the trash -----------------------------------------------------------------------------

    async def send_trash(self, change: Change) -> None:
        """Move a page to Notion's trash; one that is gone already is fine."""
        doc = self._store.docs.load(change.doc_id)
        if doc.page_id is not None and not self._has_name(doc.doc_id):
            await self._trash(doc.page_id)
        if self._has_name(doc.doc_id):  # it came back while the request was on the wire
            await self._untrash(doc.page_id, change)
            return
        with self._store.transaction():
            self._keep_unsent(change.doc_id)
            self._finish(change)
            self._store.outbox.drop(change.doc_id)
            self._forget_held(change.doc_id)
            self._store.docs.remove(change.doc_id)

    def _keep_unsent(self, doc_id: int) -> None:
        """A text that Notion never got goes with its file, but not without a trace."""
        doc = self._store.docs.load(doc_id)
        if doc.state in PENDING:
            self._earlier.keep(doc, Why.REMOVE)

    async def _trash(self, page_id: PageId) -> None:
        try:
            page = await self._client.update_page(page_id, in_trash=True)
        except RemoteMissing:
            known = self._store.snapshots.load_page(page_id)
            if known is None:
                return
            page = known
        with self._store.transaction():
            self._answered(replace(page, in_trash=True))

    async def _untrash(self, page_id: PageId | None, change: Change) -> None:
        page = None
        if page_id is not None:
            page = await self._client.update_page(page_id, in_trash=False)
        with self._store.transaction():
            if page is not None:
                self._answered(page)
            self._finish(change)

    def _has_name(self, doc_id: int) -> bool:
        ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        return ino is not None and self._store.dentries.find_by_ino(ino) is not None

    def _forget_held(self, doc_id: int) -> None:
        held = self._store.dentries.find_held(doc_id)
        if held is not None:
            self._store.dentries.release(held.parent_ino, held.name)

    # --- refused ----------------------------------------------------------------------------------

    def give_up(self, change: Change, reason: str) -> None:
        """Notion would not: the file stands again where the page is; the caller holds the
        transaction.
        """
        held = self._store.dentries.find_held(change.doc_id)
        if held is not None and change.action is Action.TRASH:
            self._store.dentries.release(held.parent_ino, held.name)
            self._context.tell(EntryChanged(held.parent_ino, held.name))
        self._finish(change)
        self._store.docs.explain(change.doc_id, reason, now_ns=self._context.now_ns())
        doc = self._store.docs.load(change.doc_id)
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        if page is not None:
            self._placement.place_page(page)

    # --- the store --------------------------------------------------------------------------------

    def _answered(self, page: Page) -> None:
        for each in (self._store.snapshots.load_page(page.id), page):
            if each is not None:
                self._store.snapshots.disown_body_around(each)
        self._store.snapshots.save_page(page)
        self._context.note_shown(page.id)
        self._context.note_written(page.id)

    def _finish(self, change: Change) -> None:
        with self._store.transaction():
            self._store.outbox.finish(change.seq)
