"""Ends the wait of a program that was told to stop, although the kernel does not tell us.

A program that waits in `open` cannot even be killed before we answer, and the FUSE library keeps
the kernel's interrupt request to itself. But /proc shows which signals wait for a process. So while
somebody waits for Notion we look there, ten times a second, and answer with EINTR.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trio
from msgspec import Struct, field

from notionfs.errors import Interrupted

LOOK_EVERY = 0.1
# A handler that is only interested in windows or children does not want to give up.
_STOPPING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGKILL, signal.SIGTERM)
_MASK = sum(1 << (number - 1) for number in _STOPPING)
_WAITING = ("SigPnd", "ShdPnd")
_DEAF = ("SigBlk", "SigIgn")


class _Wait(Struct, eq=False):
    pid: int
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)


class Interrupts:
    """The requests whose programs wait for Notion."""

    def __init__(self) -> None:
        self._waits: set[_Wait] = set()
        self._some = trio.Event()

    @contextmanager
    def watch(self, pid: int) -> Iterator[None]:
        """Raise Interrupted when process (or thread) *pid* is told to stop inside the block."""
        wait = _Wait(pid)
        self._waits.add(wait)
        self._some.set()
        try:
            with wait.scope:
                yield
        finally:
            self._waits.discard(wait)
        if wait.scope.cancelled_caught:
            raise Interrupted("The program that asked was told to stop.")

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Look after those who wait, until cancelled."""
        task_status.started()
        while True:
            await self._some.wait()
            await trio.sleep(LOOK_EVERY)  # most requests are answered by then
            for wait in self._waits:
                if is_told_to_stop(wait.pid):
                    wait.scope.cancel()
            if not self._waits:
                self._some = trio.Event()


def is_told_to_stop(pid: int) -> bool:
    """Tell whether a signal that ends programs waits for a process or thread.

    False if it cannot be seen from here, as in another container.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    except OSError:
        return False
    lines = (line.partition(":") for line in status.splitlines())
    masks = {name: value.strip() for name, _, value in lines if name in (*_WAITING, *_DEAF)}
    waiting = deaf = 0
    for name in _WAITING:
        waiting |= int(masks.get(name, "0"), 16)
    for name in _DEAF:
        deaf |= int(masks.get(name, "0"), 16)
    return bool(waiting & ~deaf & _MASK)
