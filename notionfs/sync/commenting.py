"""Comments: read when somebody opens their file, added to by writing to it, each sent once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import trio
from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import InvalidPageFile, NoSuchEntry, RemoteError, Unreachable
from notionfs.markdown.remarks import Said, plan_remarks, render_remarks
from notionfs.markdown.richtext import parse_rich_text
from notionfs.markdown.runs import plain_text
from notionfs.model import PageId, Remark, UserId
from notionfs.store.comments import CommentFile, OwnRemark
from notionfs.store.outbox import Action, Change, RowState
from notionfs.sync.absorber import BOT
from notionfs.sync.context import Context
from notionfs.sync.flights import Flights
from notionfs.sync.references import StoreReferences
from notionfs.sync.renditions import nanoseconds

_FRESH_NS = 30 * 1_000_000_000
_MINUTE_NS = 60 * 1_000_000_000
_MOST = 2000
_REFUSED = "A comment was not added:"


class Commenting:
    """The comments of pages."""

    def __init__(self, context: Context, wake_uploader: Callable[[], None]) -> None:
        self._context = context
        self._store = context.store
        self._wake = wake_uploader
        self._flights = Flights()

    # --- reading ----------------------------------------------------------------------------------

    async def ensure(self, doc_id: int) -> None:
        """Return when the comments of a page are as fresh as half a minute.

        While Notion is away, or ours are on their way, what is here stays. Raises RemoteError if
        they were never read and cannot be.
        """
        known = self._store.comments.load(doc_id)
        if known is not None and self._is_settled(doc_id, known):
            return
        try:
            with trio.fail_after(self._context.settings.open_timeout):
                await self._flights.share(doc_id, lambda: self._fetch(doc_id))
        except (RemoteError, trio.TooSlowError) as exc:
            if known is not None:
                return
            if isinstance(exc, RemoteError):
                raise
            raise Unreachable("Notion did not send the comments in time; try again.") from exc

    def _is_settled(self, doc_id: int, known: CommentFile) -> bool:
        is_fresh = self._context.now_ns() - known.fetched_ns < _FRESH_NS
        return is_fresh or bool(self._store.comments.list_waiting(doc_id))

    async def _fetch(self, doc_id: int) -> None:
        doc = self._store.docs.load(doc_id)
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        if page is None:
            raise NoSuchEntry("The page has gone.")
        asked = self._context.moment()
        remarks = await self._read(self._context.client.at(Priority.PROMPT), page.id)
        if self._context.is_history(page.id, asked) or self._store.comments.list_waiting(doc_id):
            return
        named = [replace(remark, author=self._name(remark)) for remark in remarks]
        text = render_remarks(page.title, named)
        known = self._store.comments.load(doc_id)
        newest = max((nanoseconds(remark.created) for remark in remarks), default=0)
        mtime = known.mtime_ns if known is not None and known.text == text else newest
        saved = None if known is None else known.saved
        threads = len({remark.discussion for remark in remarks})
        with self._store.transaction():
            self._store.comments.save(
                CommentFile(doc_id, text, saved, threads, self._context.now_ns(), mtime)
            )

    async def _read(self, client: Client, page_id: PageId) -> list[Remark]:
        found: list[Remark] = []
        cursor: str | None = None
        while True:
            part, cursor = await client.fetch_remarks(page_id, cursor)
            found += part
            if cursor is None:
                return found

    def _name(self, remark: Remark) -> str:
        known = StoreReferences(self._store, 1).user_label(UserId(remark.author_id))
        return known or remark.author or remark.author_id

    # --- writing ----------------------------------------------------------------------------------

    def commit(self, doc_id: int, text: bytes) -> None:
        """Keep *text* as the file of comments, and queue what it adds.

        Raises InvalidPageFile if it changes what others said; nothing is kept then.
        """
        known = self._store.comments.load(doc_id)
        if known is None:
            raise NoSuchEntry("The comments were never read.")
        said = _added(known, text)
        if any(len(one.text) > _MOST for one in said):
            raise InvalidPageFile([f"A comment can have {_MOST:,} characters."])
        now = self._context.now_ns()
        mtime = known.mtime_ns if text == known.text else now
        with self._store.transaction():
            self._store.comments.save(replace(known, text=text, saved=text, mtime_ns=mtime))
            for one in said:
                self._add(doc_id, one)
            if said:
                self._store.outbox.put(doc_id, Action.COMMENT, now_ns=now, due_ns=now)
        self._wake()

    def _add(self, doc_id: int, one: Said) -> None:
        self._store.comments.add(doc_id, one.discussion, parse_rich_text(one.text))

    async def send(self, change: Change) -> None:
        """Send what waits for a page, each once; an attempt without an answer is looked for."""
        doc = self._store.docs.load(change.doc_id)
        if doc.page_id is None:
            raise NoSuchEntry("The page of this comment has gone.")
        while waiting := self._store.comments.list_waiting(change.doc_id):
            await self._send_one(doc.page_id, waiting[0])
        with self._store.transaction():
            self._store.outbox.finish(change.seq)
            if (doc.reason or "").startswith(_REFUSED):
                self._store.docs.explain(change.doc_id, None)

    def give_up(self, change: Change, reason: str) -> None:
        """Notion would not: the comment waits, and the reason stands beside the page.

        The caller holds the transaction.
        """
        self._store.outbox.put_back(change.seq, state=RowState.PARKED, reason=reason)
        now_ns = self._context.now_ns()
        self._store.docs.explain(change.doc_id, f"{_REFUSED} {reason}", now_ns=now_ns)

    async def _send_one(self, page_id: PageId, remark: OwnRemark) -> None:
        client = self._context.client.at(Priority.UPLOAD)
        made = None if remark.claimed_ns is None else await self._find(client, page_id, remark)
        if made is None:
            with self._store.transaction():
                self._store.comments.claim(remark.remark_id, self._context.now_ns())
            made = await client.create_remark(page_id, remark.discussion, remark.rich_text)
        known = self._store.comments.load(remark.doc_id)
        with self._store.transaction():
            self._store.comments.finish(remark.remark_id, made.id)
            if known is not None:
                threads = max(1, known.threads)
                self._store.comments.save(replace(known, threads=threads, fetched_ns=0))

    async def _find(self, client: Client, page_id: PageId, remark: OwnRemark) -> Remark | None:
        """Return the comment that an attempt made, if it did although no answer came."""
        bot = self._store.snapshots.load_fact(BOT)
        known = self._store.comments.known_ids(remark.doc_id)
        earliest = (remark.claimed_ns or 0) - _MINUTE_NS
        text = plain_text(remark.rich_text)
        for found in await self._read(client, page_id):
            is_place = remark.discussion in (None, found.discussion)
            is_new = found.id not in known and nanoseconds(found.created) >= earliest
            if (
                found.author_id == bot
                and is_place
                and is_new
                and plain_text(found.rich_text) == text
            ):
                return found
        return None


def _added(known: CommentFile, text: bytes) -> list[Said]:
    """Return what *text* adds to the file, or to the text that its editor saved last."""
    try:
        return plan_remarks(known.text, text)
    except InvalidPageFile:
        if known.saved is None:
            raise
        with suppress(InvalidPageFile):
            return plan_remarks(known.saved, text)
        raise
