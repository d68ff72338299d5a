"""Drains the outbox: one change at a time per page, several pages at once.

A crash between the steps leaves a claimed row, which the next start finds as unsure.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping

import trio

from notionfs.api.traced import request_ids
from notionfs.errors import (
    Conflict,
    EditMissed,
    InvalidPageFile,
    NotFoundYet,
    NotionFSError,
    RemoteConflict,
    RemoteError,
    RemoteMissing,
    Retyped,
    ServerTrouble,
    StoreError,
    Throttled,
    Unauthorized,
    Unreachable,
)
from notionfs.planning.states import DocEvent, DocState
from notionfs.store.outbox import Action, Change, RowState
from notionfs.sync.activity import Event
from notionfs.sync.ahead import LinksAhead
from notionfs.sync.context import Context
from notionfs.sync.delivery import Delivery

log = logging.getLogger(__name__)

_WORKERS = 4
_BACKOFF_FIRST = 2.0
_BACKOFF_MOST = 300.0
_BUG_PAUSE = 30.0
_BUG_REASON = "An internal error; the log has the details."
_NS = 1_000_000_000


class Uploader:
    """Sends what is due; knows when to try again, when to ask first, and when to stop."""

    def __init__(self, context: Context, delivery: Delivery) -> None:
        self._context = context
        self._store = context.store
        self._delivery = delivery
        self._busy: set[int] = set()
        self._wake = trio.Event()
        self._moved = trio.Event()
        self._unnoted: dict[int, tuple[Change, Exception]] = {}

    def wake(self) -> None:
        """Look at the queue again: something was added or became due."""
        self._wake.set()

    def retry_now(self) -> None:
        """Notion answers again: what waited for that waits no longer."""
        with self._store.transaction():
            self._store.outbox.retry(self._context.now_ns())
        self.wake()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Send changes as they become due, until cancelled; a bug costs a pause, not the mount."""
        async with trio.open_nursery() as nursery:
            task_status.started()
            while True:
                self._wake = trio.Event()
                try:
                    self._note_failures()
                    self._start_ready(nursery)
                    pause = self._pause()
                except Exception:
                    log.exception("the queue cannot be read; it is looked at again later")
                    pause = _BUG_PAUSE
                with trio.move_on_after(pause):
                    await self._wake.wait()

    async def drain(self, timeout: float) -> int:
        """Send what may be sent now, for *timeout* seconds at most; return how much is left."""
        with self._store.transaction():
            self._store.outbox.hurry(self._context.now_ns())
        self.wake()
        with trio.move_on_after(timeout):
            while self._sendable():
                await self._next_move()
        return len(self._store.outbox.list_changes())

    def is_busy(self) -> bool:
        """Tell whether something waits to be sent that nobody has to decide about."""
        changes = self._store.outbox.list_changes()
        return any(change.state is not RowState.PARKED for change in changes)

    async def settled(self, doc_id: int, timeout: float) -> None:
        """Return once Notion has the document; raise why not if it refuses within *timeout*."""
        with self._store.transaction():
            self._store.outbox.set_due(doc_id, self._context.now_ns())
        self.wake()
        with trio.move_on_after(timeout):
            while self._store.outbox.list_changes(doc_id) and not self._needs_person(doc_id):
                await self._next_move()
        doc = self._store.docs.get(doc_id)
        if doc is not None and self._needs_person(doc_id):
            raise InvalidPageFile([doc.reason or "Notion refused the page."])

    # --- inside -----------------------------------------------------------------------------------

    def _needs_person(self, doc_id: int) -> bool:
        doc = self._store.docs.get(doc_id)
        if doc is None or doc.state in (DocState.PARKED, DocState.CONFLICT):
            return doc is not None
        changes = self._store.outbox.list_changes(doc_id)
        return bool(changes) and all(change.state is RowState.PARKED for change in changes)

    def _sendable(self) -> bool:
        now = self._context.now_ns()
        return bool(self._busy) or self._store.outbox.next_ready(now) is not None

    async def _next_move(self) -> None:
        await self._moved.wait()

    def _pause(self) -> float:
        due = self._store.outbox.next_due_ns()
        longest = _BUG_PAUSE if self._unnoted else float("inf")
        if due is None or len(self._busy) >= _WORKERS:
            return longest
        return min(longest, max(0.0, (due - self._context.now_ns()) / _NS))

    def _start_ready(self, nursery: trio.Nursery) -> None:
        while len(self._busy) < _WORKERS:
            change = self._store.outbox.next_ready(self._context.now_ns())
            if change is None:
                return
            if self._context.is_open(change.doc_id) and not self._delivery.is_quiet(change.doc_id):
                self._postpone(change, self._context.settings.quiet)
            elif self._claim(change):
                self._busy.add(change.doc_id)
                nursery.start_soon(self._deliver, change)

    def _postpone(self, change: Change, seconds: float) -> None:
        """Look at a change again later: somebody is writing the page, or a bug is in the way."""
        with self._store.transaction():
            later = self._context.now_ns() + int(seconds * _NS) + 1
            self._store.outbox.put_back(change.seq, state=change.state, due_ns=later)
        self._signal()

    def _claim(self, change: Change) -> bool:
        """Journal that the change is sent now; False if there is nothing to send, or a bug."""
        try:
            with self._store.transaction():
                if not self._delivery.is_due(change):
                    self._store.outbox.finish(change.seq)
                    return False
                payload = self._delivery.journal(change)
                self._store.outbox.claim(change.seq, self._context.now_ns(), payload)
        except Exception:
            log.exception("change %d of document %d is not understood", change.seq, change.doc_id)
            self._postpone(change, _BUG_PAUSE)
            return False
        return True

    async def _deliver(self, change: Change) -> None:
        try:
            with request_ids() as ids:
                await self._delivery.send(change)
            self._note_sent(change, ids)
        except Exception as exc:
            self._unnoted[change.seq] = (change, exc)
            if not isinstance(exc, NotionFSError):
                log.exception("change %d of document %d failed", change.seq, change.doc_id)
            self._note_failures_safely()
        finally:
            self._busy.discard(change.doc_id)
            self._signal()
            self.wake()

    def _note_sent(self, change: Change, ids: list[str]) -> None:
        if ids:  # else there was nothing to send after all
            doc = self._store.docs.get(change.doc_id)
            self._context.activity.note(
                Event.SENT,
                doc_id=change.doc_id,
                page_id=None if doc is None else doc.page_id,
                action=change.action.value,
                requests=ids,
            )

    def _signal(self) -> None:
        moved, self._moved = self._moved, trio.Event()
        moved.set()

    # --- failures ---------------------------------------------------------------------------------

    def _note_failures_safely(self) -> None:
        try:
            self._note_failures()
        except Exception:  # a full disk, say: the row stays claimed until it can be noted
            log.exception("what became of a change cannot be noted; it is tried again")

    def _note_failures(self) -> None:
        """Write down what failures mean; what was noted once is not noted again."""
        for seq, (change, exc) in list(self._unnoted.items()):
            self._failed(change, exc)
            del self._unnoted[seq]

    def _failed(self, change: Change, exc: Exception) -> None:
        """Decide what a failure means: again later, ask first, or a person."""
        with self._store.transaction():
            row, doc = self._store.outbox.find(change.seq), self._store.docs.get(change.doc_id)
            if row is None or row.state is not RowState.CLAIMED:
                return  # the answer was noted after all
            if doc is None:
                self._store.outbox.finish(change.seq)
                return
            self._note_committed(change, exc)
            gone = isinstance(exc, RemoteMissing) and (doc.page_id or row.attempts >= _MOST_REREADS)
            meaning = DocEvent.REFUSE if gone else _meaning(row, exc)
            if meaning in (DocEvent.LOSE, DocEvent.POSTPONE):
                self._again(row, meaning, exc)
            else:
                self._end(row, meaning, str(exc))
            page_id = doc.page_id
        # The texts of page file problems quote the page, and logs never do.
        quoted = isinstance(exc, InvalidPageFile)
        reason = "the text cannot be sent as it stands" if quoted else str(exc)
        level = logging.INFO if isinstance(exc, LinksAhead) else logging.WARNING
        log.log(level, "change of document %d was not sent: %s", change.doc_id, reason)
        request_id = exc.request_id if isinstance(exc, RemoteError) else None
        self._context.activity.note(
            _EVENTS.get(meaning, Event.REFUSED),
            doc_id=change.doc_id,
            page_id=page_id,
            action=change.action.value,
            reason=reason if isinstance(exc, NotionFSError) else _BUG_REASON,
            requests=[request_id] if request_id else (),
        )

    def _note_committed(self, change: Change, exc: Exception) -> None:
        if isinstance(exc, RemoteError) and exc.committed_id:
            self._store.outbox.annotate(change.seq, committed_id=exc.committed_id)

    def _again(self, row: Change, event: DocEvent, exc: Exception) -> None:
        is_ready = isinstance(exc, LinksAhead) and not self._store.outbox.is_creating(
            besides=row.doc_id
        )
        delay = 0.0 if is_ready else _delay(row.attempts, exc)
        due = self._context.now_ns() + int(delay * _NS)
        state = RowState.UNSURE if event is DocEvent.LOSE else RowState.QUEUED
        reason = str(exc) if isinstance(exc, NotionFSError) else _BUG_REASON
        self._store.outbox.put_back(row.seq, state=state, due_ns=due, reason=reason)
        if row.action is Action.SAVE:
            self._store.docs.move(row.doc_id, event)

    def _end(self, row: Change, event: DocEvent, reason: str) -> None:
        if row.action is not Action.SAVE:
            self._delivery.give_up(row, reason)
            return
        now_ns = self._context.now_ns()
        state = self._store.docs.move(row.doc_id, event, reason=reason, now_ns=now_ns)
        self._store.outbox.finish(row.seq)
        if state is DocState.CONFLICT:
            self._store.outbox.drop(row.doc_id, Action.SAVE)


