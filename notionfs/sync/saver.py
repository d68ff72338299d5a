"""From a handle's bytes to a durable draft with its outbox row: one transaction, no waiting."""

from __future__ import annotations

import logging
from collections.abc import Callable

from msgspec.structs import replace

from notionfs.errors import InvalidPageFile, NotionFSError, NotPermitted, Retyped
from notionfs.markdown.document import Document, parse_document, replace_title
from notionfs.markdown.properties import columns_of
from notionfs.model import Base, DatabaseId, DataSource, DataSourceId, PageId, Parent, ParentType
from notionfs.naming import title_from_name
from notionfs.planning.states import ON_THE_WIRE, DocEvent, DocState
from notionfs.store.dentries import Dentry, Inode, NodeKind
from notionfs.store.documents import Doc, SavedBase
from notionfs.store.outbox import Action
from notionfs.sync.activity import Event
from notionfs.sync.advising import Advising
from notionfs.sync.choosing import choose_source
from notionfs.sync.context import Context
from notionfs.sync.earlier import Earlier, Why
from notionfs.sync.patches import EMPTY_REASON, Patch, Surroundings, patched, plan_patch
from notionfs.sync.renditions import Renditions
from notionfs.sync.templates import check_template

log = logging.getLogger(__name__)

CONFLICT_REASON = (
    "The same part of this page was changed in Notion, whose text is in the .remote.md file beside."
)
_BUG_REASON = (
    "The text is safe, but notionfs could not understand it because of a bug of its own; the log "
    "has the details."
)

_REBASABLE = frozenset({DocState.CLEAN, DocState.DIRTY, DocState.PARKED})


_NOT_SENDABLE = "the text cannot be sent as it stands"


def is_home(parent: Parent, directory: Inode) -> bool:
    """Tell whether rows under *parent* stand in *directory*: that of their database or source."""
    return (
        parent.type is ParentType.DATA_SOURCE
        and directory.database_id is not None
        and directory.database_id == parent.database_id
        and directory.source_id in (None, parent.id)
    )


