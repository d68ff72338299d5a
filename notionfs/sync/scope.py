"""Which part of the workspace a look is about: everything, or what stands below a directory."""

from __future__ import annotations

from msgspec import Struct

from notionfs.model import DatabaseId, PageId
from notionfs.store.store import Store


class Scope(Struct, frozen=True):
    """Pages and databases below one directory; rows count among the pages."""

    pages: frozenset[PageId]
    databases: frozenset[DatabaseId]

    @classmethod
    def below(cls, store: Store, ino: int) -> Scope:
        """Return what stands below a directory, with the page that the directory belongs to."""
        pages: set[PageId] = set()
        databases: set[DatabaseId] = set()
        for inode in store.dentries.list_below(ino):
            if inode.database_id is not None:
                databases.add(DatabaseId(inode.database_id))
            doc = None if inode.doc_id is None else store.docs.get(inode.doc_id)
            if doc is not None and doc.page_id is not None:
                pages.add(doc.page_id)
        return cls(frozenset(pages), frozenset(databases))
