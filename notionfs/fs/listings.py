"""Open directories: what each held when reading began, and the attributes of its entries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from cachetools import LRUCache
from msgspec import Struct

from notionfs.errors import BadHandle, NoSuchEntry
from notionfs.fs.attributes import Access, Attributes, attributes_of
from notionfs.fs.handles import Handles
from notionfs.fs.virtual import BY_ID, META, Virtual
from notionfs.store.dentries import ROOT_INO
from notionfs.store.store import Store

_MOST_KEPT = 20_000  # entries, of all directories together
_BEHIND = 1000  # entries that a reader may go back


class Row(Struct):
    """An entry of a directory. *shown* is for whoever shows it: its own form of the entry, which
    stays right as long as the row is handed out.
    """

    name: str
    attributes: Attributes
    shown: object = None


class _Known(Struct, frozen=True):
    """A stored directory as it was when the store had seen so many *changes*."""

    changes: int
    made: list[tuple[str, int]]
    rows: list[Row]


class _Listing:
    """What one handle reads, from front to back; *rows* may make them one after the other.

    What the kernel has passed is soon forgotten: a directory may have a hundred thousand entries.
    """

    def __init__(self, changes: int, rows: Iterable[Row]) -> None:
        self.changes = changes
        self._rest = iter(rows)
        self._begin = 0  # the place of the first row that is still remembered
        self._read: list[Row] = []

    def remembers(self, start: int) -> bool:
        """Tell whether the row at *start* can still be read, or is yet to come."""
        return start >= self._begin

    def behind(self, start: int) -> Iterator[Row]:
        """Yield the rows from *start*."""
        read = self._read
        for row in islice(self._rest, max(0, start - self._begin - len(read))):
            read.append(row)
            if len(read) > 2 * _BEHIND:
                self._forget(_BEHIND)
        self._forget(start - self._begin - _BEHIND)
        for position in range(start - self._begin, len(read)):
            yield read[position]
        for row in self._rest:
            read.append(row)
            yield row

    def _forget(self, count: int) -> None:
        if count > 0:
            del self._read[:count]
            self._begin += count


class Listings:
    """The open directories of a tree; *attributes* are those of any inode at this moment."""

    def __init__(
        self,
        store: Store,
        virtual: Virtual,
        access: Access,
        handles: Handles,
        attributes: Callable[[int], Attributes],
    ) -> None:
        self._store = store
        self._virtual = virtual
        self._access = access
        self._handles = handles
        self._attributes = attributes
        self._open: dict[int, int] = {}
        self._listings: dict[int, _Listing] = {}
        self._kept: LRUCache[int, _Known] = LRUCache(
            _MOST_KEPT, getsizeof=lambda known: len(known.rows)
        )

    def open(self, fh: int, ino: int) -> None:
        """Open a directory under the handle *fh*."""
        self._open[fh] = ino

    def release(self, fh: int) -> None:
        """Close a directory."""
        self._open.pop(fh, None)
        self._listings.pop(fh, None)

    def read(self, fh: int, start: int) -> Iterator[Row]:
        """Yield the rows from *start*; 0 looks at the directory afresh.

        A row's cookie is its place, counted from 1. The names stay those of the first look; the
        attributes are those of now, since the kernel will trust them. Who goes back a long way
        looks afresh, too.
        """
        ino = self._open.get(fh)
        if ino is None:
            raise BadHandle("There is no such open directory.")
        known = self._listings.get(fh)
        if start == 0 or known is None or not known.remembers(start):
            self._listings[fh] = _Listing(self._store.changes(), self._rows(ino))
        listing = self._listings[fh]
        if listing.changes == self._store.changes():
            is_right = self._handles.is_closed
        else:
            is_right = self._virtual.owns
        for row in listing.behind(start):
            if is_right(row.attributes.ino):
                yield row
            else:
                yield Row(row.name, self._now(row.attributes))

    def _now(self, known: Attributes) -> Attributes:
        try:
            return self._attributes(known.ino)
        except NoSuchEntry:  # it was removed after the first look
            return known._replace(attr_timeout=0.0, entry_timeout=0.0)

    def _rows(self, ino: int) -> Iterator[Row]:
        """Yield the rows, directories first: `rm -r` then meets children before their page."""
        yield Row(".", self._attributes(ino))
        if self._virtual.owns(ino):
            yield Row("..", self._attributes(META if ino == BY_ID else ROOT_INO))
            yield from self._virtual_rows(ino)
            return
        dentry = self._store.dentries.find_by_ino(ino)
        yield Row("..", self._attributes(ROOT_INO if dentry is None else dentry.parent_ino))
        known = self._known(ino)
        for name, below in known.made:
            yield Row(name, self._attributes(below))
        yield from known.rows

    def _virtual_rows(self, ino: int) -> Iterator[Row]:
        """Yield the rows of a virtual directory; those of `by-id`, if not too many, are kept."""
        changes = self._store.changes()
        known = self._kept.get(ino)
        if known is not None and known.changes == changes:
            yield from known.rows
            return
        is_kept = ino == BY_ID and self._store.snapshots.count_pages() <= _MOST_KEPT
        rows: list[Row] = []
        for name, attributes in self._virtual.entries(ino):
            row = Row(name, attributes)
            if is_kept and len(rows) <= _MOST_KEPT:
                rows.append(row)
            yield row
        if rows and len(rows) <= _MOST_KEPT:
            self._kept[ino] = _Known(changes, [], rows)

    def _known(self, ino: int) -> _Known:
        self._store.dentries.shown.note(ino)
        changes = self._store.changes()
        known = self._kept.get(ino)
        if known is None or known.changes != changes:
            known = self._look(ino, changes)
            if len(known.rows) <= _MOST_KEPT:
                self._kept[ino] = known
        return known

    def _look(self, ino: int, changes: int) -> _Known:
        parent = self._store.dentries.load_inode(ino)
        if parent is None:
            return _Known(changes, [], [])
        rows = [
            Row(name, attributes_of(inode, self._access))
            for name, inode in self._store.dentries.list_inodes(ino)
        ]
        rows.sort(key=lambda row: not row.attributes.is_directory)
        return _Known(changes, list(self._virtual.names(parent)), rows)
