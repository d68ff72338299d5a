"""One whole program: restarts included, with the tree at a desk, and the verdict at its end."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import trio
from trio.testing import MockClock

from notionfs.simulator import Simulator
from tests.desk import open_desk, wall
from tests.model.hands import DeskHands
from tests.model.player import Broken, Player, World, new_world
from tests.model.steps import Program, Restart, Step
from tests.model.verdict import judge, note_blocks, settle


class Alarm(logging.Handler):
    """Collects what the program says about bugs of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(logging.Formatter().format(record))


@contextmanager
def alarmed() -> Iterator[None]:
    """Raise Broken if a bug was logged while the block ran."""
    alarm = Alarm()
    log = logging.getLogger("notionfs")
    log.addHandler(alarm)
    try:
        yield
    finally:
        log.removeHandler(alarm)
    if alarm.heard:
        raise Broken("a bug was logged:\n" + "\n".join(alarm.heard))


def run(program: Program) -> World:
    """Play *program* at a desk; raises Broken, with the story, if a promise is not kept."""
    with tempfile.TemporaryDirectory(prefix="notionfs-model-") as directory, alarmed():
        return trio.run(_run, program, Path(directory), clock=MockClock(autojump_threshold=0))


async def _run(program: Program, directory: Path) -> World:
    world = new_world(Simulator(clock=wall))
    try:
        await _play(program, world, directory)
    except (Broken, AssertionError, BaseExceptionGroup) as exc:
        raise Broken("\n".join([*world.played, "", f"{exc}", *_inner(exc)])) from exc
    return world


def _inner(exc: BaseException) -> list[str]:
    if not isinstance(exc, BaseExceptionGroup):
        return []
    return [line for each in exc.exceptions for line in (repr(each), *_inner(each))]


async def _play(program: Program, world: World, directory: Path) -> None:
    poll = 20.0 if program.polls else None
    parts = parts_of(program.steps)
    for number, part in enumerate(parts):
        async with open_desk(world.sim, directory, refreshed=number == 0, poll=poll) as desk:
            hands = DeskHands(desk)
            player = Player(world, hands)
            world.held.clear()
            await player.learn()
            for step in part:
                await player.play(step)
                note_blocks(world)
            if number == len(parts) - 1:
                await settle(world, hands)
                await player.learn()
                await judge(world, hands)


def parts_of(steps: list[Step]) -> list[list[Step]]:
    """Return the steps between restarts."""
    parts: list[list[Step]] = [[]]
    for step in steps:
        if isinstance(step, Restart):
            parts.append([])
        else:
            parts[-1].append(step)
    return parts
