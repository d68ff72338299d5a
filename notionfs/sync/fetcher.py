"""Reads one page's text, one call, once for all who wait."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import trio
from msgspec import Struct
from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.pacing import Priority, Urgency
from notionfs.api.traced import request_ids
from notionfs.config import Prefetch
from notionfs.errors import Forbidden, RemoteError, Unreachable
from notionfs.markdown.bodies import canonical_body
from notionfs.markdown.whole import has_cut
from notionfs.model import JSON, Body, PageId
from notionfs.planning.states import DocState
from notionfs.store.documents import Doc
from notionfs.sync.activity import Event
from notionfs.sync.completion import (
    doubtful_values,
    keep_values,
    missing_values,
    try_fetch_values,
)
from notionfs.sync.context import Context
from notionfs.sync.flights import Flights
from notionfs.sync.parts import fetch_parts
from notionfs.sync.readahead import Readahead
from notionfs.sync.renditions import Renditions

log = logging.getLogger(__name__)

_FILL_BATCH = 50
_FILL_WORKERS = 4
_FILL_PAUSE = 60.0
_AHEAD_PATIENCE = 60.0
_MINUTE_NS = 60 * 1_000_000_000


async def fetch_body(client: Client, page_id: PageId) -> Body:
    """Return a page's body as the store keeps it: without hosted-file signatures.

    One call, and one more for each of the first parts of a page that is too long for one answer.
    """
    return await with_parts(client, canonical(await client.fetch_body(page_id)))


async def with_parts(client: Client, body: Body) -> Body:
    """Return *body*, just read, with the first of its parts that did not fit into the answer."""
    return replace(body, parts=await fetch_parts(client, body)) if body.unknown_ids else body


def canonical(body: Body) -> Body:
    """Return *body* without hosted-file signatures."""
    return replace(body, markdown=canonical_body(body.markdown))


class _Answer(Struct, frozen=True):
    """What one flight brought: a body, unless it was known, and long values by property id."""

    page_id: PageId
    body: Body | None
    values: Mapping[str, tuple[JSON, ...]]
    asked_ns: int


_MOST_SETTLED = 10_000  # documents to know by heart: a second `grep -r` then asks for none of them


class Fetcher:
    """Makes sure that a page file has its text."""

    def __init__(self, context: Context, renditions: Renditions) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions
        self._flights = Flights()
        self._wake = trio.Event()
        self._listed: set[int] = set()
        self._urgencies: dict[int, Urgency] = {}
        self._settled: set[int] = set()
        self._settled_at = 0
        self.readahead = Readahead(context, self._fetch_ahead)

    async def ensure_text(
        self, doc_id: int, *, priority: Priority = Priority.PROMPT, timeout: float | None = None
    ) -> None:
        """Return when the document has a text as fresh as we know; one call at most.

        A value that Notion showed in part takes one more for each hundred of its entries.
        A page that was read before stays readable while Notion is away. Raises RemoteError for an
        unread page that cannot be fetched, within *timeout* seconds if it is given.
        """
        if self.is_settled(doc_id):
            return
        doc = self._store.docs.load(doc_id)
        wants_fetch = self._wants_fetch(doc)
        if priority is Priority.PROMPT and (wants_fetch or self.readahead.was_ahead(doc_id)):
            self.readahead.note_opened(doc_id)
        if not wants_fetch:
            return
        try:
            with trio.fail_after(
                self._context.settings.open_timeout if timeout is None else timeout
            ):
                self._hurry(doc_id, priority)
                await self._share(doc, priority)
        except (RemoteError, trio.TooSlowError) as exc:
            if isinstance(exc, Forbidden):
                self._explain(doc_id, str(exc))
            if doc.has_text:
                log.info("page %s: the stored text is shown, Notion is away", doc.page_id)
                return
            if isinstance(exc, RemoteError):
                raise
            raise Unreachable(
                f"Notion did not answer in time for page {doc.page_id}; try again later."
            ) from exc

    async def _share(self, doc: Doc, priority: Priority) -> None:
        """Fetch a page once for all who wait.

        Who comes to a request that began in the background does not take over its failure: the
        trouble may be over by now.
        """
        joined = self._flights.is_flying(doc.page_id)

        async def fly() -> None:
            await self._fetch(doc.doc_id, priority)

        try:
            await self._flights.share(doc.page_id, fly)
        except RemoteError:
            if not joined or priority is not Priority.PROMPT:
                raise
            await self._flights.share(doc.page_id, fly)

    async def _fetch_ahead(self, doc_id: int) -> None:
        await self.ensure_text(doc_id, priority=Priority.AHEAD, timeout=_AHEAD_PATIENCE)

    def _explain(self, doc_id: int, reason: str | None) -> None:
        """Say beside the file, or no longer say, why Notion does not show the page."""
        doc = self._store.docs.get(doc_id)
        if (
            doc is None
            or doc.reason == reason
            or doc.state not in (DocState.UNREAD, DocState.CLEAN)
        ):
            return
        with self._store.transaction():
            self._store.docs.explain(doc_id, reason, now_ns=self._context.now_ns())

    def note_listed(self, ino: int) -> None:
        """Somebody listed a directory: with `prefetch = "listed"` its pages are fetched."""
        if self._context.settings.prefetch is Prefetch.LISTED and ino not in self._listed:
            self._listed.add(ino)
            self.fill_soon()

    def fill_soon(self) -> None:
        """Let the background fill look again for unread pages."""
        self._wake.set()

    async def run_fill(self) -> None:
        """Fetch unread and stale pages at the lowest priority, for as long as there are any."""
        while True:
            failed: set[PageId] = set()
            while pages := self._next_unread(failed):
                await self._fill(pages, failed)
            self._wake = trio.Event()
            with trio.move_on_after(_FILL_PAUSE if failed else float("inf")):
                await self._wake.wait()

    def _next_unread(self, failed: set[PageId]) -> list[PageId]:
        limit = _FILL_BATCH + len(failed)
        prefetch = self._context.settings.prefetch
        if prefetch is Prefetch.OFF:
            return []
        if prefetch is Prefetch.ALL:
            unread = self._store.snapshots.list_unread(limit)
        else:
            listed = sorted(self._listed)
            unread = [p for ino in listed for p in self._store.snapshots.list_unread_in(ino, limit)]
        return [page_id for page_id in unread if page_id not in failed]

    async def _fill(self, pages: list[PageId], failed: set[PageId]) -> None:
        queue = iter(pages)

        async def work() -> None:
            for page_id in queue:
                doc = self._store.docs.find(page_id)
                try:
                    if doc is None or not self._wants_fetch(doc):
                        failed.add(page_id)
                    else:
                        await self.ensure_text(doc.doc_id, priority=Priority.FILL, timeout=300)
                except RemoteError as exc:
                    failed.add(page_id)
                    log.info("page %s is not read yet: %s", page_id, exc)
                except Exception:  # one page that cannot be shown must not keep others unread
                    failed.add(page_id)
                    log.exception("page %s cannot be read", page_id)
                else:
                    now = None if doc is None else self._store.docs.get(doc.doc_id)
                    if now is not None and self._wants_fetch(now):
                        failed.add(page_id)

        async with trio.open_nursery() as nursery:
            for _ in range(_FILL_WORKERS):
                nursery.start_soon(work)

    def is_settled(self, doc_id: int) -> bool:
        """Tell, at the cost of one look into the store, that `ensure_text` has nothing to do."""
        if self.readahead.was_ahead(doc_id):  # it wants to hear that somebody came
            return False
        if self.was_settled(doc_id):
            return True
        properties = self._store.docs.find_settled(doc_id)
        if properties is None or has_cut(properties):
            return False
        if len(self._settled) >= _MOST_SETTLED:
            self._settled.clear()
        self._settled.add(doc_id)
        return True

    def was_settled(self, doc_id: int) -> bool:
        """Tell that a document was settled when the store was last written to."""
        changes = self._store.changes()
        if changes != self._settled_at:
            self._settled.clear()
            self._settled_at = changes
        return doc_id in self._settled

    def _wants_fetch(self, doc: Doc) -> bool:
        if doc.page_id is None or not doc.has_text:
            return doc.page_id is not None
        if doc.state is not DocState.CLEAN:
            return False
        stored = self._store.snapshots.load_body(doc.page_id)
        if stored is None or stored.stale or self._completable(doc):
            return True
        return bool(missing_values(self._store, doc.page_id))

    def _now(self) -> int:
        return self._context.now_ns()

    async def _fetch(self, doc_id: int, priority: Priority) -> None:
        doc = self._store.docs.load(doc_id)
        if doc.page_id is None or not self._wants_fetch(doc):
            return
        stored = self._store.snapshots.load_body(doc.page_id)
        is_known = stored is not None and not stored.stale and not stored.guessed
        find = missing_values if is_known else doubtful_values
        wanted = find(self._store, doc.page_id)
        if is_known and not wanted:
            with self._store.transaction():
                (self._renditions.rewrite if doc.has_text else self._renditions.first_text)(doc_id)
            return
        started_ns, asked = self._now(), self._context.moment()
        urgency = self._urgencies[doc_id] = Urgency(priority)
        client = self._context.client.at(urgency)
        try:
            with request_ids() as ids:
                body = None if is_known else await fetch_body(client, doc.page_id)
                values = await try_fetch_values(client, doc.page_id, wanted)
        finally:
            del self._urgencies[doc_id]
        self._context.activity.note(Event.FETCHED, doc_id=doc_id, page_id=doc.page_id, requests=ids)
        if not self._is_history(doc_id, doc.page_id, asked):
            self._arrived(doc_id, _Answer(doc.page_id, body, values, started_ns))

    def _is_history(self, doc_id: int, page_id: PageId, asked: int) -> bool:
        """Tell whether the answer came too late: the page was written to, or is gone, meanwhile."""
        doc = self._store.docs.get(doc_id)
        if doc is None or doc.page_id != page_id:
            return True
        return doc.has_text and self._context.is_history(page_id, asked)

    def _hurry(self, doc_id: int, priority: Priority) -> None:
        """Somebody waits for a page that the background fill has in its queue."""
        if doc_id in self._urgencies:
            self._urgencies[doc_id].raise_to(priority)

    def _arrived(self, doc_id: int, answer: _Answer) -> None:
        """Store what was read; the document may have been saved, or opened, while we waited."""
        page = self._store.snapshots.load_page(answer.page_id)
        if page is None:
            return
        self._explain(doc_id, None)
        with self._store.transaction(durable=False):
            doc = self._store.docs.load(doc_id)
            before = self._renditions.snapshot_base(page.id)
            keep_values(self._store, page.id, answer.values)
            if answer.body is not None:
                self._store.snapshots.save_body(
                    page.id, answer.body, last_edited=page.last_edited, now_ns=answer.asked_ns
                )
            if not doc.has_text:
                self._renditions.first_text(doc_id)
            elif self._completable(doc):
                self._renditions.rewrite(doc_id, before)
            else:
                self._renditions.settle(doc_id, before)

    def _completable(self, doc: Doc) -> bool:
        """Tell whether the frontmatter that a new file lacks may be added now."""
        if doc.state is not DocState.CLEAN or not doc.bare or self._context.is_open(doc.doc_id):
            return False
        return doc.bare > 1 or self._now() - doc.mtime_ns >= _MINUTE_NS
