"""What a program can do with files, through the tree without a kernel or through a real mount."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Protocol

import trio

from notionfs.errors import NoSuchEntry, NotionFSError
from notionfs.store.dentries import NodeKind
from tests.desk import Desk
from tests.model.steps import Way
from tests.model.words import split

Refused = (NotionFSError, OSError)
"""How an operation says no."""


class Hands(Protocol):
    """System calls by path; each raises one of `Refused`."""

    async def open(self, path: str, flags: int) -> int: ...
    async def read(self, fh: int) -> bytes: ...
    async def write(self, fh: int, offset: int, data: bytes) -> None: ...
    async def truncate(self, fh: int, size: int) -> None: ...
    async def fsync(self, fh: int) -> None: ...
    async def close(self, fh: int) -> None: ...
    async def rename(self, old: str, new: str) -> None: ...
    async def unlink(self, path: str) -> None: ...
    async def mkdir(self, path: str) -> None: ...
    async def names(self, path: str) -> list[str]: ...
    async def ids(self) -> dict[str, str]:
        """Return the id of every page file that has one, by path."""

    async def refresh(self, what: str, path: str) -> None: ...
    async def sleep(self, seconds: float) -> None: ...
    async def drain(self) -> list[str]:
        """Send everything that may be sent; return what stays, and why."""


class DeskHands:
    """System calls as the kernel would pass them on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def open(self, path: str, flags: int) -> int:
        parent, name = split(path)
        try:
            ino = self._desk.ino(path)
        except NoSuchEntry:
            if not flags & os.O_CREAT:
                raise
            made, _ = await self._desk.entries.create(self._desk.ino(parent), name, 0o600, flags)
            return made.fh
        return (await self._desk.tree.open(ino, flags)).fh

    async def read(self, fh: int) -> bytes:
        return self._desk.tree.read(fh, 0, 1 << 30)

    async def write(self, fh: int, offset: int, data: bytes) -> None:
        self._desk.tree.write(fh, offset, data)

    async def truncate(self, fh: int, size: int) -> None:
        self._desk.tree.handles.truncate(self._desk.tree.handles.get(fh).file, size)

    async def fsync(self, fh: int) -> None:
        await self._desk.tree.fsync(fh)

    async def close(self, fh: int) -> None:
        try:
            await self._desk.tree.close(fh)
        finally:
            self._desk.tree.release(fh)

    async def rename(self, old: str, new: str) -> None:
        self._desk.mv(old, new)

    async def unlink(self, path: str) -> None:
        self._desk.rm(path)

    async def mkdir(self, path: str) -> None:
        self._desk.mkdir(path)

    async def names(self, path: str) -> list[str]:
        return await self._desk.ls(path)

    async def ids(self) -> dict[str, str]:
        store = self._desk.engine.store
        found = {}
        for page_id in store.snapshots.list_live_ids():
            doc = store.docs.find(page_id)
            ino = doc and store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
            path = ino and store.dentries.path_of(ino)
            if path:
                found[path] = str(page_id)
        return found

    async def refresh(self, what: str, path: str) -> None:
        if what == "poll":
            await self._desk.engine.refresher.poll()
        elif what == "page":
            await self._desk.ask("sync", path=path)
        else:
            await self._desk.ask("sync")

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def drain(self) -> list[str]:
        await self._desk.sent()
        left = self._desk.engine.store.outbox.list_changes()
        return [f"{c.action} {c.state} {c.reason}" for c in left]


# --- ways to write --------------------------------------------------------------------------------


async def read_file(hands: Hands, path: str) -> str:
    """As `cat`."""
    fh = await hands.open(path, os.O_RDONLY)
    try:
        return (await hands.read(fh)).decode()
    finally:
        await hands.close(fh)


async def write_file(hands: Hands, path: str, text: str, way: Way) -> None:
    """Write *text* to *path* in that way; a file that is not there is created."""
    await _WAYS[way](hands, path, text.encode())


async def append_file(hands: Hands, path: str, text: str) -> None:
    """As `>>`: only the end is written."""
    fh = await hands.open(path, os.O_RDWR)
    try:
        data = text.encode()
        await hands.write(fh, len(await hands.read(fh)), data)
    finally:
        await hands.close(fh)


async def _truncate(hands: Hands, path: str, data: bytes) -> None:
    fh = await hands.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        await hands.write(fh, 0, data)
    finally:
        await hands.close(fh)


async def _over(hands: Hands, path: str, data: bytes) -> None:
    fh = await hands.open(path, os.O_RDWR | os.O_CREAT)
    try:
        await hands.write(fh, 0, data)
        await hands.truncate(fh, len(data))
    finally:
        await hands.close(fh)


async def _pieces(hands: Hands, path: str, data: bytes) -> None:
    """A slow writer: time passes between its writes."""
    fh = await hands.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        for start in range(0, len(data), 100):
            await hands.write(fh, start, data[start : start + 100])
            await hands.sleep(0.5)
        await hands.fsync(fh)
    finally:
        await hands.close(fh)


async def _atomic(hands: Hands, path: str, data: bytes) -> None:
    """As GTK: a temporary file renamed over the page."""
    temporary = f"{split(path)[0]}/.goutputstream-A1B2C3"
    await _truncate(hands, temporary, data)
    await hands.rename(temporary, path)


async def _backup(hands: Hands, path: str, data: bytes) -> None:
    """As vim: the page goes to a backup name, is written anew, and the backup is removed."""
    with suppress(NoSuchEntry, FileNotFoundError):
        await hands.rename(path, path + "~")
    await _truncate(hands, path, data)
    with suppress(NoSuchEntry, FileNotFoundError):
        await hands.unlink(path + "~")


async def _replace(hands: Hands, path: str, data: bytes) -> None:
    """As `install`, or `mv` from another file system."""
    with suppress(NoSuchEntry, FileNotFoundError):
        await hands.unlink(path)
    await _truncate(hands, path, data)


_WAYS = {
    Way.TRUNCATE: _truncate,
    Way.OVER: _over,
    Way.PIECES: _pieces,
    Way.ATOMIC: _atomic,
    Way.BACKUP: _backup,
    Way.REPLACE: _replace,
}
