"""Notion's dates as people write them: `2026-01-15`, ranges, times, time zones.

A day stays a day, and no zone is ever invented. `2026-01-15T09:00[Europe/Berlin]` names a zone;
`2026-01-15T09:00+01:00` has an offset; both forms may be ranges, `start/end`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache

from notionfs.markdown.frontmatter import Timestamp
from notionfs.model import JSON
from notionfs.patterns import late

_MOMENT = late(
    r"(?P<day>\d{4}-\d{2}-\d{2})"
    r"(?:[Tt ](?P<time>\d{1,2}:\d{2})(?::(?P<seconds>\d{2}(?:\.\d{1,9})?))?"
    r" ?(?P<offset>[Zz]|[+-]\d{2}:?\d{2})?)?"
)
_ZONE = late(r"(?P<dates>.*?) ?\[(?P<zone>[A-Za-z][\w+-]*(?:/[\w+-]+)*)\]")


class InvalidDateError(ValueError):
    """The text is no date; the message says what would be."""


def render_date(value: Mapping[str, JSON] | None) -> Timestamp | None:
    """Return a date value, or None, as one word."""
    if not value or not value.get("start"):
        return None
    zone = value.get("time_zone")
    start = render_moment(value["start"], drop_offset=bool(zone))
    end = render_moment(value["end"], drop_offset=bool(zone)) if value.get("end") else ""
    text = f"{start}/{end}" if end else start
    return Timestamp(f"{text}[{zone}]" if zone else text)


@lru_cache(maxsize=1024)  # Notion rounds to minutes, and most days are of this year
def render_moment(text: str, *, drop_offset: bool = False) -> Timestamp:
    """Return a day or time of Notion's without seconds that are zero."""
    found = _MOMENT.fullmatch(text)
    if found is None or found["time"] is None:
        return Timestamp(text)
    seconds = found["seconds"] or "00"
    if not float(seconds):
        seconds = ""
    elif "." in seconds:
        seconds = seconds.rstrip("0").rstrip(".")
    offset = "" if drop_offset else (found["offset"] or "")
    return Timestamp(f"{found['day']}T{found['time']}{':' + seconds if seconds else ''}{offset}")


def parse_date(text: str) -> dict[str, JSON]:
    """Return what Notion wants for *text*; raises InvalidDateError."""
    text = text.strip()
    with_zone = _ZONE.fullmatch(text)
    zone = with_zone["zone"] if with_zone else None
    start, slash, end = (with_zone["dates"] if with_zone else text).partition("/")
    first = _moment(start.strip(), zone)
    last = _moment(end.strip(), zone) if slash else None
    _check_order(first, last)
    return {"start": first, "end": last, "time_zone": zone}


def _moment(text: str, zone: str | None) -> str:
    found = _MOMENT.fullmatch(text)
    if found is None:
        raise InvalidDateError(
            f"“{text}” is not a date; write 2026-01-15, 2026-01-15T09:00 or start/end"
        )
    if found["time"] is None:
        if zone is not None:
            raise InvalidDateError(f"“{text}” has a time zone but no time of day")
        _check_calendar(found["day"])
        return found["day"]
    if zone is not None and found["offset"]:
        raise InvalidDateError(f"“{text}” has an offset and a time zone; keep one of them")
    time = f"{found['time']:0>5}:{found['seconds'] or '00'}"
    offset = (found["offset"] or "").upper()
    if len(offset) == len("+0100"):
        offset = f"{offset[:3]}:{offset[3:]}"
    moment = f"{found['day']}T{time}{offset}"
    _check_calendar(moment)
    return moment


def _check_calendar(moment: str) -> datetime:
    try:
        # Fractions beyond microseconds are Notion's to judge.
        return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", moment))
    except ValueError:
        raise InvalidDateError(f"“{moment}” is not in the calendar") from None


def _check_order(first: str, last: str | None) -> None:
    if last is None:
        return
    start, end = _check_calendar(first), _check_calendar(last)
    if (start.tzinfo is None) == (end.tzinfo is None) and end < start:
        raise InvalidDateError(f"the range ends ({last}) before it starts ({first})")
