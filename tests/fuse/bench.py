"""One real mount for a table of cases: starting one for each program would take minutes."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import trio

from notionfs.simulator import Simulator
from tests.fuse.mounting import Finished, Mount, mounted

R = TypeVar("R")
PATIENCE = 60.0


@dataclass
class Bench:
    """A mount that serves in a thread of its own, for tests that are not async."""

    mount: Mount
    token: trio.lowlevel.TrioToken

    @property
    def sim(self) -> Simulator:
        return self.mount.sim

    @property
    def path(self) -> Path:
        return self.mount.path

    @property
    def home(self) -> Path:
        """A directory on the same disk, outside of the mount."""
        return self.mount.home

    def run(self, *words: str | Path, cwd: Path | None = None) -> Finished:
        return trio.from_thread.run(lambda: self.mount.run(*words, cwd=cwd), trio_token=self.token)

    def sh(self, script: str, cwd: Path | None = None, **variables: object) -> str:
        """Run a shell script, in the mount unless *cwd* says otherwise; it must succeed."""
        words = [f"{name}={value}" for name, value in variables.items()]
        done = self.run("env", *words, "bash", "-ec", script, cwd=cwd)
        assert done.code == 0, f"{script!r} ended with {done.code}:\n{done.out}{done.err}"
        return done.out

    def notionfs(self, *words: str) -> Finished:
        return trio.from_thread.run(lambda: self.mount.notionfs(*words), trio_token=self.token)

    def status(self) -> dict[str, Any]:
        return trio.from_thread.run(self.mount.status, trio_token=self.token)

    def start(self, *flags: str, program: Sequence[str] = ("-m", "notionfs")) -> Finished:
        """Run `notionfs mount`."""
        words = ("mount", *self.mount.flags, "--poll", "off", "--prefetch", "off", *flags)
        return self.run(sys.executable, *program, *words, self.path, cwd=self.home)

    def background(self, *words: str | Path, **options: Any) -> subprocess.Popen[str]:
        """Start a program; whoever asked sees to its end."""
        return subprocess.Popen(
            [os.fspath(word) for word in words],
            env=self.mount.environment,
            cwd=self.home,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **options,
        )

    def drain(self) -> None:
        """Wait until everything saved has reached the simulator."""
        trio.from_thread.run(self.mount.sent, trio_token=self.token)

    def look(self, function: Callable[..., R], *arguments: Any) -> R:
        """Call something of the simulator's in its own thread."""
        return trio.from_thread.run_sync(function, *arguments, trio_token=self.token)

    def calls(self) -> Counter[str]:
        """Return the requests since `forget_calls`, by operation."""
        return Counter(request.operation for request in self.sim.requests)

    def forget_calls(self) -> None:
        self.look(self.sim.reset_counts)


@contextmanager
def opened(sim: Simulator, *flags: str, config: str = "", start: bool = True) -> Iterator[Bench]:
    """Mount *sim*, with a settings file of that content, while the block runs; see `mounted`."""
    started: queue.SimpleQueue[tuple[Mount, trio.lowlevel.TrioToken, trio.Event] | None] = (
        queue.SimpleQueue()
    )
    failures: list[BaseException] = []

    async def serve() -> None:
        async with mounted(sim, *flags, config=config, start=start) as mount:
            stop = trio.Event()
            started.put((mount, trio.lowlevel.current_trio_token(), stop))
            await stop.wait()

    def run() -> None:
        try:
            trio.run(serve)
        except BaseException as exc:
            failures.append(exc)
            started.put(None)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    first = started.get(timeout=PATIENCE)
    if first is None:
        raise failures[0]
    mount, token, stop = first
    try:
        yield Bench(mount, token)
    finally:
        trio.from_thread.run_sync(stop.set, trio_token=token)
        thread.join(PATIENCE)
    if failures:
        raise failures[0]
