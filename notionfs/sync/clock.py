"""Notices that the computer's clock was turned back, and puts right what relied on it.

Times in the store say until when something waits, and when a text was fetched. After a turn back
they lie in the future: saves would wait, and edits in Notion would look older than what we have.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import trio

from notionfs.sync.context import Context

log = logging.getLogger(__name__)

_LOOK_EVERY = 15.0
_NS = 1_000_000_000
# Clocks are corrected by a little all the time.
_TOLERANCE_NS = 5 * _NS
# Nothing is put off for longer; what an earlier mount left for later than this, was not meant to.
_LONGEST_WAIT_NS = 3600 * _NS


class ClockWatch:
    """Compares the clock with the time that has passed; *wake* is called after a turn back."""

    def __init__(self, context: Context, wake: Callable[[], None]) -> None:
        self._context = context
        self._store = context.store
        self._wake = wake

    async def run(self) -> None:
        """Watch until cancelled; the first look is about what earlier mounts left."""
        now_ns = self._context.now_ns()
        ahead_ns = max(self._store.outbox.furthest_ns(), self._store.dentries.furthest_held_ns())
        self._turn_back(ahead_ns - now_ns if ahead_ns > now_ns + _LONGEST_WAIT_NS else 0)
        while True:
            wall, steady = self._context.now_ns(), trio.current_time()
            await trio.sleep(_LOOK_EVERY)
            expected_ns = wall + int((trio.current_time() - steady) * _NS)
            by_ns = expected_ns - self._context.now_ns()
            if by_ns > _TOLERANCE_NS:
                log.warning("the clock was turned back by %.0f s", by_ns / _NS)
                self._turn_back(by_ns)

    def _turn_back(self, by_ns: int) -> None:
        """Let what waits be due as soon as before, and texts from the future be read again."""
        with self._store.transaction():
            if by_ns > 0:
                self._store.outbox.shift(by_ns)
                self._store.dentries.shift_held(by_ns)
            self._store.snapshots.mark_from_future(self._context.now_ns() + _TOLERANCE_NS)
        if by_ns > 0:
            self._wake()
