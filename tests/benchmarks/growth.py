"""What a million pages and many mounts would mean, from a simulation of the pace.

Time is simulated: each mount has the pace it would have alone with its part of the budget.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import ceil

import trio
from trio.testing import MockClock

from notionfs.api.pacing import Pace, Priority
from tests.benchmarks.report import say
from tests.benchmarks.tables import table

LIMITS = (180, 600, 1800)
HOURS = 0.5
POLL = 30.0
OPEN_EVERY = 20.0  # seconds between two unread pages that somebody opens
MOUNTS = (1, 5, 20, 60)
_LATENCY = 0.3


@dataclass
class Mount:
    """One mount's requests: polls, what people open, and the background fill with the rest."""

    pace: Pace
    sent: Counter[Priority]
    waits: list[float]

    async def run(self) -> None:
        """Ask until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._every, POLL, Priority.REFRESH)
            nursery.start_soon(self._every, OPEN_EVERY, Priority.PROMPT)
            for _ in range(4):
                nursery.start_soon(self._every, 0.0, Priority.FILL)

    async def _every(self, seconds: float, priority: Priority) -> None:
        while True:
            await trio.sleep(seconds)
            began = trio.current_time()
            await self.pace.turn(priority)
            if priority is Priority.PROMPT:
                self.waits.append(trio.current_time() - began)
            await trio.sleep(_LATENCY)
            self.sent[priority] += 1


def run() -> None:
    """Print both tables."""
    say("\n## A million pages: hours, by the budget of requests a minute\n")
    rows = [_million(limit) for limit in LIMITS]
    say(table(["budget", "first tree", "bodies, in an hour", "all bodies"], rows))
    say("\n## Many mounts of one workspace, 180 requests a minute shared by all\n")
    heads = [
        "mounts",
        "polls, of the budget",
        "an unread page waits (95 of 100)",
        "bodies, an hour",
    ]
    say(table(heads, [_shared(mounts) for mounts in MOUNTS]))


def _million(limit: int) -> tuple[str, ...]:
    sent, _ = _simulate(limit, 1)
    bodies = (sent[Priority.FILL] + sent[Priority.PROMPT]) / HOURS
    calls = ceil(1_000_000 / 100)
    return f"{limit}", f"{calls / limit / 60:.1f} h", f"{bodies:,.0f}", f"{1e6 / bodies:,.0f} h"


def _shared(mounts: int) -> tuple[str, ...]:
    limit = max(1, 180 // mounts)
    sent, waits = _simulate(limit, 1)  # all are alike
    polls = sent[Priority.REFRESH] * mounts / (180 * 60 * HOURS)
    bodies = (sent[Priority.FILL] + sent[Priority.PROMPT]) * mounts / HOURS
    late = sorted(waits)[len(waits) * 95 // 100]
    return f"{mounts}", f"{polls:.0%}", f"{late:.1f} s", f"{bodies:,.0f} in all"


def _simulate(limit: int, mounts: int) -> tuple[Counter[Priority], list[float]]:
    sent: Counter[Priority] = Counter()
    waits: list[float] = []

    async def hours() -> None:
        with trio.move_on_after(HOURS * 3600):
            async with trio.open_nursery() as nursery:
                for _ in range(mounts):
                    nursery.start_soon(Mount(Pace(limit), sent, waits).run)

    trio.run(hours, clock=MockClock(autojump_threshold=0))
    return sent, waits
