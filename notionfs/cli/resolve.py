"""`notionfs resolve`: decide whose text of a conflict stands."""

from __future__ import annotations

import click

from notionfs.cli.asking import ask_about
from notionfs.cli.outcomes import tell
from notionfs.errors import UsageError


@click.command()
@click.option(
    "--mine", "how", flag_value="mine", help="Your text, beside what only Notion changed."
)
@click.option("--theirs", "how", flag_value="theirs", help="Notion's text; yours goes to history.")
@click.option("--merged", "how", flag_value="merged", help="The file exactly as it is now.")
@click.argument("path", type=click.Path())
def command(path: str, how: str | None) -> None:
    """Decide a conflict: PATH was changed at the same place here and in Notion.

    --mine sends your text where both changed the same paragraph, property or title;
    what was changed in Notion elsewhere on the page stays. --theirs shows Notion's
    text in the file; yours is kept in the history. --merged sends the file exactly
    as it is: edit it first, with the .remote.md file beside it. Removing that file
    means --merged, too.

    \b
    Examples:
      notionfs diff ~/notion/acme/wiki.md
      notionfs resolve --mine ~/notion/acme/wiki.md
    """
    if how is None:
        raise UsageError("Say how: --mine, --theirs or --merged (see notionfs resolve --help).")
    tell(path, ask_about(path, "resolve", {"how": how}))
