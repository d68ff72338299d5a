"""Whether another page may go to the trash: a slip must not empty a workspace. Never waits."""

from __future__ import annotations

import logging
from collections import deque

import trio

from notionfs.config import Removal
from notionfs.errors import NotPermitted, TooManyRemovals
from notionfs.sync.context import Context

log = logging.getLogger(__name__)

_MINUTE_NS = 60 * 1_000_000_000


class Removals:
    """Counts the pages removed in the last minute."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._times: deque[int] = deque()
        self._refused: deque[int] = deque()

    def note(self) -> None:
        """Count one removal; raises as `check`."""
        self.check()
        self._times.append(_now_ns())

    def check(self) -> None:
        """Raise TooManyRemovals over the limit, NotPermitted if no page may be removed."""
        settings = self._context.settings
        if settings.rm is Removal.REFUSE:
            raise NotPermitted('This mount removes no pages: it was mounted with rm = "refuse".')
        now = _now_ns()
        _forget(self._times, now)
        most = settings.max_trash_per_minute
        if most is not None and len(self._times) >= most:
            self._refused.append(now)
            reason = self.problem() or ""
            if len(self._refused) == 1:
                log.warning("%s", reason)
            raise TooManyRemovals(reason)

    def take_back(self) -> None:
        """A page that was counted came back under its name: that was no removal."""
        if self._times:
            self._times.pop()

    def problem(self) -> str | None:
        """Return why removals were refused in the last minute, None if none was."""
        _forget(self._refused, _now_ns())
        if not self._refused:
            return None
        most = self._context.settings.max_trash_per_minute
        return (
            f"More than {most} pages were to be removed within a minute, and the rest was refused: "
            "wait a minute to go on, or set max_trash_per_minute."
        )


def _now_ns() -> int:
    """Return a time that nobody can turn back."""
    return int(trio.current_time() * 1e9)


def _forget(times: deque[int], now_ns: int) -> None:
    while times and times[0] <= now_ns - _MINUTE_NS:
        times.popleft()
