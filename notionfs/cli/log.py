"""`notionfs log`: what happened to a page or to all, and what happens now."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import click

from notionfs.cli.asking import ask
from notionfs.cli.screen import say

PAUSE = 1.0


@click.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens, until Ctrl-C.")
@click.option("-n", "--lines", metavar="N", type=click.IntRange(1, 1000), help="At most N.  [50]")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object for each event.")
@click.argument("path", metavar="[PATH]", type=click.Path(), required=False)
def command(path: str | None, lines: int | None, *, follow: bool, as_json: bool) -> None:
    """Show what happened to a page, to all below a directory, or to everything.

    Each line has the time, what happened, the page, and the ids of the requests, which
    Notion's support can look up. Events from before the last mount are there, too.

    \b
    new, changed, gone     in Notion, as far as a look at it told
    fetched                the page's text was read
    saved, sent            your text is on disk; Notion has it
    merged                 your changes were joined with Notion's
    postponed              it could not be sent now and is tried again
    refused, conflict      you must look: see notionfs status

    \b
    Examples:
      notionfs log
      notionfs log -f
      notionfs log ~/notion/engineering/wiki.md
      notionfs log --json -n 1000 | jq -r 'select(.event == "refused").path'
    """
    answer = ask(path, "log", {"limit": lines})
    with suppress(KeyboardInterrupt):
        while True:
            for entry in answer["entries"]:
                click.echo(json.dumps(entry)) if as_json else say(describe(entry))
            if not follow:
                return
            time.sleep(PAUSE)
            answer = ask(path, "log", {"after": answer["next"]})


def describe(entry: Mapping[str, Any]) -> str:
    """Return the line of an event, in local time."""
    moment = datetime.fromisoformat(str(entry["time"])).astimezone(UTC).astimezone()
    page = entry.get("path") or f"page {entry.get('page') or '?'}"
    action = entry.get("action")
    about = "" if action in (None, "save") else f" ({action})"
    reason = f": {entry['reason']}" if entry.get("reason") else ""
    ids = entry.get("requests") or ()
    requests = f"  [{' '.join(ids)}]" if ids else ""
    return f"{moment:%Y-%m-%d %H:%M:%S} {entry['event']:<9} {page}{about}{reason}{requests}"
