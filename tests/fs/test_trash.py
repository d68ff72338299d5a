"""Removing pages and getting them back: the trash, its limits, and what it keeps."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.config import Removal
from notionfs.errors import NoSuchEntry, NotPermitted, ReadOnly, TooManyRemovals
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

ROADMAP = "acme/wiki/roadmap.md"
OLD = "acme/projects/old-project.md"
ALPHA = "acme/projects/project-alpha.md"


async def remove(desk: Desk, path: str) -> str:
    """Remove a page's file, and wait until it is in Notion's trash."""
    page_id = str(desk.page_id(path))
    await desk.read(path)
    desk.rm(path)
    await desk.sent()
    assert desk.sim.page(page_id)["in_trash"]
    return page_id


# --- coming back ----------------------------------------------------------------------------------


async def test_the_trash_lists_what_was_removed_with_its_text(desk: Desk) -> None:
    """It is found by name; a search of the whole mount does not meet it."""
    assert await desk.ls(".trash") == []
    await remove(desk, ROADMAP)
    assert await desk.ls(".trash") == ["roadmap.md"]
    assert "Later." in await desk.read(".trash/roadmap.md")
    assert ".trash" not in await desk.ls()


async def test_mv_out_of_the_trash_restores_the_same_page(desk: Desk) -> None:
    """With its id and text, in one call."""
    page_id = await remove(desk, ROADMAP)
    desk.sim.reset_counts()
    desk.mv(".trash/roadmap.md", ROADMAP)
    assert "roadmap.md" in await desk.ls("acme/wiki")
    await desk.sent()
    assert desk.sim.count("update_page") == desk.sim.count() == 1
    assert not desk.sim.page(page_id)["in_trash"]
    assert desk.page_id(ROADMAP) == page_id
    assert "Later." in await desk.read(ROADMAP)
    assert await desk.ls(".trash") == []


async def test_mv_out_of_the_trash_to_another_place_and_name_does_all_three(desk: Desk) -> None:
    """The page comes back, moves, and has its new title."""
    page_id = await remove(desk, ROADMAP)
    desk.mkdir("acme/wiki/design-notes")
    desk.mv(".trash/roadmap.md", "acme/wiki/design-notes/Way.md")
    await desk.sent()
    page = desk.sim.page(page_id)
    assert not page["in_trash"]
    assert page["parent"]["page_id"] == desk.page_id("acme/wiki/design-notes.md")
    assert desk.sim.title(page_id) == "Way"


async def test_a_row_comes_back_into_its_own_data_source(desk: Desk) -> None:
    """Also if new rows of that folder would belong to another one."""
    archived = desk.sim.page(desk.page_id(OLD))["parent"]
    page_id = await remove(desk, OLD)
    desk.mv(f".trash/{OLD.rpartition('/')[2]}", OLD)
    await desk.sent()
    assert desk.sim.page(page_id)["parent"] == archived
    assert desk.sim.count("move_page") == 0


async def test_a_row_comes_back_as_a_row(desk: Desk) -> None:
    """With its values; not where it would lose them."""
    page_id = await remove(desk, ALPHA)
    with pytest.raises(NotPermitted, match="Points"):
        desk.mv(".trash/project-alpha.md", "acme/wiki/project-alpha.md")
    assert desk.engine.store.outbox.list_changes() == []
    desk.mv(".trash/project-alpha.md", ALPHA)
    await desk.sent()
    assert desk.page_id(ALPHA) == page_id
    assert "Points: 3" in await desk.read(ALPHA)


async def test_a_refresh_before_the_restore_does_not_take_the_file_away(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The page is in the trash until Notion has answered."""
    await remove(desk, ROADMAP)
    desk.sim.fail_next(operation="update_page", status=503, times=3)
    desk.mv(".trash/roadmap.md", ROADMAP)
    await desk.engine.refresher.reconcile()
    assert "roadmap.md" in await desk.ls("acme/wiki")
    await desk.sent()
    assert not desk.sim.page(str(desk.page_id(ROADMAP)))["in_trash"]


