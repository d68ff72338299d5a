"""`notionfs retry`: send again what was refused, or waits for its next attempt."""

from __future__ import annotations

import click

from notionfs.cli.asking import ask_about
from notionfs.cli.outcomes import tell


@click.command()
@click.argument("path", type=click.Path())
def command(path: str) -> None:
    """Send the text of PATH again, now, and say what Notion answers.

    For a text that Notion refused (name.md.error says why) once the reason is gone:
    a capability was given, a page was shared, an option was added. What Notion
    refuses again is kept again.

    \b
    Example:
      notionfs retry ~/notion/engineering/wiki.md
    """
    tell(path, ask_about(path, "retry"))
