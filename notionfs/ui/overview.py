"""The first page: how the mount is, what waits, how much of the budget is used. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from notionfs.ui.frame import Page, notice, section, table
from notionfs.ui.html import Child, Markup, name_of, tag
from notionfs.ui.plot import plot
from notionfs.ui.refused import actions, commands_for
from notionfs.ui.spaces import connections, named, parts, together
from notionfs.words import amount, duration, megabytes, span_since

Facts = Mapping[str, Any]
SHOWN = 50
"""Rows of one table; `notionfs status --json` has all of them."""


_WAITING = (
    ("queue", "change waits to be sent", "changes wait to be sent"),
    ("conflicts", "conflict waits for you", "conflicts wait for you"),
)


class Answers(Struct, frozen=True):
    """What a mount answered to `status`, `pace`, `recent` and `log`."""

    facts: Facts
    pace: Facts
    recent: Sequence[Facts] = ()
    events: Sequence[Facts] = ()


def overview(answers: Answers, session: str, now: datetime) -> Page:
    """Return the page; its forms carry *session*."""
    facts = together(answers.facts)
    content: list[Child] = [
        tag("h1", name_of(facts.get("workspace") or "notionfs")),
        tag("p", _where(facts, now), class_="quiet", id_="where", data_live=True),
        tag("div", _notices(facts, now), id_="notices", data_live=True),
        tag("div", _tiles(facts), class_="tiles", id_="tiles", data_live=True),
        section("Requests in the last hour", plot(answers.pace), _operations(facts), key="pace"),
        connections(facts, now),
        _queue(facts, session),
        _uploads(facts),
        _conflicts(facts),
        _errors(facts, session),
        _activity(answers.events, now),
        _recent(answers.recent, now),
        _notes(facts),
    ]
    return Page("Overview", "", content, live=True)


def ago(moment: object, now: datetime) -> str:
    """Return how long ago an ISO time was, or `not yet`."""
    span = span_since(moment, now)
    return f"{span} ago" if span else "not yet"


def conflict_link(path: str) -> Markup:
    """Return a link to where a conflict is decided."""
    return tag("a", name_of(path), href=f"conflict?path={quote(path)}")


def _where(facts: Facts, now: datetime) -> list[Child]:
    words = [word for key, word in (("demo", "demo"), ("read_only", "read-only")) if facts.get(key)]
    refreshed = "now" if facts.get("refreshing") else ago(facts.get("last_refresh"), now)
    return [
        name_of(facts.get("mountpoint", "")),
        f" ({', '.join(words)})" if words else "",
        f" · Notion was asked for changes {refreshed}",
        f" · mounted {ago(facts.get('since'), now)}",
    ]


def _notices(facts: Facts, now: datetime) -> Iterator[Markup]:
    for part in parts(facts):
        yield from _notices_of(part, now)


def _notices_of(facts: Facts, now: datetime) -> Iterator[Markup]:
    if not facts.get("online", True):
        since = ago(facts.get("offline_since"), now)
        told = f"Notion cannot be reached (since {since}). Changes are kept and sent later."
        yield notice(named(facts, told))
    if listing := facts.get("first_listing"):
        told = f"The workspace is listed for the first time: {listing['pages']:,} pages so far."
        yield notice(named(facts, told))
    if facts.get("paused_for"):
        told = f"Notion wants to hear nothing for {duration(float(facts['paused_for']))}."
        yield notice(named(facts, told))
    for key in ("problem", "removals"):
        if facts.get(key):
            yield notice(named(facts, str(facts[key])), kind="error")


def _tiles(facts: Facts) -> Iterator[Markup]:
    pages, unread = int(facts.get("pages") or 0), int(facts.get("unread") or 0)
    read = pages - unread
    bar = tag(
        "progress", f"{read} of {pages}", value=read, max=max(1, pages), aria_label="Pages read"
    )
    seconds = facts.get("all_local_in") if unread else None
    rest = None if seconds is None else tag("p", f"the rest in about {duration(seconds)}")
    yield _tile(f"{read:,} of {pages:,}", "pages are on this machine", bar, rest)
    for key, one, many in _WAITING:
        count = len(facts[key])
        yield _tile(f"{count:,}", one if count == 1 else many)
    limit = facts.get("rate_limit")
    calls = int(facts.get("calls_last_minute") or 0)
    meter = None
    if limit:
        of = f"{calls} of {limit}"
        meter = tag("meter", of, value=calls, max=int(limit), aria_label="Budget used")
    yield _tile(
        f"{calls:,}" + (f" of {limit:,}" if limit else ""), "requests in the last minute", meter
    )


def _tile(figure: str, words: str, *more: Child) -> Markup:
    return tag("div", tag("p", figure, class_="figure"), tag("p", words), *more, class_="tile")


def _operations(facts: Facts) -> Markup:
    calls: Mapping[str, int] = facts.get("calls") or {}
    ordered = sorted(calls.items(), key=lambda item: (-item[1], item[0]))
    told = ", ".join(f"{name.replace('_', ' ')} {count:,}" for name, count in ordered)
    return tag(
        "p", f"Since the start {amount(sum(calls.values()), 'request')}: {told}.", class_="quiet"
    )


def _queue(facts: Facts, session: str) -> Markup:
    entries, commands = facts["queue"], commands_for(facts)
    if not entries:
        return section("Queue", tag("p", "Everything is sent."), key="queue")
    rows = [
        (
            name_of(entry["path"]),
            str(entry["action"]),
            str(entry["state"]),
            duration(float(entry["age"])),
            str(entry["attempts"]),
            [
                name_of(entry["reason"] or ""),
                actions(entry["path"], commands.get(entry["path"], ()), session),
            ],
        )
        for entry in entries[:SHOWN]
    ]
    heads = ("Page", "What", "State", "Waits for", "Attempts", "Why it still waits")
    listed = table("Changes that wait to be sent", heads, rows)
    return section("Queue", listed, _more(entries), key="queue")


def _uploads(facts: Facts) -> Markup:
    entries: Sequence[Facts] = facts.get("uploads") or ()
    if not entries:
        return tag("section", id_="uploads", data_live=True, hidden=True)
    rows = [
        (
            name_of(e["path"]),
            name_of(e["page"]),
            f"{megabytes(e['sent'])} of {megabytes(e['size'])}",
        )
        for e in entries[:SHOWN]
    ]
    listed = table("Files on their way", ("File", "Page", "Sent"), rows)
    return section("Files on their way", listed, _more(entries), key="uploads")


def _conflicts(facts: Facts) -> Markup | None:
    entries: Sequence[Facts] = facts["conflicts"]
    if not entries:
        return tag("section", id_="conflicts", data_live=True, hidden=True)
    rows = [
        (conflict_link(e["path"]), _waits(e), name_of(e["reason"] or "")) for e in entries[:SHOWN]
    ]
    listed = table("Conflicts", ("Page", "Waits for", "Why"), rows)
    return section("Conflicts", listed, _more(entries), key="conflicts")


def _errors(facts: Facts, session: str) -> Markup | None:
    entries, commands = facts["errors"], commands_for(facts)
    if not entries:
        return tag("section", id_="errors", data_live=True, hidden=True)
    rows = [
        (
            name_of(e["path"]),
            _waits(e),
            name_of(e["reason"] or ""),
            [name_of(e["remedy"]), actions(e["path"], commands.get(e["path"], ()), session)],
        )
        for e in entries[:SHOWN]
    ]
    listed = table("Texts that were refused", ("Page", "Waits for", "Why", "What to do"), rows)
    return section("Refused", listed, _more(entries), key="errors")


def _waits(entry: Facts) -> str:
    age = entry.get("age")
    return "" if age is None else duration(float(age))


def _activity(events: Sequence[Facts], now: datetime) -> Markup:
    if not events:
        return section("Recent activity", tag("p", "Nothing happened yet."), key="activity")
    rows = [
        (
            name_of(event.get("path") or f"page {event.get('page') or '?'}"),
            str(event["event"]),
            ago(event["time"], now),
            name_of(event.get("reason") or ""),
        )
        for event in reversed(events)
    ]
    heads = ("Page", "What happened", "When", "Why")
    listed = table("What happened last", heads, rows)
    return section("Recent activity", listed, key="activity")


def _recent(recent: Sequence[Facts], now: datetime) -> Markup:
    rows = [
        (
            name_of(page["title"] or "Untitled"),
            name_of(page["path"] or ""),
            ago(page["edited"], now),
        )
        for page in recent
    ]
    listed = table("Pages that were edited last", ("Title", "File", "Edited"), rows)
    return section("Edited last", listed, key="recent")


def _notes(facts: Facts) -> Markup | None:
    entries: Sequence[Facts] = facts.get("notes") or ()
    if not entries:
        return None
    rows = [(name_of(e["path"]), name_of(" ".join(map(str, e["notes"])))) for e in entries[:SHOWN]]
    listed = table("Kept differently in Notion", ("Page", "What"), rows)
    return section("Kept differently in Notion", listed, _more(entries), key="notes")


def _more(entries: Sequence[object]) -> Markup | None:
    if len(entries) <= SHOWN:
        return None
    return tag("p", f"… and {len(entries) - SHOWN:,} more; notionfs status --json shows all.")
