"""`notionfs completion`: the script that lets a shell complete commands, options and paths."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print a completion script for SHELL: bash, zsh or fish.

    A Debian package brings the scripts along; otherwise put the output where the
    shell looks for it, once.

    \b
    Examples:
      notionfs completion bash > ~/.local/share/bash-completion/completions/notionfs
      notionfs completion fish > ~/.config/fish/completions/notionfs.fish
      notionfs completion zsh > ~/.zfunc/_notionfs      with fpath+=~/.zfunc in ~/.zshrc
    """
    from notionfs.cli.main import group

    kind = get_completion_class(shell)
    assert kind is not None, "click brings the three"
    click.echo(kind(group, {}, "notionfs", "_NOTIONFS_COMPLETE").source())
