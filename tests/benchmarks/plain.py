"""A trivial file system in memory: what pyfuse3 itself costs.

`python -m tests.benchmarks.plain FROM MOUNTPOINT [--uncached]` serves a copy of FROM. It keeps
dictionaries and makes the attributes of an inode once; with `--uncached` the kernel may keep
nothing, so that every request reaches Python. Its event loop is watched as that of notionfs is: the
watch costs something, and how late a loop comes back on this machine is a floor, too.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyfuse3
import trio
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
)

from tests.benchmarks.watch import watched

_HOUR = 3600.0


@dataclass
class Node:
    """A file, a directory or a link."""

    attributes: EntryAttributes
    data: bytearray = field(default_factory=bytearray)
    names: dict[bytes, int] = field(default_factory=dict)


class Plain(pyfuse3.Operations):
    """One dictionary of nodes; nothing is checked that the kernel does not check."""

    supports_dot_lookup = False
    enable_writeback_cache = False

    def __init__(self, timeout: float) -> None:
        super().__init__()
        self._timeout = timeout
        self._nodes: dict[int, Node] = {}
        self._listings: dict[int, list[tuple[bytes, int]]] = {}
        self._next = pyfuse3.ROOT_INODE
        self._add(stat.S_IFDIR | 0o700)

    def load(self, source: Path, ino: int = pyfuse3.ROOT_INODE) -> None:
        """Copy a directory into inode *ino*."""
        for entry in os.scandir(source):
            facts = entry.stat(follow_symlinks=False)
            below = self._add(facts.st_mode, facts.st_mtime_ns)
            self._nodes[ino].names[os.fsencode(entry.name)] = below
            if entry.is_symlink():
                self._fill(below, os.fsencode(Path(entry.path).readlink()))
            elif entry.is_dir():
                self.load(Path(entry.path), below)
            else:
                self._fill(below, Path(entry.path).read_bytes())

    def _add(self, mode: int, mtime_ns: int | None = None) -> int:
        entry = EntryAttributes()
        entry.st_ino = InodeT(self._next)
        entry.st_mode = mode
        entry.st_nlink = 1
        entry.st_uid, entry.st_gid = os.getuid(), os.getgid()
        entry.st_size = 4096 if stat.S_ISDIR(mode) else 0
        entry.st_blksize = 4096
        entry.st_blocks = 8
        now = time.time_ns() if mtime_ns is None else mtime_ns
        entry.st_atime_ns = entry.st_mtime_ns = entry.st_ctime_ns = now
        entry.attr_timeout = entry.entry_timeout = self._timeout
        self._nodes[self._next] = Node(entry)
        self._next += 1
        return self._next - 1

    def _fill(self, ino: int, data: bytes) -> None:
        self._nodes[ino].data[:] = data
        self._resized(self._nodes[ino])

    def _resized(self, node: Node) -> None:
        node.attributes.st_size = len(node.data)
        node.attributes.st_blocks = -(-len(node.data) // 512)

    def _opened(self, ino: int) -> FileInfo:
        return FileInfo(fh=FileHandleT(ino), keep_cache=self._timeout > 0)

    async def lookup(
        self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext
    ) -> EntryAttributes:
        """Look a name up."""
        ino = self._nodes[parent_inode].names.get(name)
        if ino is None:
            raise pyfuse3.FUSEError(errno.ENOENT)
        return self._nodes[ino].attributes

    async def getattr(self, inode: InodeT, ctx: RequestContext) -> EntryAttributes:
        """Return attributes."""
        return self._nodes[inode].attributes

    async def setattr(
        self,
        inode: InodeT,
        attr: EntryAttributes,
        fields: SetattrFields,
        fh: FileHandleT | None,
        ctx: RequestContext,
    ) -> EntryAttributes:
        """Change the size or the time."""
        node = self._nodes[inode]
        if fields.update_size:
            del node.data[attr.st_size :]
            self._resized(node)
        if fields.update_mtime:
            node.attributes.st_mtime_ns = attr.st_mtime_ns
        return node.attributes

    async def readlink(self, inode: InodeT, ctx: RequestContext) -> FileNameT:
        """Return a link's target."""
        return FileNameT(bytes(self._nodes[inode].data))

    async def opendir(self, inode: InodeT, ctx: RequestContext) -> FileHandleT:
        """Open a directory: what it holds now is what will be listed."""
        self._next += 1
        self._listings[self._next] = list(self._nodes[inode].names.items())
        return FileHandleT(self._next)

    async def readdir(self, fh: FileHandleT, start_id: int, token: ReaddirToken) -> None:
        """Fill the kernel's buffer."""
        for cookie, (name, ino) in enumerate(self._listings[fh][start_id:], start_id + 1):
            entry = self._nodes[ino].attributes
            if not pyfuse3.readdir_reply(token, FileNameT(name), entry, cookie):
                return

    async def releasedir(self, fh: FileHandleT) -> None:
        """Close a directory."""
        del self._listings[fh]

    async def open(self, inode: InodeT, flags: int, ctx: RequestContext) -> FileInfo:
        """Open a file."""
        if flags & os.O_TRUNC:
            self._fill(inode, b"")
        return self._opened(inode)

    async def create(
        self, parent_inode: InodeT, name: FileNameT, mode: int, flags: int, ctx: RequestContext
    ) -> tuple[FileInfo, EntryAttributes]:
        """Create and open a file."""
        ino = self._nodes[parent_inode].names[name] = self._add(stat.S_IFREG | mode & 0o7777)
        return self._opened(ino), self._nodes[ino].attributes

    async def mkdir(
        self, parent_inode: InodeT, name: FileNameT, mode: int, ctx: RequestContext
    ) -> EntryAttributes:
        """Make a directory."""
        ino = self._nodes[parent_inode].names[name] = self._add(stat.S_IFDIR | mode & 0o7777)
        return self._nodes[ino].attributes

    async def read(self, fh: FileHandleT, off: int, size: int) -> bytes:
        """Read bytes."""
        return bytes(self._nodes[fh].data[off : off + size])

    async def write(self, fh: FileHandleT, off: int, buf: bytes) -> int:
        """Write bytes."""
        node = self._nodes[fh]
        node.data[off : off + len(buf)] = buf
        self._resized(node)
        return len(buf)

    async def flush(self, fh: FileHandleT) -> None:
        """Nothing to do; but a file system that saves has to hear of it."""

    async def fsync(self, fh: FileHandleT, datasync: bool) -> None:
        """Nothing to do."""

    async def release(self, fh: FileHandleT) -> None:
        """Nothing to do."""

    async def forget(self, inode_list: Sequence[tuple[InodeT, int]]) -> None:
        """Nothing to do."""

    async def unlink(self, parent_inode: InodeT, name: FileNameT, ctx: RequestContext) -> None:
        """Remove a name."""
        del self._nodes[parent_inode].names[name]

    rmdir = unlink

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
        ino = self._nodes[parent_inode_old].names.pop(name_old)
        self._nodes[parent_inode_new].names[name_new] = ino

    async def statfs(self, ctx: RequestContext) -> StatvfsData:
        """Describe nothing in particular."""
        return StatvfsData()

    async def getxattr(self, inode: InodeT, name: bytes, ctx: RequestContext) -> bytes:
        """Refuse once and for all."""
        raise pyfuse3.FUSEError(errno.ENOSYS)


def main() -> None:
    """Serve a copy of a directory until it is unmounted."""
    source, mountpoint, *flags = sys.argv[1:]
    plain = Plain(0.0 if "--uncached" in flags else _HOUR)
    plain.load(Path(source))
    pyfuse3.init(plain, mountpoint, {*pyfuse3.default_options, "fsname=plain", "auto_unmount"})
    try:
        trio.run(watched(pyfuse3.main))
    finally:
        pyfuse3.close(unmount=True)


if __name__ == "__main__":
    main()
