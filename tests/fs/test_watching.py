"""What a mount tells those who watch it."""

from __future__ import annotations

from trio.testing import MockClock

from tests.desk import Desk


async def test_calls_are_remembered_by_the_time_they_left(desk: Desk) -> None:
    """The last slot is the present one; together they are all calls of the last hour."""
    pace = await desk.ask("pace")
    assert pace["seconds"] * len(pace["counts"]) == 3600
    assert sum(pace["counts"]) == sum(desk.client.calls.values())
    await desk.read("acme/wiki.md")
    assert sum((await desk.ask("pace"))["counts"]) == sum(pace["counts"]) + 1


async def test_calls_of_an_hour_ago_are_forgotten(desk: Desk, autojump_clock: MockClock) -> None:
    """A plot shows the last hour."""
    autojump_clock.jump(3700)
    assert sum((await desk.ask("pace"))["counts"]) == 0


async def test_the_pages_edited_last_come_first(desk: Desk, autojump_clock: MockClock) -> None:
    """With their place in the tree, and without a call."""
    autojump_clock.jump(300)
    await desk.edit("acme/wiki.md", "First paragraph.", "A new first paragraph.")
    await desk.sent()
    await desk.ask("sync")
    calls = sum(desk.client.calls.values())
    pages = (await desk.ask("recent", limit=3))["pages"]
    assert len(pages) == 3
    assert pages[0]["path"] == "acme/wiki.md"
    assert [page["edited"] for page in pages] == sorted(
        (page["edited"] for page in pages), reverse=True
    )
    assert sum(desk.client.calls.values()) == calls
