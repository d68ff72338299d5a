"""Where the works are done: a Notion, its mount, two trivial mounts and a copy in memory."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notionfs.fuse.session import is_mounted
from tests.benchmarks.notion import TOKEN, Notion

_CODE = Path(__file__).parents[2]
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")
PATIENCE = 1800.0

Seen = dict[str, list[int]]
"""What the watch of a loop saw, in microseconds, sorted: `late` and `turns` (`watch.py`)."""


def wait_for(
    condition: Callable[[], bool], what: str, timeout: float = PATIENCE, pause: float = 0.05
) -> None:
    """Return when *condition* holds."""
    until = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(pause)


@contextmanager
def running(*words: str | Path, **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Run a Python module of this tree while the block runs."""
    process = subprocess.Popen(
        [sys.executable, "-m", *map(os.fspath, words)], cwd=_CODE, text=True, **options
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def seen_by(process: subprocess.Popen[str], watch: Path) -> Seen:
    """Return what the watch of a loop saw since the last call, sorted (`watch.py`)."""
    watch.unlink(missing_ok=True)
    process.send_signal(signal.SIGUSR2)
    wait_for(watch.exists, "the watch did not answer", 60)
    seen: Seen = json.loads(watch.read_text())
    return {what: sorted(values) for what, values in seen.items()}


@contextmanager
def notion(**sizes: int | str | bool) -> Iterator[Notion]:
    """Serve a simulated Notion of those sizes; the names are flags of `notion.py`."""
    words = [w for k, v in sizes.items() for w in ([f"--{k}"] if v is True else [f"--{k}", str(v)])]
    with running("tests.benchmarks.notion", *words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Notion(json.loads(process.stdout.readline())["port"])


@dataclass
class Mounted:
    """A running `notionfs mount` and what it costs."""

    path: Path
    home: Path
    process: subprocess.Popen[str]
    started: float  # seconds until it answered

    @property
    def space(self) -> Path:
        """The directory of the workspace."""
        return next(p for p in self.path.iterdir() if not p.name.startswith("."))

    @property
    def status(self) -> Mapping[str, Any]:
        """What `.notionfs/status.json` says."""
        return dict(json.loads((self.path / ".notionfs" / "status.json").read_text()))

    def cpu(self) -> float:
        """Return the seconds of CPU it has used."""
        facts = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(facts[11]) + int(facts[12])) / _TICKS

    def resident(self) -> float:
        """Return the MiB of memory it occupies."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * _PAGE / 2**20

    def store_size(self) -> int:
        """Return the bytes of its store."""
        return sum(p.stat().st_size for p in self.home.rglob("store.sqlite*"))

    def seen(self) -> Seen:
        """Return how late its loop was since the last call, and what its turns cost."""
        return seen_by(self.process, self.home / "watch")

    def await_tree(self) -> None:
        """Return when everything was scanned once."""
        wait_for(lambda: self.status["last_refresh"] is not None, "the first scan", pause=1.0)

    def await_bodies(self) -> None:
        """Return when every page was read."""
        wait_for(lambda: self.status["unread"] == 0, "the background fill", pause=0.5)


def environment(home: Path) -> dict[str, str]:
    """Return an environment in which nothing of the user's is touched.

    What Python compiled is kept, as where the program is installed: it makes half of a start.
    """
    for name in ("run", "config", "state"):
        (home / name).mkdir(mode=0o700, exist_ok=True)
    around = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {
        **around,
        "PYTHONPYCACHEPREFIX": str(home / "compiled"),
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_STATE_HOME": str(home / "state"),
        "NOTION_TOKEN": TOKEN,
        "NOTIONFS_WATCH": str(home / "watch"),
        "LC_ALL": "C.UTF-8",
    }


@contextmanager
def mount(
    home: Path, notion: Notion, *flags: str, config: str = "", watch: str = "always"
) -> Iterator[Mounted]:
    """Mount what *notion* has while the block runs; the store in *home* stays.

    With *watch* `asked` the loop is not watched before somebody asks what was seen.
    """
    path, ready = home / "mnt", time.monotonic()
    path.mkdir(exist_ok=True)
    own = {**environment(home), "NOTIONFS_WATCH_WHEN": watch}
    (home / "config" / "notionfs").mkdir(exist_ok=True)
    (home / "config" / "notionfs" / "config.toml").write_text(config)
    words = ("mount", "-f", "--base-url", notion.url, *flags, path)
    log = (home / "screen.log").open("a")
    with log, running("tests.benchmarks.watched", *words, env=own, stderr=log) as process:
        wait_for(lambda: is_mounted(path) or process.poll() is not None, "the mount", 120)
        if process.poll() is not None:
            raise RuntimeError((home / "screen.log").read_text())
        path.stat()
        yield Mounted(path, home, process, time.monotonic() - ready)


@dataclass
class Subject:
    """Something to compare: its name, the root of its tree, and how late its loop was."""

    name: str
    root: Path
    rows: int
    seen: Callable[[], Seen] = dict
    space: Path = field(init=False)

    def __post_init__(self) -> None:
        self.space = next(p for p in self.root.iterdir() if not p.name.startswith("."))


@contextmanager
def plain(source: Path, mountpoint: Path, *flags: str) -> Iterator[Callable[[], Seen]]:
    """Mount the trivial file system with a copy of *source*; yields how late its loop was."""
    mountpoint.mkdir()
    watch = mountpoint.with_suffix(".watch")
    own = {**os.environ, "NOTIONFS_WATCH": str(watch), "NOTIONFS_WATCH_WHEN": "asked"}
    with running("tests.benchmarks.plain", source, mountpoint, *flags, env=own) as process:
        wait_for(lambda: is_mounted(mountpoint), "the trivial mount", 120)
        yield lambda: seen_by(process, watch)


@contextmanager
def directory() -> Iterator[Path]:
    """Yield a new directory outside the system's temporary one, where editors behave otherwise."""
    base = Path(tempfile.mkdtemp(prefix="notionfs-bench-", dir="/var/tmp"))
    try:
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


@contextmanager
def subjects(rows: int) -> Iterator[tuple[Mounted, list[Subject]]]:
    """Yield notionfs with *rows* pages read, the trivial one cached and uncached, and tmpfs."""
    with ExitStack() as stack:
        home = stack.enter_context(directory())
        served = stack.enter_context(notion(rows=rows, blocks=36, big=True))
        flags = ("--rate-limit", "off", "--poll", "off")
        mounted = stack.enter_context(
            mount(home, served, *flags, config="quiet = 3600\n", watch="asked")
        )
        mounted.await_tree()
        mounted.await_bodies()
        copy = Path(tempfile.mkdtemp(prefix="notionfs-bench-", dir="/dev/shm"))
        stack.callback(shutil.rmtree, copy, ignore_errors=True)
        shutil.copytree(mounted.path, copy, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["chmod", "-R", "u+w", copy], check=True)
        found = [Subject("notionfs", mounted.path, rows, mounted.seen)]
        for name, flag in (("trivial, cached", ()), ("trivial, uncached", ("--uncached",))):
            seen = stack.enter_context(plain(copy, home / name, *flag))
            found.append(Subject(name, home / name, rows, seen))
        yield mounted, [*found, Subject("tmpfs", copy, rows)]


def drop_caches() -> None:
    """Let the kernel forget names, attributes and contents; only root may ask for it."""
    Path("/proc/sys/vm/drop_caches").write_text("3")
