"""Open files. Every handle of an inode shares one buffer; a commit makes it durable.

`flush`, `fsync` and the last `release` commit. `flush` is not the end of the write: a shell
redirection flushes before it writes, so an empty text is only remembered until the last close.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from msgspec import Struct

from notionfs.errors import BadHandle, InvalidPageFile, TooLarge
from notionfs.store.dentries import Inode, NodeKind
from notionfs.store.store import Store
from notionfs.sync.engine import Engine

MAX_FILE_BYTES = 512 * 1024 * 1024
"""SQLite holds a side file in one piece; this is far below its limit."""


class OpenFile(Struct):
    """The bytes of an inode while it is open.

    *text* is None until somebody asks for it: it stands in the store, where nobody replaces the
    text of a document that is open (`Context.open_docs`).
    *changes*: how many the store had seen when it was opened; as long as there are no more, nothing
    was put off until it closes.
    *unlinked*: it has lost its name (and, if it was a page, its document); its bytes die with it.
    *misplaced*: the kernel has bytes of it at a place where they do not belong.
    """

    ino: int
    text: bytearray | None
    doc_id: int | None = None
    is_dirty: bool = False
    is_emptied: bool = False
    is_unlinked: bool = False
    is_misplaced: bool = False
    handles: int = 0
    writers: int = 0
    changes: int = -1


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
        self._open_docs = engine.context.open_docs
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
            tail=_tail(len(self.bytes_of(file)), flags, believed),
        )
        fh = self._add(handle)
        if handle.is_writable:
            file.writers += 1
            self._note_writing(file)
        keep = self._keep_cache(inode)
        if flags & os.O_TRUNC and handle.is_writable:
            self.truncate(file, 0)
        return fh, keep

    def open_to_read(self, inode: Inode, doc_id: int) -> tuple[int, bool]:
        """As `open`, of a page whose text nobody may need: the kernel often still has it."""
        file = self._by_ino.get(inode.ino)
        if file is None:
            changes = self._store.changes()
            file = self._by_ino[inode.ino] = OpenFile(inode.ino, None, doc_id, changes=changes)
        return self._add(Handle(file, False, True)), self._keep_cache(inode)

    def _add(self, handle: Handle) -> int:
        fh = self._next_fh
        self._next_fh += 1
        self._by_fh[fh] = handle
        file = handle.file
        file.handles += 1
        if file.doc_id is not None:
            self._open_docs[file.doc_id] = self._open_docs.get(file.doc_id, 0) + 1
        return fh

    def bytes_of(self, file: OpenFile) -> bytearray:
        """Return the bytes, to be changed in place."""
        if file.text is None:
            text = b"" if file.doc_id is None else self._store.docs.load_text(file.doc_id)
            file.text = bytearray(text or b"")
        return file.text

    def size_of(self, file: OpenFile) -> int | None:
        """Return the number of bytes; None if it is what the store says."""
        return None if file.text is None else len(file.text)

    def release(self, fh: int) -> None:
        """Close a handle; the last one commits, and never complains: nobody would hear it."""
        handle = self._by_fh.pop(fh, None)
        if handle is None:
            return
        file = handle.file
        file.handles -= 1
        if not handle.is_writable:
            self._let_go(file)
            return
        file.writers -= 1
        try:
            self._commit_quietly(file)
        finally:
            self._note_writing(file)
            self._let_go(file)

    def _count_down(self, doc_id: int, handles: int) -> None:
        rest = self._open_docs.get(doc_id, 0) - handles
        if rest > 0:
            self._open_docs[doc_id] = rest
        else:
            self._open_docs.pop(doc_id, None)

    def _let_go(self, file: OpenFile) -> None:
        doc_id = file.doc_id
        if doc_id is not None:
            self._count_down(doc_id, 1)
        if file.handles:
            return
        self._by_ino.pop(file.ino, None)
        if file.is_unlinked:
            with self._store.transaction(durable=False):
                self._store.dentries.remove_inode(file.ino)
        elif doc_id is not None and file.changes != self._store.changes():
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
        return bytes(self.bytes_of(self.get(fh).file)[offset : offset + size])

    def write(self, fh: int, offset: int, data: bytes) -> int:
        """Write at *offset*; a gap reads as zeros."""
        handle = self.get(fh)
        if not handle.is_writable:
            raise BadHandle("The file is not open for writing.")
        buffer = self.bytes_of(handle.file)
        if handle.tail is not None and offset == handle.tail.believed:
            handle.tail.believed += len(data)
            handle.file.is_misplaced = True
            offset = len(buffer)
        end = offset + len(data)
        _check_size(end)
        if offset > len(buffer):
            buffer.extend(bytes(offset - len(buffer)))
        buffer[offset:end] = data
        handle.file.is_dirty = True
        return len(data)

    def truncate(self, file: OpenFile, size: int) -> None:
        """Cut or extend the bytes."""
        _check_size(size)
        buffer = self.bytes_of(file)
        if size == len(buffer):
            return
        if size < len(buffer):
            del buffer[size:]
        else:
            buffer.extend(bytes(size - len(buffer)))
        file.is_dirty = True

    # --- committing -------------------------------------------------------------------------------

    def commit(self, file: OpenFile) -> None:
        """Make the bytes durable. Raises InvalidPageFile for a page text that cannot be sent."""
        if not file.is_dirty or file.is_unlinked:
            return
        data = bytes(self.bytes_of(file))
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
        self.bytes_of(file)  # those of the document that it stood for
        if file.doc_id is not None:
            self._count_down(file.doc_id, file.handles)
            self._engine.note_writing(file.doc_id, False)
        file.doc_id = doc_id
        if doc_id is not None:
            self._open_docs[doc_id] = self._open_docs.get(doc_id, 0) + file.handles
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


def _tail(size: int, flags: int, believed: int | None) -> Tail | None:
    """Return where a descriptor's writes arrive that belong at the end.

    The kernel places them by the size it was told before `open` had read the page, and does not ask
    again. Only such a place is corrected: a mapped page may be written through the same descriptor.
    """
    appends = flags & os.O_APPEND and flags & os.O_ACCMODE != os.O_RDONLY
    if not appends or believed is None or believed == size or flags & os.O_TRUNC:
        return None
    return Tail(believed)


def _check_size(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise TooLarge(f"A file here can have {MAX_FILE_BYTES:,} bytes at most.")
