"""Background work that outlives its bugs: a crash is logged and the work begins again, later."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

import trio

log = logging.getLogger(__name__)

_PAUSE_FIRST = 1.0
_PAUSE_MOST = 60.0
_CALM = 300.0


async def outlast(
    what: str,
    work: Callable[[], Awaitable[None]],
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run *work* again and again until cancelled; a bug in it costs a pause, not the mount.

    The pause doubles with every crash, and is short again after five minutes without one.
    """
    task_status.started()
    pause = _PAUSE_FIRST
    while True:
        started = trio.current_time()
        try:
            await work()
        except Exception:  # Cancelled is no Exception, nor is a group that holds one
            log.exception("%s failed; it begins again in %.0f s", what, pause)
        if trio.current_time() - started > _CALM:
            pause = _PAUSE_FIRST
        await trio.sleep(pause)
        pause = min(pause * 2, _PAUSE_MOST)
