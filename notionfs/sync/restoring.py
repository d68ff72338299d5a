"""Brings pages back from Notion's trash, with their ids, as changes of the outbox."""

from __future__ import annotations

import logging

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import Refused, RemoteMissing
from notionfs.model import Page, PageId
from notionfs.planning.states import PENDING, DocEvent, DocState
from notionfs.store.dentries import NOMINAL_SIZE
from notionfs.store.outbox import Action, Change
from notionfs.sync.context import Context
from notionfs.sync.placement import Placement
from notionfs.sync.renditions import nanoseconds

log = logging.getLogger(__name__)

_MOST_BELOW = 1000


class Restoring:
    """Queues and sends restores."""

    def __init__(self, context: Context, placement: Placement) -> None:
        self._context = context
        self._store = context.store
        self._placement = placement

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    def queue(self, page: Page) -> int:
        """Queue that *page* comes back; return its document. The caller holds the transaction.

        A text that was parked because the page is in the trash is sent after it.
        """
        now = self._context.now_ns()
        doc = self._store.docs.find(page.id)
        doc_id = doc.doc_id if doc is not None else self._add(page)
        self._store.docs.explain(doc_id, None)
        self._store.outbox.put(doc_id, Action.RESTORE, now_ns=now, due_ns=now)
        if doc is not None and doc.state is DocState.PARKED:
            self._store.docs.move(doc_id, DocEvent.RETRY)
            self._store.outbox.put(doc_id, Action.SAVE, now_ns=now, due_ns=now)
        return doc_id

    def _add(self, page: Page) -> int:
        return self._store.docs.add(
            page.id, mtime_ns=nanoseconds(page.last_edited), size=NOMINAL_SIZE
        )

    async def send(self, change: Change) -> None:
        """Take the page out of the trash; what came back with it shows up again, too."""
        doc = self._store.docs.load(change.doc_id)
        page = await self._client.update_page(PageId(doc.page_id or ""), in_trash=False)
        if page.in_trash:
            raise Refused(
                f"Page {page.id} stays in the trash because the page around it is there; "
                "restore that one first."
            )
        with self._store.transaction():
            self._context.note_written(page.id)
            self._store.outbox.finish(change.seq)
            self._came_back(page)
        await self._look_below(page)

    def _came_back(self, page: Page) -> None:
        self._store.snapshots.save_page(page)
        self._store.snapshots.mark_stale(page.id)
        self._placement.place_page(page)

    async def _look_below(self, page: Page) -> None:
        """Ask about the sub-pages that went with the page: their times tell no poll."""
        waiting = self._store.snapshots.list_trashed_under(page.id)
        asked = 0
        while waiting and asked < _MOST_BELOW:
            child = waiting.pop()
            asked += 1
            try:
                child = await self._client.fetch_page(child.id)
            except RemoteMissing:
                continue
            if not child.in_trash:
                with self._store.transaction():
                    self._came_back(child)
                waiting += self._store.snapshots.list_trashed_under(child.id)

    def give_up(self, change: Change, reason: str) -> None:
        """Notion would not: the page leaves the tree, a text that waits does not.

        The caller holds the transaction.
        """
        self._store.outbox.finish(change.seq)
        doc, now_ns = self._store.docs.load(change.doc_id), self._context.now_ns()
        if doc.state in PENDING and doc.has_text:
            self._store.docs.move(doc.doc_id, DocEvent.SAVE_INVALID, reason=reason, now_ns=now_ns)
            self._store.outbox.drop(doc.doc_id, Action.SAVE)
            return
        self._store.outbox.drop(doc.doc_id)
        self._store.docs.explain(doc.doc_id, reason, now_ns=now_ns)
        self._placement.remove_page(doc)
