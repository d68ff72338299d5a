"""`notionfs path`: from a Notion id or URL to the file."""

from __future__ import annotations

import os
import sys

import click

from notionfs.cli.finding import facts_of, file_of


@click.command()
@click.option("--mount", metavar="DIR", help="Look in this mount; needed while several run.")
@click.argument("subject", metavar="URL|ID")
def command(subject: str, mount: str | None) -> None:
    """Show the file of a page, or the folder of a database, as Notion names it.

    The URL is what Notion's "Copy link" gives, or any address of the page. It takes no
    call; a page that was made a moment ago is found after notionfs sync.

    \b
    Examples:
      notionfs path https://www.notion.so/acme/Wiki-39a0bc1eedcd8142936bcca8ae692cc4
      $EDITOR "$(notionfs path 39a0bc1e-edcd-8142-936b-cca8ae692cc4)"
    """
    found = file_of(facts_of(subject, mount=mount), mount=mount)
    # Exactly the name, also into $(...): file names hold no control characters.
    sys.stdout.buffer.write(os.fsencode(found) + b"\n")
