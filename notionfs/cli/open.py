"""`notionfs open`: a page in the browser."""

from __future__ import annotations

import webbrowser

import click

from notionfs.cli.finding import facts_of
from notionfs.cli.screen import say
from notionfs.errors import UsageError


@click.command()
@click.argument("path", type=click.Path())
def command(path: str) -> None:
    """Show the page or database at PATH in the browser.

    $BROWSER says which; without one, the desktop's own is used.

    \b
    Examples:
      notionfs open ~/notion/engineering/wiki.md
    """
    address = str(facts_of(path)["url"])
    if not address.startswith(("https://", "http://")):
        raise UsageError(f"{path} has no web address: {address}.")
    say(address)
    if not webbrowser.open(address):
        raise UsageError("No browser can be started here; open the address above yourself.")
