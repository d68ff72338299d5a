"""Figures as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


def seconds(value: float) -> str:
    """Return a time in the unit that suits it."""
    scale, unit = next((pair for pair in _UNITS if value >= pair[0]), _UNITS[-1])
    return f"{value / scale:.3g} {unit}"


def spread(values: Sequence[float]) -> str:
    """Return the median of times, with the least and the most."""
    low, high = seconds(min(values)), seconds(max(values))
    return f"**{seconds(median(values))}** ({low} … {high})"


def among(ratios: Sequence[float]) -> str:
    """Return the median of ratios, with the least and the most."""
    return f"**{median(ratios):.2f}** ({min(ratios):.2f} … {max(ratios):.2f})"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; columns after the first stand to the right."""
    marks = ["---", *["---:"] * (len(heads) - 1)]
    lines = [heads, marks, *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines) + "\n"
