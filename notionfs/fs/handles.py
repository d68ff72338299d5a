"""Open files. Every handle of an inode shares one buffer; a commit makes it durable.

`flush`, `fsync` and the last `release` commit. `flush` is not the end of the write: a shell
redirection flushes before it writes, so an empty text is only remembered until the last close.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct, field

from notionfs.errors import BadHandle, InvalidPageFile, TooLarge
from notionfs.store.dentries import Inode, NodeKind
from notionfs.store.store import Store
from notionfs.sync.engine import Engine

MAX_FILE_BYTES = 512 * 1024 * 1024
"""SQLite holds a side file in one piece; this is far below its limit."""


class OpenFile(Struct):
    """The bytes of an inode while it is open.

    *unlinked*: it has lost its name (and, if it was a page, its document); its bytes die with it.
    *misplaced*: the kernel has bytes of it at a place where they do not belong.
    """

    ino: int
    data: bytearray
    doc_id: int | None = None
    is_dirty: bool = False
    is_emptied: bool = False
    is_unlinked: bool = False
    is_misplaced: bool = False
    handles: set[int] = field(default_factory=set)
    writers: int = 0


class Tail(Struct):
    """Where the kernel believes that a file ends, to which a descriptor appends."""

    believed: int


class Handle(NamedTuple):
    """One open descriptor; *tail* if it appends, and the kernel believes in another end."""

    file: OpenFile
    is_writable: bool
    is_readable: bool
    tail: Tail | None = None


class Handles:
    """The table of open files."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._engine = engine
        self._by_ino: dict[int, OpenFile] = {}
        self._by_fh: dict[int, Handle] = {}
        self._next_fh = 1
        self._kernel_has: dict[int, int] = {}

    # --- opening and closing ----------------------------------------------------------------------

    def find(self, ino: int) -> OpenFile | None:
        """Return the open file of an inode, if there is one."""
        return self._by_ino.get(ino)

    def is_closed(self, ino: int) -> bool:
        """Tell whether nobody has an inode's file open."""
        return ino not in self._by_ino

    def open(self, inode: Inode, flags: int, believed: int | None = None) -> tuple[int, bool]:
        """Return a new handle, and whether the kernel's cached pages are those bytes.

        *believed* is the size that the kernel was told last, if opening may have changed it.
        """
        file = self._by_ino.get(inode.ino)
        if file is None:
            file = self._by_ino[inode.ino] = OpenFile(
                inode.ino, bytearray(self._load(inode)), inode.doc_id
            )
        handle = Handle(
            file,
            is_writable=flags & os.O_ACCMODE != os.O_RDONLY,
            is_readable=flags & os.O_ACCMODE != os.O_WRONLY,
            tail=_tail(file, flags, believed),
        )
        fh = self._next_fh
        self._next_fh += 1
        self._by_fh[fh] = handle
        file.handles.add(fh)
        if file.doc_id is not None:
            self._engine.context.open_docs[file.doc_id] += 1
        if handle.is_writable:
            file.writers += 1
            self._note_writing(file)
        keep = self._keep_cache(inode)
        if flags & os.O_TRUNC and handle.is_writable:
            self.truncate(file, 0)
        return fh, keep

    def release(self, fh: int) -> None:
        """Close a handle; the last one commits, and never complains: nobody would hear it."""
        handle = self._by_fh.pop(fh, None)
        if handle is None:
            return
        file = handle.file
        file.handles.discard(fh)
        if handle.is_writable:
            file.writers -= 1
        try:
            if handle.is_writable:
                self._commit_quietly(file)
        finally:
            self._let_go(file)

    def _let_go(self, file: OpenFile) -> None:
        doc_id = file.doc_id
        if doc_id is not None:
            self._engine.context.open_docs[doc_id] -= 1
            if self._engine.context.open_docs[doc_id] <= 0:
                del self._engine.context.open_docs[doc_id]
            self._note_writing(file)
        if file.handles:
            return
        self._by_ino.pop(file.ino, None)
        if file.is_unlinked:
            with self._store.transaction(durable=False):
                self._store.dentries.remove_inode(file.ino)
        elif doc_id is not None:
            self._engine.closed(doc_id)

    def _commit_quietly(self, file: OpenFile) -> None:
        try:
            self.commit(file)
            if file.is_emptied and not file.writers and not file.is_unlinked:
                file.is_emptied = False
                if file.doc_id is not None:
                    self._engine.saver.commit_empty(file.doc_id)
        except InvalidPageFile:
            return  # the text is parked, and the reason stands beside the file

    # --- reading and writing ----------------------------------------------------------------------

    def get(self, fh: int) -> Handle:
        """Return a handle; BadHandle if there is none."""
        try:
            return self._by_fh[fh]
        except KeyError:
            raise BadHandle("There is no such open file.") from None

    def read(self, fh: int, offset: int, size: int) -> bytes:
        """Return up to *size* bytes from *offset*."""
        return bytes(self.get(fh).file.data[offset : offset + size])

    def write(self, fh: int, offset: int, data: bytes) -> int:
        """Write at *offset*; a gap reads as zeros."""
        handle = self.get(fh)
        if not handle.is_writable:
            raise BadHandle("The file is not open for writing.")
        if handle.tail is not None and offset == handle.tail.believed:
            handle.tail.believed += len(data)
            handle.file.is_misplaced = True
            offset = len(handle.file.data)
        end = offset + len(data)
        _check_size(end)
        buffer = handle.file.data
        if offset > len(buffer):
            buffer.extend(bytes(offset - len(buffer)))
        buffer[offset:end] = data
        handle.file.is_dirty = True
        return len(data)

    def truncate(self, file: OpenFile, size: int) -> None:
        """Cut or extend the bytes."""
        _check_size(size)
        if size == len(file.data):
            return
        if size < len(file.data):
            del file.data[size:]
        else:
            file.data.extend(bytes(size - len(file.data)))
        file.is_dirty = True

    # --- committing -------------------------------------------------------------------------------

    def commit(self, file: OpenFile) -> None:
        """Make the bytes durable. Raises InvalidPageFile for a page text that cannot be sent."""
        if not file.is_dirty or file.is_unlinked:
            return
        data = bytes(file.data)
        if file.doc_id is None:
            with self._store.transaction(durable=False):
                now = self._engine.context.now_ns()
                self._store.dentries.save_scratch(file.ino, data, now)
            file.is_dirty = False
            return
        if not data.strip():
            file.is_emptied = True
            return
        file.is_emptied = False
        try:
            self._engine.saver.commit(file.doc_id, data)
        except InvalidPageFile:
            file.is_dirty = False  # it is kept, as a parked draft
            raise
        file.is_dirty = False
        if file.is_misplaced:
            self._kernel_has.pop(file.ino, None)
        else:
            self._kernel_has[file.ino] = self._store.docs.load(file.doc_id).version

    def expect_text(self, file: OpenFile) -> None:
        """A page was created, or created again, and nothing was written yet."""
        file.is_dirty = True

    def rebind(self, file: OpenFile, doc_id: int | None) -> None:
        """Let an open file stand for another document, or for none (a side file)."""
        docs = self._engine.context.open_docs
        if file.doc_id is not None:
            docs[file.doc_id] -= len(file.handles)
            if docs[file.doc_id] <= 0:
                del docs[file.doc_id]
            self._engine.note_writing(file.doc_id, False)
        file.doc_id = doc_id
        if doc_id is not None:
            docs[doc_id] += len(file.handles)
            self._note_writing(file)

    def orphan(self, ino: int) -> bool:
        """An inode lost its name: keep its bytes while it is open; tell whether it is."""
        file = self._by_ino.get(ino)
        if file is None:
            return False
        self.rebind(file, None)
        file.is_unlinked = True
        return True

    def commit_all(self) -> Iterator[InvalidPageFile]:
        """Commit every open file, at unmount; yield what could not be sent as it stands."""
        for file in list(self._by_ino.values()):
            try:
                self.commit(file)
            except InvalidPageFile as exc:
                yield exc

    # --- inside -----------------------------------------------------------------------------------

    def _load(self, inode: Inode) -> bytes:
        if inode.kind is NodeKind.PAGE and inode.doc_id is not None:
            return self._store.docs.load_text(inode.doc_id) or b""
        return self._store.dentries.load_scratch(inode.ino)

    def _keep_cache(self, inode: Inode) -> bool:
        if inode.doc_id is None:
            return True  # every change of a side file goes through the kernel
        known = self._kernel_has.get(inode.ino)
        self._kernel_has[inode.ino] = inode.version
        return known == inode.version

    def _note_writing(self, file: OpenFile) -> None:
        if file.doc_id is not None:
            self._engine.note_writing(file.doc_id, file.writers > 0)


def _tail(file: OpenFile, flags: int, believed: int | None) -> Tail | None:
    """Return where a descriptor's writes arrive that belong at the end.

    The kernel places them by the size it was told before `open` had read the page, and does not ask
    again. Only such a place is corrected: a mapped page may be written through the same descriptor.
    """
    appends = flags & os.O_APPEND and flags & os.O_ACCMODE != os.O_RDONLY
    if not appends or believed is None or believed == len(file.data) or flags & os.O_TRUNC:
        return None
    return Tail(believed)


def _check_size(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise TooLarge(f"A file here can have {MAX_FILE_BYTES:,} bytes at most.")
