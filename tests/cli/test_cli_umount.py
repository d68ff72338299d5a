"""Unmounting drains, says what stays, and is over only when the process is."""

from __future__ import annotations

import os
import select
from functools import partial
from pathlib import Path

import pytest
import trio

from notionfs import control, registry
from notionfs.cli import umount
from notionfs.cli.daemon import start_in_background
from notionfs.cli.exits import Exit
from notionfs.cli.main import main
from notionfs.errors import StoreError


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    (tmp_path / "run").mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def place(tmp_path):
    return tmp_path / "notion"


def serve_once(place: Path, answer: dict | None, ready) -> None:
    """Be a mount without a kernel: answer one `drain` with *answer*, and end."""
    mount = registry.register(place, Path("/state"))

    async def run() -> None:
        async with trio.open_nursery() as nursery:

            async def drain(arguments):
                nursery.cancel_scope.deadline = trio.current_time() + 0.2
                if answer is None:
                    raise StoreError("The store is on fire.")
                return {**answer, "timeout": arguments["timeout"]}

            await nursery.start(partial(control.serve, mount.socket, {"drain": drain}))
            ready()

    trio.run(run)
    registry.unregister(mount)


def start(place: Path, tmp_path: Path, answer: dict | None) -> int:
    run = partial(serve_once, place, answer)
    return start_in_background(run, log_file=tmp_path / "log")


def is_gone(pid: int) -> bool:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    gone = bool(select.select([process], [], [], 0)[0])
    os.close(process)
    return gone


def test_an_empty_queue_is_a_clean_end(place, tmp_path, capfd):
    """The command returns when the process is gone, not before."""
    pid = start(place, tmp_path, {"queued": 0})
    assert main(["umount", str(place)]) == Exit.OK
    assert is_gone(pid)
    assert capfd.readouterr().out == f"Unmounted {place}.\n"


def test_what_stays_queued_is_said_and_is_exit_6(place, tmp_path, capfd):
    """A script can tell, and a person reads which pages."""
    start(place, tmp_path, {"queued": 2, "paths": ["acme/a.md", "acme/\x1bb.md"]})
    assert main(["umount", "--wait", "0", str(place)]) == Exit.QUEUED
    shown = capfd.readouterr().err
    assert "2 changes stay queued until the next mount: acme/a.md, acme/\\x1bb.md." in shown


def test_a_mount_that_cannot_drain_is_unmounted_all_the_same(place, tmp_path, capfd):
    """The queue is on disk: nothing is lost by not sending it now."""
    pid = start(place, tmp_path, None)
    assert main(["umount", str(place)]) == Exit.OK
    assert "on fire" in capfd.readouterr().err
    assert is_gone(pid)


def test_a_process_that_does_not_end_is_named(place, tmp_path, capfd, monkeypatch):
    """The user learns whom to look at, and the command ends."""
    monkeypatch.setattr(umount, "END_SECONDS", 0.0)
    pid = start(place, tmp_path, {"queued": 0})
    process = os.pidfd_open(pid)
    assert main(["umount", str(place)]) == Exit.FAILED
    assert f"process {pid} is still closing its store" in capfd.readouterr().err
    assert select.select([process], [], [], 10)[0]
    os.close(process)


def test_where_nothing_is_mounted_there_is_nothing_to_unmount(place, capfd):
    """One sentence and exit 4."""
    assert main(["umount", str(place)]) == Exit.MOUNT
    assert "Nothing is mounted at" in capfd.readouterr().err


def test_other_file_systems_are_left_alone(capfd):
    """A typing mistake must not unmount /proc."""
    assert main(["umount", "/proc"]) == Exit.MOUNT
    assert "not a notionfs mount" in capfd.readouterr().err
