"""One budget for all processes with one token."""

from __future__ import annotations

import multiprocessing
import random
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.api.ledger import Ledger, open_ledger
from notionfs.api.pacing import Pace, Priority

LIMIT = 180


async def spend(pace: Pace, left: list[float], priority: Priority, latency: float) -> None:
    while True:
        await pace.turn(priority)
        left.append(trio.current_time())
        await trio.sleep(latency)


async def test_two_processes_together_never_exceed_the_limit(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """A mount and a command, each with work for more than the whole budget."""
    left: list[float] = []
    waits: list[float] = []
    chance = random.Random(1)

    async def prompts(pace: Pace) -> None:
        while True:
            await trio.sleep(chance.expovariate(0.4))
            asked = trio.current_time()
            await pace.turn(Priority.PROMPT)
            left.append(trio.current_time())
            waits.append(trio.current_time() - asked)

    paces = [Pace(LIMIT, ledger=Ledger(tmp_path / "l", trio.current_time)) for _ in range(2)]
    with trio.move_on_after(600):
        async with trio.open_nursery() as nursery:
            for pace in paces:
                for _ in range(4):
                    nursery.start_soon(spend, pace, left, Priority.FILL, 0.3)
            nursery.start_soon(prompts, paces[1])

    left.sort()
    worst = max(sum(start <= t < start + 60 for t in left) for start in left)
    assert worst <= LIMIT
    assert len(left) >= 10 * LIMIT * 0.9
    assert sorted(waits)[int(len(waits) * 0.95)] < 1
    assert paces[0].recent() == paces[1].recent() > LIMIT * 0.9


async def test_silence_holds_for_all_processes(tmp_path: Path, autojump_clock: MockClock) -> None:
    """Notion asked one of them; the limit is the token's."""
    one, other = (Pace(LIMIT, ledger=Ledger(tmp_path / "l", trio.current_time)) for _ in range(2))
    one.pause(30)
    started = trio.current_time()
    await other.turn(Priority.PROMPT)
    assert trio.current_time() - started >= 30


async def test_what_was_before_a_restart_of_the_computer_counts_for_nothing(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The clock begins again: those times lie in the future."""
    old = Ledger(tmp_path / "l", lambda: 1e6)
    old.pause(100)
    for _ in range(LIMIT):
        with old.locked():
            old.add()
    pace = Pace(LIMIT, ledger=Ledger(tmp_path / "l", trio.current_time))
    started = trio.current_time()
    await pace.turn(Priority.FILL)
    assert trio.current_time() == started
    assert pace.recent() == 1


def _write(path: Path, count: int) -> None:
    ledger = Ledger(path)
    for _ in range(count):
        with ledger.locked():
            ledger.add()


def test_no_departure_of_another_process_is_lost(tmp_path: Path) -> None:
    """Real processes, which write at the same time."""
    ledger = Ledger(tmp_path / "l")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path / "l", 500)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    stamps = ledger.take(60.0)
    assert len(stamps) == 1500
    assert ledger.take(60.0) == []


def test_a_disk_that_refuses_costs_the_sharing_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The process keeps its own budget, and the log says so."""
    (tmp_path / "file").write_text("")
    assert open_ledger(tmp_path / "file" / "ledger") is None
    assert "cannot be shared" in caplog.text


def test_the_ledger_belongs_to_its_user_alone(tmp_path: Path) -> None:
    """It holds no token, but how much somebody works is nobody's business."""
    Ledger(tmp_path / "l").close()
    assert (tmp_path / "l").stat().st_mode & 0o777 == 0o600
