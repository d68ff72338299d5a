"""Making and removing entries: what becomes a page, what stays a side file, what is held back.

Page identity belongs to directory and name: a page whose name comes back within the grace time
receives the new text and keeps its id.
"""

from __future__ import annotations

import os

from notionfs.config import Layout, Settings
from notionfs.errors import (
    EntryExists,
    IsADirectory,
    NoSuchEntry,
    NotADirectory,
    NotEmpty,
    NotPermitted,
    ReadOnly,
    StillListing,
)
from notionfs.fs.attributes import Attributes
from notionfs.fs.rows_file import FORMS
from notionfs.fs.tree import Opened, Tree, check_name
from notionfs.fs.virtual import Made, made_ino
from notionfs.naming import (
    ASSETS_NAME,
    META_NAME,
    PAGE_SUFFIX,
    SCHEMA_NAME,
    TRASH_NAME,
    is_page_name,
    is_side_name,
    stem_of,
    title_from_name,
)
from notionfs.planning.states import ON_THE_WIRE, DocState
from notionfs.store.dentries import LOCAL_KINDS, Dentry, Held, Inode, NodeKind
from notionfs.store.outbox import Action
from notionfs.sync.context import EntryChanged
from notionfs.sync.layout import DIRECTORY_MODE
from notionfs.sync.placement import FILE_MODE


def check_own(inode: Inode) -> None:
    """Raise NotPermitted for a file that is not the user's to remove, replace or rename."""
    if inode.kind is NodeKind.ASSET:
        raise NotPermitted("A page shows this file: it goes, or changes, with the page's text.")


_RESERVED = frozenset({META_NAME, SCHEMA_NAME, TRASH_NAME, *FORMS})
_PAGE_PARENTS = frozenset({NodeKind.FOLDER, NodeKind.DATABASE, NodeKind.SOURCE})
_NS = 1_000_000_000


