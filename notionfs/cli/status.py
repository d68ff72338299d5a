"""`notionfs status`: what a mount is doing, for people or as JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from notionfs import control, registry
from notionfs.cli.screen import amount, duration, megabytes, span_since, visible

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

SHOWN = 20
"""Lines of one list on the screen; --json has all of them."""

PAUSE = 1.0
"""Seconds between two looks under --watch."""

Facts = Mapping[str, Any]
Ask = Callable[[], Facts]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print everything as one JSON object.")
@click.option("-w", "--watch", is_flag=True, help="Show it anew every second, until Ctrl-C.")
@click.argument("mountpoint", type=click.Path(), required=False)
def command(mountpoint: str | None, as_json: bool, watch: bool) -> None:
    """Show what a mount is doing: pages, queue, conflicts, errors and calls.

    MOUNTPOINT can be left out while only one mount is running; any path inside the
    mount will do.

    \b
    Examples:
      notionfs status
      notionfs status --watch
      notionfs status ~/notion --json | jq '.queue[].path'
      notionfs status --watch --json | jq --unbuffered .unread
          a line for each second, for programs
    """
    serving = registry.find_mount(registry.canonical(mountpoint) if mountpoint else None)

    def ask() -> Facts:
        return control.call(serving.socket, "status")

    if watch:
        with suppress(KeyboardInterrupt):
            (_print_each if as_json else _show_each)(ask)
    elif as_json:
        click.echo(json.dumps(ask(), indent=2))
    else:
        show(ask(), now=datetime.now(UTC))


def _print_each(ask: Ask) -> None:
    """Print a line of JSON every second, until the reader or the mount ends it."""
    while True:
        click.echo(json.dumps(ask()))
        time.sleep(PAUSE)


def _show_each(ask: Ask) -> None:
    """Keep the screen up to date; into a pipe, screens follow each other."""
    from rich.console import Group
    from rich.live import Live

    console = _console()
    if not console.is_terminal:
        while True:
            show(ask(), now=datetime.now(UTC))
            click.echo()
            time.sleep(PAUSE)
    with Live(console=console, auto_refresh=False) as live:
        while True:
            live.update(Group(*lines(ask(), now=datetime.now(UTC))), refresh=True)
            time.sleep(PAUSE)


def show(facts: Facts, *, now: datetime) -> None:
    """Print *facts* for people: bold labels on a terminal, plain text into a pipe."""
    console = _console()
    for line in lines(facts, now=now):
        console.print(line)


def _console() -> Console:
    from rich.console import Console

    return Console(markup=False, highlight=False, emoji=False, soft_wrap=True)


def lines(facts: Facts, *, now: datetime) -> Iterator[Text]:
    """Yield the screen line by line; nothing in it can move the cursor."""
    from rich.text import Text

    for label, value in summary(facts, now=now):
        yield Text.assemble((f"{label:<12}", "bold"), " ", visible(value))
    yield from _troubles(facts)
    for space in facts.get("teamspaces") or ():
        yield Text("")
        yield Text(f"Teamspace {visible(space['teamspace'])}, by a connection of its own", "bold")
        for label, value in summary(space, now=now):
            if label not in _OF_THE_MOUNT:
                yield Text.assemble((f"{label:<12}", "bold"), " ", visible(value))
        yield from _troubles(space)


def _troubles(facts: Facts) -> Iterator[Text]:
    from rich.text import Text

    for title, entries in lists(facts):
        yield Text("")
        yield Text(title, "bold")
        for entry in entries:
            yield Text(f"  {visible(entry.told)}")
            if entry.remedy:
                yield Text(f"    → {visible(entry.remedy)}")


def summary(facts: Facts, *, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield label and value of each line that has something to say."""
    for label, describe in _SUMMARY:
        value = describe(facts, now)
        if value:
            yield label, value


class Line(NamedTuple):
    """An entry of a list, and what can be done about it."""

    told: str
    remedy: str = ""


def lists(facts: Facts) -> Iterator[tuple[str, list[Line]]]:
    """Yield title and lines of each list that is not empty."""
    for key, title, describe in _LISTS:
        entries: Sequence[Facts] = facts.get(key) or ()
        if entries:
            lines = [
                Line(describe(entry), str(entry.get("remedy") or "")) for entry in entries[:SHOWN]
            ]
            if len(entries) > SHOWN:
                lines.append(Line(f"… and {len(entries) - SHOWN:,} more (--json shows all)"))
            yield f"{title} ({len(entries):,})", lines


# --- one line each --------------------------------------------------------------------------------


def _mount(facts: Facts, now: datetime) -> str:
    marks = [word for word in ("demo", "read_only") if facts.get(word)]
    words = ", ".join(mark.replace("_", "-") for mark in marks)
    return f"{facts.get('mountpoint', '?')}" + (f" ({words})" if words else "")


def _workspace(facts: Facts, now: datetime) -> str:
    workspace, connection = facts.get("workspace"), facts.get("connection")
    if workspace and connection:
        return f"{workspace}, as {connection}"
    return str(workspace or connection or "")


def _process(facts: Facts, now: datetime) -> str:
    version = facts.get("version", "?")
    since = _ago(facts.get("since"), now)
    return f"{facts.get('pid', '?')}, notionfs {version}" + (f", started {since}" if since else "")


