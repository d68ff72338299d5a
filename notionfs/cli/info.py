"""`notionfs info`: the record of a page or database, for people or as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

import click

from notionfs.cli.asking import ask, ask_about
from notionfs.cli.screen import amount, say
from notionfs.errors import UsageError
from notionfs.model import normalize_id


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the record as one JSON object.")
@click.argument("subject", metavar="PATH|ID|URL")
def command(subject: str, as_json: bool) -> None:
    """Show what is known of a page or database: ids, place, times, data sources.

    PATH is a page, its folder or a database's folder in a mount. An ID or URL, as
    Notion shows it, is looked for in the only mount that is running. It takes no call.

    \b
    Examples:
      notionfs info ~/notion/engineering/wiki.md
      notionfs info https://www.notion.so/acme/Wiki-39a0bc1eedcd8142936bcca8ae692cc4
      notionfs info --json ~/notion/acme/projects | jq '.data_sources[].page_count'
    """
    answer = _ask(subject)
    if as_json:
        click.echo(json.dumps(answer["record"], indent=2, ensure_ascii=False))
        return
    for line in describe({**answer["record"], **answer["more"]}):
        say(line)


def _ask(subject: str) -> dict[str, Any]:
    if "://" not in subject and os.path.lexists(subject):
        return ask_about(subject, "info")
    if normalize_id(subject) is None:
        raise UsageError(f"{subject} is no file, no Notion id and no URL that ends in one.")
    return ask(None, "info", {"reference": subject})


def describe(facts: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each fact that is known; a data source has a line of its own."""
    for key, value in facts.items():
        if key == "data_sources":
            for source in value:
                yield _source(source)
        elif value is not None:
            yield f"{key.replace('_', ' ')}: {value}"


def _source(source: Mapping[str, Any]) -> str:
    mark = " (default)" if source["is_default"] else ""
    pages = amount(source["page_count"], "page")
    return f"data source: {source['name']}{mark}, {pages}, {source['id']}"