async def test_what_cannot_come_back_says_why_and_leaves_the_tree(desk: Desk) -> None:
    """Notion deleted it for good."""
    page_id = await remove(desk, ROADMAP)
    desk.sim.delete_forever(page_id)
    with pytest.raises(NotPermitted, match="does not exist"):
        await desk.ask("restore", path=".trash/roadmap.md")
    assert "roadmap.md" not in await desk.ls("acme/wiki")
    assert (await desk.ask("status"))["errors"] == []  # said, and no file is there to correct


async def test_a_path_that_is_not_there_is_named(desk: Desk) -> None:
    """Whatever a command wanted to do there."""
    for command in ("retry", "discard", "history", "sync"):
        with pytest.raises(NoSuchEntry, match=r"There is no acme/wiki/nothing\.md in"):
            await desk.ask(command, path="acme/wiki/nothing.md")


@pytest.mark.parametrize("path", [".trash/roadmap.md", ROADMAP])
async def test_restore_brings_a_page_back_to_where_it_was(desk: Desk, path: str) -> None:
    """Named by its file in the trash, or by the path it had."""
    page_id = await remove(desk, ROADMAP)
    answer = await desk.ask("restore", path=path)
    assert answer == {"state": "restored", "path": ROADMAP}
    assert desk.page_id(ROADMAP) == page_id


async def test_restore_takes_an_id_that_the_mount_never_saw(desk: Desk) -> None:
    """Removed before this mount began; the sub-pages come with it."""
    page_id = desk.sim.add_page("Old", parent=desk.page_id("acme/wiki.md"), markdown="x\n")
    desk.sim.trash(page_id)
    assert (await desk.ask("restore", reference=page_id))["path"] == "acme/wiki/old.md"
    with pytest.raises(NotPermitted, match="not in the trash"):
        await desk.ask("restore", reference=page_id)


async def test_restore_within_the_grace_costs_no_call(desk: Desk) -> None:
    """Nothing was sent yet: the name comes back."""
    page_id = desk.page_id(ROADMAP)
    desk.sim.reset_counts()
    desk.rm(ROADMAP)
    await desk.ask("restore", path=ROADMAP)
    assert desk.page_id(ROADMAP) == page_id
    assert desk.engine.store.outbox.list_changes() == []
    assert desk.sim.count() == 0


async def test_sub_pages_that_went_with_a_page_come_back_with_it(desk: Desk) -> None:
    """Their times do not change, so they are asked about."""
    wiki = str(desk.page_id("acme/wiki.md"))
    sub = desk.sim.add_page("Sub", parent=desk.page_id(ROADMAP), markdown="Below.\n")
    await desk.engine.refresher.poll()
    page_id = str(desk.page_id(ROADMAP))
    desk.sim.trash(page_id)
    await desk.engine.refresher.reconcile()
    assert "roadmap.md" not in await desk.ls("acme/wiki")
    await desk.ask("restore", reference=page_id)
    assert desk.page_id("acme/wiki/roadmap/sub.md") == sub
    assert desk.page_id("acme/wiki.md") == wiki


async def test_the_history_outlives_the_trash(desk: Desk) -> None:
    """A text that was never sent when its file was removed can still be had."""
    await desk.read(ROADMAP)
    desk.sim.fail_next(operation="patch_markdown", status=403)
    await desk.edit(ROADMAP, "Later.", "Sooner.")
    await desk.sent()
    await remove(desk, ROADMAP)
    await desk.ask("restore", path=ROADMAP)
    assert "Later." in await desk.read(ROADMAP)
    texts = (await desk.ask("history", path=ROADMAP))["texts"]
    assert texts[0]["by"] == "remove"
    await desk.ask("undo", path=ROADMAP)
    assert "Sooner." in desk.sim.markdown(str(desk.page_id(ROADMAP)))


