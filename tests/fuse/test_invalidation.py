"""News reaches the kernel while requests are in flight, and never stops the mount.

The kernel holds a lock of the file or directory for as long as a request about it is unanswered. A
notification that needs this lock, sent by whoever should answer, would stop everything for ever.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

HERE = Path(__file__).parent
PAGES = 4
ROUNDS = 4
FOREVER = 60.0


@pytest.fixture
def bench() -> Iterator[Bench]:
    sim = Simulator()
    home = sim.add_page("Home", parent="workspace")
    for n in range(PAGES):
        sim.add_page(f"Page {n}", parent=home, markdown=f"Version 0 of {n}.\n")
    with opened(sim, start=False) as bench:
        done = bench.start(program=[str(HERE / "slowly.py")])
        assert done.code == 0, done.err
        yield bench


@contextmanager
def watchdog(mountpoint: Path, seconds: float) -> Iterator[None]:
    """Cut the kernel's connection if the block is not over in time: a stopped mount cannot be
    killed, and everything that waits for it neither."""
    device = os.minor(mountpoint.stat().st_dev)
    barked = threading.Event()

    def bark() -> None:
        barked.set()
        with suppress(OSError):  # without rights nothing frees it
            Path(f"/sys/fs/fuse/connections/{device}/abort").write_text("1")

    timer = threading.Timer(seconds, bark)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        assert not barked.is_set(), "the mount stopped: a notification waited for an answer"


@contextmanager
def busily(*works: Callable[[], object]) -> Iterator[None]:
    """Do *works* again and again in threads while the block runs; files may come and go."""
    stop = threading.Event()

    def repeat(work: Callable[[], object]) -> None:
        while not stop.is_set():
            try:
                work()
            except FileNotFoundError:
                time.sleep(0.01)

    threads = [threading.Thread(target=repeat, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(FOREVER)


def reader(folder: Path, name: str) -> Callable[[], object]:
    """Read past the kernel's cache, so that requests are in flight all the time."""

    def read() -> None:
        fd = os.open(folder / name, os.O_RDONLY)
        try:
            os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            while os.read(fd, 64):
                pass
        finally:
            os.close(fd)

    return read


def test_news_under_load_never_stops_the_mount(bench: Bench) -> None:
    """New bytes, new names and vanished names of files that are being read and looked up."""
    folder, sim = bench.path / "acme" / "home", bench.sim

    def look_around() -> None:
        for file in list(folder.iterdir()):
            file.stat()
        assert not (folder / f"missing-{time.monotonic_ns()}.md").exists()

    def make_and_remove() -> None:
        (folder / "side.txt").write_text("x")
        (folder / "side.txt").unlink()

    # Several for each file: one opens it anew while another waits for its bytes.
    works = [reader(folder, f"page-{n}.md") for n in range(PAGES - 1) for _ in range(4)]
    with watchdog(bench.path, FOREVER), busily(*works, look_around, make_and_remove):
        for version in range(1, ROUNDS + 1):
            bench.look(sim.advance, 120.0)
            for n in range(PAGES - 1):
                bench.look(sim.edit_markdown, sim.find(f"Page {n}"), f"Version {version} of {n}.")
            last = sim.find(f"Last {version - 1}" if version > 1 else f"Page {PAGES - 1}")
            bench.look(sim.edit_title, last, f"Last {version}")
            assert bench.notionfs("sync", str(bench.path)).code == 0
        bench.look(sim.trash, sim.find(f"Last {ROUNDS}"))
        assert bench.notionfs("sync", str(bench.path)).code == 0
        assert bench.run("timeout", "20", "ls", folder).code == 0
    assert sorted(p.name for p in folder.glob("*.md")) == [f"page-{n}.md" for n in range(PAGES - 1)]
    for n in range(PAGES - 1):
        assert f"Version {ROUNDS} of {n}." in (folder / f"page-{n}.md").read_text()
    assert "Traceback" not in bench.mount.log
