"""What answers are made from, and how a path of a command is found in the tree."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from notionfs.errors import NoSuchEntry
from notionfs.fs.entries import Entries
from notionfs.fs.renames import Renames
from notionfs.fs.tree import Tree
from notionfs.model import Identity
from notionfs.store.dentries import ROOT_INO
from notionfs.sync.engine import Engine
from notionfs.sync.status import Status


class Rooms(Struct, frozen=True):
    """The parts of one mount that commands ask."""

    engine: Engine
    identity: Identity
    status: Status
    tree: Tree
    entries: Entries
    renames: Renames

    def inode_at(self, path: str) -> int:
        """Return the inode number of *path*, relative to the mount; raises NoSuchEntry."""
        ino = ROOT_INO
        try:
            for part in Path(path).parts:
                ino = self.tree.lookup(ino, part).ino
        except NoSuchEntry as exc:
            raise NoSuchEntry(f"There is no {path} in the mount; ls shows what is there.") from exc
        return ino

    def document_at(self, path: str) -> int:
        """Return the document of the page file at *path*; raises NoSuchEntry if it is none."""
        ino = self.inode_at(path)
        doc_id = None if self.tree.virtual.owns(ino) else self.tree.inode(ino).doc_id
        if doc_id is None:
            raise NoSuchEntry(f"{path} is not a page.")
        return doc_id
