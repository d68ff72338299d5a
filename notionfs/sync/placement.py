"""From snapshots to names in directories. Nothing here waits; callers hold the transaction."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from notionfs.config import Renames
from notionfs.markdown.document import shown_title
from notionfs.model import (
    Database,
    DatabaseId,
    DataSourceId,
    Page,
    PageId,
    Parent,
    ParentType,
)
from notionfs.naming import PAGE_SUFFIX, choose_stem, fits_title, slug, stem_of
from notionfs.planning.reconcile import Container, Place, container_of
from notionfs.store.dentries import NOMINAL_SIZE, ROOT_INO, NodeKind
from notionfs.store.documents import Doc
from notionfs.store.outbox import Action, RowState
from notionfs.sync.context import Context, EntryChanged
from notionfs.sync.layout import DIRECTORY_MODE, SourceFolders
from notionfs.sync.renditions import nanoseconds
from notionfs.sync.seniority import Rank, Seniority, rank_of
from notionfs.sync.world import StoreWorld

FILE_MODE = 0o600
_MOST_FOLDERS = 4096

CLAIMS = "claims"
"""The fact in the store: which teamspace claimed which root when the tree was last arranged."""


class Placement:
    """Gives every live page and database its place and name; names are sticky."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self.world = StoreWorld(context)
        self.folders = SourceFolders(context)
        self.seniority = Seniority(context)
        self._folder_of: dict[tuple[Parent, str | None], int] = {}
        self._remembers = False
        self._removals = -1  # of names, when folders were remembered last

    def same_place(self, one: Parent, other: Parent) -> bool:
        """Tell whether two parents have the same directory: a page's, a database's, a source's."""
        if self.folders.by_source:
            return one.id == other.id
        return (one.database_id or one.id) == (other.database_id or other.id)

    # --- spaces -----------------------------------------------------------------------------------

    def ensure_spaces(self) -> None:
        """Create the workspace's directory and those of the configured teamspaces."""
        self.ensure_space(self._context.workspace)
        for space in self._context.settings.teamspaces.values():
            self.ensure_space(space.name)

    def follow_teamspaces(self) -> list[str]:
        """Bring the tree to the teamspaces of the settings; the caller holds the transaction.

        Returns the roots of teamspaces that nobody has read yet: Notion must be asked for them.
        """
        self.world = StoreWorld(self._context)
        self.ensure_spaces()
        before = json.loads(self._store.snapshots.load_fact(CLAIMS) or "{}")
        now = dict(self.world.claims)
        self._store.snapshots.save_fact(CLAIMS, json.dumps(now))
        changed = [root for root in {**before, **now} if before.get(root) != now.get(root)]
        unknown = [root for root in changed if not self._place_again(root)]
        self._remove_empty_spaces()
        return [root for root in unknown if root in now]

    def _place_again(self, root: str) -> bool:
        """Put what *root* names where it belongs by now; tell whether it is known."""
        page = self._store.snapshots.load_page(PageId(root))
        if page is not None:
            self.place_page(page)
            return True
        source = self._store.snapshots.load_source(DataSourceId(root))
        database_id = DatabaseId(root) if source is None else source.database_id
        database = database_id and self._store.snapshots.load_database(database_id)
        if not database:
            return False
        self.place_database(database)
        return True

    def _remove_empty_spaces(self) -> None:
        """Take away the directories of teamspaces that are none any more and hold nothing."""
        spaces = (self._context.workspace, *self._context.settings.teamspaces)
        kept = {slug(space) for space in spaces}
        for name, inode in self._store.dentries.list_inodes(ROOT_INO):
            is_left = inode.kind is NodeKind.SPACE and name not in kept
            if is_left and not self._store.dentries.has_entries(inode.ino):
                self._remove_name(inode.ino)

    def ensure_space(self, space: str) -> int:
        """Return the inode of a space's directory, creating it if needed."""
        name = slug(space)
        found = self._store.dentries.find(ROOT_INO, name)
        if found is not None:
            return found.ino
        return self._add_directory(ROOT_INO, name, NodeKind.SPACE)

    # --- pages ------------------------------------------------------------------------------------

    def place_page(self, page: Page, old_title: str | None = None) -> int | None:
        """Put a page's file where it belongs and return its document.

        None if it has no place: it is in the trash, or it is our own creation whose answer is
        still out. *old_title* is the title it had when it was last placed.
        """
        doc = self._store.docs.find(page.id)
        if doc is None:
            return self.place_new(page)
        if page.in_trash:
            if not self._is_restoring(doc.doc_id):
                self.remove_page(doc)
            return None
        if self._store.dentries.find_held(doc.doc_id) is None and not self._is_moving(doc.doc_id):
            self._place_file(page, doc.doc_id, old_title)
        return doc.doc_id

    def place_new(self, page: Page) -> int | None:
        """As `place_page`, for a page that has no document yet."""
        if page.in_trash or self.is_expected_now()(page):
            return None
        edited_ns = nanoseconds(page.last_edited)
        doc_id = self._store.docs.add(page.id, mtime_ns=edited_ns, size=NOMINAL_SIZE)
        parent_ino = self.directory_of(page)
        stem = self._choose(parent_ino, page.title, page.id, frozenset(), rank_of(page))
        ino = self._store.dentries.add_inode(
            NodeKind.PAGE, mode=FILE_MODE, mtime_ns=0, doc_id=doc_id
        )
        self._add_name(parent_ino, stem + PAGE_SUFFIX, ino, edited_ns)
        return doc_id

    @contextmanager
    def remembering(self) -> Iterator[None]:
        """Look each folder up once while the block runs: a transaction, which must not wait.

        The next block remembers what this one did, if no name went away between them.
        """
        gone = self._removals != self._store.dentries.removals
        if gone or len(self._folder_of) > _MOST_FOLDERS:
            self.forget()
        self._remembers = True
        try:
            yield
        except BaseException:
            self.forget()  # what the block created was probably undone
            raise
        finally:
            self._remembers = False
            self._removals = self._store.dentries.removals

    def forget(self) -> None:
        """Folders that were looked up may be others now."""
        self._folder_of.clear()

    def place_missed(self, created: Page) -> None:
        """Place the pages that were held back because each might have been *created*."""
        for page_id in self._store.snapshots.list_pages_titled(created.title):
            page = self._store.snapshots.load_page(page_id)
            if page is not None and self._store.docs.find(page_id) is None:
                self.place_page(page)

    def ensure_folder(self, doc_id: int) -> int | None:
        """Return the inode of the directory of a document's children, giving it its name.

        None if the document itself has no name at the moment.
        """
        file_ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        dentry = None if file_ino is None else self._store.dentries.find_by_ino(file_ino)
        folder = self._store.dentries.find_doc_inode(doc_id, NodeKind.FOLDER)
        if folder is not None and self._store.dentries.find_by_ino(folder) is not None:
            return folder
        if dentry is None:
            return folder
        return self._add_directory(
            dentry.parent_ino, stem_of(dentry.name), NodeKind.FOLDER, doc_id=doc_id, ino=folder
        )

    def remove_page(self, doc: Doc) -> None:
        """Take a page that is gone in Notion out of the tree.

        The folder keeps its inode and children, so that a restored page brings them back.
        """
        self.forget()
        for kind in (NodeKind.PAGE, NodeKind.FOLDER):
            ino = self._store.dentries.find_doc_inode(doc.doc_id, kind)
            if ino is not None:
                self._remove_name(ino)

    # --- databases --------------------------------------------------------------------------------

    def place_database(self, database: Database, old_title: str | None = None) -> None:
        """Put a database's folder where it belongs, with those of its data sources."""
        self.forget()
        self._place_database(database, old_title)
        if not database.in_trash:
            self.folders.place(database)

    def _place_database(self, database: Database, old_title: str | None) -> None:
        ino = self._store.dentries.find_database_inode(database.id)
        if database.in_trash:
            if ino is not None:
                self._remove_name(ino)
            return
        _, parent_ino = self._find_place(self.world.claimed_id(database), database.parent)
        dentry = None if ino is None else self._store.dentries.find_by_ino(ino)
        if ino is None or dentry is None:
            own = frozenset({ino or 0})
            stem = self._choose(parent_ino, database.title, database.id, own, rank_of(database))
            created_ns = nanoseconds(database.created)
            self._add_directory(
                parent_ino,
                stem,
                NodeKind.DATABASE,
                database_id=database.id,
                ino=ino,
                mtime_ns=created_ns,
            )
            return
        stem = dentry.name
        if self._should_rename(stem, database.title, database.id, old_title):
            stem = self._choose(parent_ino, database.title, database.id, frozenset({ino}))
        elif dentry.parent_ino != parent_ino:
            stem = self._choose(parent_ino, stem, database.id, frozenset({ino}))
        self._move(ino, parent_ino, stem)

    # --- inside -----------------------------------------------------------------------------------

    def _place_file(self, page: Page, doc_id: int, old_title: str | None) -> None:
        parent_ino = self.directory_of(page)
        ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        dentry = None if ino is None else self._store.dentries.find_by_ino(ino)
        folder = self._store.dentries.find_doc_inode(doc_id, NodeKind.FOLDER)
        own = frozenset({ino or 0, folder or 0})
        if ino is None or dentry is None:
            stem = self._choose(parent_ino, page.title, page.id, own)
            if ino is None:
                ino = self._store.dentries.add_inode(
                    NodeKind.PAGE, mode=FILE_MODE, mtime_ns=0, doc_id=doc_id
                )
            self._add_name(parent_ino, stem + PAGE_SUFFIX, ino, nanoseconds(page.last_edited))
            if folder is not None:
                self._add_name(parent_ino, stem, folder, nanoseconds(page.last_edited))
            return
        stem = stem_of(dentry.name)
        if (
            self._should_rename(stem, page.title, page.id, old_title, doc_id)
            or dentry.parent_ino != parent_ino
        ):
            stem = self._choose(parent_ino, page.title, page.id, own)
        self._move(ino, parent_ino, stem + PAGE_SUFFIX)
        if folder is not None:
            self._move(folder, parent_ino, stem)

    def _should_rename(
        self, stem: str, title: str, object_id: str, old_title: str | None, doc_id: int = 0
    ) -> bool:
        if old_title is None or old_title == title or self._context.is_open(doc_id):
            return False
        settings = self._context.settings
        if settings.renames is Renames.KEEP:
            return False
        return not fits_title(stem, title, object_id, settings.names)

    def _choose(
        self,
        parent_ino: int,
        title: str,
        object_id: str,
        own: frozenset[int],
        rank: Rank | None = None,
    ) -> str:
        def is_taken(folded: str) -> bool:
            if not self._store.dentries.is_taken(parent_ino, folded, but=own):
                return False
            return rank is None or not self.seniority.make_way(parent_ino, folded, rank)

        return choose_stem(title, object_id, self._context.settings.names, is_taken)

    def directory_of(self, page: Page) -> int:
        """Return the inode of the directory in which a page belongs, creating it if needed."""
        if not self._remembers:
            return self._find_place(page.id, page.parent)[1]
        key = page.parent, self.world.claimed_by(page.id)
        known = self._folder_of.get(key)
        if known is None:
            place, known = self._find_place(page.id, page.parent)
            # Else the place depends on more than the folder: on what is known of blocks, and of
            # what a page stands in.
            if place is not Place.SPACE and page.parent.type is not ParentType.BLOCK:
                self._folder_of[key] = known
        return known

    def _find_place(self, object_id: str, parent: Parent) -> tuple[Place, int]:
        container = container_of(object_id, parent, self.world, self._context.workspace)
        ino = self._find_directory(container, parent)
        if ino is None:
            return Place.SPACE, self.ensure_space(self._context.workspace)
        return container.place, ino

    def _find_directory(self, container: Container, parent: Parent) -> int | None:
        if container.place is Place.SPACE:
            return self.ensure_space(container.key)
        if container.place is Place.DATABASE:
            folder = self._database_directory(DatabaseId(container.key))
            source = self.folders.find(DataSourceId(parent.id or ""))
            return folder if source is None else source
        doc = self._store.docs.find(PageId(container.key))
        doc_id = doc.doc_id if doc is not None else None
        page = None if doc is not None else self._store.snapshots.load_page(PageId(container.key))
        if page is not None:
            doc_id = self.place_page(page)
        return None if doc_id is None else self.ensure_folder(doc_id)

    def _database_directory(self, database_id: DatabaseId) -> int | None:
        ino = self._store.dentries.find_database_inode(database_id)
        if ino is not None and self._store.dentries.find_by_ino(ino) is not None:
            return ino
        database = self._store.snapshots.load_database(database_id)
        if database is None:
            return None
        self.place_database(database)
        return self._store.dentries.find_database_inode(database_id)

    def is_expected_now(self) -> Callable[[Page], bool]:
        """Return what tells of a new page whether it is probably the one whose creation we have no
        answer for yet.
        """
        sent = {
            (shown_title(change.payload.get("title") or ""), change.payload.get("parent"))
            for change in self._store.outbox.list_changes()
            if change.action is Action.SAVE and change.state in (RowState.CLAIMED, RowState.UNSURE)
        }
        return lambda page: bool(sent) and (shown_title(page.title), page.parent.id) in sent

    def _is_restoring(self, doc_id: int) -> bool:
        changes = self._store.outbox.list_changes(doc_id)
        return any(change.action is Action.RESTORE for change in changes)

    def _is_moving(self, doc_id: int) -> bool:
        changes = self._store.outbox.list_changes(doc_id)
        return any(change.action in (Action.MOVE, Action.TRASH) for change in changes)

    def _add_directory(
        self,
        parent_ino: int,
        name: str,
        kind: NodeKind,
        *,
        doc_id: int | None = None,
        database_id: DatabaseId | None = None,
        ino: int | None = None,
        mtime_ns: int = 0,  # its time is that of what it will hold
    ) -> int:
        if ino is None:
            ino = self._store.dentries.add_inode(
                kind, mode=DIRECTORY_MODE, mtime_ns=mtime_ns, doc_id=doc_id, database_id=database_id
            )
        self._add_name(parent_ino, name, ino, mtime_ns)
        return ino

    def _add_name(self, parent_ino: int, name: str, ino: int, mtime_ns: int) -> None:
        self._store.dentries.add(parent_ino, name, ino)
        self._store.dentries.touch_directory(parent_ino, mtime_ns)
        self._context.tell(EntryChanged(parent_ino, name))

    def _remove_name(self, ino: int) -> None:
        dentry = self._store.dentries.find_by_ino(ino)
        if dentry is not None:
            self._store.dentries.remove(dentry.dentry_id)
            self._store.dentries.touch_directory(dentry.parent_ino, self._context.now_ns())
            self._context.tell(EntryChanged(dentry.parent_ino, dentry.name))

    def _move(self, ino: int, parent_ino: int, name: str) -> None:
        dentry = self._store.dentries.find_by_ino(ino)
        if dentry is None:
            self._add_name(parent_ino, name, ino, self._context.now_ns())
        elif (dentry.parent_ino, dentry.name) != (parent_ino, name):
            self._store.dentries.move(dentry.dentry_id, parent_ino, name, chosen=False)
            self._context.tell(EntryChanged(dentry.parent_ino, dentry.name, (parent_ino, name)))
            self._context.tell(EntryChanged(parent_ino, name))
