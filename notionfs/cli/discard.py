"""`notionfs discard`: back to Notion's text."""

from __future__ import annotations

import click

from notionfs.cli.asking import ask_about
from notionfs.cli.outcomes import tell


@click.command()
@click.argument("path", type=click.Path())
def command(path: str) -> None:
    """Give up the unsent text of PATH: the file shows Notion's again.

    Your text is not lost: it is the first one that notionfs history lists, and
    notionfs undo saves it again. A page that is no longer in Notion leaves the mount.

    \b
    Example:
      notionfs discard ~/notion/engineering/wiki.md
    """
    tell(path, ask_about(path, "discard"))
