"""Sends one change: the calls, the journal before them, and what is stored after them.

At most two calls for a save (properties, then body) and one for a create. Whatever may have been
applied already is read before anything is sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import Conflict, NotFoundYet, Refused, RemoteMissing, UnplannableEdit
from notionfs.markdown.blocks import same_text
from notionfs.markdown.bodies import canonical_body
from notionfs.markdown.document import parse_document
from notionfs.markdown.hunks import apply_plan, plan_body
from notionfs.markdown.properties import title_value
from notionfs.markdown.restore import restore_body
from notionfs.model import Base, Body, Page, PageId, Parent
from notionfs.planning.states import DocEvent, DocState
from notionfs.store.dentries import NodeKind
from notionfs.store.documents import Doc, SavedBase
from notionfs.store.outbox import Change, RowState
from notionfs.sync.context import Context, EntryChanged
from notionfs.sync.patches import Patch, merge_blocks
from notionfs.sync.placement import Placement
from notionfs.sync.recovery import find_created
from notionfs.sync.renditions import Renditions
from notionfs.sync.saver import Saver

log = logging.getLogger(__name__)

CONFLICT = (
    "The same part of this page was changed in Notion: compare the file with its .remote.md "
    "sibling, edit it if needed, and remove the sibling."
)


@dataclass(frozen=True, slots=True)
class _Outgoing:
    """A save as claimed: the text it sends and what it grew from."""

    doc: Doc
    text: bytes | None
    saved: SavedBase
    patch: Patch


class Delivery:
    """Knows how each action reaches Notion."""

    def __init__(
        self, context: Context, renditions: Renditions, placement: Placement, saver: Saver
    ) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions
        self._placement = placement
        self._saver = saver
        self._writing: set[int] = set()

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    # --- before -----------------------------------------------------------------------------------

    def note_writing(self, doc_id: int, writing: bool) -> None:
        """Say whether somebody has the document open for writing."""
        (self._writing.add if writing else self._writing.discard)(doc_id)

    def is_quiet(self, doc_id: int) -> bool:
        """Tell whether nobody has the document open for writing."""
        return doc_id not in self._writing

    def journal(self, change: Change) -> Mapping[str, Any]:
        """Return what recovery must know if the program dies during the request.

        The caller holds the transaction and claims the row with it.
        """
        if change.action.value != "save":
            return change.payload
        doc = self._store.docs.load(change.doc_id)
        payload = dict(change.payload)
        payload["was_unsure"] = doc.state is DocState.UNSURE or change.state is RowState.UNSURE
        if doc.page_id is None and not payload["was_unsure"]:
            payload.update(self._intent(doc), attempt_ns=self._context.now_ns())
        self._store.docs.move(change.doc_id, DocEvent.CLAIM)
        return payload

    def _intent(self, doc: Doc) -> dict[str, Any]:
        text = self._store.docs.load_text(doc.doc_id) or b""
        try:
            parent = self._saver.parent_for(doc, text)
            title = self._saver.plan(doc, text).title or ""
        except Exception:  # the same error is raised again, and handled, when it is sent
            return {}
        return {"parent": None if parent is None else parent.id, "title": title}

    # --- saves ------------------------------------------------------------------------------------

    async def send_save(self, change: Change) -> None:
        """Create or update the document's page."""
        change = self._reload(change)
        doc = self._store.docs.load(change.doc_id)
        if doc.page_id is None:
            await self._create(change, doc)
            return
        if change.payload.get("was_unsure") or self._is_guessed(doc):
            await self._reread(doc)
        await self._update(change.seq, change.doc_id)

    def _reload(self, change: Change) -> Change:
        rows = self._store.outbox.list_changes(change.doc_id)
        return next(row for row in rows if row.seq == change.seq)

    def _is_guessed(self, doc: Doc) -> bool:
        stored = self._store.snapshots.load_body(PageId(doc.page_id or ""))
        return stored is not None and stored.guessed

    def _outgoing(self, doc_id: int) -> _Outgoing:
        doc = self._store.docs.load(doc_id)
        text = self._store.docs.load_text(doc_id)
        saved = self._renditions.base_of(doc)
        if text is None:
            title = doc.wanted_title
            properties = {} if title is None else {"title": title_value(title)}
            return _Outgoing(doc, None, saved, Patch(properties, title, None))
        return _Outgoing(doc, text, saved, self._saver.plan(doc, text))

    async def _create(self, change: Change, doc: Doc) -> None:
        if change.payload.get("was_unsure"):
            page = await find_created(self._client, change.payload, self._is_ours)
            if page is not None:
                await self._adopt(change, doc, page)
                return
            with self._store.transaction():  # it did not arrive: this is a new attempt
                fresh = {**self._intent(doc), "attempt_ns": self._context.now_ns()}
                self._store.outbox.claim(change.seq, self._context.now_ns(), fresh)
        out = self._outgoing(doc.doc_id)
        parent = self._saver.parent_for(doc, out.text or b"")
        if parent is None:
            raise NotFoundYet("The page around it is not in Notion yet; it is created first.")
        properties = dict(out.patch.properties)
        properties.setdefault("title", title_value(self._saver.title_of_new(doc)))
        page = await self._client.create_page(parent, properties, out.patch.body)
        self._created(change.seq, out, page)

    def _is_ours(self, page_id: PageId) -> bool:
        """Tell whether a page already belongs to a document that existed before."""
        return self._store.docs.find(page_id) is not None

    async def _adopt(self, change: Change, doc: Doc, page: Page) -> None:
        """The page was created after all; send only what is still different."""
        body = await self._fetch_body(page.id)
        with self._store.transaction():
            self._store.docs.set_page(doc.doc_id, page.id)
            self._store_page(page)
            self._store_body(page, body)
            base = Base(page.title, msgspec.json.decode(page.properties), body.markdown)
            self._store.docs.save_base(doc.doc_id, SavedBase(base))
        log.info("page %s had been created although no answer came", page.id)
        await self._update(change.seq, doc.doc_id)

    def _created(self, seq: int, out: _Outgoing, page: Page) -> None:
        body = Body(out.patch.body or "")
        with self._store.transaction():
            self._store.docs.set_page(out.doc.doc_id, page.id)
            self._store_page(page)
            self._store.snapshots.save_body(
                page.id,
                body,
                last_edited=page.last_edited,
                now_ns=self._context.now_ns(),
                guessed=bool(body.markdown),
            )
            self._confirm(seq, out, body)

    async def _update(self, seq: int, doc_id: int) -> None:
        out = self._outgoing(doc_id)
        body = Body(out.saved.base.body)
        if out.patch.properties:
            out = await self._send_properties(out)
        if out.patch.body is not None:
            body = await self._send_body(out, out.patch.body)
        with self._store.transaction():
            self._confirm(seq, out, body if out.patch.body is not None else None)

    async def _send_properties(self, out: _Outgoing) -> _Outgoing:
        """Send the changed properties; from then on only the body is left to send."""
        page_id = PageId(out.doc.page_id or "")
        page = await self._client.update_page(page_id, properties=out.patch.properties)
        base = replace(
            out.saved.base,
            title=page.title,
            properties=msgspec.json.decode(page.properties),
        )
        saved = replace(out.saved, base=base)
        with self._store.transaction():
            self._store_page(page)
            self._store.docs.save_base(out.doc.doc_id, saved)
        return replace(out, saved=saved)

    async def _send_body(self, out: _Outgoing, wanted: str) -> Body:
        """Send the body as the smallest edits; if they no longer fit, read, merge, and try once."""
        page_id = PageId(out.doc.page_id or "")
        base = out.saved.base.body
        try:
            return await self._edit(page_id, base, wanted)
        except (Refused, UnplannableEdit) as exc:
            theirs = (await self._fetch_body(page_id)).markdown
            if isinstance(exc, Refused) and same_text(theirs, base):
                raise
            merged = merge_blocks(base, wanted, theirs)
            if merged is None:
                self._keep_theirs(out, theirs)
                raise Conflict(CONFLICT) from exc
            try:
                return await self._edit(page_id, theirs, merged, may_replace=True)
            except UnplannableEdit:
                raise Refused(
                    "This edit cannot be expressed as exact replacements; change less at a time."
                ) from exc

    async def _edit(
        self, page_id: PageId, base: str, wanted: str, *, may_replace: bool = False
    ) -> Body:
        try:
            plan = plan_body(base, wanted)
        except UnplannableEdit:
            # Replacing everything is safe only just after reading, and with nothing opaque inside.
            if not may_replace or "<unknown" in base:
                raise
            return _canonical(await self._client.replace_body(page_id, wanted))
        if plan.replace is not None:
            return _canonical(await self._client.replace_body(page_id, plan.replace))
        if plan.append is not None:
            return _canonical(await self._client.append_body(page_id, plan.append))
        if plan.is_empty:
            return Body(base)
        answer = _canonical(await self._client.edit_body(page_id, plan.edits))
        if not same_text(answer.markdown, apply_plan(base, plan)):
            log.info("page %s: Notion's text after the save differs from ours", page_id)
        return answer

    def _keep_theirs(self, out: _Outgoing, theirs: str) -> None:
        page_id = PageId(out.doc.page_id or "")
        page = self._store.snapshots.load_page(page_id)
        if page is None:
            return
        with self._store.transaction():
            if self._store.docs.load_base(out.doc.doc_id) is None:
                self._store.docs.save_base(out.doc.doc_id, out.saved)
            self._store_body(page, Body(theirs))

    async def _reread(self, doc: Doc) -> None:
        """Learn what Notion has before sending again, and plan against that."""
        page_id = PageId(doc.page_id or "")
        page = await self._client.fetch_page(page_id)
        body = await self._fetch_body(page_id)
        was_guessed = self._is_guessed(doc)
        saved = self._renditions.base_of(doc)
        now = Base(saved.base.title, saved.base.properties, body.markdown)
        with self._store.transaction():
            self._store_page(page)
            self._store_body(page, body)
            self._store.docs.save_base(doc.doc_id, self._rebase(doc, saved, now, was_guessed))

    def _rebase(self, doc: Doc, saved: SavedBase, now: Base, was_guessed: bool) -> SavedBase:
        """Return the base for a text that grew from *saved* while Notion has *now*."""
        out = self._outgoing(doc.doc_id)
        wanted = saved.base.body if out.patch.body is None else out.patch.body
        if same_text(now.body, wanted):
            return SavedBase(now, wanted)
        if same_text(now.body, saved.base.body):
            return replace(saved, base=now)
        # Right after a create the difference is how Notion normalises what it was sent.
        if not was_guessed and merge_blocks(saved.base.body, wanted, now.body) is None:
            raise Conflict(CONFLICT)
        return SavedBase(now, saved.base.body)

    # --- after ------------------------------------------------------------------------------------

    def _confirm(self, seq: int, out: _Outgoing, body: Body | None) -> None:
        """Note that Notion has what was claimed; the caller holds the transaction."""
        doc_id = out.doc.doc_id
        now = self._store.docs.load(doc_id)
        page = self._store.snapshots.load_page(PageId(now.page_id or ""))
        stored = None if page is None else self._store.snapshots.load_body(page.id)
        is_guess = stored is not None and stored.guessed and out.doc.page_id is None
        if page is not None and body is not None and not is_guess:
            self._store_body(page, body)
        if body is not None and body.warnings:
            log.warning("page %s: Notion changed or ignored something it was sent", now.page_id)
        self._store.docs.mark(doc_id, wanted_title=None)
        state = self._store.docs.move(doc_id, DocEvent.CONFIRM)
        self._store.outbox.finish(seq)
        base = self._renditions.snapshot_base(now.page_id)
        if now.version != out.doc.version or state is DocState.DIRTY:
            self._store.docs.save_base(doc_id, SavedBase(base, self._read_as(out, base.body)))
            return
        self._store.docs.save_base(doc_id, None)
        self._store.docs.mark(doc_id, outdated=0)
        if out.doc.outdated or self._others_changed(out, body):
            ours = (
                out.saved.base
                if out.patch.body is None
                else replace(out.saved.base, body=out.patch.body)
            )
            self._renditions.settle(doc_id, ours)

    def _read_as(self, out: _Outgoing, body: str) -> str | None:
        if out.text is None:
            return None
        document = parse_document(out.text)
        return restore_body(document.body, body, self._renditions.references(out.doc.doc_id))

    def _others_changed(self, out: _Outgoing, body: Body | None) -> bool:
        """Tell whether Notion's text has blocks that neither the base nor our text explains."""
        if body is None or out.patch.body is None:
            return False
        merged = merge_blocks(out.saved.base.body, out.patch.body, body.markdown)
        return merged is not None and not same_text(merged, out.patch.body)

    # --- moves and the trash ----------------------------------------------------------------------

    async def send_move(self, change: Change) -> None:
        """Put a page under another parent; its id stays."""
        doc = self._store.docs.load(change.doc_id)
        parent = self._target(doc)
        if doc.page_id is None or parent is None:
            raise NotFoundYet("The page, or the one it moves to, is not in Notion yet.")
        page = await self._client.move_page(doc.page_id, parent)
        with self._store.transaction():
            self._store_page(page)
            self._store.outbox.finish(change.seq)

    def _target(self, doc: Doc) -> Parent | None:
        ino = self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
        dentry = None if ino is None else self._store.dentries.find_by_ino(ino)
        directory = None if dentry is None else self._store.dentries.load_inode(dentry.parent_ino)
        return None if directory is None else self._saver.parent_in(directory, None)

    async def send_trash(self, change: Change) -> None:
        """Move a page to Notion's trash; one that is gone already is fine."""
        doc = self._store.docs.load(change.doc_id)
        page: Page | None = None
        if doc.page_id is not None:
            page = await self._trash(doc.page_id)
        if doc.page_id is not None and self._has_name(doc.doc_id):
            await self._untrash(doc.page_id, change)
            return
        with self._store.transaction():
            if page is not None:
                self._store.snapshots.save_page(replace(page, in_trash=True))
            self._store.outbox.finish(change.seq)
            self._store.outbox.drop(change.doc_id)
            self._forget_held(change.doc_id)
            self._store.docs.remove(change.doc_id)

    async def _trash(self, page_id: PageId) -> Page | None:
        try:
            return await self._client.update_page(page_id, in_trash=True)
        except RemoteMissing:
            return self._store.snapshots.load_page(page_id)

    def _has_name(self, doc_id: int) -> bool:
        ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        return ino is not None and self._store.dentries.find_by_ino(ino) is not None

    async def _untrash(self, page_id: PageId, change: Change) -> None:
        """The name came back while the request was on the wire: so does the page."""
        page = await self._client.update_page(page_id, in_trash=False)
        with self._store.transaction():
            self._store_page(page)
            self._store.outbox.finish(change.seq)

    def _forget_held(self, doc_id: int) -> None:
        held = self._store.dentries.find_held(doc_id)
        if held is not None:
            self._store.dentries.release(held.parent_ino, held.name)

    def show_again(self, change: Change) -> None:
        """A page that Notion would not trash comes back under its name."""
        held = self._store.dentries.find_held(change.doc_id)
        if held is None:
            return
        self._store.dentries.release(held.parent_ino, held.name)
        self._store.outbox.finish(change.seq)
        doc = self._store.docs.load(change.doc_id)
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        if page is not None:
            self._placement.place_page(page)
            self._context.tell(EntryChanged(held.parent_ino, held.name))

    # --- the store --------------------------------------------------------------------------------

    async def _fetch_body(self, page_id: PageId) -> Body:
        return _canonical(await self._client.fetch_body(page_id))

    def _store_page(self, page: Page) -> None:
        self._store.snapshots.save_page(page)

    def _store_body(self, page: Page, body: Body) -> None:
        self._store.snapshots.save_body(
            page.id, body, last_edited=page.last_edited, now_ns=self._context.now_ns()
        )


def _canonical(body: Body) -> Body:
    return replace(body, markdown=canonical_body(body.markdown))
