"""Tells the kernel what changed behind its back, without ever deadlocking the mount.

Invalidating an entry, or an inode's pages, can wait for a lock that a request in flight holds; from
the event loop that request could then never be answered. Entries therefore go through pyfuse3's
own notifier thread; from the loop only attributes are invalidated, which waits for nothing, and
with a newer mtime makes the kernel drop the pages itself.
"""

from __future__ import annotations

import logging
import os

import pyfuse3
import trio
from pyfuse3 import FileNameT, InodeT

from notionfs.fs.tree import Tree
from notionfs.sync.context import EntryChanged, InodeChanged, News

log = logging.getLogger(__name__)


async def run_invalidation(
    news: trio.MemoryReceiveChannel[News],
    tree: Tree,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Pass *news* to the kernel until the channel closes."""
    task_status.started()
    async for item in news:
        try:
            if isinstance(item, InodeChanged):
                pyfuse3.invalidate_inode(InodeT(item.ino), attr_only=True)
            else:
                _entry_changed(item, tree)
        except OSError as exc:
            log.debug("the kernel did not know %s: %s", item, exc)


def _entry_changed(item: EntryChanged, tree: Tree) -> None:
    if item.now is not None:
        tree.note_moved((item.parent_ino, item.name), item.now)
    name = FileNameT(os.fsencode(item.name))
    pyfuse3.invalidate_entry_async(InodeT(item.parent_ino), name, ignore_enoent=True)
    # The directory's own times changed too.
    pyfuse3.invalidate_inode(InodeT(item.parent_ino), attr_only=True)
