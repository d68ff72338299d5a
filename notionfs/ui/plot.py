"""The last hour of requests against the budget, as a small picture. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from notionfs.ui.html import Markup, tag
from notionfs.words import amount

WIDTH, HEIGHT = 720, 160
_LEFT, _TOP, _BOTTOM = 36, 10, 20


def requests_per_minute(counts: Sequence[int], seconds: float) -> list[int]:
    """Return for each slot how many requests left in the minute that ends with it."""
    slots = max(1, round(60 / seconds))
    sums = [0, *accumulate(counts)]
    return [sums[n] - sums[max(0, n - slots)] for n in range(1, len(sums))]


def plot(pace: Mapping[str, Any]) -> Markup:
    """Draw a mount's answer to `pace`; the picture says in words what it shows, too."""
    values = requests_per_minute(pace["counts"], pace["seconds"])
    limit: int | None = pace.get("limit")
    top = _round_up(max([*values, limit or 0, 10]))
    drawn = [
        tag("title", _in_words(values, limit)),
        *_grid(top),
        tag("path", d=_area(values, top), class_="area"),
        tag("path", d=_line(values, top), class_="line"),
    ]
    if limit is not None:
        drawn += [
            tag("line", x1=_LEFT, x2=WIDTH, y1=_y(limit, top), y2=_y(limit, top), class_="limit"),
            tag("text", f"limit {limit}", x=_LEFT + 6, y=_y(limit, top) + 13, class_="start"),
        ]
    box = f"0 0 {WIDTH} {HEIGHT}"
    return tag("svg", drawn, viewBox=box, role="img", class_="plot", xmlns=_SVG)


_SVG = "http://www.w3.org/2000/svg"


def _in_words(values: Sequence[int], limit: int | None) -> str:
    most, last = max(values, default=0), values[-1] if values else 0
    of = f" of {limit}" if limit else ""
    return (
        f"Requests in any 60 seconds of the last hour: {amount(last, 'request')}{of} now, "
        f"{most:,} at most."
    )


def _round_up(value: int) -> int:
    step = 10 ** max(0, len(str(value)) - 2) * 5
    return int(-(-value // step) * step)


def _grid(top: int) -> list[Markup]:
    lines = []
    for value in (0, top // 2, top):
        y = _y(value, top)
        lines.append(tag("line", x1=_LEFT, x2=WIDTH, y1=y, y2=y, class_="grid"))
        lines.append(tag("text", f"{value:,}", x=_LEFT - 5, y=y + 4, class_="end"))
    for words, x, side in (
        ("1 h ago", _LEFT, "start"),
        ("30 min ago", (WIDTH + _LEFT) // 2, "middle"),
        ("now", WIDTH, "end"),
    ):
        lines.append(tag("text", words, x=x, y=HEIGHT - 4, class_=side))
    return lines


def _y(value: float, top: int) -> float:
    room = HEIGHT - _TOP - _BOTTOM
    return round(_TOP + room * (1 - value / top), 1)


def _points(values: Sequence[int], top: int) -> list[str]:
    step = (WIDTH - _LEFT) / max(1, len(values) - 1)
    return [f"{_LEFT + n * step:.1f} {_y(value, top)}" for n, value in enumerate(values)]


def _line(values: Sequence[int], top: int) -> str:
    return "M" + "L".join(_points(values, top))


def _area(values: Sequence[int], top: int) -> str:
    floor = _y(0, top)
    return f"{_line(values, top)}L{WIDTH} {floor}L{_LEFT} {floor}Z"
