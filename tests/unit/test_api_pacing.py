"""The pace: a strict server is never exceeded, prompts hardly wait, little is wasted."""

import random
from collections.abc import Awaitable, Callable
from math import ceil

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from notionfs.api.pacing import Pace, Priority, Urgency

LIMIT, WINDOW = 180, 60.0
MINUTE = 60.0


class StrictServer:
    """Remembers when requests arrive, and how many each fixed window holds for any phase."""

    def __init__(self, travel: Callable[[], float] = lambda: 0.0) -> None:
        self.travel = travel
        self.arrivals: list[float] = []

    def receive(self) -> None:
        self.arrivals.append(trio.current_time() + self.travel())

    def worst_window(self, phase: float) -> int:
        counts: dict[int, int] = {}
        for arrival in self.arrivals:
            index = int((arrival - phase) // WINDOW)
            counts[index] = counts.get(index, 0) + 1
        return max(counts.values())

    def between(self, start: float, end: float) -> int:
        return sum(start <= arrival < end for arrival in self.arrivals)


class Load:
    """Requests of one priority and how long each waited."""

    def __init__(self, pace: Pace, server: StrictServer, priority: Priority) -> None:
        self.pace, self.server, self.priority = pace, server, priority
        self.waits: list[float] = []

    async def ask(self, latency: float = 0.0) -> None:
        started = trio.current_time()
        await self.pace.turn(self.priority)
        self.waits.append(trio.current_time() - started)
        self.server.receive()
        await trio.sleep(latency)

    async def forever(self, latency: float) -> None:
        while True:
            await self.ask(latency)

    async def at_random(self, rate: float, seed: int, size: int = 1) -> None:
        chance = random.Random(seed)
        async with trio.open_nursery() as nursery:
            while True:
                await trio.sleep(chance.expovariate(rate))
                for _ in range(chance.randint(1, size)):
                    nursery.start_soon(self.ask)


def p95(waits: list[float]) -> float:
    return sorted(waits)[ceil(len(waits) * 0.95) - 1]


async def run_for(seconds: float, *loads: Callable[[], Awaitable[None]]) -> None:
    with trio.move_on_after(seconds):
        async with trio.open_nursery() as nursery:
            for load in loads:
                nursery.start_soon(load)


async def test_thirty_minutes_of_mixed_load_never_exceed_a_strict_server(
    autojump_clock: MockClock,
) -> None:
    """Whatever its phase, a fixed window holds at most the limit, even with uneven travel times;
    and prompts wait less than a second (p95) although background work uses all it may."""
    travel = random.Random(1)
    server = StrictServer(lambda: travel.uniform(0, 0.9))
    pace = Pace(LIMIT, WINDOW)
    prompt, upload, ahead, refresh, fill = (Load(pace, server, priority) for priority in Priority)

    await run_for(
        30 * MINUTE,
        lambda: prompt.at_random(0.3, seed=2, size=4),
        lambda: upload.at_random(0.1, seed=3, size=2),
        lambda: ahead.at_random(1 / 60, seed=8, size=16),
        lambda: refresh.at_random(1 / 30, seed=4, size=40),
        *[lambda: fill.forever(0.3)] * 8,
    )

    assert max(server.worst_window(phase) for phase in range(60)) <= LIMIT
    assert p95(prompt.waits) < 1
    assert len(prompt.waits) > 1000
    assert len(server.arrivals) > 30 * LIMIT * 0.9


async def test_background_fill_alone_uses_nine_tenths_of_every_minute(
    autojump_clock: MockClock,
) -> None:
    """Spreading and keeping slots free costs background work less than a tenth of the budget."""
    server = StrictServer()
    fill = Load(Pace(LIMIT, WINDOW), server, Priority.FILL)
    started = trio.current_time()

    await run_for(10 * MINUTE, *[lambda: fill.forever(0.3)] * 4)

    for minute in range(10):
        start = started + minute * MINUTE
        assert server.between(start, start + MINUTE) >= LIMIT * 0.9


@pytest.mark.parametrize(
    "priority", [Priority.UPLOAD, Priority.AHEAD, Priority.REFRESH, Priority.FILL]
)
async def test_a_prompt_hardly_waits_under_full_background_load(
    priority: Priority, autojump_clock: MockClock
) -> None:
    """From the first second on, whatever the background is doing, and also at three prompts in
    four seconds."""
    server = StrictServer()
    pace = Pace(LIMIT, WINDOW)
    prompt = Load(pace, server, Priority.PROMPT)
    background = Load(pace, server, priority)

    await run_for(
        10 * MINUTE,
        lambda: prompt.at_random(0.75, seed=5),
        *[lambda: background.forever(0.2)] * 6,
    )

    assert p95(prompt.waits) < 1
    assert max(server.worst_window(phase) for phase in range(60)) <= LIMIT


async def test_a_saturating_reader_never_blocks_another_prompt_for_long(
    autojump_clock: MockClock,
) -> None:
    """A cold recursive grep uses nearly the whole budget, and a `cat` beside it still gets its
    page: the window is spread before it is full, not spent and then waited for."""
    server = StrictServer()
    pace = Pace(LIMIT, WINDOW)
    grep, cat = (Load(pace, server, Priority.PROMPT) for _ in range(2))
    fill = Load(pace, server, Priority.FILL)

    await run_for(
        10 * MINUTE,
        lambda: grep.forever(0.1),
        lambda: cat.at_random(1 / 20, seed=6),
        *[lambda: fill.forever(0.3)] * 4,
    )

    assert p95(cat.waits) < 2
    assert p95(grep.waits) < 1
    assert len(grep.waits) >= 10 * LIMIT * 0.9


async def test_an_idle_window_answers_a_burst_at_once(autojump_clock: MockClock) -> None:
    """A small workspace is listed and read at full speed."""
    pace = Pace(LIMIT, WINDOW)
    started = trio.current_time()

    for _ in range(100):
        await pace.turn(Priority.PROMPT)

    assert trio.current_time() == started
    assert pace.recent() == 100


async def test_who_waits_at_a_prompt_goes_first(autojump_clock: MockClock) -> None:
    """When the window is full, the order is that of priorities, then of arrival."""
    pace = Pace(4, 4.0)
    for _ in range(4):
        await pace.turn(Priority.PROMPT)
    order: list[str] = []

    async def ask(priority: Priority, name: str) -> None:
        await pace.turn(priority)
        order.append(name)

    async with trio.open_nursery() as nursery:
        for priority, name in [
            (Priority.REFRESH, "refresh"),
            (Priority.UPLOAD, "upload"),
            (Priority.PROMPT, "first prompt"),
            (Priority.PROMPT, "second prompt"),
        ]:
            nursery.start_soon(ask, priority, name)
            await wait_all_tasks_blocked()

    assert order == ["first prompt", "second prompt", "upload", "refresh"]


async def test_an_upload_does_not_starve_behind_prompts(autojump_clock: MockClock) -> None:
    """While prompts could take every slot, saved pages still leave, one every few seconds."""
    server = StrictServer()
    pace = Pace(LIMIT, WINDOW)
    prompts, upload, fill = (
        Load(pace, server, priority)
        for priority in (Priority.PROMPT, Priority.UPLOAD, Priority.FILL)
    )

    await run_for(
        10 * MINUTE,
        *[lambda: prompts.forever(0.3)] * 12,
        lambda: upload.at_random(1 / 15, seed=7),
        lambda: fill.forever(0.3),
    )

    assert p95(upload.waits) < 15
    assert len(fill.waits) >= 9
    assert max(server.worst_window(phase) for phase in range(60)) <= LIMIT


async def test_a_pause_holds_back_everything(autojump_clock: MockClock) -> None:
    """After `pause` nothing leaves, however urgent; a shorter pause does not end a longer one."""
    pace = Pace(None)
    started = trio.current_time()
    pause = 30.0
    pace.pause(pause)
    pace.pause(1)

    async with trio.open_nursery() as nursery:
        for priority in Priority:
            nursery.start_soon(pace.turn, priority)

    assert trio.current_time() - started == pytest.approx(pause)
    assert pace.paused_for() == 0


async def test_a_pause_reaches_those_who_wait_already(autojump_clock: MockClock) -> None:
    """A request that was about to leave stays when another one is told to be silent."""
    pace = Pace(1, 10)
    await pace.turn(Priority.PROMPT)
    started = trio.current_time()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(pace.turn, Priority.PROMPT)
        await trio.sleep(9)
        pace.pause(60)

    assert trio.current_time() - started >= 69


async def test_a_cancelled_request_leaves_its_place_to_the_next(autojump_clock: MockClock) -> None:
    """Cancelling a waiter neither uses a slot nor keeps those behind it from theirs."""
    pace = Pace(1, 10)
    await pace.turn(Priority.PROMPT)
    started = trio.current_time()

    async with trio.open_nursery() as nursery:
        with trio.move_on_after(5) as scope:
            nursery.start_soon(pace.turn, Priority.FILL)
            await pace.turn(Priority.PROMPT)

    assert scope.cancelled_caught
    assert 10 <= trio.current_time() - started < 10.5
    assert pace.recent() == 1


async def test_no_limit_means_no_waiting(autojump_clock: MockClock) -> None:
    """`rate_limit = 0` in front of a simulator never waits, and still counts."""
    pace = Pace(None)
    started = trio.current_time()

    for _ in range(1000):
        await pace.turn(Priority.FILL)

    assert trio.current_time() == started
    assert pace.recent() == 1000


async def test_a_larger_budget_is_used(autojump_clock: MockClock) -> None:
    """Business workspaces have 600 requests a minute, and background work gets at them."""
    server = StrictServer()
    fill = Load(Pace(600, WINDOW), server, Priority.FILL)

    await run_for(2 * MINUTE, *[lambda: fill.forever(0.3)] * 8)

    assert len(server.arrivals) >= 2 * 600 * 0.9
    assert max(server.worst_window(phase) for phase in range(60)) <= 600


async def test_recent_forgets_what_left_a_window_ago(autojump_clock: MockClock) -> None:
    """The number for `status` is that of the last minute."""
    pace = Pace(LIMIT, WINDOW)
    await pace.turn(Priority.PROMPT)
    await trio.sleep(59)
    assert pace.recent() == 1
    await trio.sleep(2)
    assert pace.recent() == 0


@pytest.mark.parametrize(("limit", "window"), [(0, 60.0), (-1, 60.0), (10, 0.0)])
def test_a_pace_without_room_is_refused(limit: int, window: float) -> None:
    """A limit of nothing would wait for ever."""
    with pytest.raises(ValueError, match="positive"):
        Pace(limit, window)


async def test_a_request_becomes_urgent_while_it_waits(autojump_clock: MockClock) -> None:
    """Somebody opens a page that the background fill has queued: it leaves as a prompt does."""
    pace = Pace(60)
    for _ in range(20):
        await pace.turn(Priority.FILL)
    urgency = Urgency(Priority.FILL)
    left: list[float] = []

    async def fetch() -> None:
        await pace.turn(urgency)
        left.append(trio.current_time())

    async with trio.open_nursery() as nursery:
        started = trio.current_time()
        nursery.start_soon(fetch)
        await trio.testing.wait_all_tasks_blocked()
        urgency.raise_to(Priority.PROMPT)
    assert left == [started]
