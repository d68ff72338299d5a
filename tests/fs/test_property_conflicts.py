"""The same property changed here and in Notion: seen although no poll told of it."""

from __future__ import annotations

from pathlib import Path

import trio
from trio.testing import MockClock

from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

ALPHA = "acme/projects/project-alpha.md"


def status(desk: Desk) -> str:
    page = desk.sim.page(desk.page_id(ALPHA))
    return str(page["properties"]["Status"]["status"]["name"])


async def test_an_old_base_is_read_again_before_properties_are_sent(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Without polls nobody told of the change in Notion: one read more, and it is a conflict."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(ALPHA)
        await trio.sleep(600)
        sim.edit_property(desk.page_id(ALPHA), "Status", "Done")
        sim.reset_counts()
        await desk.edit(ALPHA, "Status: In progress", "Status: Not started")
        await desk.sent()
        assert sim.count("update_page") == 0
        assert status(desk) == "Done"
        assert "Status: Done" in await desk.read("acme/projects/project-alpha.remote.md")
        desk.rm("acme/projects/project-alpha.remote.md")
        await desk.sent()
        assert status(desk) == "Not started"


async def test_the_read_before_old_properties_is_one_call(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Another property that was changed meanwhile is no conflict, and it is shown."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(ALPHA)
        await trio.sleep(600)
        sim.edit_property(desk.page_id(ALPHA), "Points", 9)
        sim.reset_counts()
        await desk.edit(ALPHA, "Status: In progress", "Status: Done")
        await desk.sent()
        assert (sim.count("get_page"), sim.count("update_page"), sim.count()) == (1, 1, 2)
        text = await desk.read(ALPHA)
        assert "Status: Done" in text
        assert "Points: 9" in text


async def test_a_page_that_notion_showed_a_moment_ago_is_not_read_again(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Polls and answers to our own writes tell as much as a read."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(ALPHA)
        await trio.sleep(600)
        await desk.engine.refresher.poll()
        sim.reset_counts()
        await desk.edit(ALPHA, "Points: 3", "Points: 4")
        await desk.sent()
        await desk.edit(ALPHA, "Points: 4", "Points: 5")
        await desk.sent()
        assert (sim.count("get_page"), sim.count("update_page")) == (0, 2)


async def test_a_save_of_the_body_alone_reads_nothing_first(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Bodies are sent as exact replacements, which miss when somebody else was there."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(ALPHA)
        await trio.sleep(600)
        sim.reset_counts()
        await desk.edit(ALPHA, "Content here.", "Text here.")
        await desk.sent()
        assert sim.count() == sim.count("patch_markdown") == 1
