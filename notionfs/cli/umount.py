"""`notionfs umount`: let the mount send what is queued, take it away, and wait until it is gone."""

from __future__ import annotations

import os
import pwd
import select
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from notionfs import control, registry
from notionfs.cli.exits import Exit
from notionfs.cli.mountpoint import Mounted, find_mounted, is_stale, unmount
from notionfs.cli.screen import amount, say, warn
from notionfs.errors import ControlError, MountError
from notionfs.registry import RunningMount

DRAIN_SECONDS = 10.0
END_SECONDS = 20.0
"""How long a process that is unmounted may take to close its store."""


@click.command()
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=DRAIN_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for queued changes to be sent.",
)
@click.option("--lazy", is_flag=True, help="Detach it now, even while files in it are open.")
@click.argument("mountpoint", type=click.Path())
def command(mountpoint: str, wait: float, lazy: bool) -> int:
    """Send what is queued, then unmount MOUNTPOINT.

    Nothing is lost when Notion is slow or away: what cannot be sent within the wait
    stays on disk and is sent by the next mount. The exit code is 6 then.

    \b
    Examples:
      notionfs umount ~/notion
      notionfs umount --wait 60 ~/notion     after a large change
      notionfs umount --lazy ~/notion        a shell still stands in it
    """
    path = registry.canonical(mountpoint)
    serving = next((m for m in registry.find_mounts() if m.mountpoint == str(path)), None)
    mounted = find_mounted(path)
    if mounted is None and serving is None:
        raise MountError(f"Nothing is mounted at {path}.")
    if mounted is not None and not mounted.is_fuse:
        raise MountError(f"{path} is a {mounted.kind} file system, not a notionfs mount.")
    if serving is None:
        _check_owner(path, mounted)
        return _clear(path)
    return _end(path, serving, wait, lazy=lazy)


def _check_owner(path: Path, mounted: Mounted | None) -> None:
    user = None if mounted is None else mounted.user
    if user is None or os.geteuid() in (0, user):
        return
    raise MountError(f"{path} was mounted by {_name_of(user)}; only they or root can unmount it.")


def _name_of(user: int) -> str:
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def _clear(path: Path) -> int:
    """Unmount what no process of this user serves."""
    stale = is_stale(path)
    unmount(path, lazy=stale)
    say(f"Cleared {path}, which a crash had left behind." if stale else f"Unmounted {path}.")
    return Exit.OK


def _end(path: Path, serving: RunningMount, wait: float, *, lazy: bool) -> int:
    queued = _drain(serving, wait)
    with _end_of(serving) as wait_for_end:
        if find_mounted(path) is not None:
            unmount(path, lazy=lazy)
        if not lazy and not wait_for_end(END_SECONDS):
            raise ControlError(
                f"{path} is unmounted, but process {serving.pid} is still closing its store."
            )
    say(f"Unmounted {path}.")
    return Exit.QUEUED if queued else Exit.OK


def _drain(serving: RunningMount, wait: float) -> int:
    """Have the queue sent and return how many changes are left, which are named."""
    try:
        left = control.call(serving.socket, "drain", {"timeout": wait}, timeout=wait + 5)
    except ControlError as exc:
        warn(f"{exc} What is queued stays on disk and is sent by the next mount.")
        return 0
    queued = int(left.get("queued", 0))
    if queued:
        changes = amount(queued, "change")
        verb = "stays" if queued == 1 else "stay"
        warn(f"{changes} {verb} queued until the next mount{_named(left)}")
    return queued


def _named(left: dict[str, Any]) -> str:
    paths = [str(path) for path in left.get("paths", ())]
    if not paths:
        return "."
    more = ", …" if len(paths) > 5 else "."
    return ": " + ", ".join(paths[:5]) + more


@contextmanager
def _end_of(serving: RunningMount) -> Iterator[Any]:
    """Yield a function that waits some seconds for the process to end and tells whether it did.

    The descriptor names this very process: a pid that is used again cannot fool us.
    """
    try:
        process = os.pidfd_open(serving.pid)
    except ProcessLookupError:
        yield lambda _seconds: True
        return
    try:
        yield lambda seconds: bool(select.select([process], [], [], seconds)[0])
    finally:
        os.close(process)
