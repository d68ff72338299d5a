"""One mount: from the options to the last request."""

from __future__ import annotations

import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pyfuse3
import trio

from notionfs.config import Settings
from notionfs.errors import MountError
from notionfs.fuse.operations import Operations

log = logging.getLogger(__name__)

_GRACE = 3.0
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def mount_options(settings: Settings) -> set[str]:
    """Return the options for the kernel: owner only, no devices, no programs."""
    options = {*pyfuse3.default_options, "fsname=notionfs", "subtype=notionfs", "noexec"}
    options.add("auto_unmount")
    if settings.allow_other:
        options.add("allow_other")
    if settings.read_only:
        options.add("ro")
    return options


@asynccontextmanager
async def session(operations: Operations, settings: Settings) -> AsyncIterator[None]:
    """Mount, serve requests while the block runs, and unmount.

    The block ends early (by cancellation) when somebody else unmounts. Raises MountError.
    """
    mountpoint = str(settings.mountpoint)
    try:
        pyfuse3.init(operations, mountpoint, mount_options(settings))
    except RuntimeError as exc:
        raise MountError(f"Mounting at {mountpoint} failed: {exc}.") from exc
    clean = False
    try:
        async with trio.open_nursery() as nursery:

            async def serve() -> None:
                await pyfuse3.main()
                nursery.cancel_scope.cancel()  # unmounted from outside

            nursery.start_soon(serve)
            yield
            pyfuse3.terminate()
            nursery.cancel_scope.deadline = trio.current_time() + _GRACE
        clean = True
    finally:
        pyfuse3.close(unmount=True)
        log.info("unmounted %s%s", mountpoint, "" if clean else " after an error")


async def until_signal(
    stop: trio.Event,
    reload: Callable[[], Awaitable[None]],
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Set *stop* at the first signal that asks the program to end; SIGHUP asks to *reload*."""
    with trio.open_signal_receiver(*SIGNALS, signal.SIGHUP) as received:
        task_status.started()
        async for number in received:
            if number == signal.SIGHUP:
                await reload()
                continue
            log.info("%s: unmounting", signal.Signals(number).name)
            stop.set()
            return


def is_mounted(mountpoint: Path) -> bool:
    """Tell whether something is mounted at exactly that path, without touching it."""
    wanted = str(mountpoint)
    with Path("/proc/self/mountinfo").open(encoding="utf-8", errors="surrogateescape") as table:
        return any(_unescaped(line.split(" ")[4]) == wanted for line in table)


def _unescaped(path: str) -> str:
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        path = path.replace(code, character)
    return path
