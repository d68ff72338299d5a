"""`notionfs url`: from a file to the page's address in Notion."""

from __future__ import annotations

import click

from notionfs.cli.finding import facts_of
from notionfs.cli.screen import say


@click.command()
@click.argument("path", type=click.Path())
def command(path: str) -> None:
    """Show the address in Notion of the page or database at PATH. It takes no call.

    \b
    Examples:
      notionfs url ~/notion/engineering/wiki.md
      notionfs url ~/notion/acme/projects | wl-copy
    """
    say(str(facts_of(path)["url"]))