class Saver:
    """Commits page files. What it returned from is on disk and will reach Notion."""

    def __init__(
        self, context: Context, renditions: Renditions, wake_uploader: Callable[[], None]
    ) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions
        self._wake = wake_uploader
        self._earlier = Earlier(context)
        self._advising = Advising(context, renditions)

    # --- texts ------------------------------------------------------------------------------------

    def commit(self, doc_id: int, text: bytes) -> None:
        """Make *text* the document's durable draft and queue it.

        Raises InvalidPageFile when the text cannot be sent as it stands, or whatever stood in the
        way of planning; it is kept all the same, parked with the reason.
        """
        doc = self._store.docs.load(doc_id)
        is_same = doc.has_text and text == self._store.docs.load_text(doc_id)
        if is_same and doc.state is not DocState.PARKED:
            return
        saved = self._grown_from(doc, text)
        patch: Patch | None = None
        try:
            patch = self.plan(doc, text, saved)
        except Retyped:
            log.info("document %s: a property has another type now", doc_id)  # a conflict, in turn
        except NotionFSError as exc:
            self._park(doc, text, str(exc))
            self._context.refusals.note(doc_id, str(exc))
            raise
        except Exception:
            self._park(doc, text, _BUG_REASON)
            raise
        with self._store.transaction():
            is_clean = doc.page_id is not None and doc.state is DocState.CLEAN
            if is_clean and patch is not None and patch.is_empty:
                self._keep_same(doc, text, saved)
                return
            self._keep(doc, text, saved)
            if patch is not None and patch.body is not None:
                self._advising.advise(doc, text, saved)
            self._queue_save(doc_id)
            if told := self._context.refusals.undone_by(doc_id, text):
                self._store.docs.explain(doc_id, told, now_ns=self._context.now_ns())
        self._context.activity.note(Event.SAVED, doc_id=doc_id, page_id=doc.page_id)
        self._wake()

    def _grown_from(self, doc: Doc, text: bytes) -> SavedBase:
        """Return what *text* is compared with; while a request is out, that is settled later."""
        if doc.page_id is None and doc.state not in ON_THE_WIRE:
            return self._columns_for(doc, text)
        if doc.state in ON_THE_WIRE:
            return self._renditions.base_of(doc)
        return self._renditions.grown_from(doc, text)

    def _columns_for(self, doc: Doc, text: bytes) -> SavedBase:
        """Return what a new page's text grows from: the columns that its lines name."""
        try:
            source = self._source(doc, text)
        except (NotionFSError, LookupError):
            source = None  # whatever is wrong with its place or text, planning says
        known = self._renditions.base_of(doc).base.properties  # an earlier text may know old names
        return SavedBase(Base(title="", properties={**columns_of(source), **known}, body=""))

    def _keep_same(self, doc: Doc, text: bytes, saved: SavedBase) -> None:
        """Store a text that says what it grew from; if that is history, it gives way on close."""
        if saved != self._renditions.base_of(doc):
            self._store.docs.save_base(doc.doc_id, saved)
            self._store.docs.mark(doc.doc_id, outdated=1)
        self._save_text(doc, text)

    def commit_empty(self, doc_id: int) -> None:
        """Keep the fact that the user emptied the file; nothing is sent."""
        doc = self._store.docs.load(doc_id)
        if doc.page_id is None and not doc.has_text:
            return
        self._park(doc, b"", EMPTY_REASON)

    def start_folder(self, doc_id: int, title: str) -> None:
        """Queue the page that a new folder stands for."""
        text = f"# {title}\n".encode()
        with self._store.transaction():
            self._store.docs.save_text(doc_id, text, mtime_ns=self._context.now_ns(), by_user=True)
            self._store.docs.mark(doc_id, bare=1, folder=1, wanted_title=title)
            self._queue_save(doc_id)
        self._wake()

    def retitle(self, doc_id: int, title: str) -> None:
        """Change a page's title as a rename does: the heading of the text follows."""
        doc = self._store.docs.load(doc_id)
        with self._store.transaction():
            self._store.docs.mark(doc_id, wanted_title=title)
            text = self._store.docs.load_text(doc_id)
            if text is not None:
                self._keep(doc, replace_title(text, title), by_user=doc.user_text)
            elif self._store.docs.load_base(doc_id) is None:
                self._store.docs.save_base(doc_id, self._renditions.base_of(doc))
            if doc.state is not DocState.PARKED:
                self._queue_save(doc_id)
        self._wake()

    def requeue(self, doc_id: int) -> None:
        """The name of a page that was about to be forgotten came back, and its text may stay.

        The caller holds the transaction.
        """
        doc = self._store.docs.load(doc_id)
        if doc.state is DocState.DIRTY and not self._store.outbox.list_changes(doc_id):
            self._put(doc_id)
            self._wake()

    def resolve(self, doc_id: int, *, keep_theirs: bool = False) -> None:
        """End a conflict with the file's text; the caller holds the transaction.

        Notion's present side becomes the base, so what the text says differently is sent: all of
        it, or (*keep_theirs*) only what the user changed, beside what only Notion has.
        """
        doc = self._store.docs.load(doc_id)
        old = self._renditions.base_of(doc)
        grown = old.base.body if old.spelled is None else old.spelled
        saved = SavedBase(self._resolved_base(doc), grown if keep_theirs else None)
        self._store.docs.save_base(doc_id, saved)
        if keep_theirs:  # the file does not show all that Notion will have
            self._store.docs.mark(doc_id, outdated=1)
        self._store.docs.move(doc_id, DocEvent.RESOLVE)
        self._put(doc_id)

    def _resolved_base(self, doc: Doc) -> Base:
        """Return Notion's present side, except for the values that the text leaves alone."""
        now = self._renditions.snapshot_base(doc.page_id)
        old = self._renditions.base_of(doc).base
        text = self._store.docs.load_text(doc.doc_id)
        try:
            patch = Patch({}, None, None) if text is None else self.plan(doc, text)
        except InvalidPageFile:
            return now  # it is parked, with the reason, when its turn comes
        return replace(patched(old, patch, now), body=now.body)

    def plan(self, doc: Doc, text: bytes, saved: SavedBase | None = None) -> Patch:
        """Return what *text* would change in Notion; InvalidPageFile if it cannot be sent."""
        if saved is None:
            saved = self._renditions.base_of(doc)
        source = self._source(doc, text)
        around = Surroundings(
            source,
            self._renditions.references(doc.doc_id),
            self._context.settings.create_options,
            doc.wanted_title if doc.page_id is not None else self.title_of_new(doc),
            self._context.dialect,
        )
        patch = plan_patch(text, saved, around)
        if doc.page_id is None:
            check_template(text, source, patch.body)
        return patch

    def _queue_save(self, doc_id: int) -> None:
        if self._store.docs.move(doc_id, DocEvent.SAVE) is DocState.CONFLICT:
            self._store.docs.explain(doc_id, CONFLICT_REASON)
            return  # nothing is sent until a person has decided
        self._put(doc_id)

    def _put(self, doc_id: int) -> None:
        now = self._context.now_ns()
        quiet_ns = int(self._context.settings.quiet * 1e9)
        self._store.outbox.put(doc_id, Action.SAVE, now_ns=now, due_ns=now + quiet_ns)

    # --- where new pages go -----------------------------------------------------------------------

    def title_of_new(self, doc: Doc) -> str:
        """Return the title of a page that Notion does not have yet, if its text names none."""
        if doc.wanted_title is not None:
            return doc.wanted_title
        _, name = self._home(doc)
        return title_from_name(name)

    def parent_for(self, doc: Doc, text: bytes) -> Parent | None:
        """Return where the document's page belongs by its directory; None: not created yet.

        Raises InvalidPageFile for a data source that the database does not have, NotPermitted for a
        directory in which Notion's API cannot put a page.
        """
        directory, _ = self._home(doc)
        return self.parent_in(directory, parse_document(text))

    def parent_of(self, doc: Doc) -> Parent | None:
        """Return the parent that the document's directory stands for; None: not created yet.

        Raises LookupError for a document without a name, NotPermitted as `parent_for`.
        """
        directory, _ = self._home(doc)
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        if page is not None and is_home(page.parent, directory):
            return page.parent
        return self.parent_in(directory, None)

    def parent_in(self, directory: Inode, document: Document | None) -> Parent | None:
        """Return the parent that a directory stands for; see `parent_for`."""
        if directory.kind is NodeKind.FOLDER and directory.doc_id is not None:
            page_id = self._store.docs.load(directory.doc_id).page_id
            return None if page_id is None else Parent(ParentType.PAGE, page_id)
        if directory.database_id is not None:
            source = self._choose_source(directory, directory.database_id, document)
            return Parent(ParentType.DATA_SOURCE, source.id, directory.database_id)
        raise NotPermitted(
            "Notion's API cannot put a page at the top level of a workspace or teamspace; "
            "create it inside a page's folder or a database."
        )

    def _home(self, doc: Doc) -> tuple[Inode, str]:
        ino = self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
        spot: Dentry | None = None if ino is None else self._store.dentries.find_by_ino(ino)
        held = self._store.dentries.find_held(doc.doc_id) if spot is None else None
        place = spot or held
        directory = None if place is None else self._store.dentries.load_inode(place.parent_ino)
        if place is None or directory is None:
            raise LookupError(f"document {doc.doc_id} has no name")
        return directory, place.name

    def _source(self, doc: Doc, text: bytes) -> DataSource | None:
        """Return the data source whose columns the text's properties are."""
        if doc.page_id is not None:
            page = self._store.snapshots.load_page(PageId(doc.page_id))
            return None if page is None else self._renditions.source_of(page)
        parent = self.parent_for(doc, text)
        if parent is None or parent.type is not ParentType.DATA_SOURCE:
            return None
        return self._store.snapshots.load_source(DataSourceId(parent.id or ""))

    def _choose_source(
        self, directory: Inode, database_id: DatabaseId, document: Document | None
    ) -> DataSource:
        sources = self._store.snapshots.list_sources(database_id)
        if directory.source_id is not None:
            sources = [source for source in sources if source.id == directory.source_id]
        if not sources:
            raise NotPermitted("This database has no data source that the connection may use.")
        metadata = {} if document is None else document.metadata
        return choose_source(sources, database_id, metadata, self._owner_of)

    def _owner_of(self, page_id: PageId) -> DataSourceId | None:
        page = self._store.snapshots.load_page(page_id)
        source = None if page is None else self._renditions.source_of(page)
        return None if source is None else source.id

    # --- inside -----------------------------------------------------------------------------------

    def _keep(
        self, doc: Doc, text: bytes, saved: SavedBase | None = None, *, by_user: bool = True
    ) -> None:
        """Store the bytes and what they grew from, if that is not what the last ones grew from."""
        if saved is None:
            saved = self._grown_from(doc, text)
        is_pinned = self._store.docs.load_base(doc.doc_id) == saved
        if not is_pinned and (doc.page_id is None or doc.state in _REBASABLE):
            self._store.docs.save_base(doc.doc_id, saved)
        self._save_text(doc, text, by_user=by_user)

    def _save_text(self, doc: Doc, text: bytes, *, by_user: bool = True) -> None:
        now = self._context.now_ns()
        self._earlier.keep(doc, Why.SAVE, new=text)
        self._store.docs.save_text(doc.doc_id, text, mtime_ns=now, by_user=by_user)
        self._store.docs.mark(doc.doc_id, bare=int(self._renditions.is_bare(text)))

    def _park(self, doc: Doc, text: bytes, reason: str) -> None:
        if doc.has_text:
            self._context.refusals.note_before(doc.doc_id, self._store.docs.load_text(doc.doc_id))
        with self._store.transaction():
            self._keep(doc, text)
            state = self._store.docs.move(
                doc.doc_id,
                DocEvent.SAVE_INVALID,
                reason=reason,
                now_ns=self._context.now_ns(),
            )
            if state is DocState.PARKED:
                self._store.outbox.drop(doc.doc_id, Action.SAVE)
            elif state is not DocState.CONFLICT:
                self._put(doc.doc_id)  # its turn comes after the request that is out
        log.warning(
            "document %s is parked: it was saved with a text that cannot be sent", doc.doc_id
        )
        # The reason may quote the page; `notionfs status` says it, and logs never do.
        self._context.activity.note(
            Event.REFUSED, doc_id=doc.doc_id, page_id=doc.page_id, reason=_NOT_SENDABLE
        )
