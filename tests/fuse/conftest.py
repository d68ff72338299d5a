"""A workspace that waits to be mounted, for tests that start and end mounts themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fuse.bench import Bench, opened
from tests.fuse.trouble import DEADLINE, workspace


@pytest.fixture
def bench() -> Iterator[Bench]:
    with opened(workspace(), start=False, config=f"open_timeout = {DEADLINE}\n") as bench:
        yield bench
