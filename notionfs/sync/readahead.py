"""Fetches the next pages of a directory while a program reads them in order.

A recursive grep opens one unread page after the other. Alone it would wait a round trip for each;
with the next ones under way it waits for the budget only.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable

import trio
from msgspec import Struct

from notionfs.errors import NotionFSError
from notionfs.store.dentries import Dentry, NodeKind
from notionfs.sync.context import Context

log = logging.getLogger(__name__)

# So many unread pages of one directory, each opened soon after the one before, are a habit.
_HABIT = 3
_SOON = 5.0
_MOST_AHEAD = 16
_MOST_DIRECTORIES = 64
_MOST_REMEMBERED = 4096  # pages that were fetched ahead, and that nobody came for


class _Reader(Struct):
    """Somebody who reads a directory: the last unread page, and how many in a row led to it, in the
    order of the listing and in that of the names."""

    at: float
    last: Dentry | None = None
    listed: int = 0
    named: int = 0

    @property
    def pages(self) -> int:
        """How many pages in a row, in whichever order is longer."""
        return max(self.listed, self.named)

    def note(self, dentry: Dentry, now: float) -> None:
        """The next page is opened."""
        last, self.last, self.at = self.last, dentry, now
        if last is None or dentry.dentry_id != last.dentry_id:
            self.listed = (
                self.listed + 1 if last is None or last.dentry_id < dentry.dentry_id else 1
            )
            self.named = self.named + 1 if last is None or last.name < dentry.name else 1


class Readahead:
    """Watches which unread pages are opened, and has the next ones fetched by `run`."""

    def __init__(self, context: Context, fetch: Callable[[int], Awaitable[None]]) -> None:
        self._context = context
        self._store = context.store
        self._fetch = fetch
        self._readers: OrderedDict[int, _Reader] = OrderedDict()
        self._ahead: set[int] = set()  # wanted, under way, or fetched and not opened yet
        self._wanted: list[int] = []
        self._wake = trio.Event()

    def was_ahead(self, doc_id: int) -> bool:
        """Tell whether a page was fetched, or is being fetched, before anybody asked for it."""
        return doc_id in self._ahead

    def note_opened(self, doc_id: int) -> None:
        """Somebody opens a page that is unread, or was until it was fetched ahead."""
        self._ahead.discard(doc_id)
        ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        dentry = None if ino is None else self._store.dentries.find_by_ino(ino)
        if dentry is None:
            return
        reader = self._reader(dentry.parent_ino)
        reader.note(dentry, trio.current_time())
        if reader.pages >= _HABIT:
            self._look_ahead(
                dentry, min(_MOST_AHEAD, 2 ** min(reader.pages - _HABIT + 1, 8)), reader
            )

    def _reader(self, parent_ino: int) -> _Reader:
        now = trio.current_time()
        latest = next(reversed(self._readers.values()), None)
        reader = self._readers.pop(parent_ino, None)
        if reader is None or now - reader.at > _SOON:
            # Who just read one directory in order, probably does so with the next.
            is_going_on = latest is not None and latest.pages >= _HABIT and now - latest.at <= _SOON
            reader = _Reader(now, listed=_HABIT if is_going_on else 0)
        self._readers[parent_ino] = reader
        if len(self._readers) > _MOST_DIRECTORIES:
            self._readers.popitem(last=False)
        return reader

    def _look_ahead(self, dentry: Dentry, window: int, reader: _Reader) -> None:
        """Want the next *window* unread pages behind *dentry*, in the order of *reader*."""
        key = dentry.dentry_id if reader.listed >= reader.named else dentry.name
        behind = self._store.snapshots.list_unread_behind(dentry.parent_ino, key, window)
        if len(self._ahead) > _MOST_REMEMBERED:
            self._ahead.clear()
        for doc_id in behind:
            if doc_id not in self._ahead:
                self._ahead.add(doc_id)
                self._wanted.append(doc_id)
        if self._wanted:
            self._wake.set()

    async def run(self) -> None:
        """Fetch what is wanted, until cancelled."""
        async with trio.open_nursery() as nursery:
            while True:
                await self._wake.wait()
                self._wake = trio.Event()
                wanted, self._wanted = self._wanted, []
                for doc_id in wanted:
                    nursery.start_soon(self._fetch_quietly, doc_id)

    async def _fetch_quietly(self, doc_id: int) -> None:
        try:
            await self._fetch(doc_id)
        except (NotionFSError, LookupError) as exc:
            self._ahead.discard(doc_id)
            log.debug("document %d was not fetched ahead: %s", doc_id, exc)
        except Exception:  # one page that cannot be shown must not keep others unread
            self._ahead.discard(doc_id)
            log.exception("document %d cannot be read", doc_id)
