"""A short program through the kernel: real system calls, real time, kill -9 for a restart."""

from __future__ import annotations

import os
import signal
import sys

import trio

from notionfs.fuse.session import is_mounted
from notionfs.simulator import Simulator
from tests.fuse.mounting import Mount, mounted
from tests.model.game import parts_of
from tests.model.player import Broken, Player, World, new_world
from tests.model.steps import Program
from tests.model.verdict import judge, note_blocks, settle

CONFIG = "quiet = 0.3\ntrash_grace = 0.5\nopen_timeout = 5.0\n"


class KernelHands:
    """System calls of a program in the mount; a minute is a second here."""

    def __init__(self, mount: Mount) -> None:
        self._mount = mount

    async def open(self, path: str, flags: int) -> int:
        return int(await self._mount.call(os.open, self._mount.path / path, flags, 0o600))

    async def read(self, fh: int) -> bytes:
        return bytes(await self._mount.call(os.pread, fh, 1 << 20, 0))

    async def write(self, fh: int, offset: int, data: bytes) -> None:
        await self._mount.call(os.pwrite, fh, data, offset)

    async def truncate(self, fh: int, size: int) -> None:
        await self._mount.call(os.ftruncate, fh, size)

    async def fsync(self, fh: int) -> None:
        await self._mount.call(os.fsync, fh)

    async def close(self, fh: int) -> None:
        await self._mount.call(os.close, fh)

    async def rename(self, old: str, new: str) -> None:
        await self._mount.call(os.rename, self._mount.path / old, self._mount.path / new)

    async def unlink(self, path: str) -> None:
        await self._mount.call(os.unlink, self._mount.path / path)

    async def mkdir(self, path: str) -> None:
        await self._mount.call(os.mkdir, self._mount.path / path)

    async def names(self, path: str) -> list[str]:
        return list(await self._mount.call(os.listdir, self._mount.path / path))

    async def ids(self) -> dict[str, str]:
        return dict(await self._mount.call(self._links))

    def _links(self) -> dict[str, str]:
        links = self._mount.path / ".notionfs" / "by-id"
        return {str(link.readlink()).removeprefix("../../"): link.name for link in links.iterdir()}

    async def refresh(self, what: str, path: str) -> None:
        words = [str(self._mount.path / path)] if what == "page" else [str(self._mount.path)]
        await self._mount.notionfs("sync", *words)

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(min(1.5, seconds / 5))

    async def drain(self) -> list[str]:
        with trio.move_on_after(20):
            await self._mount.sent()
        return [str(each) for each in (await self._mount.status())["queue"]]


async def run_mounted(program: Program) -> World:
    """Play *program* in a real mount; raises Broken with the story."""
    world = new_world(Simulator())
    try:
        async with mounted(world.sim, "--poll", "off", config=CONFIG) as mount:
            await _play(program, world, mount)
    except (Broken, AssertionError, BaseExceptionGroup) as exc:
        raise Broken("\n".join([*world.played, "", f"{exc!r}"])) from exc
    return world


async def _play(program: Program, world: World, mount: Mount) -> None:
    parts = parts_of(program.steps)
    hands = KernelHands(mount)
    for number, part in enumerate(parts):
        if number:
            await _restart(world, mount)
        player = Player(world, hands)
        await player.learn()
        for step in part:
            await player.play(step)
            note_blocks(world)
    await settle(world, hands)
    await player.learn()
    await judge(world, hands)


async def _restart(world: World, mount: Mount) -> None:
    """Kill the process that serves, and mount again."""
    pid = int((await mount.status())["pid"])
    os.kill(pid, signal.SIGKILL)
    for held in world.held.values():
        try:
            await mount.call(os.close, held.fh)
        except OSError:
            continue  # of a mount that is no more
    world.held.clear()
    words = ("mount", *mount.flags, "--poll", "off", "--force-unmount", str(mount.path))
    done = await mount.notionfs(*words)
    assert done.code == 0 and is_mounted(mount.path), done.err + sys.platform
