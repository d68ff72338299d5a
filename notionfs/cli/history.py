"""`notionfs history`: earlier texts of a page, kept on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping

import click

from notionfs.cli.asking import ask_about
from notionfs.cli.screen import say

_BY: Mapping[str, str] = {
    "save": "a save",
    "notion": "a change in Notion",
    "discard": "Notion's text, when it was discarded",
    "undo": "an undo",
    "remove": "its removal",
}


@click.command()
@click.option("--show", type=click.IntRange(1), metavar="N", help="Print text number N.")
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON.")
@click.argument("path", type=click.Path())
def command(path: str, show: int | None, as_json: bool) -> None:
    """List the earlier texts of PATH, the newest first, or print one of them.

    Every text that a save, a change in Notion, an undo or a discard replaced is kept
    on this machine: 30 for each page (setting: history), for 90 days.

    \b
    Examples:
      notionfs history ~/notion/acme/wiki.md
      notionfs history --show 2 ~/notion/acme/wiki.md | diff - ~/notion/acme/wiki.md
    """
    if show is not None:
        _print(ask_about(path, "history", {"number": show})["text"])
        return
    texts = ask_about(path, "history")["texts"]
    if as_json:
        click.echo(json.dumps(texts, indent=2))
        return
    for text in texts:
        by = _BY.get(text["by"], text["by"])
        say(f"{text['number']:>3}  {text['replaced']}  {text['size']:>9,} bytes  replaced by {by}")
    if not texts:
        say(f"There is no earlier text of {path}.")


def _print(text: str) -> None:
    """Print a page's text: exactly into a file or pipe, harmlessly on a terminal."""
    if not sys.stdout.isatty():
        click.echo(text, nl=False)
        return
    for line in text.splitlines():
        say(line)
