"""Sends one change: which way each kind of change takes, and whether it may leave now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionfs.api.pacing import Priority
from notionfs.errors import EditMissed, FileSystemError, InTrash, Refused, RemoteMissing
from notionfs.model import DatabaseId, PageId
from notionfs.planning.states import TRANSITIONS, DocEvent, DocState
from notionfs.store.documents import Doc
from notionfs.store.outbox import Action, Change, RowState
from notionfs.sync.ahead import LINKS_AHEAD, LinksAhead
from notionfs.sync.commenting import Commenting
from notionfs.sync.confirming import Confirmation
from notionfs.sync.context import Context
from notionfs.sync.creating import Creating
from notionfs.sync.moving import Moving
from notionfs.sync.outgoing import Drafts
from notionfs.sync.placement import Placement
from notionfs.sync.renditions import Renditions
from notionfs.sync.restoring import Restoring
from notionfs.sync.saver import Saver
from notionfs.sync.sources import Sources
from notionfs.sync.updating import Updating
from notionfs.sync.uploads import Uploads

IN_TRASH_REASON = (
    "The page is in Notion's trash, and your text is only here: notionfs restore brings the page "
    "back and sends the text, notionfs discard gives it up."
)


class Delivery:
    """Knows how each action reaches Notion."""

    def __init__(
        self,
        context: Context,
        renditions: Renditions,
        placement: Placement,
        saver: Saver,
        sources: Sources,
        uploads: Uploads,
        commenting: Commenting,
    ) -> None:
        self._store = context.store
        self._saver = saver
        self._sources = sources
        drafts = Drafts(context, renditions, saver)
        self._ahead = drafts.ahead
        confirmation = Confirmation(context, renditions, drafts)
        self._updating = Updating(context, renditions, drafts, confirmation, uploads)
        self._creating = Creating(
            context, saver, placement, drafts, confirmation, self._updating, uploads
        )
        self._moving = Moving(context, renditions, placement, saver)
        self.restoring = Restoring(context, placement)
        self._commenting = commenting
        self._context = context
        self._writing: set[int] = set()

    def note_writing(self, doc_id: int, writing: bool) -> None:
        """Say whether somebody has the document open for writing."""
        (self._writing.add if writing else self._writing.discard)(doc_id)

    def is_quiet(self, doc_id: int) -> bool:
        """Tell whether nobody has the document open for writing."""
        return doc_id not in self._writing

    def is_due(self, change: Change) -> bool:
        """Tell whether there is still something to send: the document is there and waits."""
        doc = self._store.docs.get(change.doc_id)
        if doc is None:
            return False
        return change.action is not Action.SAVE or (doc.state, DocEvent.CLAIM) in TRANSITIONS

    def journal(self, change: Change) -> Mapping[str, Any]:
        """Return what recovery must know if the program dies during the request.

        The caller holds the transaction and claims the row with it.
        """
        if change.action is not Action.SAVE:
            return change.payload
        doc = self._store.docs.load(change.doc_id)
        unsure = doc.state is DocState.UNSURE or change.state is RowState.UNSURE
        self._store.docs.move(change.doc_id, DocEvent.CLAIM)
        return {**change.payload, "was_unsure": unsure}

    async def send(self, change: Change) -> None:
        """Send a claimed change; once it returns, Notion has it and the row is gone."""
        if change.action is Action.MOVE:
            await self._moving.send_move(change)
        elif change.action is Action.TRASH:
            await self._moving.send_trash(change)
        elif change.action is Action.RESTORE:
            await self.restoring.send(change)
        elif change.action is Action.COMMENT:
            await self._commenting.send(change)
        else:
            await self._save(change)

    async def _save(self, change: Change) -> None:
        """Send a save; one that is refused because of an old schema is sent once more, by the new.

        If the text does not fit the new one either, the person hears that, not Notion's words.
        """
        try:
            await self._send_save(change)
        except (Refused, RemoteMissing) as exc:
            database_id = self._database_of(change.doc_id)
            if database_id is None or isinstance(exc, EditMissed | InTrash) or exc.maybe_applied:
                raise
            if not await self._sources.reread(database_id):
                raise
            await self._send_save(change)

    def _database_of(self, doc_id: int) -> DatabaseId | None:
        doc = self._store.docs.get(doc_id)
        if doc is None:
            return None
        if doc.page_id is None:
            try:
                parent = self._saver.parent_of(doc)
            except (FileSystemError, LookupError):
                return None
            return None if parent is None else parent.database_id
        page = self._store.snapshots.load_page(doc.page_id)
        return None if page is None else page.parent.database_id

    async def _send_save(self, change: Change) -> None:
        change = self._store.outbox.find(change.seq) or change  # with its journal
        doc = self._store.docs.load(change.doc_id)
        if doc.page_id is None:
            await self._creating.send(change)
        elif self._ahead.links(change, doc):
            raise LinksAhead(LINKS_AHEAD)
        else:
            await self._update(change, doc)

    async def _update(self, change: Change, doc: Doc) -> None:
        try:
            await self._updating.send(change, doc)
        except (EditMissed, InTrash):
            raise
        except (Refused, RemoteMissing) as exc:
            if await self._is_in_trash(doc):
                raise InTrash(IN_TRASH_REASON) from exc
            raise

    async def _is_in_trash(self, doc: Doc) -> bool:
        """Ask whether the trash is why a save was refused."""
        try:
            client = self._context.client.at(Priority.UPLOAD)
            return (await client.fetch_page(PageId(doc.page_id or ""))).in_trash
        except RemoteMissing:
            return False

    def give_up(self, change: Change, reason: str) -> None:
        """Undo here what Notion refuses: a move or a removal; the caller holds the transaction."""
        if change.action is Action.COMMENT:
            self._commenting.give_up(change, reason)
            return
        giver = self.restoring if change.action is Action.RESTORE else self._moving
        giver.give_up(change, reason)
