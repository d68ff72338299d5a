"""`notionfs mount`: check what can be checked, then serve, normally in the background."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import click

from notionfs import registry
from notionfs.cli.daemon import Caller, start_in_background
from notionfs.cli.filling import Filling
from notionfs.cli.logs import log_path, start_logging
from notionfs.cli.manager import tell_manager
from notionfs.cli.mountpoint import check_mountpoint
from notionfs.cli.screen import say, warn
from notionfs.config import Layout, NameStyle, Prefetch, Removal, Settings
from notionfs.settings import load_settings

OTHERS = (
    "other users of this machine can enter this mount; what its files' modes let them write is "
    "changed in Notion in your name (--read-only prevents that)."
)
"""The warning of --allow-other."""


def _switch(name: str, *more: str, help: str) -> Callable[[Any], Any]:  # noqa: A002
    """A flag that is None, not False, when it is not given: the settings file may say true."""
    return click.option(name, *more, is_flag=True, default=None, help=help)


@click.command()
@click.option("-f", "--foreground", is_flag=True, help="Stay in the terminal; Ctrl-C unmounts.")
@_switch("--demo", help="Mount the built-in demo workspace: no account, no network.")
@click.option("--base-url", metavar="URL", help="Ask this server, not https://api.notion.com.")
@click.option("--state-dir", metavar="DIR", help="Keep the local store here.")
@click.option("--config", "config_file", metavar="FILE", help="Read this settings file.")
@click.option("--connection", metavar="NAME", help="Use this connection of notionfs login.")
@click.option("--token-file", metavar="FILE", help="Use the token in this file of mode 0600.")
@_switch("--read-only", help="Refuse every change.")
@click.option("--poll", metavar="SECONDS|off", help="How often to look for changes.  [30]")
@click.option(
    "--prefetch",
    type=click.Choice([word.value for word in Prefetch]),
    help="Which unread pages to fetch in the background.  [all]",
)
@click.option("--rate-limit", metavar="N|off", help="At most N requests a minute.  [180]")
@click.option(
    "--names",
    type=click.Choice([word.value for word in NameStyle]),
    help="File names: project-alpha.md, or Project Alpha.md.  [slug]",
)
@click.option(
    "--layout",
    type=click.Choice([word.value for word in Layout]),
    help="A database as one folder, or with a folder for each data source.  [flat]",
)
@click.option(
    "--rm",
    type=click.Choice([word.value for word in Removal]),
    help="Removing a page's file: to Notion's trash, or refused.  [trash]",
)
@_switch("--xattrs", help="Offer user.notion.* attributes; slows ls -l down.")
@_switch("--sync", help="close waits for Notion's answer, so that an editor shows a refusal.")
@click.option("--idle-timeout", metavar="SECONDS|off", help="Unmount when unused so long.  [off]")
@click.option("--wait", is_flag=True, help="Return when the first listing is complete.")
@_switch("--allow-other", help="Let other users of this machine in.")
@click.option("--log-file", metavar="FILE", help="Log here.  [notionfs.log in the state directory]")
@click.option("--log-level", metavar="LEVEL", help="debug, info, warning or error.  [info]")
@click.option("--metrics-port", metavar="N", help="Answer Prometheus on this port of 127.0.0.1.")
@click.option("--force-unmount", is_flag=True, help="Clear what a crashed mount left, then mount.")
@click.argument("mountpoint", type=click.Path())
def command(
    mountpoint: str, *, foreground: bool, wait: bool, force_unmount: bool, **flags: object
) -> None:
    """Show a Notion workspace as the directory MOUNTPOINT.

    The command returns when the mount answers, and keeps running in the background;
    if it cannot, it says why and the exit code is not 0. MOUNTPOINT must be an
    empty directory.

    The first mount of a workspace lists all its pages, 100 in a request. After five
    seconds the mount can be used, and fills while you do; with --wait the command
    returns when it is complete. Ctrl-C then ends the waiting, not the mount.

    \b
    Examples:
      notionfs mount --demo ~/notion
          a workspace to play with, on this machine alone
      NOTION_TOKEN=ntn_... notionfs mount ~/notion
          your workspace: everything that is shared with the connection
      notionfs mount --read-only --prefetch all ~/notion
          a copy to search: grep -r works offline after a while
      notionfs mount -f --log-level debug ~/notion
          in the terminal, to see what it does

    Settings can also stand in ~/.config/notionfs/config.toml, under the names of
    the options with _ for -. It can name a file of mode 0600 that holds the token:
    token_file = "token".
    """
    place = registry.canonical(mountpoint)
    settings = load_settings(flags={"mountpoint": place, **flags}, environ=os.environ)
    forget_token(settings)
    if settings.allow_other and not settings.read_only:
        warn(OTHERS)
    check_mountpoint(settings, force_unmount=force_unmount)
    if foreground:
        _run_here(settings, wait=wait)
    else:
        run_in_background(settings, wait=wait)


def forget_token(settings: Settings) -> None:
    """Take the tokens out of the environment: no process that we start needs them."""
    tokens = {settings.token, *(space.token for space in settings.spaces)}
    for name in [name for name, value in os.environ.items() if value.strip() in tokens]:
        del os.environ[name]


def _run_here(settings: Settings, *, wait: bool) -> None:
    start_logging(settings, to_screen=True)
    app = _import_app()
    with Filling(sys.stderr) as filling:
        here = _Here(settings, filling, wait)
        app.run(settings, on_ready=here.ready, on_listing=here.listing)


def _import_app() -> ModuleType:
    """Import the program behind the command; nothing of it is garbage, so nobody looks for any."""
    gc.disable()  # until the mount is up: see `app`
    return importlib.import_module("notionfs.app")


class _Here:
    """Tells the terminal and the service manager how a mount in the foreground goes."""

    def __init__(self, settings: Settings, filling: Filling, wait: bool) -> None:
        self._what = _what(settings)
        self._filling = filling
        self._wait = wait
        self._is_ready = False

    def ready(self) -> None:
        """It answers; the manager hears that, or waits for the first listing."""
        self._is_ready = True
        warn(f"{self._what} is ready; Ctrl-C unmounts.")
        if self._filling.is_complete or not self._wait:
            tell_manager(READY="1", STATUS=f"{self._what} is ready.")

    def listing(self, facts: Mapping[str, int] | None) -> None:
        """The first listing came further, or is complete."""
        self._filling.hear(facts)
        if not self._filling.was_seen:
            return
        if self._filling.is_complete and self._is_ready:
            warn(f"{self._filling.sentence()}.")
        status = {"STATUS": f"{self._what}: {self._filling.sentence()}."}
        is_due = self._is_ready and self._wait and self._filling.is_complete
        tell_manager(**({"READY": "1"} if is_due else {}), **status)


def run_in_background(settings: Settings, *, quiet: bool = False, wait: bool = False) -> None:
    """Serve from a process of its own; return, and say so unless *quiet*, once it answers.

    With *wait*, once the first listing is complete.
    """

    def run(caller: Caller) -> None:
        start_logging(settings, to_screen=False)
        app = _import_app()  # here, so that a failing import is in the log
        app.run(settings, on_ready=caller, on_listing=caller.listing)

    log_file = log_path(settings)
    with Filling(sys.stdout, quiet=quiet) as filling:
        pid = start_in_background(run, log_file=log_file, hear=filling.hear, until_listed=wait)
    if not quiet:
        say(f"{_what(settings)} is ready (process {pid}, log {log_file}).")
        if filling.was_seen and not filling.is_complete:
            how_far = filling.sentence()
            say(f"It fills while you use it; {how_far}. notionfs status says how far it is.")


def _what(settings: Settings) -> str:
    what = "The demo workspace" if settings.demo else "Your workspace"
    return f"{what} at {settings.mountpoint}"
