"""The kernel's requests: pyfuse3 in, errno out. Decides nothing."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import pyfuse3
from pyfuse3 import (
    EntryAttributes,
    FileHandleT,
    FileInfo,
    FileNameT,
    InodeT,
    ReaddirToken,
    RequestContext,
    SetattrFields,
    StatvfsData,
    XAttrNameT,
)

from notionfs.errors import NotPermitted
from notionfs.fs.attributes import Access, Attributes
from notionfs.fs.entries import Entries
from notionfs.fs.renames import Renames
from notionfs.fs.tree import Change, Opened, Tree
from notionfs.fs.xattrs import ExtendedAttributes
from notionfs.fuse.errnos import answers_errno
from notionfs.fuse.idling import Idling
from notionfs.fuse.interrupts import Interrupts
from notionfs.fuse.invalidation import Invalidation

BLOCK = 512


@dataclass(frozen=True, slots=True)
class _Shown:
    """A row of a directory as the kernel wants it: a directory may be read many times."""

    name: FileNameT
    entry: EntryAttributes


class Operations(pyfuse3.Operations):
    """One handler per request; each is a translation around one call into `fs`."""

    supports_dot_lookup = False
    enable_writeback_cache = False
    enable_acl = False

    def __init__(
        self,
        tree: Tree,
        entries: Entries,
        renames: Renames,
        invalidation: Invalidation,
        interrupts: Interrupts,
        idling: Idling,
    ) -> None:
        super().__init__()
        self._tree = tree
        self._xattrs = ExtendedAttributes(tree)
        self._entries = entries
        self._renames = renames
        self._invalidation = invalidation
        self._interrupts = interrupts
        self.note_request = idling.note

    # --- names and attributes ---------------------------------------------------------------------

    @answers_errno
    async def lookup(
        self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext
    ) -> EntryAttributes:
        """Look a name up."""
        return self._entry(self._tree.lookup(parent_inode, os.fsdecode(name)))

    @answers_errno
    async def getattr(self, inode: InodeT, ctx: RequestContext) -> EntryAttributes:
        """Return attributes."""
        return self._entry(self._tree.getattr(inode))

    @answers_errno
    async def setattr(
        self,
        inode: InodeT,
        attr: EntryAttributes,
        fields: SetattrFields,
        fh: FileHandleT | None,
        ctx: RequestContext,
    ) -> EntryAttributes:
        """Change attributes."""
        change = Change(
            size=attr.st_size if fields.update_size else None,
            mode=attr.st_mode if fields.update_mode else None,
            mtime_ns=attr.st_mtime_ns if fields.update_mtime else None,
            uid=attr.st_uid if fields.update_uid else None,
            gid=attr.st_gid if fields.update_gid else None,
        )
        with self._interrupts.watch(ctx.pid):
            return self._entry(await self._tree.setattr(inode, change, fh))

    @answers_errno
    async def readlink(self, inode: InodeT, ctx: RequestContext) -> FileNameT:
        """Return a link's target."""
        return FileNameT(os.fsencode(self._tree.readlink(inode)))

    async def forget(self, inode_list: Sequence[tuple[InodeT, int]]) -> None:
        """Nothing to do: inode numbers are never used twice."""

    # --- directories ------------------------------------------------------------------------------

    @answers_errno
    async def opendir(self, inode: InodeT, ctx: RequestContext) -> FileHandleT:
        """Open a directory."""
        with self._interrupts.watch(ctx.pid):
            return FileHandleT(await self._tree.opendir(inode))

    @answers_errno
    async def readdir(self, fh: FileHandleT, start_id: int, token: ReaddirToken) -> None:
        """Fill the kernel's buffer with entries."""
        for cookie, row in enumerate(self._tree.readdir(fh, start_id), start_id + 1):
            if not isinstance(row.shown, _Shown):
                name = FileNameT(os.fsencode(row.name))
                row.shown = _Shown(name, self._entry(row.attributes))
            if not pyfuse3.readdir_reply(token, row.shown.name, row.shown.entry, cookie):
                return

    @answers_errno
    async def releasedir(self, fh: FileHandleT) -> None:
        """Close a directory."""
        self._tree.releasedir(fh)

    @answers_errno
    async def fsyncdir(self, fh: FileHandleT, datasync: bool) -> None:
        """Make the names durable."""
        self._tree.store.sync()

    # --- files ------------------------------------------------------------------------------------

    @answers_errno
    async def open(self, inode: InodeT, flags: int, ctx: RequestContext) -> FileInfo:
        """Open a file."""
        opened = self._tree.open_again(inode, flags)
        if opened is None:
            with self._interrupts.watch(ctx.pid):
                opened = await self._tree.open(inode, flags)
        self._invalidation.deliver()  # before the answer: opening may have changed the size
        return _file_info(opened)

    @answers_errno
    async def create(
        self, parent_inode: InodeT, name: FileNameT, mode: int, flags: int, ctx: RequestContext
    ) -> tuple[FileInfo, EntryAttributes]:
        """Create and open a file."""
        opened, attributes = await self._entries.create(
            parent_inode, os.fsdecode(name), mode, flags
        )
        return _file_info(opened), self._entry(attributes)

    @answers_errno
    async def read(self, fh: FileHandleT, off: int, size: int) -> bytes:
        """Read bytes."""
        return await self._tree.fetch(fh, off, size)

    @answers_errno
    async def write(self, fh: FileHandleT, off: int, buf: bytes) -> int:
        """Write bytes."""
        return self._tree.write(fh, off, buf)

    @answers_errno
    async def flush(self, fh: FileHandleT) -> None:
        """Make a closing descriptor's bytes durable; the error is heard by close(2)."""
        await self._tree.close(fh)

    @answers_errno
    async def fsync(self, fh: FileHandleT, datasync: bool) -> None:
        """Make the bytes durable."""
        await self._tree.fsync(fh)

    @answers_errno
    async def release(self, fh: FileHandleT) -> None:
        """Forget the handle."""
        self._tree.release(fh)

    # --- entries ----------------------------------------------------------------------------------

    @answers_errno
    async def mkdir(
        self, parent_inode: InodeT, name: FileNameT, mode: int, ctx: RequestContext
    ) -> EntryAttributes:
        """Make a directory."""
        return self._entry(self._entries.mkdir(parent_inode, os.fsdecode(name), mode))

    @answers_errno
    async def symlink(
        self, parent_inode: InodeT, name: FileNameT, target: FileNameT, ctx: RequestContext
    ) -> EntryAttributes:
        """Make a symbolic link."""
        return self._entry(
            self._entries.symlink(parent_inode, os.fsdecode(name), os.fsdecode(target))
        )

    @answers_errno
    async def link(
        self, inode: InodeT, new_parent_inode: InodeT, new_name: FileNameT, ctx: RequestContext
    ) -> EntryAttributes:
        """Refuse hard links: programs fall back to a copy or a rename."""
        raise NotPermitted("A page has one name.")

    @answers_errno
    async def mknod(
        self, parent_inode: InodeT, name: FileNameT, mode: int, rdev: int, ctx: RequestContext
    ) -> EntryAttributes:
        """Refuse devices, pipes and sockets."""
        raise NotPermitted("There are no special files here.")

    @answers_errno
    async def unlink(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> None:
        """Remove a file."""
        self._entries.unlink(parent_inode, os.fsdecode(name))

    @answers_errno
    async def rmdir(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> None:
        """Remove a directory."""
        self._entries.rmdir(parent_inode, os.fsdecode(name))

    @answers_errno
    async def rename(
        self,
        parent_inode_old: InodeT,
        name_old: FileNameT,
        parent_inode_new: InodeT,
        name_new: FileNameT,
        flags: int,
        ctx: RequestContext,
    ) -> None:
        """Rename an entry."""
        old, new = os.fsdecode(name_old), os.fsdecode(name_new)
        self._renames.rename(parent_inode_old, old, parent_inode_new, new, flags)

    # --- the file system --------------------------------------------------------------------------

    @answers_errno
    async def statfs(self, ctx: RequestContext) -> StatvfsData:
        """Describe the disk under the store: that is what can be full."""
        below = self._tree.statfs()
        data = StatvfsData()
        data.f_bsize, data.f_frsize = below.f_bsize, below.f_frsize
        data.f_blocks, data.f_bfree, data.f_bavail = below.f_blocks, below.f_bfree, below.f_bavail
        data.f_files, data.f_ffree, data.f_favail = below.f_files, below.f_ffree, below.f_favail
        data.f_namemax = 255
        return data

    @answers_errno
    async def getxattr(self, inode: InodeT, name: XAttrNameT, ctx: RequestContext) -> bytes:
        """Return an extended attribute; ENOSYS without `--xattrs`."""
        return self._xattrs.get(inode, os.fsdecode(name))

    @answers_errno
    async def listxattr(self, inode: InodeT, ctx: RequestContext) -> Sequence[XAttrNameT]:
        """Return the names of the extended attributes."""
        return [XAttrNameT(os.fsencode(name)) for name in self._xattrs.names(inode)]

    @answers_errno
    async def setxattr(
        self, inode: InodeT, name: XAttrNameT, value: bytes, ctx: RequestContext
    ) -> None:
        """Refuse: extended attributes are read-only."""
        self._xattrs.refuse()

    @answers_errno
    async def removexattr(self, inode: InodeT, name: XAttrNameT, ctx: RequestContext) -> None:
        """Refuse: extended attributes are read-only."""
        self._xattrs.refuse()

    def _entry(self, attributes: Attributes) -> EntryAttributes:
        return entry_attributes(attributes, self._tree.access)


def entry_attributes(attributes: Attributes, access: Access) -> EntryAttributes:
    """Return pyfuse3's form of *attributes*."""
    entry = EntryAttributes()
    entry.st_ino = InodeT(attributes.ino)
    entry.st_mode = attributes.mode
    entry.st_nlink = attributes.nlink
    entry.st_uid, entry.st_gid = access.uid, access.gid
    entry.st_size = attributes.size
    entry.st_blksize = 4096
    entry.st_blocks = -(-attributes.size // BLOCK)  # cp and grep take 0 blocks for a hole
    entry.st_atime_ns = entry.st_mtime_ns = entry.st_ctime_ns = attributes.mtime_ns
    entry.attr_timeout = attributes.attr_timeout
    entry.entry_timeout = attributes.entry_timeout
    return entry


def _file_info(opened: Opened) -> FileInfo:
    return FileInfo(
        fh=FileHandleT(opened.fh), keep_cache=opened.keep_cache, direct_io=opened.direct_io
    )
