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

from notionfs.fs.forest import Branch
from notionfs.sync.context import EntryChanged, InodeChanged, NewsQueue

log = logging.getLogger(__name__)

_STRETCH = 100
"""How many news are passed on before others have their turn."""


class Invalidation:
    """Passes news to the kernel: soon, or at once before an answer that depends on it."""

    def __init__(self, news: NewsQueue, branch: Branch) -> None:
        self._news = news
        self._branch = branch

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Pass news on as it comes, until cancelled."""
        task_status.started()
        while True:
            await self._news.wait()
            self.deliver(_STRETCH)
            await trio.lowlevel.checkpoint()

    def deliver(self, most: int | None = None) -> None:
        """Pass on what is known by now, or the first *most* of it.

        To be called before `open` is answered: the kernel asks for the size next, and discards what
        it hears if it is told meanwhile that the attributes are old. The file would then be read
        with its old size.
        """
        changed: dict[int, None] = {}
        for item in self._news.take(most):
            if isinstance(item, InodeChanged):
                changed[item.ino] = None
            else:
                self._pass_on(item)
                changed[item.parent_ino] = None  # the directory's own times changed too
        for ino in changed:  # each once, however many entries of a directory changed
            try:
                pyfuse3.invalidate_inode(InodeT(self._branch.shown(ino)), attr_only=True)
            except OSError as exc:
                log.debug("the kernel did not know inode %d: %s", ino, exc)

    def _pass_on(self, item: EntryChanged) -> None:
        if item.now is not None:
            self._branch.tree.note_moved((item.parent_ino, item.name), item.now)
        parent, name = InodeT(self._branch.shown(item.parent_ino)), os.fsencode(item.name)
        pyfuse3.invalidate_entry_async(parent, FileNameT(name), ignore_enoent=True)
