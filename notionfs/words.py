"""Numbers, times and other people's text, as they are shown to people."""

from __future__ import annotations

from datetime import UTC, datetime


def visible(text: object) -> str:
    """Return *text* on one line, with everything unprintable written as an escape."""
    return "".join(char if char.isprintable() else _escaped(char) for char in str(text))


def _escaped(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def amount(count: int, noun: str) -> str:
    """Return `1 page` or `3 pages`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def megabytes(size: int) -> str:
    """Return a size in the unit in which disks are thought of: `0.4 MB`, `120 MB`."""
    return f"{size / 1e6:.1f} MB" if size < 10e6 else f"{size / 1e6:,.0f} MB"


def duration(seconds: float) -> str:
    """Return a time span as people say it: `12 s`, `5 min`, `3 h`, `2 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"


def span_since(moment: object, now: datetime) -> str:
    """Return the time since *moment* (an ISO time or seconds since 1970), or nothing without it."""
    if moment is None or moment == "":
        return ""
    if isinstance(moment, int | float):
        then = datetime.fromtimestamp(moment, UTC)
    else:
        then = datetime.fromisoformat(str(moment))
        then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return duration(max(0.0, (now - then).total_seconds()))
