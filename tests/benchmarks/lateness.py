"""What the watch of an event loop saw (`watch.py`), and one beside it that has nothing to do."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.stage import Mounted, running, seen_by


@dataclass(frozen=True)
class Idle:
    """An event loop with nothing to do: it is late whenever the machine is."""

    process: subprocess.Popen[str]
    watch: Path

    def begin(self, mounted: Mounted | None = None) -> None:
        """Begin anew, with *mounted* if that is up already."""
        seen_by(self.process, self.watch)
        if mounted is not None:
            mounted.seen()

    def beside(self, mounted: Mounted) -> str:
        """Say how late both loops were since the last call, and the CPU of a turn of ours."""
        seen, floor = mounted.seen(), seen_by(self.process, self.watch)
        late, turns = seen["late"], seen["turns"]
        return (
            f"{_most(late)} ms, worst {late[-1] / 1000:.0f} ms; an idle one {_most(floor['late'])}"
            f" ms; CPU of a turn {_most(turns)} ms"
        )


@contextmanager
def idle_loop(home: Path) -> Iterator[Idle]:
    """Run one while the block runs."""
    watch = home / "idle"
    environment = {**os.environ, "NOTIONFS_WATCH": os.fspath(watch)}
    with running("tests.benchmarks.watch", env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # it can be asked from now on
        yield Idle(process, watch)


def _most(values: Sequence[int]) -> str:
    """Return what 99 of 100 do not exceed, in milliseconds."""
    return f"{values[len(values) * 99 // 100] / 1000:.1f}"
