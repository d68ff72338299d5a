"""The workspace as a tree of inodes: looking up, listing, attributes. Never waits for the network,
except `open` of an unread page and `opendir` of a folder that was never listed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

import trio
from msgspec import Struct

from notionfs.config import Settings
from notionfs.errors import (
    READ_ONLY_MOUNT,
    InvalidArgument,
    IsADirectory,
    NameTooLong,
    NoSuchEntry,
    NotADirectory,
    NotPermitted,
    ReadOnly,
)
from notionfs.fs.attachments import Attachments
from notionfs.fs.attributes import Access, Attributes, attributes_of
from notionfs.fs.comments import CommentFiles
from notionfs.fs.handles import Handles
from notionfs.fs.listings import Listings, Row
from notionfs.fs.virtual import BY_ID, META, TRASH, Virtual
from notionfs.naming import MAX_NAME_BYTES
from notionfs.store.dentries import Inode, NodeKind
from notionfs.sync.engine import Engine

_ALIAS_HOPS = 8
_MOST_KNOWN = 10_000
_FIRST_MADE_FH = 1 << 40
"""Handles from here on are of files that nobody writes: made by us, or Notion's attachments."""


class Opened(NamedTuple):
    """A new file handle; *keep_cache*: the kernel's pages are still right."""

    fh: int
    keep_cache: bool = False
    direct_io: bool = False


class Change(Struct, frozen=True):
    """What `setattr` asks for; None: leave alone. *uid* and *gid* are only checked."""

    size: int | None = None
    mode: int | None = None
    mtime_ns: int | None = None
    uid: int | None = None
    gid: int | None = None


