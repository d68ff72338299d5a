"""What a large workspace costs: the first tree, the next start, a full `find`, a refresh."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from contextlib import closing
from itertools import islice
from pathlib import Path

from notionfs.simulator.seeds.bulk import bulk_id
from tests.benchmarks.lateness import Idle, idle_loop
from tests.benchmarks.notion import Notion
from tests.benchmarks.report import say
from tests.benchmarks.stage import Mounted, directory, mount, notion, wait_for
from tests.benchmarks.tables import table

_FLAGS = ("--rate-limit", "off", "--prefetch", "off")
CHANGES = 1000
SOME = 500

Figures = dict[str, str]


def run(sizes: list[int]) -> None:
    """Measure each size, and print one column for each."""
    columns = [_measure(size) for size in sizes]
    say("\n## Scale: rows in 50 databases and pages in folders of a hundred, half and half\n")
    heads = ["", *(f"{size:,} pages" for size in sizes)]
    rows = [(name, *(column[name] for column in columns)) for name in columns[0]]
    say(table(heads, rows))


def _measure(size: int) -> Figures:
    with (
        directory() as home,
        notion(pages=size // 2, rows=size // 2, blocks=36, databases=50) as served,
        idle_loop(home) as idle,
    ):
        return {
            **_first_tree(home, served, idle, size),
            **_next_start(home, served),
            **_refresh(home, served, idle),
            **_bodies(home, served, size),
        }


def _first_tree(home: Path, served: Notion, idle: Idle, size: int) -> Figures:
    served.reset()
    idle.begin()
    with mount(home, served, *_FLAGS, "--poll", "off") as mounted:
        mounted.await_tree()
        spent = mounted.cpu()
        found = {
            "first tree, calls": f"{served.calls():,}",
            "first tree, CPU": f"{spent:.1f} s",
            "first tree, CPU a page": f"{spent / size * 1e3:.2f} ms",
            "first tree, event loop late (99 of 100)": idle.beside(mounted),
        }
        started = time.perf_counter()
        count = _find(mounted)
        return found | {
            "full find": f"{time.perf_counter() - started:.2f} s, {count:,} names",
            "memory after it": f"{mounted.resident():.0f} MiB",
            "find, event loop late (99 of 100)": idle.beside(mounted),
            "store": f"{mounted.store_size() / size / 1024:.1f} KiB a page",
        }


def _next_start(home: Path, served: Notion) -> Figures:
    times, spent = [], []
    for _ in range(3):
        with mount(home, served, *_FLAGS, "--poll", "off") as mounted:
            times.append(mounted.started)
            spent.append(mounted.cpu())
    with mount(home, served, *_FLAGS, "--poll", "off") as mounted:
        _find(mounted)
        resident = mounted.resident()
    return {
        "start with a full store": f"{min(times):.2f} s, CPU {min(spent):.2f} s",
        "memory after a full find then": f"{resident:.0f} MiB",
    }


def _refresh(home: Path, served: Notion, idle: Idle) -> Figures:
    with mount(home, served, *_FLAGS, "--poll", "1") as mounted:
        mounted.await_tree()
        served.advance(600)
        for number in range(CHANGES):
            served.edit(bulk_id(2, number), f"Changed {number:06d}")
        last = f"changed-{CHANGES - 1:06d}.md"
        before = mounted.cpu()
        folders = [p for p in mounted.space.iterdir() if p.name.startswith("bulk-rows")]
        idle.begin(mounted)
        wait_for(lambda: any((p / last).exists() for p in folders), "the changes", 120)
        time.sleep(3)
        return {
            f"refresh with {CHANGES:,} changes, CPU": f"{mounted.cpu() - before:.1f} s",
            "refresh, event loop late (99 of 100)": idle.beside(mounted),
        }


def _bodies(home: Path, served: Notion, size: int) -> Figures:
    before = _used(home)
    with mount(home, served, *_FLAGS, "--poll", "off") as mounted:
        walk = os.walk(mounted.space)
        files = (Path(at) / name for at, _, names in walk for name in names if ".md" in name)
        paths = list(islice(files, SOME))
        spent = mounted.cpu()
        for path in paths:
            path.read_bytes()
        spent = mounted.cpu() - spent
    grown = (_used(home) - before) / len(paths) / 1024
    return {
        "reading a page, CPU": f"{spent / len(paths) * 1e3:.1f} ms",
        "store, for a body of 4 KB": f"{grown:.1f} KiB",
    }


def _used(home: Path) -> int:
    """Return the bytes in use in a store that nobody has open."""
    (path,) = home.rglob("store.sqlite")
    with closing(sqlite3.connect(path)) as db:
        pages, free, size = (
            db.execute(f"PRAGMA {what}").fetchone()[0]
            for what in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


def _find(mounted: Mounted) -> int:
    found = subprocess.run(["find", mounted.path], capture_output=True, check=True, cwd="/").stdout
    return found.count(b"\n")
