"""Random programs keep every promise; every program that once broke one is kept by its name."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.model.cases import CASES
from tests.model.game import run
from tests.model.steps import Program, programs


@given(programs(4))
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,  # `python -m tests.model` looks for new ones
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink),
)
def test_random_work_keeps_every_promise(program: Program) -> None:
    """Nothing lost, nothing doubled, nothing trashed, ids and bytes as they were."""
    run(program)


@pytest.mark.parametrize("polls", [False, True])
@pytest.mark.parametrize("name", CASES)
def test_what_was_found_stays_fixed(name: str, polls: bool) -> None:
    """Each case once broke a promise; what it was is its name."""
    run(Program(CASES[name], polls))