class Entries:
    """create, mkdir, symlink, unlink, rmdir."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.engine = tree.engine
        self.store = tree.store

    @property
    def settings(self) -> Settings:
        """The settings of this moment, as the tree has them."""
        return self.tree.settings

    # --- kinds of names ---------------------------------------------------------------------------

    def is_page_place(self, parent: Inode, name: str) -> bool:
        """Tell whether a file of that name in *parent* is a page."""
        if parent.kind is NodeKind.DIRECTORY:
            return False
        return is_page_name(name, self.settings.side_files)

    def check_page_parent(self, parent: Inode) -> None:
        """Raise NotPermitted where Notion's API cannot put a page."""
        if parent.kind not in _PAGE_PARENTS:
            raise NotPermitted(
                "Notion's API cannot put a page here; create it inside a page's folder or a "
                "database."
            )
        if parent.kind is NodeKind.DATABASE and self.settings.layout is Layout.BY_SOURCE:
            raise NotPermitted("Create it in the folder of one of the database's data sources.")

    def check_listed(self) -> None:
        """Raise StillListing while Notion may have pages here that nobody knows yet.

        A new page could be the second one of its name, and one that goes could take others along.
        """
        if not self.engine.refresher.is_listed:
            raise StillListing(
                "The first listing of the workspace is not complete: the page, or pages below it, "
                "may be there already. Wait until notionfs status says that it is."
            )

    def check_free(self, parent: Inode, name: str) -> None:
        """Raise EntryExists, or the fault of the name itself."""
        check_name(name)
        if name in _RESERVED:
            raise NotPermitted("This name belongs to notionfs.")
        if self.store.dentries.find(parent.ino, name) is not None:
            raise EntryExists("There is already an entry of that name.")
        if self.tree.virtual.lookup(parent, name) is not None:
            raise EntryExists("This name is taken by a file that notionfs shows.")

    # --- making -----------------------------------------------------------------------------------

    async def create(
        self, parent_ino: int, name: str, mode: int, flags: int
    ) -> tuple[Opened, Attributes]:
        """Create and open a file: a new page, a page that comes back, or a side file."""
        parent = self.tree.writable_directory(parent_ino)
        self.check_free(parent, name)
        if not self.is_page_place(parent, name):
            ino = self._add_file(parent, name, NodeKind.FILE, mode)
            opened = await self.tree.open(ino, flags)
            return opened, self.tree.getattr(ino)
        with self.store.transaction():
            ino, is_back = self._add_page(parent, name, mode)
        fh, keep_cache = self.tree.handles.open(self.tree.inode(ino), flags)
        file = self.tree.handles.get(fh).file
        self.tree.handles.bytes_of(file).clear()
        if is_back:
            self.tree.handles.expect_text(file)
        return Opened(fh, keep_cache), self.tree.getattr(ino)

    def _add_page(self, parent: Inode, name: str, mode: int) -> tuple[int, bool]:
        held = self.take_back(parent.ino, name)
        now = self.engine.context.now_ns()
        if held is None:
            self.check_page_parent(parent)
            self.check_listed()
            doc_id = self.store.docs.add(None, mtime_ns=now)
        else:
            doc_id = held.doc_id
        ino = self.store.dentries.add_inode(
            NodeKind.PAGE, mode=mode & 0o7777, mtime_ns=now, doc_id=doc_id
        )
        self.store.dentries.add(parent.ino, name, ino, chosen=True)
        self.store.dentries.touch_directory(parent.ino, now)
        return ino, held is not None

    def take_back(self, parent_ino: int, name: str) -> Held | None:
        """Release a held name; its page is not trashed after all."""
        held = self.store.dentries.release(parent_ino, name)
        if held is not None:
            self.store.outbox.drop(held.doc_id, Action.TRASH)
            if held.outcome == "trash":
                self.engine.removals.take_back()
            self.engine.saver.requeue(held.doc_id)
        return held

    def _add_file(self, parent: Inode, name: str, kind: NodeKind, mode: int) -> int:
        now = self.engine.context.now_ns()
        with self.store.transaction(durable=False):
            ino = self.store.dentries.add_inode(kind, mode=mode & 0o7777, mtime_ns=now)
            self.store.dentries.add(parent.ino, name, ino, chosen=True)
            self.store.dentries.touch_directory(parent.ino, now)
        return ino

    def symlink(self, parent_ino: int, name: str, target: str) -> Attributes:
        """Create a local symbolic link; editors use them as locks. A page is never a link."""
        parent = self.tree.writable_directory(parent_ino)
        self.check_free(parent, name)
        if self.is_page_place(parent, name):
            raise NotPermitted("A page cannot be a symbolic link.")
        data = os.fsencode(target)
        with self.store.transaction(durable=False):
            ino = self._add_file(parent, name, NodeKind.SYMLINK, 0o777)
            self.store.dentries.save_scratch(ino, data, self.engine.context.now_ns())
        return self.tree.getattr(ino)

    def mkdir(self, parent_ino: int, name: str, mode: int) -> Attributes:
        """Make a local directory, the folder of an existing page, or a page with its folder."""
        parent = self.tree.writable_directory(parent_ino)
        self.check_free(parent, name)
        if parent.kind is NodeKind.DIRECTORY or is_side_name(name, self.settings.side_files):
            if name.startswith(".Trash"):
                # Desktops would move pages into it; refused, they ask to delete instead.
                raise NotPermitted("There is no local trash here; rm moves pages to Notion's.")
            return self.tree.getattr(self._add_file(parent, name, NodeKind.DIRECTORY, mode))
        page = self.store.dentries.find(parent_ino, name + PAGE_SUFFIX)
        if page is None:
            return self._make_page_with_folder(parent, name)
        inode = self.tree.inode(page.ino)
        if inode.kind is not NodeKind.PAGE or inode.doc_id is None:
            raise EntryExists("A side file has the name of the page that the folder needs.")
        return self.tree.getattr(self._add_folder(parent, name, inode.doc_id))

    def _make_page_with_folder(self, parent: Inode, name: str) -> Attributes:
        self.check_page_parent(parent)
        self.check_listed()
        check_name(name + PAGE_SUFFIX)
        with self.store.transaction():
            _, is_back = self._add_page(parent, name + PAGE_SUFFIX, FILE_MODE)
            page = self.store.dentries.find(parent.ino, name + PAGE_SUFFIX)
            doc_id = self.tree.inode(page.ino).doc_id if page is not None else None
            if doc_id is None:
                raise NoSuchEntry("The page has gone.")
            if not is_back:
                self.engine.saver.start_folder(doc_id, title_from_name(name))
            folder = self._add_folder(parent, name, doc_id)
        self.engine.context.tell(EntryChanged(parent.ino, name + PAGE_SUFFIX))
        return self.tree.getattr(folder)

    def _add_folder(self, parent: Inode, name: str, doc_id: int) -> int:
        now = self.engine.context.now_ns()
        with self.store.transaction():
            ino = self.store.dentries.find_doc_inode(doc_id, NodeKind.FOLDER)
            if ino is None:
                ino = self.store.dentries.add_inode(
                    NodeKind.FOLDER, mode=DIRECTORY_MODE, mtime_ns=now, doc_id=doc_id
                )
            self.store.dentries.add(parent.ino, name, ino, chosen=True)
            self.store.dentries.touch_directory(parent.ino, now)
        return ino

    # --- removing ---------------------------------------------------------------------------------

    def unlink(self, parent_ino: int, name: str) -> None:
        """Remove a file: a side file at once, a page into Notion's trash after the grace time."""
        parent = self.tree.writable_directory(parent_ino)
        dentry = self.find(parent, name)
        if dentry is None:
            self._unlink_virtual(parent, name)
            return
        inode = self.tree.inode(dentry.ino)
        if inode.is_directory:
            raise IsADirectory("This is a directory.")
        check_own(inode)
        with self.store.transaction(durable=inode.kind is NodeKind.PAGE):
            if inode.kind is NodeKind.PAGE and inode.doc_id is not None:
                self.hold(dentry, inode.doc_id, "trash")
            self.drop_name(dentry)

    def find(self, parent: Inode, name: str) -> Dentry | None:
        """Return the entry of that name, or the one that used to have it."""
        check_name(name)
        found = self.store.dentries.find(parent.ino, name)
        if found is None:
            moved = self.tree.resolve_alias(parent.ino, name)
            found = None if moved is None else self.store.dentries.find_by_ino(moved)
        return found

    def hold(self, dentry: Dentry, doc_id: int, outcome: str) -> None:
        """Hold a page's name for the grace time; the caller holds the transaction.

        *outcome* "trash" queues the removal, "restore" brings the name back. A page that Notion
        does not have yet is not created meanwhile, and forgotten when its time is over.
        """
        doc = self.store.docs.load(doc_id)
        if outcome == "trash":
            self.check_listed()
            self.check_childless(doc_id)
            self._drop_folder(doc_id)
        now = self.engine.context.now_ns()
        until = now + int(self.settings.trash_grace * _NS)
        if doc.page_id is None and doc.state not in ON_THE_WIRE:
            outcome = "drop"
            self.store.outbox.drop(doc_id)
        elif outcome == "trash":
            self.engine.removals.note()
            self.store.outbox.put(doc_id, Action.TRASH, now_ns=now, due_ns=until)
        self.store.dentries.hold(
            Held(dentry.parent_ino, dentry.name, doc_id, until, outcome, dentry.chosen)
        )
        self.engine.uploader.wake()
        self.engine.watch_held()

    def check_childless(self, doc_id: int) -> None:
        """Raise NotEmpty for a page that has sub-pages: they must go first."""
        folder = self.store.dentries.find_doc_inode(doc_id, NodeKind.FOLDER)
        for dentry, inode in () if folder is None else self.store.dentries.list_entries(folder):
            if dentry.name != ASSETS_NAME:
                raise NotEmpty("The page has sub-pages; remove those first.")
            below = self.store.dentries.list_entries(inode.ino)
            if any(kept.kind is not NodeKind.ASSET for _, kept in below):
                raise NotEmpty("The page's .assets has files of your own; remove those first.")

    def _drop_folder(self, doc_id: int) -> None:
        folder = self.store.dentries.find_doc_inode(doc_id, NodeKind.FOLDER)
        dentry = None if folder is None else self.store.dentries.find_by_ino(folder)
        if dentry is not None:
            self.store.dentries.remove(dentry.dentry_id)
            self.engine.context.tell(EntryChanged(dentry.parent_ino, dentry.name))

    def drop_name(self, dentry: Dentry) -> None:
        """Remove a name; its inode lives on while it is open. The caller holds the transaction."""
        self.store.dentries.remove(dentry.dentry_id)
        self.store.dentries.touch_directory(dentry.parent_ino, self.engine.context.now_ns())
        if not self.tree.handles.orphan(dentry.ino):
            self.store.dentries.remove_inode(dentry.ino)

    def _unlink_virtual(self, parent: Inode, name: str) -> None:
        made = self.tree.virtual.lookup(parent, name)
        if made is None:
            raise NoSuchEntry("There is no such entry.")
        for what in (Made.REMOTE, Made.ERROR):
            base = made & ((1 << 48) - 1)
            if made == made_ino(what, base):
                self._settle(made, what)
                return
        raise ReadOnly("This file is made by notionfs and can only be read.")

    def _settle(self, made: int, what: Made) -> None:
        """Removing `.remote.md` ends a conflict with the file's text; `.error` is just hidden."""
        doc = self.tree.virtual.doc_of(made)
        with self.store.transaction():
            if what is Made.REMOTE:
                self.engine.saver.resolve(doc.doc_id)
            elif doc.state in (DocState.CLEAN, DocState.UNREAD):
                self.store.docs.explain(doc.doc_id, None)
            elif doc.state is DocState.PARKED:
                raise NotPermitted("This goes away when the page is saved with a text that fits.")
        self.engine.uploader.wake()

    def rmdir(self, parent_ino: int, name: str) -> None:
        """Remove an empty directory; a page that was only ever a folder goes with it."""
        parent = self.tree.writable_directory(parent_ino)
        dentry = self.find(parent, name)
        if dentry is None:
            raise NoSuchEntry("There is no such entry.")
        inode = self.tree.inode(dentry.ino)
        if not inode.is_directory:
            raise NotADirectory("This is not a directory.")
        if inode.kind not in {NodeKind.FOLDER, *LOCAL_KINDS}:
            raise NotPermitted("Databases and teamspaces are removed in Notion.")
        if self.store.dentries.has_entries(inode.ino):
            raise NotEmpty("The directory is not empty.")
        with self.store.transaction():
            self.store.dentries.remove(dentry.dentry_id)
            if inode.kind is NodeKind.DIRECTORY:
                self.store.dentries.remove_inode(inode.ino)
            elif inode.doc_id is not None and self.store.docs.load(inode.doc_id).folder:
                self._remove_page_of_folder(parent, inode.doc_id)
            self.store.dentries.touch_directory(parent.ino, self.engine.context.now_ns())

    def _remove_page_of_folder(self, parent: Inode, doc_id: int) -> None:
        ino = self.store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        dentry = None if ino is None else self.store.dentries.find_by_ino(ino)
        if dentry is None or self.tree.handles.find(dentry.ino) is not None:
            return
        self.hold(dentry, doc_id, "trash")
        self.drop_name(dentry)
        self.engine.context.tell(EntryChanged(parent.ino, stem_of(dentry.name) + PAGE_SUFFIX))
