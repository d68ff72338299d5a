"""What nobody uses is unmounted, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.fuse import idling
from notionfs.fuse.idling import Idling


async def test_a_mount_with_work_left_is_in_use(
    monkeypatch: pytest.MonkeyPatch, autojump_clock: MockClock
) -> None:
    """A change that waits to be sent keeps it there, and so does each request."""
    tried: list[float] = []
    work = [True, True, False, False]

    async def unmount(_mountpoint: Path) -> bool:
        tried.append(trio.current_time() - began)
        return len(tried) > 1  # at first the kernel refuses: a file is open

    monkeypatch.setattr(idling, "_unmount_unused", unmount)
    began, idle = trio.current_time(), Idling()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(idle.run, 20.0, Path("/nowhere"), lambda: work.pop(0))
        await trio.sleep(10)
        idle.note()
    assert tried == pytest.approx([70.0, 90.0])
