"""A refresh that somebody asked for shows what was edited a moment ago."""

from __future__ import annotations

import pytest
import trio.testing

from notionfs.errors import InvalidPageFile
from tests.desk import Desk

PATH = "acme/wiki/roadmap.md"


async def test_an_edit_in_the_minute_of_our_read_is_seen_when_asked_for(desk: Desk) -> None:
    """Notion rounds its times to the minute: they cannot tell, so the page is read once more."""
    assert "Later." in await desk.read(PATH)
    desk.sim.edit_markdown(desk.sim.find("Roadmap"), "Much later.")
    await desk.engine.refresher.reconcile(at_once=True)
    assert "Much later." in await desk.read(PATH)


async def test_our_own_save_is_not_read_again(desk: Desk) -> None:
    """Notion's answer to it was the page's text."""
    await desk.edit(PATH, "Later.", "Sooner.")
    await desk.sent()
    await desk.engine.refresher.reconcile(at_once=True)
    desk.sim.reset_counts()
    assert "Sooner." in await desk.read(PATH)
    assert desk.sim.count() == 0


async def test_a_sync_that_waits_returns_when_notion_has_it(
    desk: Desk, autojump_clock: trio.testing.MockClock
) -> None:
    """However long Notion is away; what stands elsewhere is not waited for."""
    await desk.read(PATH)
    desk.sim.fail_next(times=40, drop=True)
    await desk.edit(PATH, "Later.", "Sooner.")
    await desk.ask("sync", path="acme/wiki", wait=True)
    assert "Sooner." in desk.sim.markdown(desk.sim.find("Roadmap"))


async def test_a_sync_that_waits_names_what_notion_does_not_take(
    desk: Desk, autojump_clock: trio.testing.MockClock
) -> None:
    """A refused text and one that was never sent, each with its reason; the others are sent."""
    await desk.read(PATH)
    with pytest.raises(InvalidPageFile):
        await desk.write("acme/projects/alpha.md", "---\nStatus: Nonsense\n---\n\nText.\n")
    await desk.edit(PATH, "Later.", "Sooner.")
    with pytest.raises(
        InvalidPageFile, match=r"acme/projects/alpha\.md is not in Notion: .*Status"
    ):
        await desk.ask("sync", wait=True)
    assert "Sooner." in desk.sim.markdown(desk.sim.find("Roadmap"))
    await desk.ask("sync", path="acme/wiki", wait=True)
