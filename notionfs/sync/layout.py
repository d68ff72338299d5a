"""`layout = "by-source"`: a directory for each data source of a database. Nothing here waits."""

from __future__ import annotations

from collections.abc import Callable

from notionfs.config import Layout, Renames
from notionfs.model import Database, DataSourceId, PageId
from notionfs.naming import PAGE_SUFFIX, choose_stem, fits_title, fold, stem_of
from notionfs.store.dentries import LOCAL_KINDS, Dentry, Inode, NodeKind
from notionfs.store.store import Store
from notionfs.sync.context import Context, EntryChanged
from notionfs.sync.renditions import nanoseconds

DIRECTORY_MODE = 0o700
LAYOUT = "layout"
"""The fact that says which layout the tree in the store has."""


class SourceFolders:
    """The directories of data sources, and the way from one layout to the other.

    Callers hold the transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store: Store = context.store
        self.by_source = context.settings.layout is Layout.BY_SOURCE

    # --- one database -----------------------------------------------------------------------------

    def place(self, database: Database) -> None:
        """Give each data source of a placed database its directory; empty old ones go."""
        folder = self._store.dentries.find_database_inode(database.id)
        if not self.by_source or folder is None:
            return
        for ref in database.sources:
            known = self._store.snapshots.load_source(ref.id)
            name = ref.name if known is None else known.name
            self._place_source(folder, database, ref.id, name)
        kept = {ref.id for ref in database.sources}
        self._remove_empty(folder, lambda node: node.source_id not in kept)

    def find(self, source_id: DataSourceId) -> int | None:
        """Return the directory of a data source, if it has one in this layout."""
        ino = self._store.dentries.find_source_inode(source_id) if self.by_source else None
        return None if ino is None or self._store.dentries.find_by_ino(ino) is None else ino

    def _place_source(
        self, folder: int, database: Database, source_id: DataSourceId, name: str
    ) -> None:
        ino = self._store.dentries.find_source_inode(source_id)
        dentry = None if ino is None else self._store.dentries.find_by_ino(ino)
        if (
            dentry is not None
            and dentry.parent_ino == folder
            and self._fits(dentry, name, source_id)
        ):
            return
        stem = self._free_stem(folder, name, source_id, frozenset({ino or 0}))
        if ino is None:
            ino = self._store.dentries.add_inode(
                NodeKind.SOURCE,
                mode=DIRECTORY_MODE,
                mtime_ns=nanoseconds(database.created),
                database_id=database.id,
                source_id=source_id,
            )
        if dentry is None:
            self._store.dentries.add(folder, stem, ino)
        else:
            self._store.dentries.move(dentry.dentry_id, folder, stem, chosen=False)
            self._tell(dentry.parent_ino, dentry.name, (folder, stem))
        self._tell(folder, stem)

    def _fits(self, dentry: Dentry, name: str, source_id: DataSourceId) -> bool:
        settings = self._context.settings
        if settings.renames is Renames.KEEP:
            return True
        return fits_title(dentry.name, name, source_id, settings.names)

    # --- from one layout to the other -------------------------------------------------------------

    def follow_settings(self) -> None:
        """Bring a tree that was made in the other layout into this one; every name is kept."""
        layout = self._context.settings.layout.value
        before = self._store.snapshots.load_fact(LAYOUT) or Layout.FLAT.value
        self._store.snapshots.save_fact(LAYOUT, layout)
        if before == layout:
            return
        for database in self._store.snapshots.list_databases():
            folder = self._store.dentries.find_database_inode(database.id)
            if folder is None:
                continue
            self.place(database)
            (self._spread if self.by_source else self._gather)(folder)

    def _spread(self, folder: int) -> None:
        """Move the rows of a database into the directories of their data sources."""
        for dentry, node in list(self._store.dentries.list_entries(folder)):
            doc = None if node.doc_id is None else self._store.docs.get(node.doc_id)
            page = (
                None if doc is None else self._store.snapshots.load_page(PageId(doc.page_id or ""))
            )
            target = None if page is None else self.find(DataSourceId(page.parent.id or ""))
            if target is not None:
                self._move(dentry, node, target)

    def _gather(self, folder: int) -> None:
        """Move what stands in the directories of data sources to the database's own."""
        for source, node in list(self._store.dentries.list_entries(folder)):
            if node.kind is NodeKind.SOURCE:
                for dentry, inner in list(self._store.dentries.list_entries(source.ino)):
                    self._move(dentry, inner, folder)
        self._remove_empty(folder, lambda node: True)

    def _move(self, dentry: Dentry, node: Inode, target: int) -> None:
        """Move an entry, a page's folder with its file; a side file whose name is taken stays."""
        if node.kind is NodeKind.PAGE and node.doc_id is not None:
            self._move_page(dentry, node.doc_id, target)
            self._store.dentries.touch_directory(target, node.mtime_ns)
        elif node.kind in LOCAL_KINDS and self._store.dentries.find(target, dentry.name) is None:
            self._store.dentries.move(dentry.dentry_id, target, dentry.name, chosen=dentry.chosen)

    def _move_page(self, dentry: Dentry, doc_id: int, target: int) -> None:
        dentries = self._store.dentries
        folder_ino = dentries.find_doc_inode(doc_id, NodeKind.FOLDER)
        folder = None if folder_ino is None else dentries.find_by_ino(folder_ino)
        own, stem = frozenset({dentry.ino, folder_ino or 0}), stem_of(dentry.name)
        if dentries.is_taken(target, fold(stem), but=own):
            page_id = self._store.docs.load(doc_id).page_id
            stem = self._free_stem(target, stem, page_id or f"{doc_id:032x}", own)
        dentries.move(dentry.dentry_id, target, stem + PAGE_SUFFIX, chosen=dentry.chosen)
        if folder is not None:
            dentries.move(folder.dentry_id, target, stem, chosen=folder.chosen)

    # --- names ------------------------------------------------------------------------------------

    def _free_stem(self, directory: int, title: str, object_id: str, own: frozenset[int]) -> str:
        return choose_stem(
            title,
            object_id,
            self._context.settings.names,
            lambda folded: self._store.dentries.is_taken(directory, folded, but=own),
        )

    def _remove_empty(self, folder: int, is_old: Callable[[Inode], bool]) -> None:
        for dentry, node in list(self._store.dentries.list_entries(folder)):
            is_empty = not self._store.dentries.has_entries(dentry.ino)
            if node.kind is NodeKind.SOURCE and is_old(node) and is_empty:
                self._store.dentries.remove(dentry.dentry_id)
                self._tell(folder, dentry.name)

    def _tell(self, folder: int, name: str, now: tuple[int, str] | None = None) -> None:
        self._context.tell(EntryChanged(folder, name, now))
