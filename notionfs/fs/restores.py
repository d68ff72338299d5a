"""`mv` out of `.trash`: the page comes back, with its id, where it was or where it was moved."""

from __future__ import annotations

from notionfs.errors import NoSuchEntry, NotPermitted
from notionfs.fs.entries import Entries
from notionfs.fs.moves import check_move
from notionfs.model import Page, ParentType
from notionfs.naming import fits_title, stem_of, title_from_name
from notionfs.store.dentries import Inode, NodeKind
from notionfs.store.outbox import Action
from notionfs.sync.placement import FILE_MODE
from notionfs.sync.renditions import nanoseconds
from notionfs.sync.saver import is_home

_AT_TOP = frozenset({ParentType.WORKSPACE, ParentType.BLOCK, ParentType.AGENT})


class Restores:
    """The rename of files in `.trash`."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries
        self._tree = entries.tree
        self._engine = entries.engine
        self._store = entries.store

    def restore(self, name: str, target_dir: Inode, new_name: str) -> None:
        """Queue that the page called *name* in `.trash` comes back as *new_name*."""
        page = self._tree.virtual.trash.names().get(name)
        if page is None:
            raise NoSuchEntry("There is no such page in the trash.")
        if not self._entries.is_page_place(target_dir, new_name):
            raise NotPermitted("A page comes back as a page: its name must end in .md.")
        self._entries.check_free(target_dir, new_name)
        with self._store.transaction():
            doc_id = self._engine.restoring.queue(page)
            self._place(page, doc_id, target_dir, new_name)
        self._engine.uploader.wake()

    def _place(self, page: Page, doc_id: int, target_dir: Inode, name: str) -> None:
        """Give the page its name, and queue the move and the title that come with it."""
        is_move = self._is_move(page, doc_id, target_dir)
        now = self._engine.context.now_ns()
        ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        if ino is None:
            ino = self._store.dentries.add_inode(
                NodeKind.PAGE,
                mode=FILE_MODE,
                mtime_ns=nanoseconds(page.last_edited),
                doc_id=doc_id,
            )
        self._store.dentries.add(target_dir.ino, name, ino, chosen=True)
        self._store.dentries.touch_directory(target_dir.ino, now)
        if self._store.dentries.find_doc_inode(doc_id, NodeKind.FOLDER) is not None:
            self._engine.placement.ensure_folder(doc_id)
        if is_move:
            self._store.outbox.put(doc_id, Action.MOVE, now_ns=now, due_ns=now)
        if not fits_title(stem_of(name), page.title, page.id, self._tree.settings.names):
            self._engine.saver.retitle(doc_id, title_from_name(name))

    def _is_move(self, page: Page, doc_id: int, target_dir: Inode) -> bool:
        if target_dir.kind is NodeKind.SPACE and page.parent.type in _AT_TOP:
            return False  # it comes back where it was, and the API has no other way to the top
        if is_home(page.parent, target_dir):
            return False
        self._entries.check_page_parent(target_dir)
        check_move(self._store, self._engine, self._store.docs.load(doc_id), target_dir)
        parent = self._engine.saver.parent_in(target_dir, None)
        return parent is None or not self._engine.placement.same_place(parent, page.parent)
