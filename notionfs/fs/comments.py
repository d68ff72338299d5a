"""`name.comments.md`: the comments of a page as a file that can be added to.

It is found beside every page, but listed only where somebody read comments: nobody knows of others
without asking Notion.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import NamedTuple

from msgspec import Struct

from notionfs.errors import READ_ONLY_MOUNT, BadHandle, InvalidPageFile, NotPermitted, ReadOnly
from notionfs.store.dentries import NOMINAL_SIZE
from notionfs.store.store import Store
from notionfs.sync.commenting import Commenting


class _Open(Struct):
    """The bytes of a file of comments while it is open; all its handles share them."""

    doc_id: int
    data: bytearray
    handles: int = 0
    is_dirty: bool = False


class _Handle(NamedTuple):
    """One open descriptor."""

    file: _Open
    is_writable: bool
    is_appending: bool


class CommentFiles:
    """The table of open files of comments."""

    def __init__(self, store: Store, commenting: Commenting, *, read_only: bool) -> None:
        self._store = store
        self._commenting = commenting
        self._read_only = read_only
        self._by_doc: dict[int, _Open] = {}
        self._by_fh: dict[int, _Handle] = {}

    def owns(self, fh: int) -> bool:
        """Tell whether a handle is one of these."""
        return fh in self._by_fh

    def size(self, doc_id: int) -> int:
        """Return how long the file is, as far as that is known."""
        file = self._by_doc.get(doc_id)
        if file is not None:
            return len(file.data)
        known = self._store.comments.load(doc_id)
        return NOMINAL_SIZE if known is None else len(known.text)

    async def open(self, doc_id: int, fh: int, flags: int) -> None:
        """Open the file under *fh*, reading the comments from Notion if they are not fresh."""
        writes = flags & os.O_ACCMODE != os.O_RDONLY
        if writes and self._read_only:
            raise ReadOnly(READ_ONLY_MOUNT)
        is_read = flags & os.O_ACCMODE != os.O_WRONLY
        if doc_id not in self._by_doc and (is_read or self._store.comments.load(doc_id) is None):
            await self._commenting.ensure(doc_id)
        file = self._by_doc.get(doc_id)  # somebody may have opened it meanwhile
        if file is None:
            known = self._store.comments.load(doc_id)
            file = self._by_doc[doc_id] = _Open(doc_id, bytearray(known.text if known else b""))
        file.handles += 1
        self._by_fh[fh] = _Handle(file, writes, bool(flags & os.O_APPEND))
        if writes and flags & os.O_TRUNC:
            self.truncate(doc_id, 0)

    def read(self, fh: int, offset: int, size: int) -> bytes:
        """Return bytes."""
        return bytes(self._by_fh[fh].file.data[offset : offset + size])

    def write(self, fh: int, offset: int, data: bytes) -> int:
        """Write at *offset*; what is appended at the end, whatever size was known before."""
        file, is_writable, is_appending = self._by_fh[fh]
        if not is_writable:
            raise BadHandle("The file is not open for writing.")
        if is_appending:
            offset = len(file.data)
        if offset > len(file.data):
            file.data.extend(b"\n" * (offset - len(file.data)))
        file.data[offset : offset + len(data)] = data
        file.is_dirty = True
        return len(data)

    def truncate(self, doc_id: int, size: int) -> None:
        """Cut the bytes of an open file; what was there is expected to come back."""
        file = self._by_doc.get(doc_id)
        if file is None or self._read_only:
            raise NotPermitted("Comments can only be added to: append a paragraph.")
        del file.data[size:]
        file.is_dirty = True

    def flush(self, fh: int) -> None:
        """Queue what was added; InvalidPageFile if something else was changed.

        A shell empties a file before it writes, so nothing at all is not looked at.
        """
        file, is_writable, _ = self._by_fh[fh]
        if not is_writable or not file.is_dirty or not file.data.strip():
            return
        self._commenting.commit(file.doc_id, bytes(file.data))
        file.is_dirty = False

    def release(self, fh: int) -> bool:
        """Close a handle; tell whether it was one of these."""
        if fh not in self._by_fh:
            return False
        with suppress(InvalidPageFile):  # whoever wrote it heard why when they closed it
            self.flush(fh)
        file = self._by_fh.pop(fh).file
        file.handles -= 1
        if not file.handles:
            del self._by_doc[file.doc_id]
        return True

    def replace(self, doc_id: int, text: bytes) -> None:
        """Take the text of a side file that was renamed onto the file."""
        if doc_id in self._by_doc:
            self._by_doc[doc_id].data[:] = text
        self._commenting.commit(doc_id, text)
