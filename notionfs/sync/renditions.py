"""From snapshots to file bytes, without ever taking a text away from under somebody.

Nothing here waits; callers hold the transaction.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

import msgspec
from msgspec.structs import replace

from notionfs.errors import InvalidPageFile
from notionfs.markdown.document import (
    METADATA_KEYS,
    parse_document,
    render_document,
    replace_title,
)
from notionfs.markdown.look import render_look
from notionfs.markdown.properties import render_properties, same_columns
from notionfs.model import Base, Body, DataSource, DataSourceId, Page, PageId, ParentType
from notionfs.planning.reconcile import climb
from notionfs.planning.states import DocEvent, DocState
from notionfs.store.dentries import NodeKind
from notionfs.store.documents import Doc, SavedBase
from notionfs.sync.ancestry import Ancestry, Kin
from notionfs.sync.context import Context, InodeChanged
from notionfs.sync.earlier import Earlier, Why
from notionfs.sync.references import StoreReferences

log = logging.getLogger(__name__)


@lru_cache(maxsize=1024)  # Notion rounds to minutes: many pages have the same
def nanoseconds(timestamp: str) -> int:
    """Return the nanoseconds since the epoch of an ISO 8601 time as Notion sends it."""
    return int(datetime.fromisoformat(timestamp).timestamp()) * 1_000_000_000


class Renditions:
    """Keeps the bytes of page files in step with the snapshots."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._ancestry = Ancestry(context)
        self.place_assets: Callable[[int, Page, str], None] = lambda *_: None
        self._earlier = Earlier(context)

    def references(self, doc_id: int) -> StoreReferences:
        """Return how the document's file names other pages."""
        ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        dentry = None if ino is None else self._store.dentries.find_by_ino(ino)
        return StoreReferences(self._store, 1 if dentry is None else dentry.parent_ino, doc_id)

    def source_of(self, page: Page) -> DataSource | None:
        """Return the data source that owns a row."""
        if page.parent.type is not ParentType.DATA_SOURCE or page.parent.id is None:
            return None
        return self._store.snapshots.load_source(DataSourceId(page.parent.id))

    def snapshot_base(self, page_id: PageId | None) -> Base:
        """Return the present snapshot as something to compare with; empty for a new page."""
        page = None if page_id is None else self._store.snapshots.load_page(page_id)
        if page is None:
            return Base(title="", properties={}, body="")
        stored = self._store.snapshots.load_body(page.id)
        body = "" if stored is None else stored.body.markdown
        return Base(page.title, msgspec.json.decode(page.properties), body)

    def base_of(self, doc: Doc) -> SavedBase:
        """Return what the document's text grew from, and the user's spelling of it."""
        return self._grown(doc, None)

    def grown_from(self, doc: Doc, text: bytes, *, behind: bytes | None = None) -> SavedBase:
        """Return what *text*, which replaces the bytes *behind* (the present ones), grew from.

        Usually the same as what those grew from; but an editor may have read the file before it
        was last rendered.
        """
        if behind is None:
            behind = self._store.docs.load_text(doc.doc_id)
        if doc.page_id is None or behind is None:
            return self.base_of(doc)
        kin = Kin(text, behind, self.base_of(doc))
        return self._ancestry.find(doc, kin, self._source_of(doc), self.references(doc.doc_id))

    def _source_of(self, doc: Doc) -> DataSource | None:
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        return None if page is None else self.source_of(page)

    def spelled(self, doc: Doc, body: str) -> str | None:
        """Return how the document's present text reads as v2, seen from *body*."""
        text = self._store.docs.load_text(doc.doc_id)
        if text is None:
            return None
        try:
            document = parse_document(text)
            return self._context.dialect.restore(document.body, body, self.references(doc.doc_id))
        except InvalidPageFile:
            return None

    def same_values(self, doc: Doc, before: Base) -> bool:
        """Tell whether title and writable properties are still those of *before*, by name too."""
        now = self.snapshot_base(doc.page_id)
        if now.title != before.title or not same_columns(before.properties, now.properties):
            return False
        source, references = self._source_of(doc), self.references(doc.doc_id)
        writable_now, _ = render_properties(source, now.properties, references)
        writable_before, _ = render_properties(source, before.properties, references)
        look_now = render_look(now.properties, references)
        look_before = render_look(before.properties, references)
        return (writable_now, look_now) == (writable_before, look_before)

    def settle(self, doc_id: int, before: Base) -> None:
        """Bring the file in step after the snapshot moved on from *before*.

        A text that waits to be sent, or that somebody has open, is left alone: it keeps *before* as
        its base. The user's own bytes stay unless the page really changed.
        """
        doc = self._store.docs.load(doc_id)
        if not doc.has_text:
            self._touch_unread(doc)
            return
        if doc.state is not DocState.CLEAN or self._context.is_open(doc_id):
            self._keep_base(doc, before)
            return
        if doc.user_text and self._same_meaning(doc, before):
            return
        self.rewrite(doc_id, before)

    def rewrite(self, doc_id: int, before: Base | None = None) -> bool:
        """Render the present snapshot into the file, if there is a body; tell if bytes changed.

        *before* is what the bytes that go grew from, if not the present snapshot: it is kept for
        editors that still hold them.
        """
        doc = self._store.docs.load(doc_id)
        text = self._render(doc)
        if text is None:
            return False
        self._ancestry.remember(doc, self._grown(doc, before), text)
        self._store.docs.save_base(doc_id, None)
        self._store.docs.mark(doc_id, outdated=0, bare=0)
        self._store.docs.note(doc_id, ())  # they were about the user's own text
        if doc.state is DocState.UNREAD:
            self._store.docs.move(doc_id, DocEvent.FETCH)
        if text == self._store.docs.load_text(doc_id):
            return False
        page = self._store.snapshots.load_page(PageId(doc.page_id or ""))
        self._earlier.keep(doc, Why.NOTION, new=text)
        edited_ns = 0 if page is None else nanoseconds(page.last_edited)
        self._store.docs.save_text(doc_id, text, mtime_ns=edited_ns, by_user=False)
        self._tell(doc_id)
        return True

    def relink(self, doc_id: int) -> None:
        """Render anew what links to other pages under old names; the user's own bytes stay."""
        doc = self._store.docs.load(doc_id)
        if doc.state is not DocState.CLEAN or doc.user_text or not doc.has_text:
            return
        if self._context.is_open(doc_id):
            self._keep_base(doc, self.snapshot_base(doc.page_id))
        else:
            self.rewrite(doc_id)

    def show_files(self, doc_id: int) -> None:
        """Show the files of the present snapshot, also if the text stays as it is."""
        page_id = self._store.docs.load(doc_id).page_id
        page = None if page_id is None else self._store.snapshots.load_page(page_id)
        stored = None if page is None else self._store.snapshots.load_body(page.id)
        if page is not None and stored is not None:
            self.place_assets(doc_id, page, stored.body.whole)

    def first_text(self, doc_id: int) -> None:
        """Give a document that has none its text; one that waits with a new title shows that."""
        doc = self._store.docs.load(doc_id)
        if doc.state in (DocState.UNREAD, DocState.CLEAN):
            self.rewrite(doc_id)
            return
        text = self._render(doc)
        if text is not None:
            self._store.docs.save_base(doc_id, SavedBase(self.snapshot_base(doc.page_id)))
            shown = text if doc.wanted_title is None else replace_title(text, doc.wanted_title)
            self._store.docs.save_text(doc_id, shown, mtime_ns=doc.mtime_ns, by_user=False)

    def complete(self, doc_id: int) -> None:
        """After the last handle closed, or at an open: catch up with what was put off."""
        doc = self._store.docs.load(doc_id)
        if doc.state is not DocState.CLEAN or self._context.is_open(doc_id):
            return
        if doc.outdated:
            saved = self._store.docs.load_base(doc_id)
            before = self.snapshot_base(doc.page_id) if saved is None else saved.base
            if doc.user_text and self._same_meaning(doc, before):
                self._store.docs.save_base(doc_id, None)
                self._store.docs.mark(doc_id, outdated=0)
                return
            self.rewrite(doc_id, before)

    def theirs(self, doc: Doc) -> bytes | None:
        """Return what Notion has, as far as we know, as the bytes of a page file."""
        return self._render(doc)

    def is_bare(self, text: bytes) -> bool:
        """Tell whether a page file lacks our frontmatter."""
        try:
            return METADATA_KEYS[0] not in parse_document(text).metadata
        except InvalidPageFile:
            return False

    def render(self, doc_id: int, page: Page, body: Body) -> bytes:
        """Return *page* with *body* as the file of the document would show it."""
        references = self.references(doc_id)
        show = self._context.dialect.show
        return render_document(page, body, self.source_of(page), references, show=show)

    def _render(self, doc: Doc) -> bytes | None:
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        stored = None if page is None else self._store.snapshots.load_body(page.id)
        if page is None or stored is None or stored.guessed:
            return None
        self.place_assets(doc.doc_id, page, stored.body.whole)
        parent = climb(page.parent, self._store.snapshots.load_block_parent)
        return self.render(doc.doc_id, replace(page, parent=parent), stored.body)

    def _touch_unread(self, doc: Doc) -> None:
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        if page is not None:
            self._store.docs.set_mtime(doc.doc_id, nanoseconds(page.last_edited))

    def _grown(self, doc: Doc, before: Base | None) -> SavedBase:
        """Return what the present bytes grew from, if they are not pinned: *before*."""
        saved = self._store.docs.load_base(doc.doc_id)
        if saved is not None:
            return saved
        base = self.snapshot_base(doc.page_id) if before is None else before
        spelled = self.spelled(doc, base.body) if doc.user_text else None
        return SavedBase(base, None if spelled == base.body else spelled)

    def _keep_base(self, doc: Doc, before: Base) -> None:
        if self._store.docs.load_base(doc.doc_id) is None:
            self._store.docs.save_base(doc.doc_id, self._grown(doc, before))
        self._store.docs.mark(doc.doc_id, outdated=1)

    def _same_meaning(self, doc: Doc, before: Base) -> bool:
        """Tell whether title, writable properties and body are what they were."""
        stored = self._store.snapshots.load_body(PageId(doc.page_id or ""))
        if stored is not None and stored.body.parts:
            return False  # the page's text says nothing of changes in parts of it
        body = self.snapshot_base(doc.page_id).body
        return self._context.dialect.same_text(body, before.body) and self.same_values(doc, before)

    def _tell(self, doc_id: int) -> None:
        ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        if ino is not None:
            self._context.tell(InodeChanged(ino))