def _connection(facts: Facts, now: datetime) -> str:
    if facts.get("online", True):
        return "online"
    span = span_since(facts.get("offline_since"), now)
    return "offline" + (f" for {span}" if span else "") + "; changes are kept and sent later"


def _problem(facts: Facts, now: datetime) -> str:
    return str(facts.get("problem") or "")


def _removals(facts: Facts, now: datetime) -> str:
    return str(facts.get("removals") or "")


def _pages(facts: Facts, now: datetime) -> str:
    pages, unread = int(facts.get("pages") or 0), int(facts.get("unread") or 0)
    parts = [amount(pages, "page") + (f" ({unread:,} not read yet)" if unread else "")]
    if databases := facts.get("databases"):
        parts.append(amount(int(databases), "database"))
    if sources := facts.get("data_sources"):
        parts.append(amount(int(sources), "data source"))
    return ", ".join(parts)


def _all_local(facts: Facts, now: datetime) -> str:
    seconds = facts.get("all_local_in")
    if not facts.get("unread") or seconds is None:
        return ""
    return f"on this machine in about {duration(float(seconds))}"


def _pause(facts: Facts, now: datetime) -> str:
    seconds = float(facts.get("paused_for") or 0)
    return f"Notion asked for {duration(seconds)} of silence" if seconds >= 1 else ""


def _refresh(facts: Facts, now: datetime) -> str:
    listing: Facts | None = facts.get("first_listing")
    if listing is not None:
        waiting = int(listing["waiting"])
        more = f"; {waiting:,} wait for what they stand in" if waiting else ""
        return f"first listing: {amount(int(listing['pages']), 'page')} so far{more}"
    if facts.get("refreshing"):
        return "now"
    return _ago(facts.get("last_refresh"), now) or "not yet"


def _waiting(facts: Facts, now: datetime) -> str:
    queue = facts.get("queue") or ()
    return amount(len(queue), "change") + " to send" if queue else "everything is sent"


def _calls(facts: Facts, now: datetime) -> str:
    calls: Mapping[str, int] = facts.get("calls") or {}
    total = f"{sum(calls.values()):,} in all"
    limit = facts.get("rate_limit")
    recent = f"{facts.get('calls_last_minute') or 0} in the last minute"
    return f"{total}, {recent}" + (f" (limit {limit})" if limit else "")


def _operations(facts: Facts, now: datetime) -> str:
    calls: Mapping[str, int] = facts.get("calls") or {}
    ordered = sorted(calls.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {count:,}" for name, count in ordered)


def _text(facts: Facts, now: datetime) -> str:
    is_old = facts.get("markdown") == "v1"
    return "older Markdown (v1), shown line by line as the server sends it" if is_old else ""


def _store(facts: Facts, now: datetime) -> str:
    size = facts.get("store_bytes")
    shown = f" ({megabytes(int(size))})" if size else ""
    return f"{facts.get('state_dir') or ''}{shown}"


_SUMMARY: Sequence[tuple[str, Callable[[Facts, datetime], str]]] = (
    ("Mount", _mount),
    ("Workspace", _workspace),
    ("Notion", _connection),
    ("Problem", _problem),
    ("Removals", _removals),
    ("Content", _pages),
    ("All pages", _all_local),
    ("Text", _text),
    ("Refreshed", _refresh),
    ("Queue", _waiting),
    ("Calls", _calls),
    ("", _operations),
    ("Pause", _pause),
    ("Store", _store),
    ("Process", _process),
)


_OF_THE_MOUNT = frozenset({"Mount", "", "Store", "Process"})
"""Lines that are said once, not again of each connection."""


def _queued(entry: Facts) -> str:
    attempts = int(entry.get("attempts") or 0)
    parts = [str(entry.get("action") or "change"), str(entry.get("state") or "")]
    if entry.get("age") is not None:
        parts.append(f"for {duration(float(entry['age']))}")
    if attempts:
        parts.append(amount(attempts, "attempt"))
    if entry.get("reason"):
        parts.append(str(entry["reason"]))
    return f"{entry.get('path', '?')}: " + ", ".join(part for part in parts if part)


def _uploading(entry: Facts) -> str:
    size, sent = int(entry.get("size") or 0), int(entry.get("sent") or 0)
    done = 100 * sent // size if size else 0
    return f"{entry.get('path', '?')}: {done} % of {size / 1048576:.1f} MB"


def _with_reason(entry: Facts) -> str:
    age = entry.get("age")
    since = "" if age is None else f", {duration(float(age))} ago"
    return f"{entry.get('path', '?')}{since}: {entry.get('reason') or 'no reason was given'}"


def _with_notes(entry: Facts) -> str:
    return f"{entry.get('path', '?')}: {' '.join(map(str, entry.get('notes') or ()))}"


_LISTS: Sequence[tuple[str, str, Callable[[Facts], str]]] = (
    ("queue", "Queue", _queued),
    ("uploads", "Files on their way", _uploading),
    ("conflicts", "Conflicts", _with_reason),
    ("errors", "Errors", _with_reason),
    ("notes", "Kept differently in Notion", _with_notes),
)


def _ago(moment: object, now: datetime) -> str:
    span = span_since(moment, now)
    return f"{span} ago" if span else ""
