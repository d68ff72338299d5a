"""Drains the outbox: one change at a time per page, several pages at once.

A crash between the steps leaves a claimed row, which the next start finds as unsure.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable, Mapping

import trio

from notionfs.errors import (
    Conflict,
    InvalidPageFile,
    NotFoundYet,
    NotionFSError,
    RemoteError,
    ServerTrouble,
    Throttled,
    Unauthorized,
    Unreachable,
)
from notionfs.planning.states import DocEvent, DocState
from notionfs.store.outbox import Action, Change, RowState
from notionfs.sync.context import Context
from notionfs.sync.delivery import Delivery

log = logging.getLogger(__name__)

_WORKERS = 4
_BACKOFF_FIRST = 2.0
_BACKOFF_MOST = 300.0
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
        self._send: Mapping[Action, Callable[[Change], Awaitable[None]]] = {
            Action.SAVE: delivery.send_save,
            Action.MOVE: delivery.send_move,
            Action.TRASH: delivery.send_trash,
        }

    def wake(self) -> None:
        """Look at the queue again: something was added or became due."""
        self._wake.set()

    def retry_now(self) -> None:
        """Notion answers again: what waited for that waits no longer."""
        with self._store.transaction():
            self._store.outbox.retry(self._context.now_ns())
        self.wake()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Send changes as they become due, until cancelled."""
        async with trio.open_nursery() as nursery:
            task_status.started()
            while True:
                self._wake = trio.Event()
                self._start_ready(nursery)
                with trio.move_on_after(self._pause()):
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

    async def settled(self, doc_id: int, timeout: float) -> None:
        """Return once Notion has the document; raise why not if it refuses within *timeout*."""
        with self._store.transaction():
            self._store.outbox.set_due(doc_id, self._context.now_ns())
        self.wake()
        with trio.move_on_after(timeout):
            while self._store.outbox.list_changes(doc_id):
                doc = self._store.docs.load(doc_id)
                if doc.state in (DocState.PARKED, DocState.CONFLICT):
                    break
                await self._next_move()
        doc = self._store.docs.load(doc_id)
        if doc.state in (DocState.PARKED, DocState.CONFLICT):
            raise InvalidPageFile([doc.reason or "Notion refused the page."])

    # --- inside -----------------------------------------------------------------------------------

    def _sendable(self) -> bool:
        now = self._context.now_ns()
        return bool(self._busy) or self._store.outbox.next_ready(now) is not None

    async def _next_move(self) -> None:
        await self._moved.wait()

    def _pause(self) -> float:
        due = self._store.outbox.next_due_ns()
        if due is None or len(self._busy) >= _WORKERS:
            return float("inf")
        return max(0.0, (due - self._context.now_ns()) / _NS)

    def _start_ready(self, nursery: trio.Nursery) -> None:
        while len(self._busy) < _WORKERS:
            change = self._store.outbox.next_ready(self._context.now_ns())
            if change is None:
                return
            if self._context.is_open(change.doc_id) and self._postpone_open(change):
                continue
            self._claim(change)
            self._busy.add(change.doc_id)
            nursery.start_soon(self._deliver, change)

    def _postpone_open(self, change: Change) -> bool:
        """A page that somebody is writing is not quiet yet; a drain does not wait for that."""
        if self._delivery.is_quiet(change.doc_id):
            return False
        with self._store.transaction():
            later = self._context.now_ns() + int(self._context.settings.quiet * _NS) + 1
            self._store.outbox.put_back(change.seq, state=change.state, due_ns=later)
        return True

    def _claim(self, change: Change) -> None:
        with self._store.transaction():
            payload = self._delivery.journal(change)
            self._store.outbox.claim(change.seq, self._context.now_ns(), payload)

    async def _deliver(self, change: Change) -> None:
        try:
            await self._send[change.action](change)
        except NotionFSError as exc:
            self._failed(change, exc)
        except Exception:
            log.exception("change %d of document %d failed", change.seq, change.doc_id)
            self._failed(change, RemoteError("An internal error; the log has the details."))
        finally:
            self._busy.discard(change.doc_id)
            moved, self._moved = self._moved, trio.Event()
            moved.set()
            self.wake()

    def _failed(self, change: Change, exc: NotionFSError) -> None:
        """Decide what a failure means: again later, ask first, or a person."""
        with self._store.transaction():
            if isinstance(exc, Conflict):
                self._end(change, DocEvent.DIVERGE, str(exc))
            elif _is_lost(exc):
                self._note_committed(change, exc)
                self._again(change, DocEvent.LOSE, RowState.UNSURE, exc)
            elif isinstance(exc, _TRANSIENT):
                self._again(change, DocEvent.POSTPONE, RowState.QUEUED, exc)
            else:
                self._end(change, DocEvent.REFUSE, str(exc))
        log.warning("change of document %d was not sent: %s", change.doc_id, exc)

    def _note_committed(self, change: Change, exc: NotionFSError) -> None:
        if isinstance(exc, RemoteError) and exc.committed_id:
            self._store.outbox.annotate(change.seq, committed_id=exc.committed_id)

    def _again(self, change: Change, event: DocEvent, state: RowState, exc: NotionFSError) -> None:
        due = self._context.now_ns() + int(_delay(change.attempts, exc) * _NS)
        self._store.outbox.put_back(change.seq, state=state, due_ns=due, reason=str(exc))
        if change.action is Action.SAVE:
            self._store.docs.move(change.doc_id, event)

    def _end(self, change: Change, event: DocEvent, reason: str) -> None:
        if change.action is not Action.SAVE:
            self._store.outbox.put_back(change.seq, state=RowState.PARKED, reason=reason)
            self._store.docs.explain(change.doc_id, reason)
            self._delivery.show_again(change)
            return
        state = self._store.docs.move(change.doc_id, event, reason=reason)
        self._store.outbox.finish(change.seq)
        if state is DocState.CONFLICT:
            self._store.outbox.drop(change.doc_id, Action.SAVE)


_TRANSIENT = (Unreachable, ServerTrouble, Throttled, Unauthorized, NotFoundYet)


def _is_lost(exc: NotionFSError) -> bool:
    return isinstance(exc, RemoteError) and exc.maybe_applied


def _delay(attempts: int, exc: NotionFSError) -> float:
    """Return the seconds to wait: what Notion asked for, or twice the last pause, with jitter."""
    if isinstance(exc, Throttled):
        return exc.retry_after
    if isinstance(exc, NotFoundYet):
        return _BACKOFF_FIRST
    longest = min(_BACKOFF_MOST, _BACKOFF_FIRST * 2.0 ** min(attempts, 16))
    return longest * random.uniform(0.5, 1.0)
