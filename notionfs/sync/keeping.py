"""Keeps the store's log short, in a thread: on the event loop the disk would stop everybody."""

from __future__ import annotations

import logging
import sqlite3

import trio

from notionfs.store.store import Store

log = logging.getLogger(__name__)


class Keeper:
    """Moves what was written from the log to its place, whenever that has become much."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._due = trio.Event()
        store.hear_of_many_changes(self._note)

    def _note(self) -> None:
        self._due.set()

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Work until cancelled. A disk in trouble is for the next save to tell."""
        task_status.started()
        while True:
            await self._due.wait()
            self._due = trio.Event()
            try:
                await trio.to_thread.run_sync(self._store.move_log)
            except sqlite3.Error as exc:
                log.warning("the log of the store stays as it is for now: %s", exc)
