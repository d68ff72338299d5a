"""The plot of the last hour."""

from __future__ import annotations

import re

import pytest

from notionfs.ui.html import join, tag
from notionfs.ui.plot import HEIGHT, WIDTH, plot, requests_per_minute


def test_a_point_is_what_left_in_the_minute_before() -> None:
    """So that it can be compared with the limit, which is one for any minute."""
    assert requests_per_minute([1, 2, 3, 4, 5, 6, 7, 8], 10) == [1, 3, 6, 10, 15, 21, 27, 33]


@pytest.mark.parametrize("counts", [[0] * 360, [30] * 360, [0] * 359 + [5000]])
@pytest.mark.parametrize("limit", [180, 1, None])
def test_everything_is_inside_the_picture(counts: list[int], limit: int | None) -> None:
    """Whatever the numbers are."""
    drawn = plot({"counts": counts, "seconds": 10.0, "limit": limit})
    points = re.findall(r"[ML]([\d.-]+) ([\d.-]+)", drawn)
    assert len(points) > 2 * 360
    assert all(0 <= float(x) <= WIDTH and 0 <= float(y) <= HEIGHT for x, y in points)
    assert ("limit" in drawn) == (limit is not None)


def test_what_is_no_markup_is_escaped() -> None:
    """In text and in attributes."""
    shown = tag("p", '<b>&"', ["x", None, tag("i", "y")], title='"><script>', hidden=False)
    assert shown == ('<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&quot;x<i>y</i></p>')
    assert join(["<", tag("i", ">")]) == "&lt;<i>&gt;</i>"
