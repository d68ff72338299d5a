"""What a save costs from close to Notion's answer, without what Notion itself does."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import trio
from trio.testing import MockClock

from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk


class Watched:
    """The simulator's application, with the CPU seconds that it takes."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.spent = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    async def __call__(self, *request: Any) -> None:
        started = time.process_time()
        try:
            await self._app(*request)
        finally:
            self.spent += time.process_time() - started


def save_one_line(body: str, edit: Callable[[str, int], str], runs: int = 9) -> tuple[float, int]:
    """Return the least CPU milliseconds of a save, and the most calls that one took."""
    with TemporaryDirectory() as directory:
        clock = MockClock(autojump_threshold=0)
        costs = trio.run(_save, Path(directory), body, edit, runs, clock=clock)
    return min(spent for spent, _ in costs), max(calls for _, calls in costs)


async def _save(
    directory: Path, body: str, edit: Callable[[str, int], str], runs: int
) -> list[tuple[float, int]]:
    sim = Simulator()
    sim.add_page("Large", parent="workspace", markdown=body)
    watched = Watched(sim.app)
    sim.app = watched  # type: ignore[assignment]
    async with open_desk(sim, directory) as desk:
        text = await desk.read("acme/large.md")
        return [
            await _cost(desk, watched, lambda run=run: desk.write("acme/large.md", edit(text, run)))
            for run in range(runs)
        ]


async def _cost(
    desk: Desk, watched: Watched, write: Callable[[], Awaitable[object]]
) -> tuple[float, int]:
    desk.sim.reset_counts()
    watched.spent, started = 0.0, time.process_time()
    await write()
    await desk.sent()
    spent = time.process_time() - started - watched.spent
    return spent * 1000, desk.sim.count()
