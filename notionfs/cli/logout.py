"""`notionfs logout`: forget a token."""

from __future__ import annotations

import click

from notionfs.cli.screen import say
from notionfs.credentials import DEFAULT_CONNECTION
from notionfs.errors import UsageError
from notionfs.settings import vault


@click.command()
@click.option(
    "--connection", default=DEFAULT_CONNECTION, metavar="NAME", help="Forget the one of this name."
)
def command(connection: str) -> None:
    """Forget the token that notionfs login keeps.

    Running mounts go on with it until they end, and what they saved stays on disk.
    In Notion the connection still exists; remove it there to end its access.

    \b
    Examples:
      notionfs logout
      notionfs logout --connection work
    """
    if not vault().remove(connection):
        known = ", ".join(vault().names()) or "none is kept"
        raise UsageError(f"There is no connection {connection} ({known}).")
    say(f"The connection {connection} is forgotten.")
