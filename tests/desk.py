"""A user at a desk: the tree without a kernel, over a real client and the simulator."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio
from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.pacing import Pace
from notionfs.api.wire import asgi_transport
from notionfs.app import build_engine
from notionfs.config import Prefetch, Settings
from notionfs.connection import identify
from notionfs.control import Handler
from notionfs.errors import InvalidPageFile
from notionfs.fs.attributes import Attributes
from notionfs.fs.entries import Entries
from notionfs.fs.renames import Renames
from notionfs.fs.tree import Tree
from notionfs.model import Identity
from notionfs.service.rooms import Rooms
from notionfs.service.table import handlers
from notionfs.simulator import Simulator
from notionfs.store.dentries import ROOT_INO
from notionfs.store.store import Store
from notionfs.sync.context import NewsQueue
from notionfs.sync.engine import Engine
from notionfs.sync.status import Status
from tests import canary

EPOCH = 1_780_000_000.0  # a moment in 2026


def wall() -> float:
    """The time of day in tests: it moves with trio's (mock) clock, which begins at 0."""
    try:
        return EPOCH + trio.current_time()
    except RuntimeError:  # before the test's own loop runs
        return EPOCH


@dataclass
class Desk:
    """What a program can do, in paths."""

    sim: Simulator
    client: Client
    engine: Engine
    tree: Tree
    entries: Entries
    renames: Renames
    news: NewsQueue
    commands: Mapping[str, Handler]
    identity: Identity

    async def ask(self, command: str, **arguments: object) -> Mapping[str, Any]:
        """As a command asks a running mount; paths are relative to its top."""
        return await self.commands[command](arguments)

    def ino(self, path: str) -> int:
        ino = ROOT_INO
        for part in Path(path).parts:
            ino = self.tree.lookup(ino, part).ino
        return ino

    def stat(self, path: str) -> Attributes:
        return self.tree.getattr(self.ino(path))

    async def ls(self, path: str = "") -> list[str]:
        fh = await self.tree.opendir(self.ino(path))
        names = {row.name for row in self.tree.readdir(fh, 0)}
        self.tree.releasedir(fh)
        return sorted(names - {".", ".."})

    async def walk(self, path: str = "") -> list[str]:
        found = []
        for name in await self.ls(path):
            below = f"{path}/{name}" if path else name
            found.append(below)
            if self.stat(below).is_directory:
                found += await self.walk(below)
        return found

    async def read(self, path: str) -> str:
        ino = self.ino(path)
        opened = self.tree.open_again(ino, os.O_RDONLY) or await self.tree.open(ino, os.O_RDONLY)
        try:
            return self.tree.read(opened.fh, 0, 1 << 30).decode()
        finally:
            self.tree.release(opened.fh)

    async def write(self, path: str, text: str | bytes) -> None:
        """As a shell's `>`: truncate or create, write, close."""
        data = text.encode() if isinstance(text, str) else text
        parent, name = os.path.split(path)
        try:
            ino = self.ino(path)
        except Exception:
            opened, _ = await self.entries.create(
                self.ino(parent), name, 0o600, os.O_WRONLY | os.O_CREAT
            )
        else:
            opened = await self.tree.open(ino, os.O_WRONLY | os.O_TRUNC)
        await self._write_and_close(opened.fh, 0, data)

    async def append(self, path: str, text: str) -> None:
        """As a shell's `>>`: the kernel takes the end to be where it was before the open."""
        end = self.stat(path).size
        opened = await self.tree.open(self.ino(path), os.O_WRONLY | os.O_APPEND)
        await self._write_and_close(opened.fh, end, text.encode())

    async def edit(self, path: str, old: str, new: str) -> None:
        """As nano: read, replace, write everything back."""
        text = await self.read(path)
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in:\n{text}"
        await self.write(path, text.replace(old, new))

    async def _write_and_close(self, fh: int, offset: int, data: bytes) -> None:
        try:
            self.tree.flush(fh)  # a shell flushes before it writes
            self.tree.write(fh, offset, data)
            await self.tree.close(fh)
        finally:
            self.tree.release(fh)

    def mv(self, old: str, new: str) -> None:
        (old_dir, old_name), (new_dir, new_name) = os.path.split(old), os.path.split(new)
        self.renames.rename(self.ino(old_dir), old_name, self.ino(new_dir), new_name)

    def rm(self, path: str) -> None:
        parent, name = os.path.split(path)
        self.entries.unlink(self.ino(parent), name)

    def mkdir(self, path: str) -> None:
        parent, name = os.path.split(path)
        self.entries.mkdir(self.ino(parent), name, 0o700)

    def rmdir(self, path: str) -> None:
        parent, name = os.path.split(path)
        self.entries.rmdir(self.ino(parent), name)

    async def sent(self) -> None:
        """Wait until nothing is left that may be sent, grace times included."""
        while self.engine.store.outbox.list_changes():
            if await self.engine.uploader.drain(60.0) == 0:
                break
            if all(c.state == "parked" for c in self.engine.store.outbox.list_changes()):
                break

    def reason(self, path: str) -> str | None:
        doc_id = self.tree.inode(self.ino(path)).doc_id
        assert doc_id is not None
        return self.engine.store.docs.load(doc_id).reason

    def page_id(self, path: str) -> str | None:
        doc_id = self.tree.inode(self.ino(path)).doc_id
        assert doc_id is not None
        return self.engine.store.docs.load(doc_id).page_id


def settings_for(directory: Path, **changes: object) -> Settings:
    plain = Settings(
        mountpoint=directory / "mnt", state_dir=directory, poll=None, prefetch=Prefetch.OFF
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def far(app: Any, latency: float) -> Any:
    """Return the application seen from a distance: half of *latency* to it, half back."""

    async def travelling(scope: Any, receive: Any, send: Any) -> None:
        await trio.sleep(latency / 2)

        async def answer(message: Any) -> None:
            if message["type"] == "http.response.start":
                await trio.sleep(latency / 2)
            await send(message)

        await app(scope, receive, answer)

    return travelling


@asynccontextmanager
async def open_desk(
    sim: Simulator,
    directory: Path,
    *,
    refreshed: bool = True,
    latency: float = 0.0,
    **changes: object,
) -> AsyncIterator[Desk]:
    """Yield a desk whose tree is scanned once; leave by 'crash': nothing is drained."""
    settings = settings_for(directory, **changes)
    transport = asgi_transport(far(sim.app, latency) if latency else sim.app)
    async with Client(sim.token, transport=transport, pace=Pace(settings.rate_limit)) as client:
        identity = await identify(client, settings)
        store = Store(directory / "store")
        try:
            news = NewsQueue()
            engine = build_engine(
                settings, client, identity, store, news, lambda: int(wall() * 1e9)
            )
            tree = Tree(engine, settings, lambda: b"{}\n")
            entries = Entries(tree)
            renames = Renames(entries)
            rooms = Rooms(engine, identity, Status(engine, identity), tree, entries, renames)
            desk = Desk(
                sim, client, engine, tree, entries, renames, news, handlers(rooms), identity
            )
            async with trio.open_nursery() as nursery:
                await nursery.start(engine.run)
                if refreshed:
                    await engine.refresher.ensure_whole()
                yield desk
                nursery.cancel_scope.cancel()
            canary.check(sim, store)
        finally:
            store.close()


__all__ = ["Desk", "InvalidPageFile", "open_desk", "wall"]
