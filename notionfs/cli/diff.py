"""`notionfs diff`: Notion's text and the file's, as a unified diff."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

import click

from notionfs.cli.asking import ask_about
from notionfs.cli.screen import say, warn
from notionfs.ui.differences import texts_of


@click.command()
@click.argument("path", type=click.Path())
def command(path: str) -> None:
    """Show what your file says differently from Notion, as far as it is not sent.

    Lines with - are Notion's, as it was read last; lines with + are yours. A page
    whose text is sent, or was never changed, shows nothing.

    \b
    Example:
      notionfs diff ~/notion/engineering/wiki.md
    """
    sides = ask_about(path, "diff")
    if sides["file"] is None:
        return
    if sides["notion"] is None:
        warn(f"{path} was never read from Notion; all of it is yours.")
        return
    for line in difference(*texts_of(sides)):
        say(line)


def difference(theirs: str, mine: str) -> Iterator[str]:
    """Yield the lines of a unified diff from Notion's text to the file's."""
    before, after = theirs.splitlines(), mine.splitlines()
    yield from unified_diff(before, after, "notion", "file", lineterm="")
