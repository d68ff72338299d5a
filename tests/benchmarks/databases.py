"""`python -m tests.benchmarks.databases`: a database of many rows, found, listed and rendered.

Everything runs in one process, without a kernel and without latency; the figures hold the
simulator's own time, which is shown beside them. What the kernel adds to a listing is in `warm`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import trio

from notionfs.markdown.document import render_document
from notionfs.model import Body, DatabaseId
from notionfs.simulator import Simulator
from notionfs.sync.references import StoreReferences
from tests.benchmarks.report import say
from tests.benchmarks.tables import seconds, table
from tests.desk import Desk, open_desk

_PAGE = os.sysconf("SC_PAGE_SIZE")
_STATES = ("Not started", "In progress", "Done")
COLUMNS = {
    "Status": "status",
    "Tags": {"multi_select": {"options": [{"name": "backend"}, {"name": "docs"}]}},
    "Points": "number",
    "Due": "date",
    "Note": "rich_text",
    "Link": "url",
    "Done": "checkbox",
    "ID": {"unique_id": "ROW"},
    "Made": "created_time",
}


def plant(simulator: Simulator, shares: list[int]) -> str:
    """Add a database with a data source for each share of rows; returns its id."""
    sources = {f"Source {n}": COLUMNS for n in range(len(shares))}
    database_id, ids = simulator.add_database("Table", sources=sources)
    begin = simulator.world.now - 86_400 * 30
    for source, share in zip(ids, shares, strict=True):
        for n in range(share):
            values = {
                "Status": _STATES[n % 3],
                "Tags": ["backend"] if n % 2 else ["backend", "docs"],
                "Points": n,
                "Due": "2026-01-15",
                "Note": f"Row {n} has some text in it, and a *star*."
                if n % 4
                else f"Row {n}, plainly.",
                "Link": f"https://example.com/{n}",
                "Done": n % 5 == 0,
            }
            simulator.add_page(f"Row {n}", parent=source, properties=values, created=begin + n)
    return database_id


class Clock:
    """Time and calls that a block took."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self.lines: list[tuple[str, str, str, str]] = []

    @contextmanager
    def measured(
        self, what: str, goal: str = "", *, without_search: bool = False
    ) -> Iterator[None]:
        """Note what the block took in a line of the table."""
        self._simulator.reset_counts()
        started = time.perf_counter()
        yield
        spent = time.perf_counter() - started
        calls = self._simulator.count() - self._simulator.count("search") * without_search
        self.lines.append((what, seconds(spent), f"{calls:,}", goal))


def resident() -> float:
    """Return the MiB of memory that this process occupies."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE / 2**20


async def discover(simulator: Simulator, database_id: str, clock: Clock, calls: int) -> None:
    """Find a database that nothing is known of, as `sync` of its folder does."""
    simulator.fail_next(operation="search", status=503, times=1000)
    with tempfile.TemporaryDirectory() as state:
        async with open_desk(simulator, Path(state), refreshed=False, rate_limit=None) as desk:
            with clock.measured(
                "discovery: container, schemas, rows", f"{calls} calls, 3 s", without_search=True
            ):
                await desk.engine.sources.list_rows(DatabaseId(database_id))
    simulator.heal()


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
    third = rows // 3
    shares = [third, third, rows - 2 * third]
    simulator = Simulator()
    database_id = plant(simulator, shares)
    clock = Clock(simulator)
    calls = 1 + len(shares) + sum(-(-share // 100) for share in shares)
    reference(simulator, clock)
    await discover(simulator, database_id, clock, calls)
    with tempfile.TemporaryDirectory() as state:
        await first_tree(simulator, clock, Path(state), rows)
    say(f"## A database of {rows:,} rows in {len(shares)} data sources\n")
    say(table(("work", "time", "calls", "goal"), clock.lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.databases")
    parser.add_argument("--rows", type=int, default=10_000)
    trio.run(main, parser.parse_args().rows)
