"""A served demo workspace; whatever a judge makes it answer is held to Notion's description."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notionfs.simulator import Simulator

from .differences import unexplained
from .schema import DESCRIPTION
from .served import Served

NOW = 1_781_000_000.0  # 2026-06-09T10:13:20Z


@pytest.fixture(params=["demo"])
def served(request: pytest.FixtureRequest) -> Iterator[Served]:
    """The demo workspace on loopback, or another one with `indirect` parameters."""
    simulator = Simulator(seed=request.param, clock=lambda: NOW)
    served = Served(simulator)
    with served.running():
        yield served
    if DESCRIPTION.is_file():
        assert not unexplained(served.exchanges)
