"""What a person decides about a page file: try again, whose text stands, which earlier one."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from notionfs.api.pacing import Priority
from notionfs.errors import InvalidArgument, NotPermitted, RemoteMissing, Unreachable
from notionfs.model import Body, Page, PageId
from notionfs.planning.states import ON_THE_WIRE, DocEvent, DocState
from notionfs.store.dentries import NodeKind
from notionfs.store.documents import Doc
from notionfs.store.history import Past
from notionfs.store.outbox import Action
from notionfs.sync.ancestry import stamp_of, with_stamp
from notionfs.sync.context import Context, InodeChanged
from notionfs.sync.earlier import Earlier, Why
from notionfs.sync.fetcher import fetch_body
from notionfs.sync.placement import Placement
from notionfs.sync.renditions import Renditions
from notionfs.sync.saver import Saver

_HELD_BACK_NS = 120 * 1_000_000_000


class Subject(Struct, frozen=True):
    """The page file that a decision is about; *name* is how its person called it."""

    doc_id: int
    name: str


class Deciding:
    """Carries out decisions. Each raises NotPermitted with a sentence where it makes no sense."""

    def __init__(
        self,
        context: Context,
        renditions: Renditions,
        placement: Placement,
        saver: Saver,
        wake_uploader: Callable[[], None],
    ) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions
        self._placement = placement
        self._saver = saver
        self._wake = wake_uploader
        self._earlier = Earlier(context)

    # --- try again --------------------------------------------------------------------------------

    def retry(self, subject: Subject) -> None:
        """Make what waits for the page due now, a parked text included."""
        doc = self._store.docs.load(subject.doc_id)
        if doc.state is DocState.CONFLICT:
            raise NotPermitted(
                f"{subject.name} is in conflict: decide with notionfs resolve what is sent."
            )
        with self._store.transaction():
            now = self._context.now_ns()
            if doc.state is DocState.PARKED:
                self._store.docs.move(doc.doc_id, DocEvent.RETRY)
                self._store.outbox.put(doc.doc_id, Action.SAVE, now_ns=now, due_ns=now)
            elif not self._store.outbox.list_changes(doc.doc_id):
                raise NotPermitted(f"{subject.name} has nothing that waits to be sent.")
            self._store.outbox.unpark(doc.doc_id)
            self._store.outbox.set_due(doc.doc_id, now)
        self._wake()

    # --- whose text -------------------------------------------------------------------------------

    def keep_mine(self, subject: Subject, *, as_it_is: bool) -> None:
        """End a conflict: the file's text stands where both sides changed the same place.

        What was changed in Notion alone stays, too, unless the file is to be sent *as_it_is*.
        """
        self._check_conflict(subject)
        with self._store.transaction():
            self._saver.resolve(subject.doc_id, keep_theirs=not as_it_is)
        self._wake()

    async def take_theirs(self, subject: Subject) -> None:
        """End a conflict with Notion's text; the file's goes into the history."""
        self._check_conflict(subject)
        await self.discard(subject)

    async def discard(self, subject: Subject) -> None:
        """Give the file's unsent text up for Notion's, which is asked for; it goes into the
        history.
        """
        doc = self._discardable(subject)
        page, body = await self._ask_while_held_back(doc)
        doc = self._discardable(subject)  # an editor may have opened it meanwhile
        with self._store.transaction():
            self._store.snapshots.save_page(page)
            if body is not None:
                self._store.snapshots.save_body(
                    page.id, body, last_edited=page.last_edited, now_ns=self._context.now_ns()
                )
            self._give_up(doc)
            if page.in_trash:
                self._placement.place_page(page)

    def _check_conflict(self, subject: Subject) -> None:
        if self._store.docs.load(subject.doc_id).state is not DocState.CONFLICT:
            raise NotPermitted(f"{subject.name} is not in conflict.")

    def _discardable(self, subject: Subject) -> Doc:
        doc = self._store.docs.load(subject.doc_id)
        if doc.state in (DocState.CLEAN, DocState.UNREAD) and doc.reason is None:
            raise NotPermitted(f"{subject.name} has no unsent text to discard.")
        if doc.page_id is None:
            raise NotPermitted(f"{subject.name} is not in Notion yet; rm removes it.")
        self._check_still(subject, doc)
        return doc

    def _check_still(self, subject: Subject, doc: Doc) -> None:
        """Raise NotPermitted while somebody has the file open, or its text is on its way."""
        if self._context.is_open(doc.doc_id):
            raise NotPermitted(f"{subject.name} is open in a program; close it first.")
        if doc.state in ON_THE_WIRE:
            raise NotPermitted(f"{subject.name} is being sent; try again when it is.")

    async def _ask_while_held_back(self, doc: Doc) -> tuple[Page, Body | None]:
        """Ask for the page; its text does not leave meanwhile."""
        with self._store.transaction():
            self._store.outbox.set_due(doc.doc_id, self._context.now_ns() + _HELD_BACK_NS)
        try:
            return await self._ask_notion(doc)
        finally:
            with self._store.transaction():
                self._store.outbox.set_due(doc.doc_id, self._context.now_ns())
            self._wake()

    async def _ask_notion(self, doc: Doc) -> tuple[Page, Body | None]:
        """Return the page as Notion has it; while Notion is away, what was read last."""
        page_id = PageId(doc.page_id or "")
        known = self._store.snapshots.load_page(page_id)
        client = self._context.client.at(Priority.PROMPT)
        try:
            page = await client.fetch_page(page_id)
            return page, None if page.in_trash else await fetch_body(client, page_id)
        except RemoteMissing:
            if known is None:
                raise
            return replace(known, in_trash=True), None
        except Unreachable:
            stored = self._store.snapshots.load_body(page_id)
            if known is None or stored is None or stored.guessed:
                raise
            return known, None

    def _give_up(self, doc: Doc) -> None:
        if doc.state in (DocState.CLEAN, DocState.UNREAD):
            self._store.docs.explain(doc.doc_id, None)  # a refused move or removal
            return
        self._earlier.keep(doc, Why.DISCARD)
        self._store.docs.move(doc.doc_id, DocEvent.DISCARD)
        self._store.outbox.drop(doc.doc_id, Action.SAVE)
        self._store.docs.mark(doc.doc_id, wanted_title=None)
        self._store.docs.note(doc.doc_id, ())
        self._renditions.rewrite(doc.doc_id)

    # --- earlier texts ----------------------------------------------------------------------------

    def list_past(self, subject: Subject) -> list[Past]:
        """Return the page's earlier texts, the newest first."""
        doc = self._store.docs.load(subject.doc_id)
        return self._store.history.list_of(doc.doc_id, doc.page_id)

    def load_past(self, subject: Subject, number: int) -> bytes:
        """Return the *number*-th earlier text, 1 being the newest."""
        past = self.list_past(subject)
        if not 1 <= number <= len(past):
            kept = f"{len(past)} of them" if past else "none"
            raise InvalidArgument(f"{subject.name} has no earlier text {number}; {kept} is kept.")
        return self._store.history.load(past[number - 1].text_id)

    def undo(self, subject: Subject, number: int) -> None:
        """Save the *number*-th earlier text again, as an editor would.

        Raises InvalidPageFile, and changes nothing, if it cannot be sent as it stands.
        """
        doc = self._store.docs.load(subject.doc_id)
        self._check_still(subject, doc)
        if doc.state is DocState.CONFLICT:
            raise NotPermitted(f"{subject.name} is in conflict: decide with notionfs resolve.")
        behind = self._store.docs.load_text(doc.doc_id) or b""
        # Compared with the page as it is now, or only what came after that text would be kept.
        stamp = stamp_of(behind)
        text = with_stamp(self.load_past(subject, number), stamp)
        self._saver.plan(doc, text)
        with self._store.transaction():
            self._earlier.keep(doc, Why.UNDO, new=text)
            self._store.bases.forget(doc.doc_id, stamp)
            self._store.bases.forget(doc.doc_id, stamp_of(text))
        self._saver.commit(doc.doc_id, text)
        ino = self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
        if ino is not None:
            self._context.tell(InodeChanged(ino))
