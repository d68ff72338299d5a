"""`notionfs login`: get a token, look whether it works, and keep it where only its owner reads."""

from __future__ import annotations

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

import click

from notionfs.cli.screen import say
from notionfs.credentials import DEFAULT_CONNECTION, Credentials, checked_name
from notionfs.model import Secret
from notionfs.settings import base_url_for, checked_token, vault

if TYPE_CHECKING:
    from notionfs.cli.connecting import Look

EXPLANATION = """\
notionfs needs a token that says which pages it may see. There are two kinds:

  a connection             sees the pages that you share with it, and all below them
  a personal access token  sees everything that you see

Make either at https://www.notion.so/profile/integrations. A connection needs the capabilities to
read, update and insert content; afterwards open a page in Notion, choose ••• → Connections, and
add it there.
"""


@click.command()
@click.option(
    "--connection",
    default=DEFAULT_CONNECTION,
    metavar="NAME",
    help="Keep it under this name, to use with mount --connection NAME.",
)
@click.option("--keyring", is_flag=True, help="Keep it in the system's keyring, not in a file.")
@click.option("--oauth", is_flag=True, help="Ask in the browser, for a public connection.")
@click.option(
    "--client-id",
    metavar="ID",
    envvar="NOTION_CLIENT_ID",
    help="The public connection's id; its secret is asked for.  [$NOTION_CLIENT_ID]",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8765,
    show_default=True,
    metavar="N",
    help="With --oauth: the browser comes back to http://localhost:N/callback.",
)
@click.option("--base-url", metavar="URL", help="Ask this server, not https://api.notion.com.")
def command(
    connection: str,
    keyring: bool,
    oauth: bool,
    client_id: str | None,
    port: int,
    base_url: str | None,
) -> None:
    """Connect to a Notion workspace, once.

    It asks for a token without showing it, looks whether it works and what it sees,
    and keeps it in a file that only you can read. Later mounts need nothing else. In
    a script, the token can come from standard input.

    \b
    Examples:
      notionfs login
      notionfs login --connection work --keyring
      notionfs login < token.txt
      notionfs login --oauth --client-id 1f0d872b-…
    """
    checked_name(connection)
    server = base_url_for(base_url, os.environ)
    if oauth:
        credentials, look = _in_browser(client_id, port, server)
    else:
        credentials, look = _with_token(server)
    place = vault().save(connection, credentials, keyring=keyring)
    for line in look.sentences():
        say(line)
    say(f"The token is kept in {place}.")
    named = "" if connection == DEFAULT_CONNECTION else f" --connection {connection}"
    say(f"Mount it with: notionfs mount{named} ~/notion")


def _with_token(server: str) -> tuple[Credentials, Look]:
    token = _ask("Token", explain=EXPLANATION)
    look = _look(token, server)
    return Credentials(token, look.identity.workspace_name, server), look


def _ask(what: str, *, explain: str = "") -> Secret:
    """Return a secret: typed without being shown, or the first line of a script's input."""
    if not sys.stdin.isatty():
        return checked_token(sys.stdin.readline(), "Standard input")
    if explain:
        click.echo(explain)
    typed: str = click.prompt(f"{what} (it is not shown)", hide_input=True)
    return checked_token(typed, "What you typed")


def _look(token: Secret, server: str) -> Look:
    import trio

    from notionfs.cli.connecting import look_around

    return trio.run(look_around, token, server)


def _in_browser(client_id: str | None, port: int, server: str) -> tuple[Credentials, Look]:
    import trio

    from notionfs.api.oauth import PublicConnection
    from notionfs.cli.connecting import authorize

    if client_id is None:
        client_id = str(click.prompt("The public connection's id"))
    secret = _secret_of_connection()
    public = PublicConnection(client_id, secret, base_url=server)
    grant = trio.run(authorize, public, port, _show)
    credentials = Credentials(
        grant.token,
        grant.workspace,
        server,
        refresh_token=grant.refresh_token,
        client_id=client_id,
        client_secret=secret,
    )
    return credentials, _look(grant.token, server)


def _secret_of_connection() -> Secret:
    given = os.environ.get("NOTION_CLIENT_SECRET", "")
    if given.strip():
        return checked_token(given, "NOTION_CLIENT_SECRET")
    return _ask("The public connection's secret")


def _show(address: str) -> None:
    say("Decide in your browser which pages notionfs may see. If none opens, go to:")
    click.echo(f"  {address}")
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address)
