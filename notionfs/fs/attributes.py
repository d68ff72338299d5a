"""What `stat` sees. Pure translation from inodes."""

from __future__ import annotations

import os
import stat
from typing import NamedTuple

from msgspec import Struct

from notionfs.store.dentries import DIRECTORY_KINDS, Inode, NodeKind

CACHED = 3600.0
"""Seconds the kernel may trust a name or attribute: all changes come through us, and we tell."""

_TYPE_BITS = {
    NodeKind.SYMLINK: stat.S_IFLNK,
    NodeKind.FILE: stat.S_IFREG,
    NodeKind.PAGE: stat.S_IFREG,
    NodeKind.ASSET: stat.S_IFREG,
}


class Attributes(NamedTuple):
    """The attributes of one inode; the timeouts are seconds the kernel may trust them."""

    ino: int
    mode: int
    size: int
    mtime_ns: int
    nlink: int = 1
    attr_timeout: float = CACHED
    entry_timeout: float = CACHED

    @property
    def is_directory(self) -> bool:
        """Whether the mode says so."""
        return stat.S_ISDIR(self.mode)


class Access(Struct, frozen=True):
    """Whose files they are, and what this mount allows beyond the owner's own modes."""

    read_only: bool = False
    others: bool = False
    uid: int = os.getuid()
    gid: int = os.getgid()

    def bits(self, mode: int) -> int:
        """Return permission bits as this mount shows them."""
        if self.read_only:
            mode &= ~0o222
        if self.others:
            mode |= (mode & 0o500) >> 3 | (mode & 0o500) >> 6
        return mode


def attributes_of(
    inode: Inode, access: Access, *, open_size: int | None = None, is_dirty: bool = False
) -> Attributes:
    """Return the attributes of a stored inode; *open_size* is that of its bytes while it is open.

    An unread page reports a nominal size that the kernel must not keep: a wrong size that is
    trusted reads as an empty or cut file. Nor may it keep the time of bytes that are not committed
    yet (*is_dirty*): editors would find another one than they saw after saving.
    """
    mode, timeout = access.bits(inode.mode & 0o7777), CACHED
    if inode.kind in DIRECTORY_KINDS:
        return Attributes(inode.ino, stat.S_IFDIR | mode, 4096, inode.mtime_ns, 2)
    size = inode.size if open_size is None else open_size
    if is_dirty or (inode.is_unread and open_size is None):
        timeout = 0.0
    mode |= _TYPE_BITS.get(inode.kind, stat.S_IFREG)
    return Attributes(inode.ino, mode, size, inode.mtime_ns, inode.nlink, timeout)
