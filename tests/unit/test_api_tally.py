"""Counting requests over time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notionfs.api.tally import Tally


def test_requests_are_counted_in_their_slot() -> None:
    """The slot that is going on is the last one."""
    tally = Tally(seconds=10, slots=4)
    tally.note([1.0, 12.0, 13.0, 31.0])
    assert tally.counts(35.0) == [1, 2, 0, 1]
    assert tally.counts(45.0) == [2, 0, 1, 0]


def test_what_is_learned_late_counts_where_it_belongs() -> None:
    """Requests of other processes are heard of afterwards, and a clock may begin at 0."""
    tally = Tally(seconds=10, slots=3)
    tally.note([25.0])
    tally.note([4.0, -3.0])
    assert tally.counts(25.0) == [1, 0, 1]


@given(st.lists(st.floats(0, 10_000), max_size=200))
def test_only_the_last_slots_are_remembered(moments: list[float]) -> None:
    """However long a mount lives, the tally stays small and right."""
    tally = Tally(seconds=10, slots=6)
    for moment in sorted(moments):
        tally.note([moment])
    now = max(moments, default=0.0)
    first = now // 10 - 5
    assert sum(tally.counts(now)) == sum(1 for moment in moments if moment // 10 >= first)
    assert len(tally._counts) <= 6
