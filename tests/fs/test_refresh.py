"""What others do in Notion: seen, shown, and never at the price of what is being written here."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.config import Prefetch
from notionfs.model import PageId
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

WIKI = "acme/wiki.md"
ALPHA = "acme/projects/project-alpha.md"
ROADMAP = "acme/wiki/roadmap.md"


async def test_a_poll_that_finds_nothing_is_one_call(desk: Desk) -> None:
    """And it touches no file."""
    text, stat = await desk.read(WIKI), desk.stat(WIKI)
    desk.sim.clock.advance(300)
    await desk.engine.refresher.poll()
    desk.sim.reset_counts()
    await desk.engine.refresher.poll()
    assert desk.sim.count() == 1
    assert (await desk.read(WIKI), desk.stat(WIKI)) == (text, stat)


async def test_an_edit_in_the_minute_of_our_own_save_is_seen(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Times are rounded to the minute: somebody else's edit right behind ours is not ours."""
    page_id = desk.page_id(WIKI)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.sent()
    desk.sim.replace_text(page_id, "First paragraph.", "First remote.")
    await trio.sleep(61)
    await desk.engine.refresher.poll()
    assert "First remote." in await desk.read(WIKI)


async def test_an_edit_by_another_mount_of_the_same_token_is_seen(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """It has our name on it, and in the very minute of our read; still it is news."""
    async with open_desk(sim, tmp_path / "one") as one, open_desk(sim, tmp_path / "two") as two:
        await one.read(WIKI)
        await two.edit(WIKI, "First paragraph.", "From the other desk.")
        await two.sent()
        await trio.sleep(61)
        await one.engine.refresher.poll()
        assert "From the other desk." in await one.read(WIKI)


async def test_an_edit_before_our_value_is_seen(desk: Desk, autojump_clock: MockClock) -> None:
    """Somebody changes the text, then we a value: that the last edit was ours proves nothing."""
    page_id = desk.page_id(ALPHA)
    await desk.read(ALPHA)
    desk.sim.replace_text(page_id, "Content here.", "Remote here.")
    await desk.edit(ALPHA, "Points: 3", "Points: 4")
    await desk.sent()
    await trio.sleep(61)
    await desk.engine.refresher.poll()
    assert "Remote here." in await desk.read(ALPHA)


async def test_what_is_open_is_not_replaced_under_its_reader(desk: Desk) -> None:
    """The bytes of a handle stay; after the last close the file shows Notion's text."""
    import os

    page_id = desk.page_id(WIKI)
    text = await desk.read(WIKI)
    opened = await desk.tree.open(desk.ino(WIKI), os.O_RDONLY)
    desk.sim.clock.advance(180)
    desk.sim.replace_text(page_id, "First paragraph.", "First remote.")
    await desk.engine.refresher.poll()
    assert desk.tree.read(opened.fh, 0, 1 << 20).decode() == text
    desk.tree.release(opened.fh)
    assert "First remote." in await desk.read(WIKI)


async def test_a_page_that_somebody_creates_with_our_title_is_shown_after_all(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """While our create is in doubt it might be ours; once that is known it has a file."""
    desk.sim.fail_next(operation="create_page", drop=True, after_applying=True)
    desk.sim.fail_next(operation="users_me", status=503, times=8)
    await desk.write("acme/wiki/note.md", "# Note\n\nOurs.\n")
    await trio.sleep(3)
    theirs = desk.sim.add_page("Note", parent=desk.page_id(WIKI), markdown="Theirs.\n")
    await desk.engine.refresher.poll()
    await desk.sent()
    await desk.engine.refresher.poll()
    shown = {desk.page_id(f"acme/wiki/{n}") for n in await desk.ls("acme/wiki") if "note" in n}
    assert theirs in shown
    notes = [
        page_id
        for page_id, page in desk.sim.workspace.pages.items()
        if desk.sim.title(page_id) == "Note" and not page.in_trash
    ]
    assert len(notes) == 2


async def test_a_page_that_cannot_be_shown_keeps_no_other_unread(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The background fill steps over a bug, and lives on."""
    async with open_desk(sim, tmp_path, prefetch=Prefetch.ALL) as desk:
        bad = desk.page_id(ALPHA)
        real = desk.engine.fetcher._arrived

        def arrived(doc_id: int, page_id: PageId, *rest: object) -> None:
            if page_id == bad:
                raise RuntimeError("bug")
            real(doc_id, page_id, *rest)  # type: ignore[arg-type]

        monkeypatch.setattr(desk.engine.fetcher, "_arrived", arrived)
        with desk.engine.store.transaction():
            for page_id in desk.engine.store.snapshots.list_live_ids():
                desk.engine.store.snapshots.mark_stale(page_id)
        desk.engine.fetcher.fill_soon()
        await trio.sleep(5)
        assert desk.engine.store.snapshots.list_unread(10) in ([bad], [])
        assert "First paragraph." in await desk.read(WIKI)


async def test_a_crash_of_the_refresh_itself_costs_a_pause(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The poll goes on afterwards; the mount never noticed."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        scanner = desk.engine.refresher._scanner
        real = scanner.read
        crashes = [RuntimeError("bug"), RuntimeError("bug")]

        async def read(name: str, until_ns: int | None) -> object:
            if crashes:
                raise crashes.pop()
            return await real(name, until_ns)

        monkeypatch.setattr(scanner, "read", read)
        desk.sim.edit_title(desk.page_id(ROADMAP), "Way Ahead")
        await trio.sleep(200)
        assert "way-ahead.md" in await desk.ls("acme/wiki")
        assert "begins again" in caplog.text
