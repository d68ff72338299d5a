"""`python -m tests.benchmarks.databases`: a database of many rows, found, listed and rendered.

Everything runs without a kernel and without latency. Where the simulator runs in the same process,
the figures hold its own time, shown beside them; once it runs in its own, as a server does.
What the kernel adds to a listing is in `warm`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import trio

from notionfs.api.client import Client
from notionfs.api.pacing import Pace
from notionfs.app import build_engine, identify
from notionfs.markdown.document import render_document
from notionfs.model import Body, DatabaseId, DataSource
from notionfs.simulator import Simulator
from notionfs.store.store import Store
from notionfs.sync.context import NewsQueue
from notionfs.sync.references import StoreReferences
from tests.benchmarks.notion import TOKEN
from tests.benchmarks.planted import plant, thirds
from tests.benchmarks.report import say
from tests.benchmarks.stage import notion
from tests.benchmarks.tables import seconds, table
from tests.desk import Desk, open_desk, settings_for

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Clock:
    """Time and calls that a block took."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.lines: list[tuple[str, str, str, str]] = []

    @contextmanager
    def measured(
        self,
        what: str,
        goal: str = "",
        *,
        without_search: bool = False,
        called: Callable[[], int] | None = None,
    ) -> Iterator[None]:
        """Note what the block took in a line of the table; *called*: calls counted elsewhere."""
        self._simulator.reset_counts()
        started = time.perf_counter()
        yield
        spent = time.perf_counter() - started
        calls = self._simulator.count() - self._simulator.count("search") * without_search
        calls = calls if called is None else called()
        self.lines.append((what, seconds(spent), f"{calls:,}", goal))


def resident() -> float:
    """Return the MiB of memory that this process occupies."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20


async def discover(
    simulator: Simulator, database_id: str, clock: Clock, what: str, goal: str
) -> None:
    """Find a database that nothing is known of, as `sync` of its folder does."""
    simulator.fail_next(operation="search", status=503, times=1000)
    with tempfile.TemporaryDirectory() as state:
        async with open_desk(simulator, Path(state), refreshed=False, rate_limit=None) as desk:
            with clock.measured(what, goal, without_search=True):
                await desk.engine.sources.list_rows(DatabaseId(database_id))
    simulator.heal()


async def discover_clashing(shares: list[int], clock: Clock, goal: str) -> None:
    """As `discover`, where every title stands in each data source."""
    simulator = Simulator()
    database_id = plant(simulator, shares, clashing=True)
    counts = Clock(simulator)
    await discover(simulator, database_id, counts, "the same, each title in all sources", goal)
    clock.lines += counts.lines


async def discover_apart(rows: int, clock: Clock, calls: int) -> None:
    """As `discover`, from a Notion in a process of its own."""
    with notion(table=rows) as served, tempfile.TemporaryDirectory() as state:
        settings = settings_for(Path(state), rate_limit=None)
        async with Client(TOKEN, base_url=served.url, pace=Pace(None)) as client:
            listing = await client.search(kind="data_source")
            source = listing.results[0]
            assert isinstance(source, DataSource)
            identity = await identify(client, settings)
            store = Store(Path(state) / "store")
            engine = build_engine(settings, client, identity, store, NewsQueue())
            began = time.process_time()
            with clock.measured(
                "the same, Notion in its own process", f"{calls} calls, 3 s", called=served.calls
            ):
                served.reset()
                await engine.sources.list_rows(DatabaseId(source.database_id or ""))
            spent = time.process_time() - began
            clock.lines.append(("of that, our CPU", seconds(spent), "", ""))
            assert store.snapshots.count_pages() == rows
            store.close()


async def first_tree(simulator: Simulator, clock: Clock, state: Path, rows: int) -> None:
    """Find it by search, as a first mount does; then list, render and tabulate it."""
    with clock.measured("first tree by search"):
        async with open_desk(simulator, state, rate_limit=None):
            pass
    async with open_desk(simulator, state, rate_limit=None) as desk:
        with clock.measured("list the folder", "0 calls"):
            shown = await desk.ls("acme/table")
        assert len(shown) == rows + 1
        render_all(desk, clock, rows)
        for name in (".rows.csv", ".rows.jsonl"):
            with clock.measured(f"read {name}", "0 calls"):
                await desk.read(f"acme/table/{name}")


def render_all(desk: Desk, clock: Clock, rows: int) -> None:
    """Render the frontmatter of every row, three times over."""
    store = desk.engine.store
    folder = desk.ino("acme/table")
    memory = []
    for turn in range(3):
        with clock.measured(f"render {rows:,} frontmatters, turn {turn + 1}", "4 s"):
            for source in store.snapshots.list_sources():
                references = StoreReferences(store, folder)
                for file in store.records.list_files(source.id):
                    page = store.snapshots.load_page(file.page_id)
                    assert page is not None
                    render_document(page, Body(""), source, references)
        memory.append(resident())
    clock.lines.append(("memory after the third turn, more than after the first",
                        f"{memory[2] - memory[0]:.1f} MiB", "", "flat"))  # fmt: skip


def reference(simulator: Simulator, clock: Clock) -> None:
    """Measure what the simulator itself needs to show all rows once."""
    with clock.measured("the simulator's part: making the objects of all rows"):
        for page_id in simulator.workspace.pages:
            msgspec.json.encode(simulator.page(page_id))


async def main(rows: int) -> None:
    """Measure and print a table."""
    shares = thirds(rows)
    simulator = Simulator()
    database_id = plant(simulator, shares)
    clock = Clock(simulator)
    calls = 1 + len(shares) + sum(-(-share // 100) for share in shares)
    reference(simulator, clock)
    goal = f"{calls} calls"
    what = "discovery: container, schemas, rows"
    await discover(simulator, database_id, clock, what, f"{goal}, 3 s")
    await discover_clashing(shares, clock, goal)
    await discover_apart(rows, clock, calls)
    with tempfile.TemporaryDirectory() as state:
        await first_tree(simulator, clock, Path(state), rows)
    say(f"## A database of {rows:,} rows in {len(shares)} data sources\n")
    say(table(("work", "time", "calls", "goal"), clock.lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.databases")
    parser.add_argument("--rows", type=int, default=10_000)
    trio.run(main, parser.parse_args().rows)
