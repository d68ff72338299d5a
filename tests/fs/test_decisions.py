"""What people decide: about refused texts, about conflicts, about earlier texts."""

from __future__ import annotations

from pathlib import Path

import pytest
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile, NotionFSError, NotPermitted, ReadOnly
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

WIKI = "acme/wiki.md"
ALPHA = "acme/projects/project-alpha.md"


async def disagree(desk: Desk) -> str:
    """Change the last paragraph on both sides, and the first one in Notion alone."""
    page_id = str(desk.page_id(WIKI))
    text = await desk.read(WIKI)
    desk.sim.replace_text(page_id, "Last paragraph.", "Last remote.")
    desk.sim.replace_text(page_id, "First paragraph.", "First remote.")
    await desk.write(WIKI, text.replace("Last paragraph.", "Last local."))
    await desk.sent()
    return page_id


# --- conflicts ------------------------------------------------------------------------------------


async def test_conflicts_are_listed_with_both_files(desk: Desk) -> None:
    """The path of the file, and of the one that shows Notion's side."""
    await disagree(desk)
    [found] = (await desk.ask("conflicts"))["conflicts"]
    assert (found["path"], found["remote"]) == (WIKI, "acme/wiki.remote.md")
    assert "Last remote." in await desk.read(found["remote"])
    assert found["reason"] == desk.reason(WIKI)


async def test_diff_shows_both_sides_of_a_conflict(desk: Desk) -> None:
    """And nothing once they are the same."""
    assert (await desk.ask("diff", path=WIKI))["file"] is None
    await disagree(desk)
    sides = await desk.ask("diff", path=WIKI)
    assert "Last remote." in sides["notion"]
    assert "Last local." in sides["file"]


async def test_mine_keeps_what_was_changed_in_notion_alone(desk: Desk) -> None:
    """The user's paragraph stands where both changed it; the file then shows both changes."""
    page_id = await disagree(desk)
    assert (await desk.ask("resolve", path=WIKI, how="mine"))["state"] == "sent"
    for text in (desk.sim.markdown(page_id), await desk.read(WIKI)):
        assert "Last local." in text
        assert "First remote." in text
        assert "Last remote." not in text
    assert "wiki.remote.md" not in await desk.ls("acme")


async def test_merged_sends_the_file_as_it_is(desk: Desk) -> None:
    """A person has looked at both sides: nothing is added to what they wrote."""
    page_id = await disagree(desk)
    text = (await desk.read(WIKI)).replace("Last local.", "Last of both.")
    await desk.write(WIKI, text)
    assert (await desk.ask("resolve", path=WIKI, how="merged"))["state"] == "sent"
    remote = desk.sim.markdown(page_id)
    assert "Last of both." in remote
    assert "First paragraph." in remote
    assert await desk.read(WIKI) == text


async def test_theirs_shows_notions_text_and_keeps_mine_in_the_history(desk: Desk) -> None:
    """Nothing is sent, nothing is lost."""
    page_id = await disagree(desk)
    mine = await desk.read(WIKI)
    desk.sim.reset_counts()
    await desk.ask("resolve", path=WIKI, how="theirs")
    await desk.sent()
    assert desk.sim.count("patch_markdown") == desk.sim.count("update_page") == 0
    assert "Last remote." in await desk.read(WIKI)
    assert "Last remote." in desk.sim.markdown(page_id)
    assert (await desk.ask("history", path=WIKI, number=1))["text"] == mine
    assert desk.reason(WIKI) is None


async def test_what_is_no_conflict_cannot_be_resolved(desk: Desk) -> None:
    """Also not by mistake: the page stays as it is."""
    await desk.read(WIKI)
    for how in ("mine", "theirs", "merged"):
        with pytest.raises(NotPermitted, match="not in conflict"):
            await desk.ask("resolve", path=WIKI, how=how)


# --- refusals -------------------------------------------------------------------------------------


async def test_retry_sends_a_refused_text_again(desk: Desk) -> None:
    """Once the reason is gone; the reason goes with it."""
    desk.sim.fail_next(operation="patch_markdown", status=403)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.sent()
    assert desk.reason(WIKI) is not None
    assert (await desk.ask("retry", path=WIKI))["state"] == "sent"
    assert "Last words." in desk.sim.markdown(str(desk.page_id(WIKI)))
    assert desk.reason(WIKI) is None


async def test_what_is_refused_again_is_kept_again(desk: Desk) -> None:
    """The command says why, in the words of the `.error` file."""
    desk.sim.fail_next(operation="patch_markdown", status=403, times=2)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.sent()
    with pytest.raises(NotionFSError) as caught:
        await desk.ask("retry", path=WIKI)
    assert str(caught.value) == desk.reason(WIKI) == (await desk.read(f"{WIKI}.error")).strip()
    assert "Last words." in await desk.read(WIKI)


