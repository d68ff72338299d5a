"""Open attachments: read-only, from the disk, waiting for what has not arrived yet."""

from __future__ import annotations

import os

from notionfs.errors import ReadOnly
from notionfs.store.dentries import Inode
from notionfs.sync.downloads import Downloads, OpenAsset


class Attachments:
    """The table of open attachments."""

    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads
        self._open: dict[int, OpenAsset] = {}

    async def open(self, inode: Inode, fh: int, flags: int) -> None:
        """Open an attachment under the handle *fh*; ReadOnly for writing."""
        if flags & os.O_ACCMODE != os.O_RDONLY:
            raise ReadOnly("Notion keeps this file; save yours under another name and refer to it.")
        self._open[fh] = await self._downloads.open(inode.ino)

    def owns(self, fh: int) -> bool:
        """Tell whether a handle is an attachment's."""
        return fh in self._open

    async def read(self, fh: int, offset: int, size: int) -> bytes:
        """Return bytes, waiting until they have arrived."""
        return await self._open[fh].read(offset, size)

    def release(self, fh: int) -> bool:
        """Close a handle; tell whether it was ours."""
        file = self._open.pop(fh, None)
        if file is not None:
            file.close()
        return file is not None
