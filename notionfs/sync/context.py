"""What the engine's parts share: the two doors, the settings, the clock, news for the kernel."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import trio
from cachetools import TTLCache
from msgspec import Struct

from notionfs.api.client import Client
from notionfs.config import Settings
from notionfs.markdown.dialects import DIALECTS, Dialect
from notionfs.model import PageId
from notionfs.store.store import Store
from notionfs.sync.activity import Activity
from notionfs.sync.putback import Refusals

FRESH_NS = 60 * 1_000_000_000
"""How long a page's properties count as known after Notion showed them, or a scan was complete.

Two polls of the usual pace fit in; after a longer silence a page is read again before its
properties are sent.
"""

_MOST_FRESH = 4096


class InodeChanged(Struct, frozen=True):
    """The bytes or attributes of an inode changed behind the kernel's back."""

    ino: int


class EntryChanged(Struct, frozen=True):
    """A name appeared, vanished or moved behind the kernel's back.

    After a move, *now* is where the entry stands, so that the old name can still resolve.
    """

    parent_ino: int
    name: str
    now: tuple[int, str] | None = None


News = InodeChanged | EntryChanged


class NewsQueue:
    """What the kernel must hear, in order. Not a channel: that would hand an item to a waiting
    reader, who runs later, while an answer to the kernel must not overtake what was told before it.
    """

    def __init__(self) -> None:
        self._items: deque[News] = deque()
        self._arrived = trio.Event()

    def put(self, item: News) -> None:
        """Add *item*; it never blocks, and nobody needs to listen."""
        self._items.append(item)
        self._arrived.set()

    def take(self, most: int | None = None) -> list[News]:
        """Return what was put since the last call: everything, or the first *most*."""
        if not self._items:
            return []
        few = len(self._items) if most is None else min(most, len(self._items))
        items = [self._items.popleft() for _ in range(few)]
        if not self._items and self._arrived.is_set():  # else somebody waits for this very event
            self._arrived = trio.Event()
        return items

    async def wait(self) -> None:
        """Return when there is something to take."""
        await self._arrived.wait()


class Context:
    """Shared by the engine's parts; one per mount.

    *activity* is told what happens to pages.
    *open_docs* counts the open handles of each document: its bytes are not replaced meanwhile.
    *news* carries what the kernel must hear, upward.
    """

    def __init__(
        self,
        *,
        store: Store,
        client: Client,
        settings: Settings,
        now_ns: Callable[[], int],
        news: NewsQueue,
        workspace: str = "workspace",
    ) -> None:
        self.store = store
        self.client = client
        self.settings = settings
        self.now_ns = now_ns
        self.news = news
        self.workspace = workspace
        self.activity = Activity(store.path.parent, now_ns)
        self.refusals = Refusals(now_ns)
        self.open_docs: dict[int, int] = {}
        self._moment = 0
        self._written: dict[PageId, int] = {}
        self._scanned_ns: int | None = None
        self._shown: TTLCache[PageId, None] = TTLCache(_MOST_FRESH, FRESH_NS, timer=now_ns)

    @property
    def dialect(self) -> Dialect:
        """The kind of Markdown that bodies are in."""
        return DIALECTS[self.client.speech.version]

    def moment(self) -> int:
        """Return a number that only grows: it tells what came first, whatever the clock says."""
        self._moment += 1
        return self._moment

    def note_written(self, page_id: PageId) -> None:
        """Notion just answered to a write of ours: what was asked before it is history."""
        self._written[page_id] = self.moment()

    def is_history(self, page_id: PageId, asked: int) -> bool:
        """Tell whether we wrote to the page since *asked*, so that an answer may be older."""
        return self._written.get(page_id, 0) > asked

    def note_shown(self, page_id: PageId) -> None:
        """Notion just showed the page with its properties, and they are in the store."""
        self._shown[page_id] = None

    def note_scan(self, asked_ns: int) -> None:
        """Whatever had changed by *asked_ns* is in the store."""
        self._scanned_ns = asked_ns

    def is_fresh(self, page_id: PageId) -> bool:
        """Tell whether the stored properties are as Notion had them a moment ago."""
        if page_id in self._shown:
            return True
        return self._scanned_ns is not None and self.now_ns() - self._scanned_ns < FRESH_NS

    def is_open(self, doc_id: int) -> bool:
        """Tell whether somebody holds the document's file open."""
        return doc_id in self.open_docs

    def tell(self, news: News) -> None:
        """Pass *news* to whoever talks to the kernel."""
        self.news.put(news)