async def test_discard_shows_notions_text_and_undo_brings_mine_back(desk: Desk) -> None:
    """A bad text is given up; it waits in the history, and is refused as before if undone."""
    text = await desk.read(ALPHA)
    bad = text.replace("Points: 3", "Points: many")
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, bad)
    await desk.ask("discard", path=ALPHA)
    assert await desk.read(ALPHA) == text
    assert desk.reason(ALPHA) is None
    assert (await desk.ask("history", path=ALPHA, number=1))["text"] == bad
    with pytest.raises(InvalidPageFile, match="Points"):
        await desk.ask("undo", path=ALPHA)
    assert await desk.read(ALPHA) == text


async def test_discard_needs_no_notion_for_what_was_read(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The text that was read last stands in for it."""
    text = await desk.read(WIKI)
    desk.sim.fail_next(drop=True, times=1000)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.ask("discard", path=WIKI)
    assert await desk.read(WIKI) == text
    assert desk.engine.store.outbox.list_changes() == []


async def test_discard_of_a_page_that_is_gone_ends_its_file(desk: Desk) -> None:
    """Somebody deleted it while it was edited here."""
    path = "acme/wiki/roadmap.md"
    await desk.read(path)
    desk.sim.trash(str(desk.page_id(path)))
    await desk.edit(path, "Later.", "Sooner.")
    await desk.sent()
    assert "Sooner." in await desk.read(path)
    await desk.ask("discard", path=path)
    assert "roadmap.md" not in await desk.ls("acme/wiki")


async def test_there_is_nothing_to_retry_or_discard_on_a_clean_page(desk: Desk) -> None:
    """It says so, and does nothing."""
    await desk.read(WIKI)
    for command in ("retry", "discard"):
        with pytest.raises(NotPermitted):
            await desk.ask(command, path=WIKI)


# --- earlier texts --------------------------------------------------------------------------------


async def test_undo_is_a_save_of_the_text_before(desk: Desk) -> None:
    """In Notion, too; a second undo takes the first one back."""
    page_id = str(desk.page_id(WIKI))
    before = await desk.read(WIKI)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.sent()
    assert (await desk.ask("undo", path=WIKI))["state"] == "sent"
    assert "Last paragraph." in desk.sim.markdown(page_id)
    assert await desk.read(WIKI) == before
    await desk.ask("undo", path=WIKI)
    assert "Last words." in desk.sim.markdown(page_id)


async def test_undo_reaches_back_over_changes_in_notion(desk: Desk) -> None:
    """Values, title and text become what they were."""
    page_id = str(desk.page_id(ALPHA))
    before = await desk.read(ALPHA)
    desk.sim.clock.advance(180)
    desk.sim.edit_property(page_id, "Points", 9)
    desk.sim.replace_text(page_id, "Content here.", "Remote here.")
    await desk.engine.refresher.poll()
    assert "Remote here." in await desk.read(ALPHA)
    texts = (await desk.ask("history", path=ALPHA))["texts"]
    assert texts[-1]["by"] == "notion"
    await desk.ask("undo", path=ALPHA, number=len(texts))
    assert "Content here." in desk.sim.markdown(page_id)
    assert desk.sim.page(page_id)["properties"]["Points"]["number"] == 3
    assert (await desk.read(ALPHA)).split("---")[2] == before.split("---")[2]


async def test_a_change_of_times_alone_is_no_earlier_text(desk: Desk) -> None:
    """What the user cannot change is not worth keeping."""
    text = await desk.read(WIKI)
    await desk.write(WIKI, text.replace("\n\n", "\n\n\n"))
    await desk.write(WIKI, text)
    assert (await desk.ask("history", path=WIKI))["texts"] == []


async def test_the_history_is_bounded_and_keeps_the_first_text(
    sim: Simulator, tmp_path: Path
) -> None:
    """A burst of saves thins itself out and not what was there before."""
    async with open_desk(sim, tmp_path, history=5) as desk:
        first = await desk.read(WIKI)
        for n in range(20):
            await desk.write(WIKI, first.replace("Last paragraph.", f"Try {n}."))
        texts = (await desk.ask("history", path=WIKI))["texts"]
        assert len(texts) == 5
        assert (await desk.ask("history", path=WIKI, number=5))["text"] == first
        assert "Try 18." in (await desk.ask("history", path=WIKI, number=1))["text"]


async def test_an_open_file_is_not_changed_under_its_reader(desk: Desk) -> None:
    """An editor that holds it would write the old text back."""
    import os

    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    opened = await desk.tree.open(desk.ino(WIKI), os.O_RDONLY)
    for command in ("undo", "discard"):
        with pytest.raises(NotPermitted, match="open in a program"):
            await desk.ask(command, path=WIKI)
    desk.tree.release(opened.fh)


@pytest.mark.parametrize("command", ["resolve", "retry", "discard", "undo", "restore"])
async def test_a_read_only_mount_decides_nothing(
    sim: Simulator, tmp_path: Path, command: str
) -> None:
    """A command changes no more than a program may."""
    async with open_desk(sim, tmp_path, read_only=True) as desk:
        with pytest.raises(ReadOnly):
            await desk.ask(command, path=WIKI, how="mine")