_TRANSIENT = (Unreachable, ServerTrouble, Throttled, Unauthorized, NotFoundYet)
_READ_AGAIN = (EditMissed, RemoteConflict)
_MOST_REREADS = 6

_EVENTS: Mapping[DocEvent, Event] = {
    DocEvent.LOSE: Event.POSTPONED,
    DocEvent.POSTPONE: Event.POSTPONED,
    DocEvent.DIVERGE: Event.CONFLICT,
}


def _meaning(row: Change, exc: Exception) -> DocEvent:
    """Return what a failed attempt does to the document.

    After a bug or a full disk, as after a lost answer, the request may have been applied; and as
    long as an earlier attempt was not found out about, it stays so.
    """
    if isinstance(exc, Conflict | Retyped):
        return DocEvent.DIVERGE
    if not isinstance(exc, NotionFSError) or isinstance(exc, StoreError):
        return DocEvent.LOSE
    if isinstance(exc, RemoteError) and (exc.maybe_applied or row.payload.get("was_unsure")):
        return DocEvent.LOSE
    if isinstance(exc, _READ_AGAIN) and row.attempts < _MOST_REREADS:
        return DocEvent.LOSE
    if isinstance(exc, _TRANSIENT):
        return DocEvent.LOSE if row.payload.get("was_unsure") else DocEvent.POSTPONE
    return DocEvent.REFUSE


def _delay(attempts: int, exc: Exception) -> float:
    """Return the seconds to wait: what Notion asked for, or twice the last pause, with jitter."""
    if isinstance(exc, Throttled):
        return exc.retry_after
    if isinstance(exc, NotFoundYet) and not isinstance(exc, LinksAhead):
        return _BACKOFF_FIRST
    longest = min(_BACKOFF_MOST, _BACKOFF_FIRST * 2.0 ** min(attempts, 16))
    return longest * random.uniform(0.5, 1.0)
