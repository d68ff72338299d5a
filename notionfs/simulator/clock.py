"""Time as the simulated Notion tells it: a settable clock and the two ways times are written.

Pages, blocks and data sources carry times rounded down to the minute; database objects carry
milliseconds with `+00:00` (seen in real exchanges).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MINUTE = 60.0


class Clock:
    """A clock that can be turned: the time of *source* plus whatever was added by hand."""

    def __init__(self, source: Callable[[], float] | None = None) -> None:
        self._source = source or time.time
        self._offset = 0.0

    def __call__(self) -> float:
        """Return the time in seconds since the epoch."""
        return self._source() + self._offset

    def set(self, seconds: float) -> None:
        """Make it *seconds* after the epoch now; the clock goes on from there."""
        self._offset = seconds - self._source()

    def advance(self, seconds: float) -> None:
        """Turn the clock forward (or back, if negative)."""
        self._offset += seconds


@lru_cache(maxsize=4096)
def _minute(minutes: int) -> str:
    return datetime.fromtimestamp(minutes * 60, UTC).strftime("%Y-%m-%dT%H:%M:00.000Z")


def minute_time(seconds: float) -> str:
    """Write *seconds* as pages do: rounded down to the minute."""
    return _minute(int(seconds // 60))


def exact_time(seconds: float) -> str:
    """Write *seconds* as database objects do: with milliseconds and an explicit offset."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+00:00"


def zulu_time(seconds: float) -> str:
    """Write *seconds* with milliseconds and a Z, as expiry times are written."""
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def is_day(text: str) -> bool:
    """Say whether *text* is a date without a time."""
    return len(text) == 10


@lru_cache(maxsize=4096)
def moment_of(text: str) -> datetime | None:
    """Return the moment an ISO date or datetime names (UTC if it does not say), or None."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def seconds_of(text: str) -> float:
    """Return an ISO date or datetime as seconds; raises ValueError if it is none."""
    moment = moment_of(text)
    if moment is None:
        raise ValueError(f"not an ISO 8601 date: {text}")
    return moment.timestamp()


def rounded_date(text: str, zone: str | None) -> str | None:
    """Return a date value as it reads back: days as they are, times cut to the minute with their
    offset.

    None if *text* is no date or *zone* no known time zone.
    """
    if is_day(text):
        return text if moment_of(text) else None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone) if zone else UTC)
    except (ValueError, ZoneInfoNotFoundError):
        return None
    offset = moment.strftime("%z")
    return f"{moment:%Y-%m-%dT%H:%M}:00.000{offset[:3]}:{offset[3:5]}"


def day_after(day: date, *, days: int = 0, months: int = 0, years: int = 0) -> date:
    """Return the day that many days, months and years later, cut to the length of its month."""
    month_index = day.year * 12 + day.month - 1 + months + years * 12
    year, month = divmod(month_index, 12)
    start = date(year, month + 1, 1)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    length = (following - start).days
    return start.replace(day=min(day.day, length)) + timedelta(days=days)
