"""`notionfs restore`: bring a page back from Notion's trash."""

from __future__ import annotations

import os

import click

from notionfs import registry
from notionfs.cli.asking import ask
from notionfs.cli.outcomes import tell
from notionfs.errors import MountError
from notionfs.model import normalize_id


@click.command()
@click.argument("subject", metavar="PATH|ID|URL")
def command(subject: str) -> None:
    """Bring a page back from Notion's trash, with its id, to where it was.

    PATH is a file in .trash at the top of the mount, or the path of a page that was
    removed. An ID or URL is looked for in the only mount that is running.

    \b
    Examples:
      ls ~/notion/.trash
      notionfs restore ~/notion/.trash/roadmap.md
      notionfs restore ~/notion/acme/wiki/roadmap.md
      notionfs restore 39a0bc1e-edcd-8142-936b-cca8ae692cc4
    """
    path, arguments = _subject(subject)
    answer = ask(path, "restore", arguments, timeout=None)
    tell(str(answer.get("path") or subject), answer)


def _subject(subject: str) -> tuple[str | None, dict[str, str]]:
    """Tell a path inside a mount, also of a file that is gone, from an id or URL."""
    is_id = "/" not in subject and normalize_id(subject) is not None
    if "://" not in subject and (not is_id or os.path.lexists(subject)):
        try:
            registry.find_mount(registry.canonical(subject))
        except MountError:
            if normalize_id(subject) is None:
                raise
        else:
            return subject, {}
    return None, {"reference": subject}
