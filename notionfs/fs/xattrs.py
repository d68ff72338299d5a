"""What a page is in Notion, as read-only extended attributes, on mounts that have them."""

from __future__ import annotations

from notionfs.errors import NoAttribute, NotSupported, Unsettable
from notionfs.fs.tree import Tree
from notionfs.store.dentries import LOCAL_KINDS


class ExtendedAttributes:
    """The attributes `user.notion.*`. All raise NotSupported without `--xattrs`, which the kernel
    remembers: it then never asks again, and `ls -l` is fast.
    """

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def get(self, ino: int, name: str) -> bytes:
        """Return an attribute; NoAttribute if there is none of that name."""
        value = self._facts(ino).get(name)
        if value is None:
            raise NoAttribute("There is no such attribute.")
        return value.encode()

    def names(self, ino: int) -> list[str]:
        """Return the names of the attributes."""
        return list(self._facts(ino))

    def refuse(self) -> None:
        """Raise why an attribute cannot be set."""
        self._check_wanted()
        raise Unsettable("Extended attributes can only be read.")

    def _check_wanted(self) -> None:
        if not self._tree.settings.xattrs:
            raise NotSupported("This mount has no extended attributes; mount with --xattrs.")

    def _facts(self, ino: int) -> dict[str, str]:
        self._check_wanted()
        inode = None if self._tree.virtual.owns(ino) else self._tree.inode(ino)
        if inode is None or inode.doc_id is None or inode.kind in LOCAL_KINDS:
            return {}
        store = self._tree.store
        doc = store.docs.load(inode.doc_id)
        facts: dict[str, str | None] = {"state": doc.state.value, "error": doc.reason}
        page = None if doc.page_id is None else store.snapshots.load_page(doc.page_id)
        if page is not None:
            is_row = page.parent.database_id is not None
            facts |= {
                "id": page.id,
                "url": page.url,
                "parent": page.parent.database_id if is_row else page.parent.id,
                "data_source": page.parent.id if is_row else None,
                "created": page.created,
                "last_edited": page.last_edited,
            }
        return {f"user.notion.{k}": v for k, v in facts.items() if v is not None}
