"""Open directories: what each held when reading began, and the attributes of its entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice

from cachetools import LRUCache

from notionfs.errors import BadHandle, NoSuchEntry
from notionfs.fs.attributes import Attributes
from notionfs.fs.virtual import BY_ID, META, Virtual
from notionfs.store.dentries import ROOT_INO, Inode
from notionfs.store.store import Store

Entry = tuple[str, Inode | int]
"""A name and what it stands for: something stored, or the number of something made."""

_MOST_KEPT = 20_000  # entries, of all directories together


class _Listing:
    """What one handle reads; grows while it is read if *entries* makes them one after the other."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._rest = iter(entries)
        self._read: list[Entry] = []

    def behind(self, start: int) -> Iterator[tuple[str, Inode | int, int]]:
        """Yield (name, node, cookie) from *start*."""
        for position in count(start):
            if position >= len(self._read):
                self._read.extend(islice(self._rest, position - len(self._read) + 1))
                if position >= len(self._read):
                    return
            name, node = self._read[position]
            yield name, node, position + 1


class Listings:
    """The open directories of a tree; *attributes* knows which files are open."""

    def __init__(
        self, store: Store, virtual: Virtual, attributes: Callable[[Inode], Attributes]
    ) -> None:
        self._store = store
        self._virtual = virtual
        self._attributes = attributes
        self._open: dict[int, int] = {}
        self._listings: dict[int, _Listing] = {}
        self._kept: LRUCache[int, tuple[int, list[Entry]]] = LRUCache(
            _MOST_KEPT, getsizeof=lambda kept: len(kept[1])
        )

    def open(self, fh: int, ino: int) -> None:
        """Open a directory under the handle *fh*."""
        self._open[fh] = ino

    def release(self, fh: int) -> None:
        """Close a directory."""
        self._open.pop(fh, None)
        self._listings.pop(fh, None)

    def read(self, fh: int, start: int) -> Iterator[tuple[str, Attributes, int]]:
        """Yield (name, attributes, cookie) from *start*; 0 looks at the directory afresh."""
        ino = self._open.get(fh)
        if ino is None:
            raise BadHandle("There is no such open directory.")
        if start == 0 or fh not in self._listings:
            self._listings[fh] = _Listing(self._entries(ino))
        for name, node, cookie in self._listings[fh].behind(start):
            known = self._made(node) if isinstance(node, int) else self._attributes(node)
            yield name, known, cookie

    def _entries(self, ino: int) -> Iterator[Entry]:
        """Yield the entries, directories first: `rm -r` then meets children before their page."""
        yield ".", ino
        if self._virtual.owns(ino):
            yield "..", META if ino == BY_ID else ROOT_INO
            yield from self._virtual.entries(ino)
            return
        dentry = self._store.dentries.find_by_ino(ino)
        yield "..", ROOT_INO if dentry is None else dentry.parent_ino
        inode = self._store.dentries.load_inode(ino)
        if inode is not None:
            yield from self._virtual.entries(inode)
            yield from self._stored(ino)

    def _stored(self, ino: int) -> list[Entry]:
        changes = self._store.changes()
        kept = self._kept.get(ino)
        if kept is not None and kept[0] == changes:
            return kept[1]
        found: list[Entry] = list(self._store.dentries.list_inodes(ino))
        found.sort(key=lambda entry: not isinstance(entry[1], int) and not entry[1].is_directory)
        if len(found) <= _MOST_KEPT:
            self._kept[ino] = changes, found
        return found

    def _made(self, ino: int) -> Attributes:
        if self._virtual.owns(ino):
            return self._virtual.attributes(ino)
        inode = self._store.dentries.load_inode(ino)
        if inode is None:
            raise NoSuchEntry("The directory has gone.")
        return self._attributes(inode)
