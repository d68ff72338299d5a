"""What formulas compute with: dates, truth, operators and the table of functions."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from notionfs.simulator.clock import day_after, is_day, moment_of, seconds_of
from notionfs.simulator.formula_parser import FormulaError


@dataclass(frozen=True, slots=True, order=True)
class Day:
    """A date or a datetime, perhaps with an end."""

    seconds: float
    end: float | None = None
    whole: bool = False  # a day without a time

    @classmethod
    def at(cls, seconds: float) -> Day:
        """Return the moment *seconds*, cut to the minute."""
        return cls(seconds - seconds % 60)

    @classmethod
    def of(cls, start: str, end: str | None = None) -> Day:
        """Return the date that ISO texts name."""
        return cls(seconds_of(start), seconds_of(end) if end else None, is_day(start))

    def midnight(self) -> Day:
        """Return the beginning of the day, as a day."""
        return Day(self.seconds - self.seconds % 86_400, None, True)

    @property
    def moment(self) -> datetime:
        """The start, in UTC."""
        return datetime.fromtimestamp(self.seconds, UTC)

    def shown(self) -> dict[str, Any]:
        """Return the API's date object."""
        end = _iso(self.end, self.whole) if self.end is not None else None
        return {"start": _iso(self.seconds, self.whole), "end": end, "time_zone": None}

    def __str__(self) -> str:
        return f"{self.moment:%B} {self.moment.day}, {self.moment.year}"


def _iso(seconds: float, whole: bool) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d}" if whole else f"{moment:%Y-%m-%dT%H:%M}:00.000+00:00"


def truthy(value: Any) -> bool:
    """Say whether a value counts as true: not empty, not zero, not false."""
    return not empty(value)


def empty(value: Any) -> bool:
    """Say whether a value counts as empty."""
    return value is None or value is False or value in ("", 0, [])


def show(value: Any) -> str:
    """Return a value as formulas print it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list):
        return ", ".join(show(item) for item in value)
    return "" if value is None else str(value)


def add(left: Any, right: Any) -> Any:
    """Add numbers, or join anything else as text."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return left + right
    if isinstance(left, int | float) and right is None:
        return left
    if isinstance(right, int | float) and left is None:
        return right
    return show(left) + show(right)


