"""A task that notes how late the event loop comes back to it.

The file named by $NOTIONFS_WATCH receives the delays in microseconds, a number a line, when SIGUSR2
asks for them; it begins anew then.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trio

_EVERY = 0.005


async def _watch(delays: list[int]) -> None:
    while True:
        started = time.perf_counter_ns()
        await trio.sleep(_EVERY)
        late_ns = time.perf_counter_ns() - started - int(_EVERY * 1e9)
        delays.append(max(0, late_ns // 1000))


async def _restart(delays: list[int], path: Path) -> None:
    with trio.open_signal_receiver(signal.SIGUSR2) as asked:
        async for _ in asked:
            _hand_over(delays, path)


def _hand_over(delays: list[int], path: Path) -> None:
    temporary = path.with_suffix(".tmp")
    temporary.write_text("\n".join(map(str, delays)))
    temporary.replace(path)
    delays.clear()


def watched(serve: Callable[..., Any]) -> Callable[..., Any]:
    """Return *serve* with the watch beside it."""

    async def both(*arguments: Any) -> None:
        delays: list[int] = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_watch, delays)
            nursery.start_soon(_restart, delays, Path(os.environ["NOTIONFS_WATCH"]))
            await serve(*arguments)
            nursery.cancel_scope.cancel()

    return both