async def test_the_trash_itself_cannot_be_changed(desk: Desk) -> None:
    """The API has no way to empty it, and mv into it would be rm under another name."""
    await remove(desk, ROADMAP)
    with pytest.raises(ReadOnly):
        desk.rm(".trash/roadmap.md")
    with pytest.raises(ReadOnly):
        desk.mv("acme/wiki/design-notes.md", ".trash/design-notes.md")
    with pytest.raises(NoSuchEntry):
        desk.mv(".trash/nothing.md", ROADMAP)
    with pytest.raises(NotPermitted):
        desk.mkdir(".trash")


# --- trash against edit ---------------------------------------------------------------------------


async def test_a_text_for_a_page_in_the_trash_waits_and_goes_with_the_restore(desk: Desk) -> None:
    """Trashed in Notion, edited here: both are kept, and one command makes them one again."""
    page_id = str(desk.page_id(ROADMAP))
    await desk.read(ROADMAP)
    desk.sim.trash(page_id)
    await desk.edit(ROADMAP, "Later.", "Sooner.")
    await desk.sent()
    assert "notionfs restore" in (desk.reason(ROADMAP) or "")
    assert "Sooner." in await desk.read(ROADMAP)
    assert "Later." in desk.sim.markdown(page_id)
    await desk.ask("restore", path=ROADMAP)
    assert not desk.sim.page(page_id)["in_trash"]
    assert "Sooner." in desk.sim.markdown(page_id)
    assert desk.reason(ROADMAP) is None


# --- limits ---------------------------------------------------------------------------------------


async def test_a_slip_does_not_empty_a_workspace(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Over the limit removals are refused, with one reason in status and log; later they go on."""
    wiki = sim.find("Wiki")
    for n in range(5):
        sim.add_page(f"Note {n}", parent=wiki)
    async with open_desk(sim, tmp_path, max_trash_per_minute=3) as desk:
        for n in range(3):
            desk.rm(f"acme/wiki/note-{n}.md")
        with caplog.at_level(logging.WARNING):
            for n in (3, 4):
                with pytest.raises(TooManyRemovals, match="More than 3 pages"):
                    desk.rm(f"acme/wiki/note-{n}.md")
        reason = (await desk.ask("status"))["removals"]
        warned = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
        assert warned == [reason]
        await desk.sent()
        assert "note-3.md" in await desk.ls("acme/wiki")
        await trio.sleep(61)
        assert (await desk.ask("status"))["removals"] is None
        page_id = str(desk.page_id("acme/wiki/note-3.md"))
        desk.rm("acme/wiki/note-3.md")
        await desk.sent()
        assert sim.page(page_id)["in_trash"]


async def test_an_editor_that_removes_and_writes_anew_is_not_counted(
    sim: Simulator, tmp_path: Path
) -> None:
    """The page came back under its name."""
    async with open_desk(sim, tmp_path, max_trash_per_minute=1) as desk:
        text = await desk.read(ROADMAP)
        for _ in range(3):
            desk.rm(ROADMAP)
            await desk.write(ROADMAP, text)


async def test_a_mount_may_refuse_to_remove_pages(sim: Simulator, tmp_path: Path) -> None:
    """Side files, and pages that Notion never had, still go."""
    async with open_desk(sim, tmp_path, rm=Removal.REFUSE) as desk:
        with pytest.raises(NotPermitted, match="refuse"):
            desk.rm(ROADMAP)
        notes = await desk.read("acme/wiki/design-notes.md")
        await desk.read(ROADMAP)
        with pytest.raises(NotPermitted, match="refuse"):
            desk.mv(ROADMAP, "acme/wiki/design-notes.md")
        assert await desk.read("acme/wiki/design-notes.md") == notes
        await desk.write("acme/wiki/notes.txt", "x")
        desk.rm("acme/wiki/notes.txt")
        await desk.write("acme/wiki/new.md", "x")
        desk.rm("acme/wiki/new.md")
        assert "roadmap.md" in await desk.ls("acme/wiki")