def _number(compute: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda left, right: compute(left or 0, right or 0)


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": _number(operator.sub),
    "*": _number(operator.mul),
    "/": _number(operator.truediv),
    "%": _number(operator.mod),
    "^": _number(operator.pow),
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


def _shift(day: Day, amount: float, unit: str) -> Day:
    seconds = UNIT_SECONDS.get(unit)
    if seconds is not None:
        return Day(day.seconds + amount * seconds, None, day.whole and seconds >= 86_400)
    months = int(amount) * MONTHS_PER_UNIT[unit]
    moved = day_after(day.moment.date(), months=months)
    return Day(
        day.moment.replace(year=moved.year, month=moved.month, day=moved.day).timestamp(),
        None,
        day.whole,
    )


UNIT_SECONDS = {"minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}
MONTHS_PER_UNIT = {"months": 1, "quarters": 3, "years": 12}


def _between(left: Day, right: Day, unit: str) -> int:
    seconds = UNIT_SECONDS.get(unit)
    if seconds is not None:
        return int((left.seconds - right.seconds) / seconds)
    late, early = (left, right) if left >= right else (right, left)
    months = (late.moment.year - early.moment.year) * 12 + late.moment.month - early.moment.month
    if late.moment.day < early.moment.day:
        months -= 1
    whole = months // MONTHS_PER_UNIT[unit]
    return whole if left >= right else -whole


DATE_WORDS = (
    ("YYYY", "%Y"), ("MMMM", "%B"), ("MMM", "%b"), ("MM", "%m"), ("DD", "%d"), ("D", "%-d"),
    ("dddd", "%A"), ("HH", "%H"), ("mm", "%M"), ("YY", "%y"), ("M", "%-m"),
)  # fmt: skip


def _format_date(day: Day, pattern: str) -> str:
    words = dict(DATE_WORDS)
    names = "|".join(word for word, _ in DATE_WORDS)
    return re.sub(names, lambda match: day.moment.strftime(words[match[0]]), pattern)


def _to_number(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, Day):
        return value.seconds * 1000
    match = re.match(r"\s*-?\d+(?:\.\d+)?", show(value))
    return float(match[0]) if match else None


def _parse_date(text: str) -> Day:
    if moment_of(text) is None:
        raise FormulaError(f"{text!r} is no date")
    return Day.of(text)


def _flat(values: tuple[Any, ...]) -> list[Any]:
    found: list[Any] = []
    for value in values:
        found.extend(value if isinstance(value, list) else [value])
    return [value for value in found if isinstance(value, int | float)]


def _includes(holder: Any, part: Any) -> bool:
    return part in holder if isinstance(holder, list) else show(part) in show(holder)


def _slice(holder: Any, start: float, end: float | None = None) -> Any:
    last = int(end) if end is not None else None
    return (
        holder[int(start) : last] if isinstance(holder, list) else show(holder)[int(start) : last]
    )


def _round(value: float, digits: float = 0) -> float:
    scale = 10 ** int(digits)
    return float(math.floor(value * scale + 0.5) / scale)


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "empty": empty,
    "not": lambda value: not truthy(value),
    "and": lambda *values: all(truthy(value) for value in values),
    "or": lambda *values: any(truthy(value) for value in values),
    "format": show,
    "concat": lambda *values: "".join(show(value) for value in values),
    "join": lambda values, glue: show(glue).join(show(value) for value in values),
    "length": lambda value: len(value) if isinstance(value, list) else len(show(value)),
    "substring": _slice,
    "slice": _slice,
    "includes": _includes,
    "contains": _includes,
    "test": lambda value, pattern: re.search(show(pattern), show(value)) is not None,
    "replace": lambda value, old, new: show(value).replace(show(old), show(new), 1),
    "replaceAll": lambda value, old, new: show(value).replace(show(old), show(new)),
    "upper": lambda value: show(value).upper(),
    "lower": lambda value: show(value).lower(),
    "trim": lambda value: show(value).strip(),
    "repeat": lambda value, times: show(value) * int(times),
    "padStart": lambda value, width, fill: show(value).rjust(int(width), show(fill)),
    "padEnd": lambda value, width, fill: show(value).ljust(int(width), show(fill)),
    "toNumber": _to_number,
    "abs": lambda value: abs(value or 0),
    "round": _round,
    "floor": math.floor,
    "ceil": math.ceil,
    "sqrt": math.sqrt,
    "pow": math.pow,
    "mod": lambda left, right: left % right,
    "min": lambda *values: min(_flat(values)),
    "max": lambda *values: max(_flat(values)),
    "sum": lambda *values: sum(_flat(values)),
    "add": add,
    "subtract": operator.sub,
    "multiply": operator.mul,
    "divide": operator.truediv,
    "equal": operator.eq,
    "unequal": operator.ne,
    "at": lambda values, index: values[int(index)],
    "first": lambda values: values[0] if values else None,
    "last": lambda values: values[-1] if values else None,
    "dateAdd": _shift,
    "dateSubtract": lambda day, amount, unit: _shift(day, -amount, unit),
    "dateBetween": _between,
    "dateStart": lambda day: Day(day.seconds, None, day.whole),
    "dateEnd": lambda day: Day(day.seconds if day.end is None else day.end, None, day.whole),
    "formatDate": _format_date,
    "parseDate": _parse_date,
    "timestamp": lambda day: int(day.seconds * 1000),
    "fromTimestamp": lambda milliseconds: Day.at(milliseconds / 1000),
    "year": lambda day: day.moment.year,
    "month": lambda day: day.moment.month,
    "date": lambda day: day.moment.day,
    "day": lambda day: day.moment.isoweekday(),
    "week": lambda day: day.moment.isocalendar().week,
    "hour": lambda day: day.moment.hour,
    "minute": lambda day: day.moment.minute,
    "id": lambda value: value,
    "style": lambda value, *styles: value,
    "link": lambda value, address: value,
}
