"""`notionfs version`: the versions that matter when something goes wrong."""

from __future__ import annotations

import platform
from importlib import metadata

import click

from notionfs import __version__
from notionfs.cli.screen import say

_PARTS = ("pyfuse3", "trio", "httpx")


@click.command()
def command() -> None:
    """Show the versions that matter in a bug report.

    \b
    Example:  notionfs version
    """
    say(f"notionfs {__version__}")
    say(f"Python {platform.python_version()}, {platform.system()} {platform.release()}")
    say(", ".join(f"{name} {_version_of(name)}" for name in _PARTS))


def _version_of(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "missing"
