"""The settings file is read again while the mount is up."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from notionfs.errors import UsageError
from notionfs.service.reloading import reload_at_signal
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("poll = 30\n")
    return path


def write(file: Path, text: str) -> None:
    file.write_text(text)


def wiki_of(desk: Desk) -> str:
    page_id = desk.page_id("acme/wiki.md")
    assert page_id is not None
    return page_id


def workspace() -> Simulator:
    sim = Simulator()
    page = sim.add_page("Wiki", markdown="Text.\n")
    sim.add_page("Notes", parent=page, markdown="Below.\n")
    return sim


async def test_a_new_teamspace_takes_its_pages_without_a_call(tmp_path: Path, file: Path) -> None:
    """What is known moves with all below; when the teamspace goes, it moves back."""
    sim = workspace()
    async with open_desk(sim, tmp_path, config_file=file) as desk:
        before = sum(desk.client.calls.values())
        write(file, f'[teamspaces.docs]\nroots = ["{wiki_of(desk)}"]\n')
        assert "teamspaces" in (await desk.ask("reload"))["changed"]
        assert await desk.ls("docs") == ["wiki", "wiki.md"]
        assert await desk.ls("docs/wiki") == ["notes.md"]
        write(file, "")
        await desk.ask("reload")
        assert await desk.ls("acme") == ["wiki", "wiki.md"]
        assert "docs" not in await desk.ls()
        assert sum(desk.client.calls.values()) == before


async def test_a_teamspace_set_while_nothing_was_mounted_is_followed(
    tmp_path: Path, file: Path
) -> None:
    """At the next mount, from what the store knows."""
    sim = workspace()
    async with open_desk(sim, tmp_path, config_file=file) as desk:
        root = wiki_of(desk)
        write(file, f'[teamspaces.docs]\nroots = ["{root}"]\n')
        await desk.ask("reload")
        spaces = desk.engine.context.settings.teamspaces
        write(file, "")
        await desk.ask("reload")
    async with open_desk(sim, tmp_path, refreshed=False, teamspaces=spaces) as desk:
        assert await desk.ls("docs") == ["wiki", "wiki.md"]


async def test_settings_that_follow_and_settings_that_wait_are_told_apart(
    tmp_path: Path, file: Path
) -> None:
    """And what the command line says stays."""
    async with open_desk(
        workspace(), tmp_path, config_file=file, poll=30.0, given=frozenset({"quiet"})
    ) as desk:
        write(file, 'poll = 60\nquiet = 9\nnames = "title"\nrate_limit = 50\n')
        done = await desk.ask("reload")
        assert {"poll", "rate_limit"} <= set(done["changed"])
        assert (done["waiting"], done["overruled"]) == (["names"], ["quiet"])
        assert desk.client.pace.limit == 50
        assert desk.tree.settings.poll == 60.0
        assert (await desk.ask("reload"))["changed"] == []
        write(file, 'names = "slug"\n')  # as it is without the line
        assert (await desk.ask("reload"))["waiting"] == []


async def test_a_mistake_in_the_file_changes_nothing(
    tmp_path: Path, file: Path, caplog: Any
) -> None:
    """The command says what is wrong; after a signal the log does."""
    async with open_desk(workspace(), tmp_path, config_file=file) as desk:
        before = desk.tree.settings
        write(file, "poll = 60\nquite = 3\n")
        with pytest.raises(UsageError, match="quiet"):
            await desk.ask("reload")
        await reload_at_signal(desk.commands)
        assert desk.tree.settings is before
    assert [r.levelno for r in caplog.records if "stay as they were" in r.message] == [
        logging.ERROR
    ]


async def test_the_file_of_another_mount_is_none_of_ours(tmp_path: Path, file: Path) -> None:
    """`notionfs teamspace` tells every mount which file it edited."""
    async with open_desk(workspace(), tmp_path, config_file=file) as desk:
        write(file, "poll = 60\n")
        assert await desk.ask("reload", file=str(tmp_path / "other.toml")) == {}
