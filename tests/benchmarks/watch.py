"""A task that notes how late the event loop comes back to it, and what each turn of it costs.

The file named by $NOTIONFS_WATCH receives both as JSON, in microseconds, when SIGUSR2 asks for
them; they begin anew then. With $NOTIONFS_WATCH_WHEN=asked nothing is watched before: the watch
itself takes a twentieth of what it sees. `python -m tests.benchmarks.watch` is a loop that has
nothing to do: how late that comes back is the machine's doing.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import trio

_EVERY = 0.005


class _Watch(trio.abc.Instrument):
    """*late*: how late the loop came back; *turns*: the CPU of its turns, in which all others wait.

    A turn, from one look at what arrived to the next, is ours alone; the machine has no part in it.
    """

    def __init__(self) -> None:
        self.late: list[int] = []
        self.turns: list[int] = []
        self._began: int | None = None
        self._begin = trio.Event()

    def after_io_wait(self, timeout: float) -> None:
        self._began = time.thread_time_ns()

    def before_io_wait(self, timeout: float) -> None:
        if self._began is not None:
            self.turns.append((time.thread_time_ns() - self._began) // 1000)

    async def run(self) -> None:
        """Watch until cancelled."""
        if os.environ.get("NOTIONFS_WATCH_WHEN") == "asked":
            await self._begin.wait()
        trio.lowlevel.add_instrument(self)
        while True:
            started = time.perf_counter_ns()
            await trio.sleep(_EVERY)
            late_ns = time.perf_counter_ns() - started - int(_EVERY * 1e9)
            self.late.append(max(0, late_ns // 1000))

    async def answer(
        self, path: Path, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """Write down what was seen, whenever somebody asks for it."""
        with trio.open_signal_receiver(signal.SIGUSR2) as asked:
            task_status.started()
            async for _ in asked:
                self._begin.set()
                self._hand_over(path)

    def _hand_over(self, path: Path) -> None:
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps({"late": self.late, "turns": self.turns}))
        temporary.replace(path)
        self.late.clear()
        self.turns.clear()


def watched(serve: Callable[..., Any]) -> Callable[..., Any]:
    """Return *serve* with the watch beside it."""

    async def both(*arguments: Any) -> None:
        watch = _Watch()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(watch.run)
            await nursery.start(watch.answer, Path(os.environ["NOTIONFS_WATCH"]))
            await serve(*arguments)
            nursery.cancel_scope.cancel()

    return both


async def _idle() -> None:
    with trio.open_signal_receiver(signal.SIGTERM) as ended:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await anext(aiter(ended))


if __name__ == "__main__":
    trio.run(watched(_idle))
