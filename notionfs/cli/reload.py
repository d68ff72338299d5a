"""`notionfs reload`: have a mount read its settings again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from notionfs.cli.asking import ask
from notionfs.cli.screen import say


@click.command()
@click.argument("mountpoint", type=click.Path(), required=False)
def command(mountpoint: str | None) -> None:
    """Have a running mount read its settings file again.

    What can change while it is mounted does so at once: teamspaces, pace, polling, limits.
    Settings that need a new mount are named. If the file has a mistake, nothing changes.
    SIGHUP to the mount's process, or systemctl reload, does the same.

    \b
    Examples:
      notionfs reload
      notionfs reload ~/notion
    """
    for line in describe(ask(mountpoint, "reload")):
        say(line)


def describe(done: Mapping[str, Any]) -> list[str]:
    """Return what a reload did, a line for each kind of change."""
    kinds = (
        ("changed", "Changed: {}."),
        ("waiting", "Unmount and mount again for: {}."),
        ("overruled", "Stays as the mount's command line says: {}."),
    )
    lines = [text.format(", ".join(done[kind])) for kind, text in kinds if done.get(kind)]
    return lines or ["Nothing changed."]
