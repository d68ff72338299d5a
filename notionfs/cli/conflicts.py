"""`notionfs conflicts`: the pages that wait for a decision."""

from __future__ import annotations

import json

import click

from notionfs.cli.asking import ask
from notionfs.cli.screen import say


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print them as a JSON list.")
@click.argument("mountpoint", type=click.Path(), required=False)
def command(mountpoint: str | None, as_json: bool) -> None:
    """List the pages that were changed at the same place here and in Notion.

    Nothing is sent for them until you decide. Your text is in the file, Notion's
    in the .remote.md file beside it; notionfs diff shows both, notionfs resolve decides.

    \b
    Examples:
      notionfs conflicts
      notionfs conflicts --json ~/notion | jq -r '.[].path'
    """
    found = ask(mountpoint, "conflicts")["conflicts"]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for conflict in found:
        say(f"{conflict['path']} (Notion's text: {conflict['remote']})")
    if not found:
        say("There is no conflict.")
