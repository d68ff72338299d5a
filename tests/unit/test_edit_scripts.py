"""A sample of the random edits that `python -m tests.benchmarks.bodies` makes by thousands."""

from __future__ import annotations

from tests.benchmarks.edits import run_scripts


def test_random_edits_leave_every_untouched_block_alone() -> None:
    """All ids stay, nearly every save is one call, and what is sent is near what changed."""
    totals = run_scripts(150, seed=7)
    assert totals.lost == 0
    assert totals.wrong == 0
    assert totals.one_call >= 0.99 * (totals.scripts - totals.removing - totals.cornered)
    assert sorted(totals.ratios)[len(totals.ratios) // 2] < 3
