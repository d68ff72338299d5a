"""After Notion's answer: the page has what was sent, and perhaps what others changed.

The user's bytes stay unless somebody else really changed the page. Nothing here waits; callers hold
the transaction and have stored the answer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from msgspec.structs import replace

from notionfs.markdown.aligning import changed_regions
from notionfs.markdown.dialects import Dialect
from notionfs.markdown.names import with_names_of
from notionfs.markdown.properties import named_as
from notionfs.markdown.visible import brings_words
from notionfs.model import Base, Body, PageId
from notionfs.planning.states import DocEvent, DocState
from notionfs.store.documents import Doc, SavedBase
from notionfs.sync.activity import Event
from notionfs.sync.advising import Advising
from notionfs.sync.context import Context
from notionfs.sync.outgoing import Drafts, Outgoing
from notionfs.sync.patches import in_our_words, merge_blocks, patched
from notionfs.sync.renditions import Renditions

log = logging.getLogger(__name__)

_MOST_NOTES = 40


class Confirmation:
    """Moves the base of a document to what Notion has now."""

    def __init__(self, context: Context, renditions: Renditions, drafts: Drafts) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions
        self._drafts = drafts
        self._advising = Advising(context, renditions)

    def store_body(self, page_id: PageId, body: Body, *, ours: bool, guessed: bool = False) -> None:
        """Store the text that Notion has: read, answered to us (*ours*), or *guessed*."""
        page = self._store.snapshots.load_page(page_id)
        if page is None:
            return
        if body.warnings:
            self._note_warnings(page_id, body.warnings)
        self._store.snapshots.save_body(
            page_id,
            body,
            last_edited=page.last_edited,
            now_ns=self._context.now_ns(),
            guessed=guessed,
            ours=ours,
        )

    def _note_warnings(self, page_id: PageId, warnings: Sequence[str]) -> None:
        """Add what Notion said about the text it was sent; it may quote that, so no log has it."""
        log.warning("page %s: Notion changed or ignored something it was sent", page_id)
        doc = self._store.docs.find(page_id)
        if doc is not None:
            said = [f"Notion says: {text}" for text in warnings]
            notes = dict.fromkeys([*self._store.docs.load_notes(doc.doc_id), *said])
            self._store.docs.note(doc.doc_id, list(notes)[:_MOST_NOTES])

    def confirm(self, seq: int, out: Outgoing) -> None:
        """Note that Notion has *out*; a text saved meanwhile is sent next."""
        doc = self._store.docs.load(out.doc.doc_id)
        self._context.note_written(PageId(doc.page_id or ""))
        if doc.wanted_title == out.doc.wanted_title:
            self._store.docs.mark(doc.doc_id, wanted_title=None)
        told = self._context.refusals.still_told(doc.doc_id)
        state = self._store.docs.move(
            doc.doc_id, DocEvent.CONFIRM, reason=told, now_ns=self._context.now_ns()
        )
        self._store.outbox.finish(seq)
        self._renditions.show_files(doc.doc_id)
        now = self._renditions.snapshot_base(doc.page_id)
        ours = self._ours(out, now)
        dialect = self._context.dialect
        changed = not self._renditions.same_values(doc, ours) or _others_wrote(
            out, ours, now, dialect
        )
        if changed:
            self._context.activity.note(Event.MERGED, doc_id=doc.doc_id, page_id=doc.page_id)
        if doc.version != out.doc.version or state is DocState.DIRTY:
            self._rebase_newer(doc, out, replace(ours, body=now.body))
            self._store.docs.mark(doc.doc_id, outdated=int(changed))
            return
        if out.text is not None:
            self._advising.renew(doc, out.text, out.saved)
        self._store.docs.save_base(doc.doc_id, None)
        self._store.docs.mark(doc.doc_id, outdated=0)
        reading = self._drafts.reading(out, now.body)
        if doc.outdated and not changed and not _shows(reading, now.body, dialect):
            changed, ours = True, replace(ours, body=reading or "")
        if changed:
            self._renditions.settle(doc.doc_id, ours)

    def _ours(self, out: Outgoing, now: Base) -> Base:
        """Return what Notion has if nobody else changed anything, in Notion's words."""
        if out.doc.page_id is None:  # just created: whatever it has besides is its own default
            named = named_as(now.properties, out.saved.base.properties)
            return replace(now, properties=named, body=out.patch.body or "")
        return patched(out.saved.base, out.patch, now)

    def _rebase_newer(self, doc: Doc, out: Outgoing, base: Base) -> None:
        """Note what the text saved meanwhile grew from: the one that was sent, or an older one."""
        saved = SavedBase(base, self._drafts.reading(out, base.body))
        self._store.docs.save_base(doc.doc_id, saved)
        text = self._store.docs.load_text(doc.doc_id)
        if text is not None and out.text is not None:
            grown = self._renditions.grown_from(doc, text, behind=out.text)
            self._store.docs.save_base(doc.doc_id, grown)


def _shows(reading: str | None, body: str, dialect: Dialect) -> bool:
    """Tell whether a text that reads as *reading* says what Notion has, in other words at most."""
    return reading is not None and dialect.same_text(
        in_our_words(body, "", reading, dialect), reading
    )


def _others_wrote(out: Outgoing, ours: Base, now: Base, dialect: Dialect) -> bool:
    """Tell whether Notion's text has what neither the base nor our text explains.

    Where both sides touched the same blocks, only words that nobody here knows tell the work of
    others from Notion's own spelling of ours.
    """
    base, sent = (with_names_of(text, now.body) for text in (out.saved.base.body, ours.body))
    if dialect.same_text(now.body, sent):
        return False
    if out.patch.body is None:
        return True
    theirs = in_our_words(now.body, base, sent, dialect)
    merged = merge_blocks(base, sent, theirs, dialect)
    if merged is None or _is_ours_alone(base, sent, theirs, dialect):
        return brings_words(now.body, base, sent)
    return not dialect.same_text(merged, sent)


def _is_ours_alone(base: str, ours: str, theirs: str, dialect: Dialect) -> bool:
    """Tell whether *theirs* differs from *base* only where *ours* does, and has no more blocks."""
    before, sent, now = (
        [block.strip() for block in dialect.split(text) if block.strip()]
        for text in (base, ours, theirs)
    )
    room = {(i1, i2): (j2 - j1) - (i2 - i1) for i1, i2, j1, j2 in changed_regions(before, sent)}
    for i1, i2, j1, j2 in changed_regions(before, now):
        around = next((at for at in room if at[0] <= i1 and i2 <= at[1]), None)
        if around is None:
            return False
        room[around] -= (j2 - j1) - (i2 - i1)
    return min(room.values(), default=0) >= 0
