"""Real mounts: the command, a process, the kernel, and the simulator behind a loopback socket."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import trio

from notionfs import control
from notionfs.errors import MountUnreachable
from notionfs.fuse.session import is_mounted
from notionfs.simulator import Simulator
from notionfs.simulator.server import serve

PATIENCE = 60.0


@dataclass
class Finished:
    """How a program ended."""

    code: int
    out: str
    err: str


@dataclass
class Mount:
    """A mount point and the simulator behind it."""

    sim: Simulator
    path: Path
    home: Path
    port: int
    environment: dict[str, str] = field(default_factory=dict)

    async def notionfs(self, *words: str) -> Finished:
        return await self.run(sys.executable, "-m", "notionfs", *words, cwd=self.home)

    async def run(self, *words: str | Path, cwd: Path | None = None, stdin: str = "") -> Finished:
        """Run a program; the simulator goes on answering meanwhile."""
        with trio.fail_after(PATIENCE):
            done = await trio.run_process(
                [os.fspath(word) for word in words],
                cwd=cwd or self.path,
                stdin=stdin.encode(),
                capture_stdout=True,
                capture_stderr=True,
                check=False,
                env=self.environment,
            )
        return Finished(
            done.returncode,
            done.stdout.decode(errors="replace"),
            done.stderr.decode(errors="replace"),
        )

    async def sh(self, script: str) -> str:
        """Run a shell script in the mount; it must succeed."""
        done = await self.run("bash", "-ec", script)
        assert done.code == 0, f"{script!r} failed:\n{done.out}{done.err}"
        return done.out

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Run blocking file operations outside the event loop, which serves the simulator."""
        with trio.fail_after(PATIENCE):
            return await trio.to_thread.run_sync(function, *arguments)

    async def read(self, path: str) -> str:
        return str(await self.call((self.path / path).read_text))

    async def write(self, path: str, text: str) -> None:
        await self.call((self.path / path).write_text, text)

    async def sent(self) -> None:
        """Wait until everything saved has reached the simulator."""
        await self.call(self._drain)

    def _drain(self) -> None:
        for socket in Path(self.environment["XDG_RUNTIME_DIR"]).rglob("*.sock"):
            try:
                left = control.call(socket, "drain", {"timeout": 30}, timeout=40)
            except MountUnreachable:
                continue  # of a mount that was killed
            assert left["queued"] == 0, left

    async def status(self) -> dict[str, Any]:
        import json

        done = await self.notionfs("status", str(self.path), "--json")
        assert done.code == 0, done.err
        return dict(json.loads(done.out))

    @property
    def flags(self) -> list[str]:
        """What `notionfs mount` needs to find the simulator."""
        return ["--base-url", f"http://127.0.0.1:{self.port}", "--rate-limit", "off"]

    @property
    def log(self) -> str:
        return "".join(p.read_text() for p in sorted(self.home.rglob("notionfs.log")))


@asynccontextmanager
async def mounted(
    sim: Simulator, *flags: str, home: Path | None = None, config: str = "", start: bool = True
) -> AsyncIterator[Mount]:
    """Mount *sim* outside the system's temporary directory, where editors skip their backups.

    *config* is the content of the user's settings file. Without *start* nothing is mounted yet.
    """
    own = home is None
    base = home or Path(tempfile.mkdtemp(prefix="notionfs-test-", dir="/var/tmp"))
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, sim)
        mount = Mount(sim, base / "mnt", base, address.port, _environment(base))
        mount.path.mkdir(exist_ok=True)
        if config:
            (base / "config" / "notionfs").mkdir(exist_ok=True)
            (base / "config" / "notionfs" / "config.toml").write_text(config)
        try:
            if start:
                started = await mount.notionfs("mount", *mount.flags, *flags, str(mount.path))
                assert started.code == 0, started.err
            yield mount
        finally:
            with trio.CancelScope(shield=True):
                await _unmount(mount)
            nursery.cancel_scope.cancel()
            if own:
                shutil.rmtree(base, ignore_errors=True)


def _environment(base: Path) -> dict[str, str]:
    for name in ("run", "config", "state"):
        (base / name).mkdir(mode=0o700, exist_ok=True)
    return {
        **os.environ,
        "HOME": str(base),
        "XDG_RUNTIME_DIR": str(base / "run"),
        "XDG_CONFIG_HOME": str(base / "config"),
        "XDG_STATE_HOME": str(base / "state"),
        "NOTION_TOKEN": "demo-token",
        "TERM": "xterm",
    }


async def _unmount(mount: Mount) -> None:
    if not is_mounted(mount.path):
        return
    done = await mount.notionfs("umount", "--wait", "5", str(mount.path))
    if is_mounted(mount.path):
        await trio.to_thread.run_sync(
            lambda: subprocess.run(["fusermount3", "-uz", str(mount.path)], check=False)
        )
        raise AssertionError(f"the mount was busy: {done.err}")
