"""The tables of the reference have the names that the program has, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from notionfs.cli.exits import MEANINGS
from notionfs.cli.main import COMMANDS
from notionfs.cli.mount_helper import OPTIONS
from notionfs.errors import InvalidPageFile
from notionfs.fs.xattrs import ExtendedAttributes
from notionfs.reloading import RELOADABLE
from notionfs.service.metrics import FIGURES
from notionfs.simulator import Simulator
from tests.desk import open_desk
from tests.docs.test_docs import command, first_cells, keys_in, page, section

ROW = "acme/engineering/projects/audit-log.md"


def test_the_page_has_the_exit_codes_and_no_others() -> None:
    """In their order."""
    rows = re.findall(r"^\| (\d+) \| ", section(page("commands.md"), "Exit codes"), re.MULTILINE)
    assert rows == [str(int(code)) for code in MEANINGS]


DEFAULTS = [
    (name, option)
    for name in COMMANDS
    for option in command(name).params
    if isinstance(option, click.Option) and option.show_default and not option.is_flag
]


@pytest.mark.parametrize(("name", "option"), DEFAULTS, ids=str)
def test_the_default_that_the_help_shows_is_the_one_on_the_page(
    name: str, option: click.Option
) -> None:
    """Where an option has one of its own; those of settings are told with the settings."""
    default = option.default
    shown = f"{default:g}" if isinstance(default, int | float) else str(default)
    text = section(page("commands.md"), f"notionfs {name}")
    [row] = re.findall(rf"^\| `{option.opts[-1]} .*$", text, re.MULTILINE)
    assert row.endswith(f"| `{shown}` |")


def test_the_options_of_mount_notionfs_are_told() -> None:
    """Both ways; `sync` and the like are settings with a row of their own."""
    told = keys_in(section(page("commands.md"), "mount.notionfs"))
    assert set(OPTIONS) <= set(told)
    assert {key.partition("=")[0] for key in told} <= {
        *(key.partition("=")[0] for key in OPTIONS),
        "idle_timeout",
    }


def test_the_figures_of_the_example_are_those_that_are_told() -> None:
    """All of them but the limit, which the demo has not."""
    shown = re.findall(r"^notionfs_(\w+)(?:{| )", page("commands.md"), re.MULTILINE)
    wanted = [name for name, *_ in FIGURES if name != "requests_limit"]
    assert list(dict.fromkeys(shown)) == [*wanted, "requests_total"]


def test_the_settings_that_follow_while_mounted_are_listed() -> None:
    """Whoever edits the file wants to know whether to mount again."""
    text = section(page("config.md"), "While it is mounted")
    listed = text.partition("follow at once:")[2].partition("All others")[0]
    assert re.findall(r"`(\w+)`", listed) == list(RELOADABLE)


async def test_every_extended_attribute_has_a_row(tmp_path: Path) -> None:
    """A row with a refused text has all of them."""
    async with open_desk(Simulator(seed="demo"), tmp_path, xattrs=True) as desk:
        with pytest.raises(InvalidPageFile):
            await desk.edit(ROW, "Status: Blocked", "Status: nonsense")
        names = ExtendedAttributes(desk.tree).names(desk.ino(ROW))
    assert sorted(keys_in(page("xattrs.md"))) == sorted(names)


async def test_every_key_of_a_queued_change_has_a_row(tmp_path: Path) -> None:
    """And the keys of pages that wait for somebody are told where the list is."""
    async with open_desk(Simulator(seed="demo"), tmp_path, quiet=3600.0) as desk:
        await desk.edit(ROW, "Priority: Medium", "Priority: High")
        other = ROW.replace("audit-log", "faster-search")
        with pytest.raises(InvalidPageFile):
            await desk.edit(other, "Status: In progress", "Status: nonsense")
        status = await desk.ask("status")
    head, _, entry = page("status.md").partition("An entry of `queue`")
    assert [cell.strip("`") for cell in first_cells(entry)] == list(status["queue"][0])
    for key in ("errors", "conflicts"):
        [row] = re.findall(rf"^\| `{key}` .*$", head, re.MULTILINE)
        assert set(status["errors"][0]) <= set(re.findall(r"`(\w+)`", row))
