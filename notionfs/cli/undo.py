"""`notionfs undo`: save an earlier text again."""

from __future__ import annotations

import click

from notionfs.cli.asking import ask_about
from notionfs.cli.outcomes import tell


@click.command()
@click.option("--to", type=click.IntRange(1), default=1, metavar="N", help="Text number N.  [1]")
@click.argument("path", type=click.Path())
def command(path: str, to: int) -> None:
    """Save an earlier text of PATH again: the last one, or number N of notionfs history.

    It is a save like any other: properties, title and text become what they were, in
    Notion, too. The text that it replaces is kept, so a second undo takes the first
    one back.

    \b
    Examples:
      notionfs undo ~/notion/acme/wiki.md
      notionfs undo --to 3 ~/notion/acme/wiki.md
    """
    tell(path, ask_about(path, "undo", {"number": to}))
