"""A mount of several connections on one page: what waits in any of them, and how each is. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from notionfs.ui.frame import section, table
from notionfs.ui.html import Markup, name_of, tag
from notionfs.words import amount, span_since

Facts = Mapping[str, Any]

_LISTS = ("queue", "uploads", "conflicts", "errors", "notes")


def together(facts: Facts) -> Facts:
    """Return *facts* with what waits in the teamspaces of other connections in the same lists.

    Paths are those below the mount point, so that they tell which connection it is.
    """
    lists = {key: [e for part in parts(facts) for e in part.get(key) or ()] for key in _LISTS}
    return {**facts, **lists}


def parts(facts: Facts) -> Iterator[Facts]:
    """Yield what is known of each connection, the mount's own first."""
    yield facts
    yield from facts.get("teamspaces") or ()


def named(part: Facts, sentence: str) -> str:
    """Return *sentence* about *part*, with the teamspace before it unless it is the mount's own."""
    space = part.get("teamspace")
    return f"{space}: {sentence}" if space else sentence


def connections(facts: Facts, now: datetime) -> Markup:
    """Return how the connections that teamspaces have of their own are; hidden without any."""
    spaces = facts.get("teamspaces") or ()
    if not spaces:
        return tag("section", id_="spaces", data_live=True, hidden=True)
    rows = [
        (
            name_of(space["teamspace"]),
            name_of(f"{space['workspace']}, as {space['connection']}"),
            "online" if space.get("online", True) else "offline",
            _pages(space),
            _refreshed(space, now),
            _calls(space),
        )
        for space in spaces
    ]
    heads = ("Teamspace", "Workspace", "Notion", "Pages", "Refreshed", "Requests in a minute")
    listed = table("Teamspaces with a connection of their own", heads, rows)
    words = "Pages and requests above are of the mount’s own connection, the lists below of all."
    return section("Other connections", tag("p", words, class_="quiet"), listed, key="spaces")


def _pages(space: Facts) -> str:
    unread = int(space.get("unread") or 0)
    return amount(int(space.get("pages") or 0), "page") + (f", {unread:,} unread" if unread else "")


def _refreshed(space: Facts, now: datetime) -> str:
    if space.get("refreshing"):
        return "now"
    span = span_since(space.get("last_refresh"), now)
    return f"{span} ago" if span else "not yet"


def _calls(space: Facts) -> str:
    limit = space.get("rate_limit")
    return f"{space.get('calls_last_minute') or 0:,}" + (f" of {limit:,}" if limit else "")
