"""Sends what a save changes on a page that Notion has: properties, then the body.

At most two calls, and nothing the user did not touch. What may have been applied already, or was
never read, is read before anything is sent.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import msgspec

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import Conflict, EditMissed, Refused, UnplannableEdit
from notionfs.markdown.bodies import has_hosted_file, with_signatures
from notionfs.markdown.dialects import Dialect
from notionfs.markdown.hunks import BodyPlan, apply_plan
from notionfs.markdown.media import waiting_in
from notionfs.markdown.pieces import next_piece
from notionfs.model import Base, Body, Page, PageId
from notionfs.planning.merge import merge_properties
from notionfs.store.documents import Doc, SavedBase
from notionfs.store.outbox import Change
from notionfs.store.snapshots import StoredBody
from notionfs.sync.attaching import Attaching
from notionfs.sync.completion import doubtful_values, fetch_values, keep_values, with_sent
from notionfs.sync.confirming import Confirmation
from notionfs.sync.context import Context
from notionfs.sync.fetcher import canonical, fetch_body
from notionfs.sync.outgoing import Drafts, Outgoing
from notionfs.sync.patches import (
    arrived_values,
    has_arrived,
    in_our_words,
    merge_blocks,
    patched,
)
from notionfs.sync.renditions import Renditions
from notionfs.sync.saver import CONFLICT_REASON
from notionfs.sync.uploads import Uploads

log = logging.getLogger(__name__)

_MOST_RACES = 2
"""How often a body that was changed between our reading and our writing is read again."""


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
        self._uploads = uploads
        self._attaching = Attaching(context.store, drafts, uploads, confirmation)

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    @property
    def _dialect(self) -> Dialect:
        return self._context.dialect

    def _merge(self, base: str, mine: str, theirs: str) -> str | None:
        return merge_blocks(base, mine, theirs, self._dialect)

    async def send(self, change: Change, doc: Doc) -> None:
        """Bring Notion in step with the document, once, whatever became of earlier attempts."""
        fresh: Body | None = None
        if change.payload.get("was_unsure"):
            await self._uploads.look_after(doc.doc_id)
            fresh = await self._reread(change, doc, with_page=True)
        elif doc.has_text and self._is_unknown(doc):
            fresh = await self._reread(change, doc, with_page=False)
        await self.update(change, fresh)

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
            answer = await self._send_body(out, out.patch.body, fresh)
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
        answer = await self._send_body(out, piece, fresh)
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

    # --- the body ---------------------------------------------------------------------------------

    async def _send_body(self, out: Outgoing, wanted: str, fresh: Body | None) -> Body:
        """Send the body as the smallest edits; if they do not fit, read, merge, and try again."""
        base = out.saved.base.body
        if fresh is None:
            try:
                return await self._edit(out.page_id, Body(base), wanted, just_read=False)
            except (Refused, UnplannableEdit) as exc:
                fresh = await fetch_body(self._client, out.page_id)
                if isinstance(exc, Refused) and self._dialect.same_text(fresh.markdown, base):
                    raise
        for _ in range(_MOST_RACES):
            try:
                return await self._edit_fresh(out, wanted, fresh)
            except Refused:
                seen, fresh = fresh, await fetch_body(self._client, out.page_id)
                if self._dialect.same_text(seen.markdown, fresh.markdown):
                    raise
        return await self._edit_fresh(out, wanted, fresh)

    async def _edit_fresh(self, out: Outgoing, wanted: str, fresh: Body) -> Body:
        """Send the body as edits of what Notion said a moment ago.

        Raises Refused also if somebody (or we, with a new sub-page) changed it since.
        """
        merged = self._merge(out.saved.base.body, wanted, fresh.markdown)
        if merged is None:
            self._keep_theirs(out, fresh)
            raise Conflict(CONFLICT_REASON)
        try:
            return await self._edit(out.page_id, fresh, merged, just_read=True)
        except UnplannableEdit as exc:
            raise Refused(
                "This edit cannot be expressed as exact replacements; change less at a time."
            ) from exc

    async def _edit(self, page_id: PageId, base: Body, wanted: str, *, just_read: bool) -> Body:
        try:
            plan = self._dialect.plan(base.markdown, wanted)
        except UnplannableEdit:
            return await self._edit_apart(page_id, base, wanted, just_read=just_read)
        if plan.is_empty:
            return base
        addition = plan.append if plan.replace is None else plan.replace
        if addition is not None:
            # Also into an empty page: if it is not empty any more, what it has stays.
            return canonical(await self._client.append_body(page_id, addition))
        return await self._replace_parts(page_id, base, plan)

    async def _edit_apart(
        self, page_id: PageId, base: Body, wanted: str, *, just_read: bool
    ) -> Body:
        """Send what is new at the end by itself; only if that does not help, replace all."""
        try:
            plan, addition = self._dialect.plan_apart(base.markdown, wanted)
        except UnplannableEdit:
            if not just_read or not _is_replaceable(base):
                raise
            return await self._replace_all(page_id, base, wanted)
        await self._replace_parts(page_id, base, plan)
        return canonical(await self._client.append_body(page_id, addition))

    async def _replace_all(self, page_id: PageId, base: Body, wanted: str) -> Body:
        """Send the whole text of a page that was just read, its hosted files signed as they are."""
        if has_hosted_file(wanted):
            now = await self._client.fetch_body(page_id)
            if not self._dialect.same_text(canonical(now).markdown, base.markdown):
                raise EditMissed("The page was changed in Notion meanwhile; it is read again.")
            wanted = with_signatures(wanted, now.markdown)
        return canonical(await self._client.replace_body(page_id, wanted))

    async def _replace_parts(self, page_id: PageId, base: Body, plan: BodyPlan) -> Body:
        answer = canonical(await self._client.edit_body(page_id, plan.edits))
        if not self._dialect.same_text(answer.markdown, apply_plan(base.markdown, plan)):
            log.info("page %s: Notion's text after the save differs from ours", page_id)
        return answer

    def _keep_theirs(self, out: Outgoing, theirs: Body) -> None:
        with self._store.transaction():
            if self._store.docs.load_base(out.doc.doc_id) is None:
                self._store.docs.save_base(out.doc.doc_id, out.saved)
            self._confirmation.store_body(out.page_id, theirs, ours=False)

    # --- reading first ----------------------------------------------------------------------------

    def _is_unknown(self, doc: Doc) -> bool:
        """Tell whether nobody knows what the page says: never read, or only sent."""
        stored = self._store.snapshots.load_body(PageId(doc.page_id or ""))
        return stored is None or stored.guessed

    async def _reread(self, change: Change, doc: Doc, *, with_page: bool) -> Body | None:
        """Learn what Notion has before anything is sent (again), and plan against that."""
        page_id = PageId(doc.page_id or "")
        page = await self._client.fetch_page(page_id) if with_page else None
        body = await fetch_body(self._client, page_id) if doc.has_text else None
        known = self._store.snapshots.load_body(page_id)
        doc = self._store.docs.load(change.doc_id)
        saved = self._renditions.base_of(doc)
        with self._store.transaction():
            self._store.docs.save_base(doc.doc_id, saved)  # before the snapshot moves on
            if page is not None:
                self._take(page)
            if body is not None:
                self._confirmation.store_body(page_id, body, ours=False)
        saved = self._rebased(change, doc, saved, body, known)
        with self._store.transaction():
            self._store.docs.save_base(doc.doc_id, saved)
            self._store.outbox.annotate(change.seq, was_unsure=False)
        return body

    def _rebased(
        self,
        change: Change,
        doc: Doc,
        saved: SavedBase,
        body: Body | None,
        known: StoredBody | None,
    ) -> SavedBase:
        """Return the base of a text that grew from *saved*, now that Notion says *body*."""
        if change.payload.get("was_unsure"):
            now = self._renditions.snapshot_base(doc.page_id)
            base = arrived_values(saved.base, change.payload.get("properties") or {}, now)
            saved = replace(saved, base=base)
        if body is None:
            return saved
        if known is None:  # written without having read it: the text replaces what is there
            return SavedBase(replace(saved.base, body=body.markdown))
        if known.guessed:
            return self._after_guess(doc, saved, body, known.body.markdown)
        return self._after_loss(change, doc, saved, body)

    def _after_guess(self, doc: Doc, saved: SavedBase, body: Body, guess: str) -> SavedBase:
        """The page was created with *guess*; the rest is Notion's spelling, or others' work."""
        read = SavedBase(replace(saved.base, body=body.markdown), guess)
        respelled = in_our_words(body.markdown, "", guess, self._dialect)
        if self._dialect.same_text(respelled, guess):
            return read
        wanted = self._drafts.load(doc.doc_id).patch.body
        if wanted is not None and self._merge(guess, wanted, respelled) is None:
            raise Conflict(CONFLICT_REASON)
        return read

    def _after_loss(self, change: Change, doc: Doc, saved: SavedBase, body: Body) -> SavedBase:
        """An answer was lost: if the attempt is there, only what was written since is left."""
        sent = change.payload.get("body")
        if sent is not None:
            sent = self._uploads.settled(doc.doc_id, sent)
        base = saved.base.body
        if sent is None or not has_arrived(base, sent, body.markdown, self._dialect):
            return saved
        ours = in_our_words(body.markdown, base, sent, self._dialect)
        if not self._dialect.same_text(ours, sent):
            with self._store.transaction():
                self._store.docs.mark(doc.doc_id, outdated=1)
        spelled = sent
        is_whole = not change.payload.get("partial")
        if is_whole and doc.version == change.payload.get("version"):
            spelled = self._renditions.spelled(doc, body.markdown) or sent
        return SavedBase(replace(saved.base, body=body.markdown), spelled)


def _piece_of(out: Outgoing, dialect: Dialect) -> str | None:
    """Return the part of a body to send before the rest; None if the rest fits one request."""
    if out.patch.body is None:
        return None
    base, wanted = out.saved.base.body, out.patch.body
    piece = next_piece(base, wanted, split=dialect.split, join=dialect.join)
    return None if piece == out.patch.body else piece


def _is_replaceable(body: Body) -> bool:
    """Tell whether replacing all of a body just read could lose nothing that was not shown."""
    return not (body.truncated or body.unknown_ids or "<unknown" in body.markdown)
