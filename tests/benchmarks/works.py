"""The works: what programs do all day, the same on every file system.

A work returns nothing and is timed as a whole, or returns the seconds of each of its steps, of
which the median counts.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.notion import BIG
from tests.benchmarks.stage import Subject, drop_caches

CACHED, UNCACHED = "trivial, cached", "trivial, uncached"
WORD = "harbor candle"
SAVES = 50
SIDE_FILES = 200
OPENED = 2000


@dataclass(frozen=True)
class Work:
    """A work, what it is compared with, and how many times slower than that it may be."""

    name: str
    do: Callable[[Subject], list[float] | None]
    beside: str = CACHED
    goal: float = 1.15
    seconds: float | None = None
    prepare: Callable[[], None] | None = None


def _run(*words: str | Path) -> None:
    subprocess.run(
        [os.fspath(word) for word in words], stdout=subprocess.DEVNULL, check=False, cwd="/"
    )


def _rows(subject: Subject) -> Path:
    return subject.space / "bulk-rows"


def _pages(subject: Subject, count: int) -> Sequence[str]:
    """Return the paths of so many rows, if there are, without asking the file system."""
    folder, count = _rows(subject), min(count, subject.rows)
    return [os.fspath(folder / f"row-{n:06d}.md") for n in range(count)]


def _stat(paths: Sequence[str]) -> None:
    for path in paths:
        os.stat(path)  # noqa: PTH116  (a Path costs more than the call)


def stat_storm(subject: Subject) -> None:
    """`stat` of 2,000 files, ten times."""
    paths = _pages(subject, OPENED)
    for _ in range(10):
        _stat(paths)


def first_stat(subject: Subject) -> None:
    """`stat` of 2,000 files that the kernel does not know."""
    _stat(_pages(subject, OPENED))


def open_read_close(subject: Subject) -> None:
    """Open, read and close 2,000 files of about 4 KiB."""
    for path in _pages(subject, OPENED):
        descriptor = os.open(path, os.O_RDONLY)
        os.read(descriptor, 1 << 16)
        os.close(descriptor)


def cat(subject: Subject) -> list[float]:
    """Open, read and close one file after the other; the time of one."""
    found = []
    for path in _pages(subject, OPENED)[-200:]:
        started = time.perf_counter()
        descriptor = os.open(path, os.O_RDONLY)
        os.read(descriptor, 1 << 16)
        os.close(descriptor)
        found.append(time.perf_counter() - started)
    return found


def read_large(subject: Subject) -> None:
    """Read a page of about a megabyte from start to end, ten times."""
    path = subject.space / (BIG.lower().replace(" ", "-") + ".md")
    for _ in range(10):
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 17):
                pass


def list_names(subject: Subject) -> None:
    """Read the names of a directory of all rows."""
    os.listdir(_rows(subject))  # noqa: PTH208  (as above)


def side_files(subject: Subject) -> list[float]:
    """Create, write, append to, rename and remove a side file; the time of one."""
    found = []
    for n in range(SIDE_FILES):
        path, other = _rows(subject) / f".side-{n}.swp", _rows(subject) / f".side-{n}.swo"
        started = time.perf_counter()
        path.write_bytes(b"x" * 4096)
        with path.open("ab") as file:
            file.write(b"more\n")
        path.rename(other)
        other.unlink()
        found.append(time.perf_counter() - started)
    return found


def save(subject: Subject) -> list[float]:
    """Save as nano does: truncate, write, fsync, close; the time of one."""
    found = []
    for path in map(Path, _pages(subject, SAVES)):
        text = path.read_bytes() + f"\nA line at {time.monotonic_ns()}.\n".encode()
        started = time.perf_counter()
        with path.open("wb", buffering=0) as file:
            file.write(text)
            os.fsync(file.fileno())
        found.append(time.perf_counter() - started)
    return found


def save_by_renaming(subject: Subject) -> list[float]:
    """Save as vim does: rename away, create, write, fsync, close, remove the backup."""
    found = []
    for path in map(Path, _pages(subject, SAVES)):
        backup = path.with_name(path.name + "~")
        text = path.read_bytes() + f"\nA line at {time.monotonic_ns()}.\n".encode()
        started = time.perf_counter()
        path.rename(backup)
        with path.open("wb", buffering=0) as file:
            file.write(text)
            os.fsync(file.fileno())
        backup.unlink()
        found.append(time.perf_counter() - started)
    return found


WORKS: Sequence[Work] = (
    Work("stat", stat_storm),
    Work("find", lambda s: _run("find", s.root)),
    Work("readdir", list_names),
    Work("ls -l", lambda s: _run("ls", "-l", _rows(s)), seconds=0.3),
    Work("ls -lR", lambda s: _run("ls", "-lR", s.space)),
    Work("grep -r, again", lambda s: _run("grep", "-r", WORD, s.space), seconds=4.0),
    Work("rg, again", lambda s: _run("rg", "-uu", WORD, s.space)),
    Work("open+read+close", open_read_close),
    Work("cat", cat, seconds=0.002),
    Work("read 1 MB", read_large),
    Work("first stat", first_stat, UNCACHED, 2.0, prepare=drop_caches),
    Work("first readdir", list_names, UNCACHED, 2.0, prepare=drop_caches),
    Work("first ls -l", lambda s: _run("ls", "-l", _rows(s)), UNCACHED, 2.0, prepare=drop_caches),
    Work(
        "first grep -r",
        lambda s: _run("grep", "-r", WORD, s.space),
        UNCACHED,
        2.0,
        prepare=drop_caches,
    ),
    Work("side file", side_files, UNCACHED, 2.0),
    Work("save (nano)", save, CACHED, float("inf"), seconds=0.005),
    Work("save (vim)", save_by_renaming, CACHED, float("inf")),
)
