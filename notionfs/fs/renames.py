"""rename: how editors save, how people retitle and move. One case, one method.

What is renamed and what it meets decide: a side file onto a page name brings only its text; a page
onto a side name leaves its page behind under the old name; a page onto a page name is a new title,
a move, or both.
"""

from __future__ import annotations

from notionfs.errors import (
    EntryExists,
    InvalidArgument,
    InvalidPageFile,
    IsADirectory,
    NoSuchEntry,
    NotADirectory,
    NotEmpty,
    NotPermitted,
)
from notionfs.fs.entries import Entries, check_own
from notionfs.fs.moves import check_move
from notionfs.fs.restores import Restores
from notionfs.fs.tree import check_name
from notionfs.fs.virtual import TRASH
from notionfs.naming import PAGE_SUFFIX, fits_title, stem_of, title_from_name
from notionfs.planning.states import DocState
from notionfs.store.dentries import LOCAL_KINDS, Dentry, Inode, NodeKind
from notionfs.store.documents import Doc
from notionfs.store.outbox import Action
from notionfs.sync.context import EntryChanged, InodeChanged

RENAME_NOREPLACE = 1
_NS = 1_000_000_000


class Renames:
    """The rename of `Entries`, in a file of its own."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._tree = entries.tree
        self._engine = entries.engine
        self._store = entries.store
        self._restores = Restores(entries)
        self._may_lose = False

    def rename_losing(
        self, old_parent: int, old_name: str, new_parent: int, new_name: str, flags: int = 0
    ) -> None:
        """As `rename`, but a row may lose the properties that its new place does not have."""
        self._may_lose = True  # nothing here waits, so nobody else sees it
        try:
            self.rename(old_parent, old_name, new_parent, new_name, flags)
        finally:
            self._may_lose = False

    def rename(
        self, old_parent: int, old_name: str, new_parent: int, new_name: str, flags: int = 0
    ) -> None:
        """Give an entry another name; see the module."""
        if flags & ~RENAME_NOREPLACE:
            raise InvalidArgument("Exchanging two names is not supported.")
        target_dir = self._tree.writable_directory(new_parent)
        check_name(new_name)
        if old_parent == TRASH:
            self._restores.restore(old_name, target_dir, new_name)
            return
        source_dir = self._tree.writable_directory(old_parent)
        source = self._entries.find(source_dir, old_name)
        if source is None:
            commented = self._comments_at(source_dir, old_name)
            if commented is not None and self._store.dentries.find(new_parent, new_name) is None:
                self._back_up_comments(commented, target_dir, new_name)
                self._engine.context.tell(EntryChanged(new_parent, new_name))
                return
            self._missing(source_dir, old_name)
            return
        commented = self._comments_at(target_dir, new_name)
        if commented is not None:
            self._side_to_comments(source, commented)
            # The kernel now takes the side file's inode for that of the comments.
            self._engine.context.tell(EntryChanged(new_parent, new_name))
            return
        target = self._store.dentries.find(new_parent, new_name)
        if target is not None and target.ino == source.ino:
            return
        if target is not None and flags & RENAME_NOREPLACE:
            raise EntryExists("There is already an entry of that name.")
        if target is None:
            self._entries.check_free(target_dir, new_name)
        self._dispatch(source, self._tree.inode(source.ino), target_dir, new_name, target)

    def _missing(self, parent: Inode, name: str) -> None:
        if self._tree.virtual.lookup(parent, name) is not None:
            raise NotPermitted("This file is made by notionfs and keeps its name.")
        raise NoSuchEntry("There is no such entry.")

    # --- files of comments ------------------------------------------------------------------------

    def _comments_at(self, parent: Inode, name: str) -> int | None:
        made = self._tree.virtual.lookup(parent, name)
        return None if made is None else self._tree.virtual.comments_of(made)

    def _side_to_comments(self, source: Dentry, doc_id: int) -> None:
        """An atomic save: the file of comments receives the side file's text."""
        inode = self._tree.inode(source.ino)
        if inode.kind is not NodeKind.FILE:
            raise NotPermitted("Only a file can take the place of the comments.")
        self._tree.comments.replace(doc_id, self._text_of(inode))
        with self._store.transaction():
            self._entries.drop_name(source)

    def _back_up_comments(self, doc_id: int, target_dir: Inode, name: str) -> None:
        """An editor's backup is a copy: the comments stay where they are."""
        self._entries.check_free(target_dir, name)
        if self._entries.is_page_place(target_dir, name):
            raise NotPermitted("Comments cannot become a page; copy them.")
        known = self._store.comments.load(doc_id)
        now = self._engine.context.now_ns()
        with self._store.transaction():
            ino = self._store.dentries.add_inode(NodeKind.FILE, mode=0o600, mtime_ns=now)
            self._store.dentries.add(target_dir.ino, name, ino, chosen=True)
            self._store.dentries.save_scratch(ino, known.text if known else b"", now)

    def _dispatch(
        self, source: Dentry, inode: Inode, target_dir: Inode, name: str, target: Dentry | None
    ) -> None:
        check_own(inode)
        is_page = self._entries.is_page_place(target_dir, name)
        if inode.kind is NodeKind.PAGE:
            if is_page:
                self._page_to_page(source, inode, target_dir, name, target)
            else:
                self._page_to_side(source, inode, target_dir, name, target)
        elif inode.kind in LOCAL_KINDS:
            if is_page and inode.kind is NodeKind.FILE:
                self._side_to_page(source, inode, target_dir, name, target)
            elif is_page:
                raise NotPermitted("Only a file can become a page.")
            else:
                self._side_to_side(source, inode, target_dir, name, target)
        elif inode.kind is NodeKind.FOLDER:
            self._folder(source, inode, target_dir, name, target)
        else:
            raise NotPermitted("Databases and teamspaces are renamed in Notion.")

    # --- side files -------------------------------------------------------------------------------

    def _side_to_side(
        self, source: Dentry, inode: Inode, target_dir: Inode, name: str, target: Dentry | None
    ) -> None:
        with self._store.transaction(durable=False):
            if target is not None:
                self._replace_side(target, by_directory=inode.is_directory)
            self._move_name(source, target_dir, name)

    def _replace_side(self, target: Dentry, *, by_directory: bool) -> None:
        inode = self._tree.inode(target.ino)
        if inode.is_directory and not by_directory:
            raise IsADirectory("The target is a directory.")
        if not inode.is_directory and by_directory:
            raise NotADirectory("The target is not a directory.")
        check_own(inode)
        if inode.kind not in LOCAL_KINDS:
            raise NotPermitted("The target is a folder of Notion's.")
        if inode.is_directory and self._store.dentries.has_entries(inode.ino):
            raise NotEmpty("The target directory is not empty.")
        self._entries.drop_name(target)

    def _side_to_page(
        self, source: Dentry, inode: Inode, target_dir: Inode, name: str, target: Dentry | None
    ) -> None:
        """An atomic save: the page under the target name receives the side file's text.

        If the text cannot be sent as it stands it is parked on the page, the side file stays, and
        the caller hears why.
        """
        text = self._text_of(inode)
        with self._store.transaction():
            doc_id = self._page_for(target_dir, name, target)
            home = target or self._name_new(target_dir, name, inode, doc_id)
        self._give_text(doc_id, text, home)
        with self._store.transaction():
            if target is not None:
                self._entries.drop_name(target)
            else:
                self._store.dentries.remove(home.dentry_id)
                self._store.dentries.remove_inode(home.ino)
            self._store.dentries.turn_inode(inode.ino, NodeKind.PAGE, doc_id)
            self._move_name(source, target_dir, name)
        self._rebind(inode.ino, doc_id)

    def _give_text(self, doc_id: int, text: bytes, home: Dentry) -> None:
        try:
            if text.strip():
                self._engine.saver.commit(doc_id, text)
            else:
                self._engine.saver.commit_empty(doc_id)
        except InvalidPageFile:
            # The kernel hears that the rename failed, yet the page has a new, parked text.
            self._engine.context.tell(EntryChanged(home.parent_ino, home.name))
            self._engine.context.tell(InodeChanged(home.ino))
            raise

    def _page_for(self, target_dir: Inode, name: str, target: Dentry | None) -> int:
        """Return the document that owns the target name: there, held, or new."""
        if target is not None:
            inode = self._tree.inode(target.ino)
            if inode.kind is not NodeKind.PAGE or inode.doc_id is None:
                raise IsADirectory("The target is a directory.")
            return inode.doc_id
        held = self._entries.take_back(target_dir.ino, name)
        if held is not None:
            return held.doc_id
        self._entries.check_page_parent(target_dir)
        self._entries.check_listed()
        return self._store.docs.add(None, mtime_ns=self._engine.context.now_ns())

    def _name_new(self, target_dir: Inode, name: str, inode: Inode, doc_id: int) -> Dentry:
        """Give a document without a file one, so that its directory and title can be told."""
        now = self._engine.context.now_ns()
        ino = self._store.dentries.add_inode(
            NodeKind.PAGE, mode=inode.mode, mtime_ns=now, doc_id=doc_id
        )
        self._store.dentries.add(target_dir.ino, name, ino, chosen=True)
        found = self._store.dentries.find(target_dir.ino, name)
        if found is None:
            raise NoSuchEntry("The page has gone.")
        return found

    def _text_of(self, inode: Inode) -> bytes:
        file = self._tree.handles.find(inode.ino)
        if file is not None:
            return bytes(self._tree.handles.bytes_of(file))
        if inode.kind is NodeKind.PAGE and inode.doc_id is not None:
            text = self._store.docs.load_text(inode.doc_id)
            if text is None:
                raise NotPermitted("This page was never read; open it before moving its text.")
            return text
        return self._store.dentries.load_scratch(inode.ino)

    def _rebind(self, ino: int, doc_id: int | None) -> None:
        file = self._tree.handles.find(ino)
        if file is not None:
            self._tree.handles.rebind(file, doc_id)

    # --- pages ------------------------------------------------------------------------------------

    def _page_to_side(
        self, source: Dentry, inode: Inode, target_dir: Inode, name: str, target: Dentry | None
    ) -> None:
        """A backup: the text goes along as a side file, the page stays held under its name."""
        text = self._text_of(inode)
        doc_id = inode.doc_id or 0
        with self._store.transaction():
            if target is not None:
                self._replace_side(target, by_directory=False)
            self._entries.hold(source, doc_id, "restore")
            self._store.dentries.turn_inode(inode.ino, NodeKind.FILE, None)
            self._store.dentries.save_scratch(inode.ino, text, inode.mtime_ns)
            self._move_name(source, target_dir, name)
        self._rebind(inode.ino, None)

    def _page_to_page(
        self, source: Dentry, inode: Inode, target_dir: Inode, name: str, target: Dentry | None
    ) -> None:
        if target is not None:
            self._page_over_page(source, inode, target_dir, name, target)
            return
        doc = self._store.docs.load(inode.doc_id or 0)
        with self._store.transaction():
            self._move_page(source, doc, target_dir, name)

    def _page_over_page(
        self, source: Dentry, inode: Inode, target_dir: Inode, name: str, target: Dentry
    ) -> None:
        """The target's page receives the text and keeps its id; the source's page goes."""
        text = self._text_of(inode)
        owner = self._page_for(target_dir, name, target)
        doc_id = inode.doc_id or 0
        self._entries.check_childless(doc_id)
        if self._store.docs.load(doc_id).page_id is not None:
            self._engine.removals.check()
        self._give_text(owner, text, target)
        with self._store.transaction():
            self._entries.hold(source, doc_id, "trash")
            self._entries.drop_name(target)
            self._store.dentries.turn_inode(inode.ino, NodeKind.PAGE, owner)
            self._move_name(source, target_dir, name)
        self._rebind(inode.ino, owner)

    def _folder(
        self, source: Dentry, inode: Inode, target_dir: Inode, name: str, target: Dentry | None
    ) -> None:
        """Renaming a page's folder renames the page."""
        if target is not None:
            raise NotEmpty("There is already a folder of that name.")
        if target_dir.kind is NodeKind.DIRECTORY:
            raise NotPermitted("A page's folder cannot become a local directory.")
        doc = self._store.docs.load(inode.doc_id or 0)
        file_ino = self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
        page = None if file_ino is None else self._store.dentries.find_by_ino(file_ino)
        if page is None:
            raise NoSuchEntry(f"The page of the folder {source.name} has gone.")
        self._entries.check_free(target_dir, name + PAGE_SUFFIX)
        with self._store.transaction():
            self._move_page(page, doc, target_dir, name + PAGE_SUFFIX)
            self._engine.context.tell(EntryChanged(page.parent_ino, page.name))
            self._engine.context.tell(EntryChanged(target_dir.ino, name + PAGE_SUFFIX))

    def _move_page(self, page: Dentry, doc: Doc, target_dir: Inode, name: str) -> None:
        """Move a page's file, and its folder with it; queue what Notion must hear."""
        is_move = target_dir.ino != page.parent_ino
        if is_move:
            self._entries.check_page_parent(target_dir)
            check_move(self._store, self._engine, doc, target_dir, may_lose=self._may_lose)
        self._move_folder(page, doc, target_dir, name)
        self._move_name(page, target_dir, name)
        if is_move and doc.page_id is not None:
            now = self._engine.context.now_ns()
            due = now + int(self._tree.settings.quiet * _NS)
            self._store.outbox.put(doc.doc_id, Action.MOVE, now_ns=now, due_ns=due)
            self._engine.uploader.wake()
        if name != page.name:
            self._retitle(doc, name)

    def _retitle(self, doc: Doc, name: str) -> None:
        """The new name is the new title, unless it is just how the present title is written."""
        known = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        style = self._tree.settings.names
        if known is not None and fits_title(stem_of(name), known.title, known.id, style):
            return
        if doc.page_id is None and not doc.has_text:
            return  # nothing was written yet: the title is taken from the name anyway
        self._engine.saver.retitle(doc.doc_id, title_from_name(name))
        ino = self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
        if ino is not None and doc.state is not DocState.UNREAD:
            self._engine.context.tell(InodeChanged(ino))

    def _move_folder(self, page: Dentry, doc: Doc, target_dir: Inode, name: str) -> None:
        ino = self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.FOLDER)
        folder = None if ino is None else self._store.dentries.find_by_ino(ino)
        if folder is None:
            return
        new_name = stem_of(name)
        if self._store.dentries.find(target_dir.ino, new_name) is not None:
            raise EntryExists(f"The page's folder cannot follow: {new_name} exists.")
        self._move_name(folder, target_dir, new_name)
        self._engine.context.tell(EntryChanged(page.parent_ino, folder.name))
        self._engine.context.tell(EntryChanged(target_dir.ino, new_name))

    def _move_name(self, dentry: Dentry, target_dir: Inode, name: str) -> None:
        now = self._engine.context.now_ns()
        self._store.dentries.move(dentry.dentry_id, target_dir.ino, name, chosen=True)
        for ino in {dentry.parent_ino, target_dir.ino}:
            self._store.dentries.touch_directory(ino, now)
