"""Creates pages, each once: an attempt is journaled before it is sent, and looked for if its answer
was lost.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import msgspec
import trio

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import FileSystemError, NotFoundYet, NotPermitted
from notionfs.markdown.media import waiting_in
from notionfs.markdown.pieces import next_piece
from notionfs.markdown.properties import title_value
from notionfs.model import Base, Body, Page, PageId, Parent
from notionfs.planning.states import PENDING
from notionfs.store.documents import Doc, SavedBase
from notionfs.store.outbox import Action, Change
from notionfs.sync.ahead import LINKS_AHEAD, LinksAhead
from notionfs.sync.attaching import Attaching
from notionfs.sync.completion import with_sent
from notionfs.sync.confirming import Confirmation
from notionfs.sync.context import Context
from notionfs.sync.fetcher import fetch_body
from notionfs.sync.outgoing import Drafts, Outgoing
from notionfs.sync.placement import Placement
from notionfs.sync.recovery import find_created
from notionfs.sync.saver import Saver
from notionfs.sync.templates import find_template, wanted_template
from notionfs.sync.updating import Updating
from notionfs.sync.uploads import Uploads

log = logging.getLogger(__name__)

# Queries show a new page a while after it was made. Only then does its absence mean anything.
SETTLE_NS = 30 * 1_000_000_000


class Creating:
    """Gives documents their pages."""

    def __init__(
        self,
        context: Context,
        saver: Saver,
        placement: Placement,
        drafts: Drafts,
        confirmation: Confirmation,
        updating: Updating,
        uploads: Uploads,
    ) -> None:
        self._context = context
        self._store = context.store
        self._saver = saver
        self._placement = placement
        self._drafts = drafts
        self._confirmation = confirmation
        self._updating = updating
        self._attaching = Attaching(context.store, drafts, uploads, confirmation)

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    async def send(self, change: Change) -> None:
        """Create the document's page, or adopt the one that a lost attempt created.

        A page that links to others which come after it is created without its text; LinksAhead
        says that this is sent later.
        """
        if change.payload.get("was_unsure"):
            page = await self._find(change)
            if page is not None:
                await self._adopt(change, page)
                return
        out = await self._attaching.load(change.doc_id)
        parent = self._parent_of(out)
        properties = dict(out.patch.properties)
        properties.setdefault("title", title_value(self._saver.title_of_new(out.doc)))
        dialect = self._context.dialect
        wanted = out.patch.body or ""
        is_early = self._drafts.ahead.links(change, out.doc)
        body = "" if is_early else next_piece("", wanted, split=dialect.split, join=dialect.join)
        wanted_one = wanted_template(out.text)
        template = wanted_one and await find_template(self._client, parent, wanted_one)
        self._journal(change.seq, out, parent, body)
        sent = {**properties, **self._attaching.values_of(out)}
        page = await self._client.create_page(parent, sent, body or None, template or None)
        is_whole = body == wanted and not waiting_in(body)
        with self._store.transaction():
            self._attaching.note_values(out, page)
            page = with_sent(self._store, page, properties)
            self._take_page(change.doc_id, page, Body(body), is_guess=True)
            if template:  # it is filled after the answer
                self._store.snapshots.mark_stale(page.id)
            if is_whole:
                self._confirmation.confirm(change.seq, out)
            else:
                base = Base(page.title, msgspec.json.decode(page.properties), body)
                self._store.docs.save_base(change.doc_id, SavedBase(base, body))
            self._follow(change.doc_id, parent)
            self._drafts.ahead.hurry(change.doc_id)
        if is_early and not is_whole:
            raise LinksAhead(LINKS_AHEAD)
        if not is_whole:
            await self._updating.send(change, self._store.docs.load(change.doc_id))

    def _parent_of(self, out: Outgoing) -> Parent:
        try:
            parent = self._saver.parent_for(out.doc, out.text or b"")
        except LookupError as exc:
            raise NotPermitted("The new page has no place any more; save it elsewhere.") from exc
        if parent is None:
            raise NotFoundYet("The page around it is not in Notion yet; it is created first.")
        return parent

    def _journal(self, seq: int, out: Outgoing, parent: Parent, body: str) -> None:
        """Note what is about to be created, so that it can be recognised."""
        title = out.patch.title
        facts: dict[str, Any] = {
            "parent": parent.id,
            "parent_type": parent.type.value,
            "title": self._saver.title_of_new(out.doc) if title is None else title,
            "body": body,
            "partial": body != (out.patch.body or "") or bool(waiting_in(body)),
            "template": wanted_template(out.text),
            "version": out.doc.version,
            "newest_doc": self._store.docs.newest_id(),
            "attempt_ns": self._context.now_ns(),
            "since_ns": min(self._context.now_ns(), self._client.clock_ns() or 1 << 62),
            "committed_id": None,
            "was_unsure": False,
        }
        with self._store.transaction():
            self._store.outbox.annotate(seq, **facts)

    # --- after a lost answer ----------------------------------------------------------------------

    async def _find(self, change: Change) -> Page | None:
        page = await find_created(self._client, change.payload, self._is_anothers(change))
        if page is not None or change.payload.get("title") is None:
            return page
        settled_ns = int(change.payload.get("attempt_ns", 0)) + SETTLE_NS
        wait_ns = min(settled_ns - self._context.now_ns(), SETTLE_NS)
        if wait_ns <= 0:
            return None
        await trio.sleep(wait_ns / 1e9)
        return await find_created(self._client, change.payload, self._is_anothers(change))

    def _is_anothers(self, change: Change) -> Callable[[PageId], bool]:
        """Return how to tell whether a page belongs to another file than the attempt's.

        A refresh may have shown the page before we knew that it is ours; such a file is younger
        than the attempt, and nobody has written to it.
        """
        newest = int(change.payload.get("newest_doc", 1 << 62))

        def is_anothers(page_id: PageId) -> bool:
            twin = self._store.docs.find(page_id)
            if twin is None or twin.doc_id == change.doc_id:
                return False
            return twin.doc_id <= newest or twin.user_text or twin.state in PENDING

        return is_anothers

    async def _adopt(self, change: Change, page: Page) -> None:
        """The page was created after all; send only what is still different."""
        body = await fetch_body(self._client, page.id)
        base = Base(page.title, msgspec.json.decode(page.properties), body.markdown)
        with self._store.transaction():
            self._take_page(change.doc_id, page, body, is_guess=False)
            self._store.docs.save_base(change.doc_id, SavedBase(base, change.payload.get("body")))
            self._store.outbox.annotate(change.seq, was_unsure=False)
            self._follow(change.doc_id, page.parent)
        log.info("page %s had been created although no answer came", page.id)
        if self._drafts.ahead.links(change, self._store.docs.load(change.doc_id)):
            raise LinksAhead(LINKS_AHEAD)
        await self._updating.update(change)

    # --- the page and its file --------------------------------------------------------------------

    def _take_page(self, doc_id: int, page: Page, body: Body, *, is_guess: bool) -> None:
        """Tie the page to its document; the caller holds the transaction."""
        twin = self._store.docs.find(page.id)
        if twin is not None and twin.doc_id != doc_id:
            self._part_from(twin)
        self._store.docs.set_page(doc_id, page.id)
        self._store.snapshots.save_page(page)
        self._store.snapshots.disown_body_around(page)
        self._context.note_shown(page.id)
        self._context.note_written(page.id)
        guessed = is_guess and bool(body.markdown)
        self._confirmation.store_body(page.id, body, ours=is_guess, guessed=guessed)
        self._placement.place_missed(page)

    def _part_from(self, twin: Doc) -> None:
        """A refresh gave the page another file. It goes, unless somebody wrote to it already."""
        if twin.state in PENDING or self._context.is_open(twin.doc_id):
            empty = SavedBase(Base(title="", properties={}, body=""))
            self._store.docs.set_page(twin.doc_id, None)
            self._store.docs.save_base(twin.doc_id, empty)
            return
        self._placement.remove_page(twin)
        self._store.docs.remove(twin.doc_id)

    def _follow(self, doc_id: int, parent: Parent) -> None:
        """The file may have been moved while the request was out: the page follows."""
        doc = self._store.docs.load(doc_id)
        try:
            wanted = self._saver.parent_of(doc)
        except (FileSystemError, LookupError):
            return
        now = self._context.now_ns()
        if wanted is None or not self._placement.same_place(wanted, parent):
            self._store.outbox.put(doc_id, Action.MOVE, now_ns=now, due_ns=now)
