"""News for the kernel: in order, and never forgotten."""

from __future__ import annotations

import trio
from trio.testing import wait_all_tasks_blocked

from notionfs.sync.context import InodeChanged, NewsQueue


async def test_whoever_waits_is_woken_although_others_took_in_between() -> None:
    """An `open` takes what is there, often nothing, while the notifier waits."""
    queue = NewsQueue()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(queue.wait)
        await wait_all_tasks_blocked()
        assert queue.take() == []
        queue.put(InodeChanged(1))
        queue.put(InodeChanged(2))
    assert queue.take() == [InodeChanged(1), InodeChanged(2)]
    assert queue.take() == []
