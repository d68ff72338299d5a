"""Sends what a save changes on a page that Notion has: properties, then the body.

At most two calls, and nothing the user did not touch: `sending` sends the body, `rereading` looks
first where that is needed.
"""

from __future__ import annotations

import logging

import msgspec
from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import Conflict, Refused
from notionfs.markdown.dialects import Dialect
from notionfs.markdown.media import waiting_in
from notionfs.markdown.pieces import next_piece
from notionfs.model import Base, Body, Page
from notionfs.planning.merge import merge_properties
from notionfs.store.documents import Doc, SavedBase
from notionfs.store.outbox import Change
from notionfs.sync.attaching import Attaching
from notionfs.sync.completion import doubtful_values, fetch_values, keep_values, with_sent
from notionfs.sync.confirming import Confirmation
from notionfs.sync.context import Context
from notionfs.sync.outgoing import Drafts, Outgoing
from notionfs.sync.patches import patched
from notionfs.sync.renditions import Renditions
from notionfs.sync.rereading import Rereading
from notionfs.sync.saver import CONFLICT_REASON
from notionfs.sync.sending import BodySender
from notionfs.sync.uploads import Uploads

log = logging.getLogger(__name__)


class Updating:
    """Updates pages."""

    def __init__(
        self,
        context: Context,
        renditions: Renditions,
        drafts: Drafts,
        confirmation: Confirmation,
        uploads: Uploads,
    ) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions
        self._drafts = drafts
        self._confirmation = confirmation
        self._sender = BodySender(context, confirmation)
        self._rereading = Rereading(context, renditions, drafts, confirmation, uploads)
        self._attaching = Attaching(context.store, drafts, uploads, confirmation)

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    @property
    def _dialect(self) -> Dialect:
        return self._context.dialect

    async def send(self, change: Change, doc: Doc) -> None:
        """Bring Notion in step with the document, once, whatever became of earlier attempts."""
        await self.update(change, await self._rereading.read(change, doc))

    async def update(self, change: Change, fresh: Body | None = None) -> None:
        """Send the difference between the document and its base; *fresh* was read just now."""
        out = await self._attaching.load(change.doc_id)
        if out.text is not None and waiting_in(out.saved.base.body):
            out, fresh = await self._attaching.catch_up(out), None
        if out.text is not None and out.patch.properties:
            out = await self._look_again(out)
        self._check_values(out)
        while (piece := _piece_of(out, self._dialect)) is not None:
            out, fresh = await self._send_piece(change, out, piece, fresh), None
        self._journal(change.seq, out)
        if out.patch.properties:
            out = await self._send_properties(out)
        answer: Body | None = None
        if out.patch.body is not None:
            answer = await self._sender.send(out, out.patch.body, fresh)
            out, answer = await self._attaching.finish(out, answer)
        with self._store.transaction():
            if answer is not None:
                self._confirmation.store_body(out.page_id, answer, ours=True)
            self._confirmation.confirm(change.seq, out)

    def _journal(self, seq: int, out: Outgoing) -> None:
        """Note what is about to be sent: after a lost answer it is looked for."""
        if out.patch.is_empty:
            return
        with self._store.transaction():
            self._store.outbox.annotate(
                seq,
                body=out.patch.body,
                properties=dict(out.patch.properties),
                version=out.doc.version,
                partial=False,
            )

    # --- large bodies -----------------------------------------------------------------------------

    async def _send_piece(
        self, change: Change, out: Outgoing, piece: str, fresh: Body | None
    ) -> Outgoing:
        """Send a part of a body that is too large for one request, and return what is left.

        Notion's answer becomes the base in the store before anything else is sent, so that a crash
        repeats nothing.
        """
        with self._store.transaction():
            self._store.outbox.annotate(
                change.seq, body=piece, properties={}, version=out.doc.version, partial=True
            )
        answer = await self._sender.send(out, piece, fresh)
        if self._dialect.same_text(answer.markdown, out.saved.base.body):
            raise Refused("Notion did not take a part of this large page; save it again.")
        with self._store.transaction():
            self._confirmation.store_body(out.page_id, answer, ours=True)
            self._context.note_written(out.page_id)
            base = replace(out.saved.base, body=answer.markdown)
            self._store.docs.save_base(out.doc.doc_id, SavedBase(base, piece))
        log.info("page %s: a part of a large body was sent", out.page_id)
        return self._drafts.load(change.doc_id)

    # --- properties -------------------------------------------------------------------------------

    async def _look_again(self, out: Outgoing) -> Outgoing:
        """Return what is to be sent, seen from the page as it is now: others may have changed it.

        One read more, and only if Notion has not shown the page for a while.
        """
        doubtful = self._doubtful(out)
        if self._context.is_fresh(out.page_id) and not doubtful:
            return out
        page = await self._client.fetch_page(out.page_id)
        values = await fetch_values(self._client, out.page_id, doubtful)
        with self._store.transaction():
            doc = self._store.docs.load(out.doc.doc_id)
            self._store.docs.save_base(doc.doc_id, self._renditions.base_of(doc))
            self._take(page)
            keep_values(self._store, page.id, values)
        return self._drafts.load(out.doc.doc_id)

    def _doubtful(self, out: Outgoing) -> frozenset[str]:
        """Return which long values to send may have changed behind the part that Notion showed."""
        return doubtful_values(self._store, out.page_id) & out.patch.properties.keys()

    def _take(self, page: Page) -> Page:
        """Store a page that Notion just showed; the caller holds the transaction."""
        self._context.note_shown(page.id)
        return self._store.snapshots.save_page(page)

    def _check_values(self, out: Outgoing) -> None:
        """Raise Conflict if a value to send was changed in Notion too, as far as we know."""
        page = self._store.snapshots.load_page(out.page_id)
        if page is None or out.text is None or not out.patch.properties:
            return
        theirs = msgspec.json.decode(page.properties)
        if merge_properties(out.patch.properties, out.saved.base.properties, theirs):
            raise Conflict(CONFLICT_REASON)

    async def _send_properties(self, out: Outgoing) -> Outgoing:
        """Send the changed properties; from then on only the body is left to send."""
        values = self._attaching.values_of(out)
        page = await self._client.update_page(out.page_id, properties=values)
        with self._store.transaction():
            self._attaching.note_values(out, page)
            page = self._take(with_sent(self._store, page, out.patch.properties))
            answer = Base(page.title, msgspec.json.decode(page.properties), "")
            base = patched(out.saved.base, replace(out.patch, body=None), answer)
            saved = replace(out.saved, base=base)
            self._context.note_written(page.id)
            self._store.docs.save_base(out.doc.doc_id, saved)
        return replace(out, saved=saved)


def _piece_of(out: Outgoing, dialect: Dialect) -> str | None:
    """Return the part of a body to send before the rest; None if the rest fits one request."""
    if out.patch.body is None:
        return None
    base, wanted = out.saved.base.body, out.patch.body
    piece = next_piece(base, wanted, split=dialect.split, join=dialect.join)
    return None if piece == out.patch.body else piece
