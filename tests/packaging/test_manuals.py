"""The manual pages: made from the commands, complete, and nothing to complain about."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from notionfs.cli.main import COMMANDS
from notionfs.cli.mount_helper import OPTIONS
from notionfs.config import KEYS, TOKEN_KEYS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("man")
    script = ROOT / "packaging" / "man" / "build.py"
    subprocess.run([sys.executable, script, directory], check=True, cwd=ROOT)
    return directory


def shown(page: Path) -> str:
    """What a reader sees, without bold and underlined."""
    done = subprocess.run(
        ["mandoc", "-Tutf8", "-Owidth=200", page], capture_output=True, text=True, check=True
    )
    return subprocess.run(
        ["col", "-b"], input=done.stdout, capture_output=True, text=True, check=True
    ).stdout


def commands(name: str) -> Iterator[click.Command]:
    """The command, and what stands below it."""
    command: click.Command = importlib.import_module(COMMANDS[name].module).command
    yield command
    if isinstance(command, click.Group):
        yield from command.commands.values()


needs_mandoc = pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")


@needs_mandoc
def test_mandoc_has_nothing_to_say(pages: Path) -> None:
    """Its lint is strict about structure, and people have other readers."""
    done = subprocess.run(
        ["mandoc", "-Tlint", "-Wwarning", *sorted(pages.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""


@needs_mandoc
@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_page_with_all_its_options(pages: Path, name: str) -> None:
    """The page says what --help says."""
    text = shown(pages / f"notionfs-{name}.1")
    for command in commands(name):
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden:
                assert option.opts[-1] in text
                assert " ".join((option.help or "").split()[:2]) in text


@needs_mandoc
def test_the_page_of_settings_has_every_key(pages: Path) -> None:
    """And so can fstab, for its options are the same keys."""
    text = shown(pages / "notionfs.toml.5")
    assert all(f"\n     {key}" in text for key in (*KEYS, *TOKEN_KEYS))


@needs_mandoc
def test_the_page_of_the_helper_has_its_options(pages: Path) -> None:
    """Whoever writes a line of fstab looks there."""
    text = shown(pages / "mount.notionfs.8")
    assert all(f"\n     {option}" in text for option in OPTIONS)
