"""Reads a page before anything is sent (again), and says what a text grew from then.

What may have been applied already, or was never read, is not planned against what we remember.
"""

from __future__ import annotations

from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import Conflict
from notionfs.markdown.dialects import Dialect
from notionfs.model import Body, PageId
from notionfs.store.documents import Doc, SavedBase
from notionfs.store.outbox import Change
from notionfs.store.snapshots import StoredBody
from notionfs.sync.confirming import Confirmation
from notionfs.sync.context import Context
from notionfs.sync.fetcher import fetch_body
from notionfs.sync.outgoing import Drafts
from notionfs.sync.patches import arrived_values, has_arrived, in_our_words, merge_blocks
from notionfs.sync.renditions import Renditions
from notionfs.sync.saver import CONFLICT_REASON
from notionfs.sync.uploads import Uploads


class Rereading:
    """Finds out what became of earlier attempts, and what others did."""

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

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    @property
    def _dialect(self) -> Dialect:
        return self._context.dialect

    async def read(self, change: Change, doc: Doc) -> Body | None:
        """Return what Notion has, if that must be known before anything is sent."""
        if change.payload.get("was_unsure"):
            await self._uploads.look_after(doc.doc_id)
            return await self._reread(change, doc, with_page=True)
        if doc.has_text and self._is_unknown(doc):
            return await self._reread(change, doc, with_page=False)
        return None

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
                self._context.note_shown(page.id)
                self._store.snapshots.save_page(page)
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
        if wanted is not None and not self._merges(guess, wanted, respelled):
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

    def _merges(self, base: str, mine: str, theirs: str) -> bool:
        return merge_blocks(base, mine, theirs, self._dialect) is not None
