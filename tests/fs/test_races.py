"""Saves beside uploads, renames, removals and other people: no text lost, none taken back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

WIKI = "acme/wiki.md"
ALPHA = "acme/projects/project-alpha.md"
ROADMAP = "acme/wiki/roadmap.md"
NEW = "acme/projects/New Idea.md"


def points(desk: Desk) -> object:
    """The number that Notion has for the row of ALPHA."""
    return desk.sim.page(desk.page_id(ALPHA))["properties"]["Points"]["number"]


def status(desk: Desk) -> object:
    """The status that Notion has for the row of ALPHA."""
    return desk.sim.page(desk.page_id(ALPHA))["properties"]["Status"]["status"]["name"]


# --- a text that is older than the page -----------------------------------------------------------


async def test_an_old_buffer_does_not_take_back_a_remote_change(desk: Desk) -> None:
    """Read, rendered anew because of a remote edit, and then the old text is saved, edited."""
    page_id = desk.page_id(WIKI)
    old = await desk.read(WIKI)
    desk.sim.clock.advance(180)
    desk.sim.replace_text(page_id, "First paragraph.", "First remote.")
    await desk.engine.refresher.poll()
    assert "First remote." in await desk.read(WIKI)
    await desk.write(WIKI, old.replace("Last paragraph.", "Last local."))
    await desk.sent()
    remote = desk.sim.markdown(page_id)
    assert "First remote." in remote
    assert "Last local." in remote
    shown = await desk.read(WIKI)
    assert "First remote." in shown
    assert "Last local." in shown


async def test_an_old_buffer_does_not_take_back_a_remote_value(desk: Desk) -> None:
    """The same for properties: only what the user changed since that text is sent."""
    old = await desk.read(ALPHA)
    desk.sim.clock.advance(180)
    desk.sim.edit_property(desk.page_id(ALPHA), "Status", "Done")
    await desk.engine.refresher.poll()
    assert "Status: Done" in await desk.read(ALPHA)
    await desk.write(ALPHA, old.replace("Points: 3", "Points: 4"))
    await desk.sent()
    assert (status(desk), points(desk)) == ("Done", 4)
    shown = await desk.read(ALPHA)
    assert "Status: Done" in shown
    assert "Points: 4" in shown


async def test_an_old_buffer_and_the_same_place_are_a_conflict(desk: Desk) -> None:
    """Notion's new text stands beside the file; nothing was overwritten."""
    page_id = desk.page_id(WIKI)
    old = await desk.read(WIKI)
    desk.sim.clock.advance(180)
    desk.sim.replace_text(page_id, "Last paragraph.", "Last remote.")
    await desk.engine.refresher.poll()
    assert "Last remote." in await desk.read(WIKI)
    await desk.write(WIKI, old.replace("Last paragraph.", "Last local."))
    await desk.sent()
    assert "Last remote." in desk.sim.markdown(page_id)
    assert "Last remote." in await desk.read("acme/wiki.remote.md")
    assert "Last local." in await desk.read(WIKI)


async def test_an_old_buffer_saved_as_it_is_changes_nothing(desk: Desk) -> None:
    """The user changed nothing, so nothing is sent, and the file soon shows Notion's text again."""
    page_id = desk.page_id(WIKI)
    old = await desk.read(WIKI)
    desk.sim.clock.advance(180)
    desk.sim.replace_text(page_id, "First paragraph.", "First remote.")
    await desk.engine.refresher.poll()
    await desk.read(WIKI)
    desk.sim.reset_counts()
    await desk.write(WIKI, old)
    await desk.sent()
    assert desk.sim.count("patch_markdown") == 0
    assert "First remote." in await desk.read(WIKI)


async def test_an_old_buffer_survives_two_rounds(desk: Desk) -> None:
    """An editor that stays open saves again and again while others write too."""
    page_id = desk.page_id(WIKI)
    buffer = await desk.read(WIKI)
    for n in range(3):
        desk.sim.clock.advance(180)
        desk.sim.append_markdown(page_id, f"Remote {n}.\n")
        await desk.engine.refresher.poll()
        await desk.read(WIKI)
        buffer = buffer.replace("Last paragraph.", f"Local {n}.\n\nLast paragraph.")
        await desk.write(WIKI, buffer)
        await desk.sent()
    remote = desk.sim.markdown(page_id)
    for n in range(3):
        assert remote.count(f"Remote {n}.") == 1
        assert remote.count(f"Local {n}.") == 1


