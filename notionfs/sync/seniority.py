"""Who gets the plain name while the first listing runs: the oldest, in whatever order they come.

Notion lists what was edited last first, so the younger of two pages of one title often comes first.
Its name is only a guess as long as nobody was shown the directory, and then gives way. A name that
somebody may have seen stays. Nothing here waits; callers hold the transaction.
"""

from __future__ import annotations

from typing import NamedTuple

from notionfs.model import Database, Page, PageId
from notionfs.naming import PAGE_SUFFIX, choose_stem, fold
from notionfs.store.dentries import Dentry, Inode, NodeKind
from notionfs.sync.context import Context, EntryChanged


class Rank(NamedTuple):
    """The order of names: databases before pages, and the oldest first."""

    is_page: bool
    created: str
    object_id: str


def rank_of(thing: Page | Database) -> Rank:
    """Return where a page or database stands in the order of names."""
    return Rank(isinstance(thing, Page), thing.created, thing.id)


class Seniority:
    """Takes plain names from younger pages in directories that nobody was shown yet."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def make_way(self, parent_ino: int, folded: str, rank: Rank) -> bool:
        """Tell whether a stem was freed for whoever has *rank*."""
        if not self._store.dentries.is_unseen(parent_ino):
            return False
        held = self._store.dentries.list_folded(parent_ino, (folded, folded + PAGE_SUFFIX))
        things = {self._behind(inode) for _, inode in held}
        younger = things.pop() if len(things) == 1 else None
        if younger is None or rank_of(younger) < rank:
            return False
        if not all(self._store.dentries.is_guess(dentry) for dentry, _ in held):
            return False
        self._rename(parent_ino, [dentry for dentry, _ in held], younger)
        return True

    def _behind(self, inode: Inode) -> Page | Database | None:
        if inode.kind is NodeKind.DATABASE and inode.database_id is not None:
            return self._store.snapshots.load_database(inode.database_id)
        if inode.kind not in (NodeKind.PAGE, NodeKind.FOLDER) or inode.doc_id is None:
            return None
        page_id = self._store.docs.load(inode.doc_id).page_id
        return None if page_id is None else self._store.snapshots.load_page(PageId(page_id))

    def _rename(self, parent_ino: int, names: list[Dentry], younger: Page | Database) -> None:
        """Give a page and its folder, or a database, the name with digits."""
        own = frozenset(dentry.ino for dentry in names)
        plain = {fold(dentry.name.removesuffix(PAGE_SUFFIX)) for dentry in names}
        stem = choose_stem(
            younger.title,
            younger.id,
            self._context.settings.names,
            lambda folded: (
                folded in plain or self._store.dentries.is_taken(parent_ino, folded, but=own)
            ),
        )
        for dentry in names:
            suffix = PAGE_SUFFIX if dentry.name.endswith(PAGE_SUFFIX) else ""
            self._store.dentries.remove(dentry.dentry_id)  # no link can lead to it yet
            self._store.dentries.add(parent_ino, stem + suffix, dentry.ino)
            self._context.tell(EntryChanged(parent_ino, dentry.name))
            self._context.tell(EntryChanged(parent_ino, stem + suffix))
