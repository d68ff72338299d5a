"""A refresh that somebody asked for shows what was edited a moment ago."""

from __future__ import annotations

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
