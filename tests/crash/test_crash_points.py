"""Killed at any point: the store is whole, what close reported is there, Notion has it once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.crash.dying import FEWER, count_points, die_at

GROUPS = 8
STRIDE = 3
"""Every third point here, all of them with `python -m tests.crash`."""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    directory = tmp_path_factory.mktemp("crash")
    return directory, count_points(directory)


def test_there_is_a_point_on_either_side_of_whatever_lasts(
    prepared: tuple[Path, list[str]],
) -> None:
    """A test that kills between steps proves something only if the steps are seen."""
    kinds = Counter(what.split()[0] for what in prepared[1])
    assert kinds["BEGIN"] == kinds["COMMIT"] > 30
    assert kinds["request"] == kinds["applied"] > 10


@pytest.mark.parametrize("group", range(GROUPS))
def test_a_crash_at_any_point_loses_and_repeats_nothing(
    prepared: tuple[Path, list[str]], group: int
) -> None:
    directory, passed = prepared
    for point in range(group * STRIDE, len(passed), GROUPS * STRIDE):
        die_at(directory, point, may_end=point >= len(passed) - FEWER)