# --- other people's values ------------------------------------------------------------------------


async def test_a_remote_value_that_a_save_reveals_is_shown_and_kept(desk: Desk) -> None:
    """Notion's answer to a property change tells of another one: the next save keeps that."""
    await desk.read(ALPHA)
    desk.sim.edit_property(desk.page_id(ALPHA), "Status", "Done")
    await desk.edit(ALPHA, "Points: 3", "Points: 4")
    await desk.sent()
    assert "Status: Done" in await desk.read(ALPHA)
    await desk.edit(ALPHA, "Points: 4", "Points: 5")
    await desk.sent()
    assert (status(desk), points(desk)) == ("Done", 5)


async def test_a_remote_value_is_kept_by_a_save_during_the_upload(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The newer text does not show it yet, and must not take it back."""
    text = await desk.read(ALPHA)
    desk.sim.edit_property(desk.page_id(ALPHA), "Status", "Done")
    desk.sim.fail_next(operation="update_page", delay=5)
    await desk.write(ALPHA, text.replace("Points: 3", "Points: 4"))
    await trio.sleep(3)
    await desk.write(ALPHA, text.replace("Points: 3", "Points: 5"))
    await desk.sent()
    assert (status(desk), points(desk)) == ("Done", 5)
    assert "Status: Done" in await desk.read(ALPHA)


async def test_the_same_value_changed_on_both_sides_is_a_conflict(desk: Desk) -> None:
    """Seen by a refresh before the upload: nothing is sent until somebody decides."""
    text = await desk.read(ALPHA)
    desk.sim.edit_property(desk.page_id(ALPHA), "Status", "Done")
    await desk.write(ALPHA, text.replace("Status: In progress", "Status: Not started"))
    await desk.engine.refresher.poll()
    await desk.sent()
    assert status(desk) == "Done"
    assert "Status: Done" in await desk.read("acme/projects/project-alpha.remote.md")
    desk.rm("acme/projects/project-alpha.remote.md")
    await desk.sent()
    assert status(desk) == "Not started"


async def test_deciding_a_conflict_leaves_other_values_alone(desk: Desk) -> None:
    """The file's text wins where it was changed, not where it is merely older."""
    page_id = desk.page_id(ALPHA)
    text = await desk.read(ALPHA)
    desk.sim.edit_property(page_id, "Points", 9)
    desk.sim.replace_text(page_id, "Content here.", "Remote here.")
    await desk.write(ALPHA, text.replace("Content here.", "Local here."))
    await desk.engine.refresher.poll()
    await desk.sent()
    desk.rm("acme/projects/project-alpha.remote.md")
    await desk.sent()
    assert "Local here." in desk.sim.markdown(page_id)
    assert points(desk) == 9
    assert "Points: 9" in await desk.read(ALPHA)


async def test_editing_a_file_in_conflict_keeps_the_sibling_listed(desk: Desk) -> None:
    """It is what the user still has to compare with."""
    page_id = desk.page_id(WIKI)
    text = await desk.read(WIKI)
    desk.sim.replace_text(page_id, "Last paragraph.", "Last remote.")
    await desk.write(WIKI, text.replace("Last paragraph.", "Last local."))
    await desk.sent()
    await desk.edit(WIKI, "Last local.", "Last of all.")
    assert {"wiki.remote.md", "wiki.md.error"} <= set(await desk.ls("acme"))
    desk.rm("acme/wiki.remote.md")
    await desk.sent()
    assert "Last of all." in desk.sim.markdown(page_id)


# --- pages that were never read, or are not what they were ----------------------------------------


async def test_a_text_put_over_an_unread_page_spares_what_is_alike(desk: Desk) -> None:
    """The page is read first: blocks that stay keep their ids."""
    page_id = desk.page_id(WIKI)
    before = [block["id"] for block in desk.sim.children(page_id)]
    body = desk.sim.markdown(page_id).replace("Last paragraph.", "Last words.")
    await desk.write("acme/sedAbC123", f"# Wiki\n\n{body}")
    desk.mv("acme/sedAbC123", WIKI)
    desk.sim.reset_counts()
    await desk.sent()
    assert "Last words." in desk.sim.markdown(page_id)
    assert [block["id"] for block in desk.sim.children(page_id)] == before
    assert [r.operation for r in desk.sim.requests] == ["get_markdown", "patch_markdown"]


async def test_text_written_into_an_empty_page_joins_what_is_there_by_now(desk: Desk) -> None:
    """It was empty when it was read; whoever wrote meanwhile is not wiped out."""
    page_id = desk.sim.add_page("Empty", parent=desk.page_id(WIKI))
    await desk.engine.refresher.poll()
    text = await desk.read("acme/wiki/empty.md")
    desk.sim.append_markdown(page_id, "Theirs.\n")
    await desk.write("acme/wiki/empty.md", text + "\nOurs.\n")
    await desk.sent()
    assert desk.sim.markdown(page_id).split() == ["Theirs.", "Ours."]
    assert "Theirs." in await desk.read("acme/wiki/empty.md")


async def test_a_slow_read_does_not_bring_back_the_text_before_a_save(
    desk: Desk, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that was on its way while we saved and sent is history."""
    text, slow = await desk.read(WIKI), trio.Event()
    doc_id = desk.tree.inode(desk.ino(WIKI)).doc_id
    with desk.engine.store.transaction():
        desk.engine.store.snapshots.mark_stale(desk.page_id(WIKI))
    real = desk.client._exchange.ask

    async def ask(call: Any, *rest: Any) -> Any:
        answer = await real(call, *rest)
        if call.operation == "get_markdown":
            await slow.wait()
        return answer

    monkeypatch.setattr(desk.client._exchange, "ask", ask)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(desk.engine.fetcher.ensure_text, doc_id)
        await trio.sleep(1)
        desk.engine.saver.commit(doc_id, text.replace("Last paragraph.", "Last words.").encode())
        await trio.sleep(3)
        assert "Last words." in desk.sim.markdown(desk.page_id(WIKI))
        slow.set()
    assert "Last words." in await desk.read(WIKI)


async def test_an_emptied_file_during_an_upload_empties_nothing(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Not when its turn comes, not after a lost answer, not after a conflict."""
    page_id = desk.page_id(WIKI)
    await desk.read(WIKI)
    desk.sim.fail_next(operation="patch_markdown", delay=5, drop=True)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await trio.sleep(3)
    await desk.write(WIKI, "")
    await desk.sent()
    assert "First paragraph." in desk.sim.markdown(page_id)
    assert "empty" in await desk.read(f"{WIKI}.error")


async def test_a_bad_text_during_an_upload_is_parked_in_its_turn(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """It does not vanish between two states: the reason is there, and the correction is sent."""
    text = await desk.read(ALPHA)
    desk.sim.fail_next(operation="update_page", delay=5)
    await desk.write(ALPHA, text.replace("Points: 3", "Points: 4"))
    await trio.sleep(3)
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, text.replace("Points: 3", "Points: many"))
    await desk.sent()
    assert points(desk) == 4
    assert "Points" in (desk.reason(ALPHA) or "")
    await desk.write(ALPHA, text.replace("Points: 3", "Points: 5"))
    await desk.sent()
    assert points(desk) == 5


async def test_saving_a_bad_text_again_fails_again(desk: Desk) -> None:
    """A second `:w` of the same text must not look like a success."""
    text = (await desk.read(ALPHA)).replace("Points: 3", "Points: many")
    for _ in range(2):
        with pytest.raises(InvalidPageFile):
            await desk.write(ALPHA, text)


async def test_saving_a_refused_text_again_sends_it_again(desk: Desk) -> None:
    """What Notion would not take yesterday it may take today."""
    desk.sim.fail_next(operation="patch_markdown", status=403)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.sent()
    assert desk.reason(WIKI) is not None
    await desk.write(WIKI, await desk.read(WIKI))
    await desk.sent()
    assert desk.reason(WIKI) is None
    assert "Last words." in desk.sim.markdown(desk.page_id(WIKI))


# --- renames and removals beside uploads ----------------------------------------------------------


async def test_a_new_page_moved_while_it_is_created_ends_where_it_was_moved(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The request names the old parent; a move follows."""
    desk.mkdir("acme/wiki/design-notes")
    desk.sim.fail_next(operation="create_page", delay=5)
    await desk.write("acme/wiki/new.md", "Text.\n")
    await trio.sleep(3)
    desk.mv("acme/wiki/new.md", "acme/wiki/design-notes/new.md")
    await desk.sent()
    page = desk.sim.page(desk.page_id("acme/wiki/design-notes/new.md"))
    assert page["parent"]["page_id"] == desk.page_id("acme/wiki/design-notes.md")
    await desk.engine.refresher.reconcile()
    assert "new.md" in await desk.ls("acme/wiki/design-notes")


async def test_a_new_page_renamed_while_it_is_created_gets_the_new_title(
    desk: Desk, autojump_clock: MockClock
) -> None:
    desk.sim.fail_next(operation="create_page", delay=5)
    await desk.write("acme/wiki/new.md", "Text without a heading.\n")
    await trio.sleep(3)
    desk.mv("acme/wiki/new.md", "acme/wiki/Better Name.md")
    await desk.sent()
    assert desk.sim.title(desk.page_id("acme/wiki/Better Name.md")) == "Better Name"


async def test_an_unread_page_renamed_twice_gets_the_last_title(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The second rename comes while the first is on the wire."""
    page_id = desk.page_id(ROADMAP)
    desk.sim.fail_next(operation="update_page", delay=5)
    desk.mv(ROADMAP, "acme/wiki/One.md")
    await trio.sleep(3)
    desk.mv("acme/wiki/One.md", "acme/wiki/Two.md")
    await desk.sent()
    assert desk.sim.title(page_id) == "Two"


async def test_a_listing_from_before_a_move_does_not_undo_it(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """A scan that began earlier shows the old parent, old values, and pages since removed."""
    desk.mkdir("acme/wiki/design-notes")
    await desk.read(ALPHA)
    old = [
        desk.engine.store.snapshots.load_page(i)
        for i in desk.engine.store.snapshots.list_live_ids()
    ]
    asked = desk.engine.context.moment()
    desk.mv(ROADMAP, "acme/wiki/design-notes/roadmap.md")
    await desk.edit(ALPHA, "Points: 3", "Points: 4")
    desk.rm("acme/projects/project-beta.md")
    await desk.sent()
    text = await desk.read(ALPHA)
    async for _ in desk.engine.absorber.absorb_pages([p for p in old if p is not None], asked):
        pass
    assert "roadmap.md" in await desk.ls("acme/wiki/design-notes")
    assert "project-beta.md" not in await desk.ls("acme/projects")
    assert await desk.read(ALPHA) == text


async def test_a_page_trashed_in_notion_keeps_the_text_that_somebody_writes(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The file stays while it is open, and the save is refused with a reason, text and all."""
    page_id = desk.page_id(ROADMAP)
    text = await desk.read(ROADMAP)
    opened = await desk.tree.open(desk.ino(ROADMAP), os.O_WRONLY)
    desk.sim.trash(page_id)
    await desk.engine.refresher.reconcile()
    assert "roadmap.md" in await desk.ls("acme/wiki")
    mine = text.replace("Later.", "Mine.")
    desk.tree.write(opened.fh, 0, mine.encode())
    await desk.tree.close(opened.fh)
    desk.tree.release(opened.fh)
    await desk.sent()
    assert "Mine." in await desk.read(ROADMAP)
    assert desk.reason(ROADMAP) is not None
    assert desk.sim.page(page_id)["in_trash"]


# --- size -----------------------------------------------------------------------------------------


async def test_one_line_of_a_page_over_the_limit_can_be_changed(desk: Desk) -> None:
    """Only what is new counts: a long page is edited like a short one."""
    lines = "".join(f"Line {n} of a very long page, {'x' * 900}.\n\n" for n in range(620))
    page_id = desk.sim.add_page("Long", parent=desk.page_id(WIKI), markdown=lines)
    await desk.engine.refresher.poll()
    await desk.edit("acme/wiki/long.md", "Line 300 of a very", "Line 300 of one very")
    await desk.sent()
    assert "Line 300 of one very" in desk.sim.markdown(page_id)


# --- without Notion -------------------------------------------------------------------------------


async def test_saves_without_notion_leave_when_it_is_back(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Read, saved, crashed and saved again while Notion was away: everything arrives once."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(WIKI)
        sim.fail_next(operation="patch_markdown", drop=True, times=10_000)
        sim.fail_next(operation="create_page", drop=True, times=10_000)
        await desk.edit(WIKI, "Last paragraph.", "Last words.")
        await desk.write(NEW, "Text.\n")
        await trio.sleep(600)
    async with open_desk(sim, tmp_path, refreshed=False) as desk:
        await desk.append(WIKI, "\nMore.\n")
        await trio.sleep(600)
        sim.heal()
        await trio.sleep(600)
        await desk.sent()
        remote = sim.markdown(desk.page_id(WIKI))
        assert remote.count("Last words.") == remote.count("More.") == 1
        assert desk.page_id(NEW) is not None
        created = [p for p in sim.workspace.pages if sim.title(p) == "New Idea"]
        assert len(created) == 1
