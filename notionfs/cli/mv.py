"""`notionfs mv`: a move that the tree refuses, asked for by name."""

from __future__ import annotations

from pathlib import Path

import click

from notionfs import registry
from notionfs.cli.asking import ask_about, inside_of
from notionfs.cli.screen import say, visible
from notionfs.errors import UsageError


@click.command()
@click.option("-f", "--force", is_flag=True, help="Let a row lose what its new place cannot hold.")
@click.argument("source", type=click.Path())
@click.argument("target", type=click.Path())
def command(source: str, target: str, *, force: bool) -> None:
    """Move the page SOURCE into the folder TARGET, or to that name.

    Both are in one mount. A plain mv does the same, and refuses to take a row where a
    property would be lost. This one says which they are; with --force they are lost.

    \b
    Examples:
      notionfs mv ~/notion/acme/projects/alpha.md ~/notion/acme/archive
      notionfs mv --force ~/notion/acme/projects/alpha.md ~/notion/acme/wiki
    """
    place = registry.canonical(target)
    serving = registry.find_mount(registry.canonical(source))
    if not place.is_relative_to(serving.mountpoint):
        raise UsageError(f"{visible(target)} is not in the mount of {visible(source)}.")
    inside = inside_of(place, Path(serving.mountpoint)) or ""
    answer = ask_about(source, "mv", {"target": inside, "force": force})
    say(f"{visible(source)} is now {visible(str(Path(serving.mountpoint) / answer['path']))}.")
