"""`notionfs search`: pages and databases by their words, best first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import click

from notionfs.cli.asking import ask
from notionfs.cli.screen import visible, warn
from notionfs.ui.searching import summary


@click.command()
@click.option("--in", "place", metavar="DIR", help="Search only below this directory of a mount.")
@click.option("--fresh", is_flag=True, help="Ask Notion, too: two calls or more.")
@click.option("--limit", metavar="N", type=click.IntRange(1, 1000), help="At most N.  [20]")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
@click.argument("words", nargs=-1, required=True)
def command(
    words: tuple[str, ...], place: str | None, limit: int | None, *, fresh: bool, as_json: bool
) -> None:
    """Find pages and databases that have all WORDS in title, properties or text.

    Only what is on this machine is searched, without a call: all titles, and the texts
    that were read, unsent ones included. Case, accents and English endings do not
    matter. A word that ends in * is a beginning; "two words" in quotes stand together.
    The first search of a large workspace takes some seconds: it reads every text once.

    \b
    Examples:
      notionfs search release plan
      notionfs search '"release plan"' --in ~/notion/engineering
      notionfs search 'migrat*' --json | jq -r '.hits[].path'
      notionfs search --fresh onboarding
    """
    arguments = {"words": " ".join(words), "fresh": fresh, "limit": limit}
    answer = ask(place, "search", arguments, timeout=None)
    if as_json:
        click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        show(answer, now=datetime.now(UTC))
    if answer["problem"]:
        warn(f"Notion was not asked: {answer['problem']}")


def show(answer: Mapping[str, Any], *, now: datetime) -> None:
    """Print a path and an excerpt for each hit, and how old the answer is."""
    from rich.console import Console
    from rich.text import Text

    console = Console(markup=False, highlight=False, emoji=False, soft_wrap=True)
    for hit in answer["hits"]:
        console.print(Text(visible(hit["path"]), "bold"))
        if hit["excerpt"]:
            console.print(Text.assemble("    ", *_parts(hit["excerpt"], hit["matches"])))
    console.print(Text(summary(answer, now), "dim"))


def _parts(excerpt: str, matches: list[list[int]]) -> Iterator[str | tuple[str, str]]:
    end = 0
    for start, stop in matches:
        yield visible(excerpt[end:start])
        yield visible(excerpt[start:stop]), "bold yellow"
        end = stop
    yield visible(excerpt[end:])
