"""`notionfs sync`: ask Notion for changes now, and say what came of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from notionfs import control, registry
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
    place = registry.canonical(path) if path else None
    serving = registry.find_mount(place)
    inside = _inside(place, Path(serving.mountpoint))
    report = control.call(serving.socket, "sync", {"path": inside} if inside else {}, timeout=None)
    for line in describe(report):
        say(line)


def _inside(place: Path | None, mountpoint: Path) -> str | None:
    """Return *place* as seen from the top of the mount; None for the mount itself."""
    if place is None or place == mountpoint:
        return None
    return str(place.relative_to(mountpoint))


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
