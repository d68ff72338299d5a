"""Runs the work in a child that dies at one point, and looks at what the next start makes of it."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import traceback
from pathlib import Path

import trio
from trio.testing import MockClock

from tests.crash.points import DIED, Points
from tests.crash.work import check, prepare, work

FEWER = 8
"""How many points a later run may have less: the transactions of a listing depend on time."""


def count_points(directory: Path) -> list[str]:
    """Prepare *directory*, do the work once without dying, and return the points passed."""
    prepare(directory)
    points = Points()
    with tempfile.TemporaryDirectory() as other:
        copy = shutil.copytree(directory, Path(other) / "work")
        trio.run(work, copy, points, clock=MockClock(autojump_threshold=0))
        trio.run(check, copy, clock=MockClock(autojump_threshold=0))
    return points.passed


def die_at(directory: Path, point: int, *, may_end: bool = False) -> None:
    """Do the work in a child that ends at *point*; start again, and check.

    It *may end* before one of the last `FEWER` points.
    """
    with tempfile.TemporaryDirectory() as other:
        copy = shutil.copytree(directory, Path(other) / "work")
        code = _in_child(copy, point)
        assert code == DIED or (may_end and code == 0), (
            f"the child ended with {code}, not at point {point}"
        )
        trio.run(check, copy, clock=MockClock(autojump_threshold=0))


def _in_child(directory: Path, point: int) -> int:
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        trio.run(work, directory, Points(point), clock=MockClock(autojump_threshold=0))
        os._exit(0)
    except BaseException:
        traceback.print_exc(file=sys.stderr)
        os._exit(1)
