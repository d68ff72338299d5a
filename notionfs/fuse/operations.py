"""The kernel's requests: pyfuse3 in, errno out. Decides nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import pyfuse3
from msgspec import Struct
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
from notionfs.fs.attributes import Attributes
from notionfs.fs.forest import TOPS, Branch, Forest
from notionfs.fs.listings import Row
from notionfs.fs.tree import Change, Opened
from notionfs.fuse.errnos import answers_errno, refusal
from notionfs.fuse.interrupts import Interrupts
from notionfs.fuse.invalidation import Invalidation

BLOCK = 512


class _Shown(Struct, frozen=True):
    """A row of a directory as the kernel wants it: a directory may be read many times."""

    name: FileNameT
    entry: EntryAttributes


class Operations(pyfuse3.Operations):
    """One handler per request; each is a translation around one call into `fs`.

    *note_request* is called first in each.
    """

    supports_dot_lookup = False
    enable_writeback_cache = False
    enable_acl = False

    def __init__(
        self,
        forest: Forest,
        invalidations: Sequence[Invalidation],
        interrupts: Interrupts,
        note_request: Callable[[], None],
    ) -> None:
        super().__init__()
        self._forest = forest
        self._trunk = forest.branches[0]
        self._invalidations = invalidations
        self._roots: set[int] = set()
        self._interrupts = interrupts
        self.note_request = note_request

    # --- names and attributes ---------------------------------------------------------------------

    @answers_errno
    def lookup(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> EntryAttributes:
        """Look a name up."""
        shown = os.fsdecode(name)
        top = self._forest.top(parent_inode, shown)
        if top is not None:
            return entry_attributes(top.top(), top)
        branch, parent = self._forest.at(parent_inode)
        return entry_attributes(branch.tree.lookup(parent, shown), branch)

    @answers_errno
    def getattr(self, inode: InodeT, ctx: RequestContext) -> EntryAttributes:
        """Return attributes."""
        branch, own = self._forest.at(inode)
        return entry_attributes(branch.tree.getattr(own), branch)

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
        branch, own = self._forest.at(inode)
        handle = None if fh is None else self._forest.own(fh)
        with self._interrupts.watch(ctx.pid):
            return entry_attributes(await branch.tree.setattr(own, change, handle), branch)

    @answers_errno
    def readlink(self, inode: InodeT, ctx: RequestContext) -> FileNameT:
        """Return a link's target."""
        branch, own = self._forest.at(inode)
        return FileNameT(os.fsencode(branch.tree.readlink(own)))

    async def forget(self, inode_list: Sequence[tuple[InodeT, int]]) -> None:
        """Nothing to do: inode numbers are never used twice."""

    # --- directories ------------------------------------------------------------------------------

    @answers_errno
    async def opendir(self, inode: InodeT, ctx: RequestContext) -> FileHandleT:
        """Open a directory."""
        branch, own = self._forest.at(inode)
        with self._interrupts.watch(ctx.pid):
            fh = branch.handle(await branch.tree.opendir(own))
        if inode == pyfuse3.ROOT_INODE:
            self._roots.add(fh)
        return FileHandleT(fh)

    @answers_errno
    def readdir(self, fh: FileHandleT, start_id: int, token: ReaddirToken) -> None:
        """Fill the kernel's buffer with entries."""
        branch, own = self._forest.at(fh)
        if start_id < TOPS:
            for cookie, row in enumerate(branch.tree.readdir(own, start_id), start_id + 1):
                shown = row.shown if isinstance(row.shown, _Shown) else _show(row, branch)
                if not pyfuse3.readdir_reply(token, shown.name, shown.entry, cookie):
                    return
        if fh in self._roots:
            for cookie, other, row in self._forest.tops_behind(start_id):
                shown = _show(row, other)
                if not pyfuse3.readdir_reply(token, shown.name, shown.entry, cookie):
                    return

    @answers_errno
    def releasedir(self, fh: FileHandleT) -> None:
        """Close a directory."""
        self._roots.discard(fh)
        branch, own = self._forest.at(fh)
        branch.tree.releasedir(own)

    @answers_errno
    def fsyncdir(self, fh: FileHandleT, datasync: bool) -> None:
        """Make the names durable."""
        branch, _ = self._forest.at(fh)
        branch.tree.store.sync()

    # --- files ------------------------------------------------------------------------------------

    async def open(self, inode: InodeT, flags: int, ctx: RequestContext) -> FileInfo:
        """Open a file."""
        self.note_request()
        try:
            branch, own = self._forest.at(inode)
            opened = branch.tree.open_again(own, flags)
            if opened is None:
                return await self._open(branch, own, flags, ctx.pid)
            return _file_info(opened, branch)
        except Exception as exc:
            raise refusal(exc, "open") from exc

    async def _open(self, branch: Branch, own: int, flags: int, pid: int) -> FileInfo:
        with self._interrupts.watch(pid):
            opened = await branch.tree.open(own, flags)
        # Before the answer: opening may have changed the size.
        self._invalidations[branch.number].deliver()
        return _file_info(opened, branch)

    @answers_errno
    async def create(
        self, parent_inode: InodeT, name: FileNameT, mode: int, flags: int, ctx: RequestContext
    ) -> tuple[FileInfo, EntryAttributes]:
        """Create and open a file."""
        shown = os.fsdecode(name)
        self._forest.check_free(parent_inode, shown)
        branch, parent = self._forest.at(parent_inode)
        opened, attributes = await branch.entries.create(parent, shown, mode, flags)
        return _file_info(opened, branch), entry_attributes(attributes, branch)

    @answers_errno
    async def read(self, fh: FileHandleT, off: int, size: int) -> bytes:
        """Read bytes."""
        branch, own = self._forest.at(fh)
        return await branch.tree.fetch(own, off, size)

    @answers_errno
    def write(self, fh: FileHandleT, off: int, buf: bytes) -> int:
        """Write bytes."""
        branch, own = self._forest.at(fh)
        return branch.tree.write(own, off, buf)

    async def flush(self, fh: FileHandleT) -> None:
        """Make a closing descriptor's bytes durable; the error is heard by close(2)."""
        self.note_request()
        try:
            branch, own = self._forest.at(fh)
            if not branch.tree.only_reads(own):
                await branch.tree.close(own)
        except Exception as exc:
            raise refusal(exc, "flush") from exc

    @answers_errno
    async def fsync(self, fh: FileHandleT, datasync: bool) -> None:
        """Make the bytes durable."""
        branch, own = self._forest.at(fh)
        await branch.tree.fsync(own)

    async def release(self, fh: FileHandleT) -> None:
        """Forget the handle."""
        self.note_request()
        try:
            branch, own = self._forest.at(fh)
            branch.tree.release(own)
        except Exception as exc:
            raise refusal(exc, "release") from exc

    # --- entries ----------------------------------------------------------------------------------

    @answers_errno
    def mkdir(
        self, parent_inode: InodeT, name: FileNameT, mode: int, ctx: RequestContext
    ) -> EntryAttributes:
        """Make a directory."""
        shown = os.fsdecode(name)
        self._forest.check_free(parent_inode, shown)
        branch, parent = self._forest.at(parent_inode)
        return entry_attributes(branch.entries.mkdir(parent, shown, mode), branch)

    @answers_errno
    def symlink(
        self, parent_inode: InodeT, name: FileNameT, target: FileNameT, ctx: RequestContext
    ) -> EntryAttributes:
        """Make a symbolic link."""
        shown = os.fsdecode(name)
        self._forest.check_free(parent_inode, shown)
        branch, parent = self._forest.at(parent_inode)
        made = branch.entries.symlink(parent, shown, os.fsdecode(target))
        return entry_attributes(made, branch)

    @answers_errno
    def link(
        self, inode: InodeT, new_parent_inode: InodeT, new_name: FileNameT, ctx: RequestContext
    ) -> EntryAttributes:
        """Refuse hard links: programs fall back to a copy or a rename."""
        raise NotPermitted("A page has one name.")

    @answers_errno
    def mknod(
        self, parent_inode: InodeT, name: FileNameT, mode: int, rdev: int, ctx: RequestContext
    ) -> EntryAttributes:
        """Refuse devices, pipes and sockets."""
        raise NotPermitted("There are no special files here.")

    @answers_errno
    def unlink(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> None:
        """Remove a file."""
        branch, parent = self._removable(parent_inode, name)
        branch.entries.unlink(parent, os.fsdecode(name))

    @answers_errno
    def rmdir(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> None:
        """Remove a directory."""
        branch, parent = self._removable(parent_inode, name)
        branch.entries.rmdir(parent, os.fsdecode(name))

    @answers_errno
    def rename(
        self,
        parent_inode_old: InodeT,
        name_old: FileNameT,
        parent_inode_new: InodeT,
        name_new: FileNameT,
        flags: int,
        ctx: RequestContext,
    ) -> None:
        """Rename an entry."""
        old = parent_inode_old, os.fsdecode(name_old)
        self._forest.rename(old, (parent_inode_new, os.fsdecode(name_new)), flags)

    # --- the file system --------------------------------------------------------------------------

    @answers_errno
    def statfs(self, ctx: RequestContext) -> StatvfsData:
        """Describe the disk under the store: that is what can be full."""
        below = self._trunk.tree.statfs()
        data = StatvfsData()
        data.f_bsize, data.f_frsize = below.f_bsize, below.f_frsize
        data.f_blocks, data.f_bfree, data.f_bavail = below.f_blocks, below.f_bfree, below.f_bavail
        data.f_files, data.f_ffree, data.f_favail = below.f_files, below.f_ffree, below.f_favail
        data.f_namemax = 255
        return data

    @answers_errno
    def getxattr(self, inode: InodeT, name: XAttrNameT, ctx: RequestContext) -> bytes:
        """Return an extended attribute; ENOSYS without `--xattrs`."""
        branch, own = self._forest.at(inode)
        return branch.xattrs.get(own, os.fsdecode(name))

    @answers_errno
    def listxattr(self, inode: InodeT, ctx: RequestContext) -> Sequence[XAttrNameT]:
        """Return the names of the extended attributes."""
        branch, own = self._forest.at(inode)
        return [XAttrNameT(os.fsencode(name)) for name in branch.xattrs.names(own)]

    @answers_errno
    def setxattr(self, inode: InodeT, name: XAttrNameT, value: bytes, ctx: RequestContext) -> None:
        """Refuse: extended attributes are read-only."""
        self._trunk.xattrs.refuse()

    @answers_errno
    def removexattr(self, inode: InodeT, name: XAttrNameT, ctx: RequestContext) -> None:
        """Refuse: extended attributes are read-only."""
        self._trunk.xattrs.refuse()

    def _removable(self, parent: int, name: FileNameT) -> tuple[Branch, int]:
        self._forest.check_removable(parent, os.fsdecode(name))
        return self._forest.at(parent)


def _show(row: Row, branch: Branch) -> _Shown:
    shown = _Shown(FileNameT(os.fsencode(row.name)), entry_attributes(row.attributes, branch))
    row.shown = shown
    return shown


def entry_attributes(attributes: Attributes, branch: Branch) -> EntryAttributes:
    """Return pyfuse3's form of *attributes* of an inode of *branch*."""
    access = branch.tree.access
    entry = EntryAttributes()
    entry.st_ino = InodeT(branch.shown(attributes.ino))
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


def _file_info(opened: Opened, branch: Branch) -> FileInfo:
    return FileInfo(
        fh=FileHandleT(branch.handle(opened.fh)),
        keep_cache=opened.keep_cache,
        direct_io=opened.direct_io,
    )
