"""Moves pages to other parents and into the trash, and back if their names came back."""

from __future__ import annotations

import logging
from dataclasses import replace

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import NotFoundYet, RemoteMissing
from notionfs.model import Page, PageId, Parent
from notionfs.store.dentries import NodeKind
from notionfs.store.outbox import Action, Change, RowState
from notionfs.sync.context import Context, EntryChanged
from notionfs.sync.placement import Placement
from notionfs.sync.saver import Saver

log = logging.getLogger(__name__)


class Moving:
    """Carries out what `mv` and `rm` asked for."""

    def __init__(self, context: Context, placement: Placement, saver: Saver) -> None:
        self._context = context
        self._store = context.store
        self._placement = placement
        self._saver = saver

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    # --- to another parent ------------------------------------------------------------------------

    async def send_move(self, change: Change) -> None:
        """Put a page under another parent; its id stays."""
        doc = self._store.docs.load(change.doc_id)
        try:
            parent = self._saver.parent_of(doc)
        except LookupError:  # Notion took the page away meanwhile
            self._finish(change)
            return
        if doc.page_id is None or parent is None:
            raise NotFoundYet("The page, or the one it moves to, is not in Notion yet.")
        if change.state is RowState.UNSURE and await self._is_there(doc.page_id, parent):
            self._finish(change)
            return
        page = await self._client.move_page(doc.page_id, parent)
        with self._store.transaction():
            self._answered(page)
            self._finish(change)

    async def _is_there(self, page_id: PageId, parent: Parent) -> bool:
        """Ask whether the attempt whose answer was lost had moved the page."""
        page = await self._client.fetch_page(page_id)
        with self._store.transaction():
            self._answered(page)
        return self._placement.same_place(page.parent, parent)

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
            self._finish(change)
            self._store.outbox.drop(change.doc_id)
            self._forget_held(change.doc_id)
            self._store.docs.remove(change.doc_id)

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
        self._store.docs.explain(change.doc_id, reason)
        doc = self._store.docs.load(change.doc_id)
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        if page is not None:
            self._placement.place_page(page)

    # --- the store --------------------------------------------------------------------------------

    def _answered(self, page: Page) -> None:
        self._store.snapshots.save_page(page)
        self._context.note_shown(page.id)
        self._context.note_written(page.id)

    def _finish(self, change: Change) -> None:
        with self._store.transaction():
            self._store.outbox.finish(change.seq)
