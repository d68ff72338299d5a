"""`notionfs sync`: ask Notion for changes now, and say what came of it."""

from __future__ import annotations

from typing import Any

import click

from notionfs.cli.asking import ask
from notionfs.cli.screen import say


@click.command()
@click.argument("path", metavar="[MOUNTPOINT]", type=click.Path(), required=False)
def command(path: str | None) -> None:
    """Ask Notion for changes now, not at the next poll.

    It looks at everything, so it also finds what a poll cannot see: moved, deleted
    and unshared pages, and changed database properties. With a page or a folder
    inside the mount for MOUNTPOINT, only that is asked for.

    \b
    Examples:
      notionfs sync
      notionfs sync ~/notion/engineering/wiki.md
    """
    report = ask(path, "sync", timeout=None)
    for line in describe(report):
        say(line)


def describe(report: dict[str, Any]) -> list[str]:
    """Return one line for each figure of the mount's report, or a line that there is none."""
    figures = [
        f"{key.replace('_', ' ')}: {_shown(value)}"
        for key, value in report.items()
        if value is not None and value != []
    ]
    return figures or ["Everything is up to date."]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items())
    return f"{value:.1f}" if isinstance(value, float) else str(value)