class Tree:
    """Inodes in, attributes and bytes out; raises the situations of `errors.FileSystemError`."""

    def __init__(self, engine: Engine, settings: Settings, status: Callable[[], bytes]) -> None:
        self.engine = engine
        self.store = engine.store
        self.access = Access(read_only=settings.read_only, others=settings.allow_other)
        self.handles = Handles(engine.store, engine)
        self.comments = CommentFiles(engine.store, engine.commenting, read_only=settings.read_only)
        self.virtual = Virtual(
            engine.store,
            engine.renditions,
            self.access,
            status,
            engine.context.now_ns(),
            settings.names,
            self.comments,
        )
        self.attachments = Attachments(engine.downloads)
        self._listings = Listings(
            engine.store, self.virtual, self.access, self.handles, self.getattr
        )
        self._virtual_files: dict[int, bytes] = {}
        self._next_fh = _FIRST_MADE_FH
        self._opened: dict[int, Inode] = {}
        self._opened_at = 0
        self._aliases: dict[tuple[int, str], tuple[int, str]] = {}

    @property
    def settings(self) -> Settings:
        """The settings of this moment: some change while the mount is up."""
        return self.engine.context.settings

    # --- inodes and names -------------------------------------------------------------------------

    def inode(self, ino: int) -> Inode:
        """Return a stored inode; NoSuchEntry if it has gone."""
        inode = self.store.dentries.load_inode(ino)
        if inode is None:
            raise NoSuchEntry("The file has gone.")
        return inode

    def directory(self, ino: int) -> Inode:
        """Return a stored directory in which entries may be made."""
        if self.virtual.owns(ino):
            raise ReadOnly("This directory can only be read.")
        inode = self.inode(ino)
        if not inode.is_directory:
            raise NotADirectory("This is not a directory.")
        return inode

    def writable_directory(self, ino: int) -> Inode:
        """Return a directory to change; ReadOnly if the mount, or the directory, is read-only."""
        if self.settings.read_only:
            raise ReadOnly(READ_ONLY_MOUNT)
        return self.directory(ino)

    def lookup(self, parent_ino: int, name: str) -> Attributes:
        """Return the attributes of an entry."""
        check_name(name)
        if self.virtual.owns(parent_ino):
            found = self.virtual.lookup(parent_ino, name)
            if found is None:
                raise NoSuchEntry("There is no such entry.")
            return self.virtual.attributes(found)
        parent = self.directory(parent_ino)
        dentry = self.store.dentries.find(parent_ino, name)
        if dentry is not None:
            self.store.dentries.shown.note(parent_ino)
            return self.getattr(dentry.ino)
        made = self.virtual.lookup(parent, name)
        if made is not None:
            return self.virtual.attributes(made)
        moved = self.resolve_alias(parent_ino, name)
        if moved is None:
            raise NoSuchEntry("There is no such entry.")
        return self.getattr(moved)._replace(entry_timeout=0.0)

    def getattr(self, ino: int) -> Attributes:
        """Return the attributes of an inode."""
        if self.virtual.owns(ino):
            return self.virtual.attributes(ino)
        return self._attributes(self.inode(ino))

    def _attributes(self, inode: Inode) -> Attributes:
        file = self.handles.find(inode.ino)
        if file is None:
            return attributes_of(inode, self.access)
        size = self.handles.size_of(file)
        return attributes_of(inode, self.access, open_size=size, is_dirty=file.is_dirty)

    def note_moved(self, old: tuple[int, str], new: tuple[int, str]) -> None:
        """A page was renamed in Notion: its old name resolves, unlisted, until the mount ends."""
        self._aliases[old] = new

    def resolve_alias(self, parent_ino: int, name: str) -> int | None:
        """Return the inode that a name used to mean."""
        place = (parent_ino, name)
        for _ in range(_ALIAS_HOPS):
            place = self._aliases.get(place, place)
        dentry = self.store.dentries.find(*place)
        return None if dentry is None or place == (parent_ino, name) else dentry.ino

    # --- attributes to change ---------------------------------------------------------------------

    async def setattr(self, ino: int, change: Change, fh: int | None) -> Attributes:
        """Change size, mode or time. Another owner is refused."""
        if self.virtual.owns(ino):
            return self._set_made(ino, change)
        if self.settings.read_only:
            raise ReadOnly(READ_ONLY_MOUNT)
        inode = self.inode(ino)
        self._check_owner(change)
        if change.size is not None:
            await self._resize(inode, change.size, fh)
        with self.store.transaction(durable=False):
            if change.mode is not None:
                self.store.dentries.set_mode(ino, change.mode & 0o7777)
            if change.mtime_ns is not None:
                self._set_mtime(inode, change.mtime_ns)
        return self.getattr(ino)

    def _set_made(self, ino: int, change: Change) -> Attributes:
        """Cut a file of comments, which an editor does before it writes all of it again."""
        doc_id = self.virtual.comments_of(ino)
        if doc_id is None:
            raise NotPermitted("This file is made by notionfs and can only be read.")
        self._check_owner(change)
        if change.size is not None:
            self.comments.truncate(doc_id, change.size)
        return self.getattr(ino)  # its mode and time are not for setting, and no harm is done

    def _check_owner(self, change: Change) -> None:
        access = self.access
        if change.uid not in (None, access.uid) or change.gid not in (None, access.gid):
            raise NotPermitted("All files of a mount belong to whoever mounted it.")

    def _set_mtime(self, inode: Inode, mtime_ns: int) -> None:
        if inode.kind is NodeKind.PAGE and inode.doc_id is not None:
            self.store.docs.set_mtime(inode.doc_id, mtime_ns)
        else:
            self.store.dentries.set_mtime(inode.ino, mtime_ns)

    async def _resize(self, inode: Inode, size: int, fh: int | None) -> None:
        if inode.is_directory:
            raise IsADirectory("A directory has no size to change.")
        if fh is not None and fh < _FIRST_MADE_FH:
            self.handles.truncate(self.handles.get(fh).file, size)
            return
        opened = await self.open(inode.ino, os.O_WRONLY)
        try:
            file = self.handles.get(opened.fh).file
            self.handles.truncate(file, size)
            self.handles.commit(file)
        finally:
            self.handles.release(opened.fh)

    # --- directories ------------------------------------------------------------------------------

    async def opendir(self, ino: int) -> int:
        """Open a directory; one that was never listed is asked for once, for all callers."""
        if not self.virtual.owns(ino):
            inode = self.directory(ino)
            with trio.move_on_after(self.settings.open_timeout):
                await self.engine.refresher.ensure_begun()
            self.engine.fetcher.note_listed(ino)
            if inode.database_id is not None:
                self.engine.sources.note_used(inode.database_id)
        elif ino not in (META, BY_ID, TRASH):
            raise NotADirectory("This is not a directory.")
        fh = self._new_fh()
        self._listings.open(fh, ino)
        return fh

    def readdir(self, fh: int, start: int) -> Iterator[Row]:
        """Yield the rows from *start*; 0 looks at the directory afresh."""
        return self._listings.read(fh, start)

    def releasedir(self, fh: int) -> None:
        """Close a directory."""
        self._listings.release(fh)

    # --- files ------------------------------------------------------------------------------------

    def open_again(self, ino: int, flags: int) -> Opened | None:
        """Open a page for which nothing is to be done, as when it was opened before; or None.

        This is what a second `grep -r` costs for each file, so it asks the store for nothing.
        """
        if flags & os.O_ACCMODE != os.O_RDONLY or self._opened_at != self.store.changes():
            return None
        inode = self._opened.get(ino)
        if inode is None or inode.doc_id is None:
            return None
        fh, keep_cache = self.handles.open_to_read(inode, inode.doc_id)
        return Opened(fh, keep_cache)

    def _note_opened(self, inode: Inode) -> None:
        changes = self.store.changes()
        if self._opened_at != changes or len(self._opened) >= _MOST_KNOWN:
            self._opened.clear()
            self._opened_at = changes
        self._opened[inode.ino] = inode

    async def open(self, ino: int, flags: int) -> Opened:
        """Open a file; an unread page is fetched first, with a deadline."""
        writes = flags & os.O_ACCMODE != os.O_RDONLY
        commented = self.virtual.comments_of(ino)
        if commented is not None:
            fh = self._new_fh()
            await self.comments.open(commented, fh, flags)
            return Opened(fh, direct_io=True)
        if self.virtual.owns(ino):
            if writes:
                raise ReadOnly("This file is made by notionfs and can only be read.")
            data = await self._made_bytes(ino)
            fh = self._new_fh()
            self._virtual_files[fh] = data
            return Opened(fh, direct_io=self.virtual.is_volatile(ino))
        if writes and self.settings.read_only:
            raise ReadOnly(READ_ONLY_MOUNT)
        inode = self.inode(ino)
        if inode.is_directory:
            raise IsADirectory("This is a directory.")
        if inode.kind is NodeKind.ASSET:
            fh = self._new_fh()
            await self.attachments.open(inode, fh, flags)
            return Opened(fh, keep_cache=not inode.is_unread)
        believed = self._attributes(inode).size
        doc_id = inode.doc_id if inode.kind is NodeKind.PAGE else None
        if doc_id is not None and self.engine.fetcher.is_settled(doc_id):
            self._note_opened(inode)
        elif doc_id is not None:
            await self.engine.fetcher.ensure_text(doc_id)
            inode = self.inode(ino)  # it may have been renamed away while we waited
        fh, keep_cache = self.handles.open(inode, flags, believed)
        return Opened(fh, keep_cache)

    async def _made_bytes(self, ino: int) -> bytes:
        """Return the bytes of a made file; a table waits for rows that were never listed."""
        folder_ino = self.virtual.table_of(ino)
        if folder_ino is None:
            return self.virtual.content(ino)
        folder = self.inode(folder_ino)
        with trio.fail_after(self.settings.open_timeout):
            await self.engine.refresher.ensure_listed(folder)
        return await self.virtual.table(ino)

    def read(self, fh: int, offset: int, size: int) -> bytes:
        """Return bytes of an open file."""
        if self.comments.owns(fh):
            return self.comments.read(fh, offset, size)
        made = self._virtual_files.get(fh)
        if made is not None:
            return made[offset : offset + size]
        return self.handles.read(fh, offset, size)

    async def fetch(self, fh: int, offset: int, size: int) -> bytes:
        """As `read`, waiting for the bytes of an attachment that is still arriving."""
        if self.attachments.owns(fh):
            return await self.attachments.read(fh, offset, size)
        return self.read(fh, offset, size)

    def write(self, fh: int, offset: int, data: bytes) -> int:
        """Write to an open file; nothing is durable before flush or fsync."""
        if self.comments.owns(fh):
            return self.comments.write(fh, offset, data)
        return self.handles.write(fh, offset, data)

    def flush(self, fh: int) -> None:
        """Make what was written durable; the error of a bad text is heard here."""
        if self.comments.owns(fh):
            self.comments.flush(fh)
        if fh >= _FIRST_MADE_FH:
            return
        handle = self.handles.get(fh)
        if handle.is_writable:
            self.handles.commit(handle.file)

    def only_reads(self, fh: int) -> bool:
        """Tell that a page or side file is open only for reading: closing it does nothing."""
        return fh < _FIRST_MADE_FH and not self.handles.get(fh).is_writable

    async def close(self, fh: int) -> None:
        """As `flush`, when a descriptor closes; with `--sync` also wait for Notion's answer."""
        self.flush(fh)
        if self.settings.sync and fh < _FIRST_MADE_FH:
            await self.await_notion(fh)

    async def fsync(self, fh: int) -> None:
        """As `flush`, to the disk; with `--sync` also wait for Notion's answer."""
        self.flush(fh)
        self.store.sync()
        if self.settings.sync and fh < _FIRST_MADE_FH:
            await self.await_notion(fh)

    async def await_notion(self, fh: int) -> None:
        """Wait, 10 s at most while online, until Notion has the page; raise its refusal."""
        doc_id = self.handles.get(fh).file.doc_id
        if doc_id is not None and self.engine.context.client.reach.down_since is None:
            self.engine.note_writing(doc_id, False)
            await self.engine.uploader.settled(doc_id, 10.0)

    def release(self, fh: int) -> None:
        """Close a file."""
        if fh < _FIRST_MADE_FH:
            self.handles.release(fh)
        elif not self.comments.release(fh) and not self.attachments.release(fh):
            self._virtual_files.pop(fh, None)

    def readlink(self, ino: int) -> str:
        """Return the target of a symbolic link."""
        if self.virtual.owns(ino):
            return os.fsdecode(self.virtual.content(ino))
        if self.inode(ino).kind is not NodeKind.SYMLINK:
            raise InvalidArgument("This is not a symbolic link.")
        return os.fsdecode(self.store.dentries.load_scratch(ino))

    def statfs(self) -> os.statvfs_result:
        """Return the facts of the disk that holds the store."""
        return os.statvfs(self.store.path)

    def _new_fh(self) -> int:
        self._next_fh += 1
        return self._next_fh


def check_name(name: str) -> None:
    """Raise NameTooLong or InvalidArgument for a name that no directory can hold."""
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        raise InvalidArgument("File names must be UTF-8.") from None
    if length > MAX_NAME_BYTES:
        raise NameTooLong("A file name has 255 bytes at most.")
