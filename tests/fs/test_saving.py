"""From a closed file to Notion: what is sent, how often, and what never is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile, NotEmpty, NotPermitted, ReadOnly
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

ALPHA = "acme/projects/project-alpha.md"


async def test_one_changed_line_is_one_call(desk: Desk) -> None:
    """Nothing the user did not touch is sent, and untouched blocks keep their ids."""
    page_id = desk.page_id("acme/wiki.md")
    before = [block["id"] for block in desk.sim.children(page_id)]
    await desk.read("acme/wiki.md")
    desk.sim.reset_counts()
    await desk.edit("acme/wiki.md", "Last paragraph.", "Last words.")
    assert desk.sim.count() == 0, "close does not wait for the network"
    await desk.sent()
    assert desk.sim.count() == desk.sim.count("patch_markdown") == 1
    assert "Last words." in desk.sim.markdown(page_id)
    assert [block["id"] for block in desk.sim.children(page_id)] == before


async def test_the_users_bytes_and_time_stay_after_the_upload(desk: Desk) -> None:
    """Editors compare them with what they saved."""
    await desk.edit("acme/wiki.md", "- one\n- two", "* one\n* two\n* three")
    saved, stat = await desk.read("acme/wiki.md"), desk.stat("acme/wiki.md")
    await desk.sent()
    await desk.engine.refresher.poll()
    assert await desk.read("acme/wiki.md") == saved
    assert desk.stat("acme/wiki.md").mtime_ns == stat.mtime_ns


async def test_a_second_edit_after_our_own_spelling_sends_only_that_edit(desk: Desk) -> None:
    """Notion's normalising of the first save is not undone, and not sent again."""
    await desk.edit("acme/wiki.md", "- one\n- two", "* one\n* two")
    await desk.sent()
    await desk.edit("acme/wiki.md", "First paragraph.", "First words.")
    desk.sim.reset_counts()
    await desk.sent()
    assert desk.sim.count() == 1
    [request] = desk.sim.requests[-1:]
    updates = request.body["update_content"]["content_updates"]
    assert len(updates) == 1
    assert "one" not in updates[0]["new_str"]


async def test_a_property_and_the_body_are_two_calls(desk: Desk) -> None:
    await desk.read(ALPHA)
    desk.sim.reset_counts()
    text = await desk.read(ALPHA)
    text = text.replace("Status: In progress", "Status: Done").replace("Content", "Text")
    await desk.write(ALPHA, text)
    await desk.sent()
    assert desk.sim.count() == 2
    page = desk.sim.page(desk.page_id(ALPHA))
    assert page["properties"]["Status"]["status"]["name"] == "Done"


async def test_a_new_heading_is_a_new_title(desk: Desk) -> None:
    """The file keeps its name: it was the user's own edit."""
    await desk.edit(ALPHA, "# Project Alpha", "# Project Alpha 2")
    await desk.sent()
    assert desk.sim.title(desk.page_id(ALPHA)) == "Project Alpha 2"
    assert "project-alpha.md" in await desk.ls("acme/projects")


async def test_appending_is_one_insert(desk: Desk) -> None:
    await desk.read("acme/wiki.md")
    desk.sim.reset_counts()
    await desk.append("acme/wiki.md", "\nAppended.\n")
    await desk.sent()
    assert desk.sim.count() == 1
    assert desk.sim.requests[-1].body["type"] == "insert_content"
    assert desk.sim.markdown(desk.page_id("acme/wiki.md")).rstrip().endswith("Appended.")


@pytest.mark.parametrize("size", [10, 40_000], ids=["short", "longer-than-the-nominal-size"])
async def test_what_is_appended_to_an_unread_page_stands_at_its_end(
    sim: Simulator, tmp_path: Path, size: int
) -> None:
    """The kernel puts it where it took the end to be before the page was read."""
    page = sim.add_page("Log", parent=sim.find("Wiki"), markdown="First.\n" + "x" * size)
    async with open_desk(sim, tmp_path) as desk:
        before = sim.markdown(page)
        await desk.append("acme/wiki/log.md", "\nAppended.\n")
        await desk.sent()
    assert sim.markdown(page).split() == [*before.split(), "Appended."]


async def test_what_is_appended_stands_at_the_end_of_a_page_that_grew_in_notion(
    desk: Desk,
) -> None:
    """Two words from two sides are two words, whichever size the kernel knew."""
    page = desk.page_id("acme/wiki.md")
    await desk.read("acme/wiki.md")
    known = desk.stat("acme/wiki.md").size
    desk.sim.append_markdown(page, "Longer than it was.")
    await desk.engine.refresher.poll()
    opened = await desk.tree.open(desk.ino("acme/wiki.md"), os.O_WRONLY | os.O_APPEND)
    desk.tree.write(opened.fh, known, b"\nAppended.\n")
    desk.tree.release(opened.fh)
    await desk.sent()
    assert desk.sim.markdown(page).split()[-2:] == ["was.", "Appended."]


async def test_opening_and_closing_sends_nothing(desk: Desk) -> None:
    await desk.read("acme/wiki.md")
    desk.sim.reset_counts()
    await desk.write("acme/wiki.md", await desk.read("acme/wiki.md"))
    await desk.sent()
    assert desk.sim.count() == 0


async def test_blank_lines_and_trailing_spaces_are_no_change(desk: Desk) -> None:
    """A formatter with no semantic change costs no write."""
    text = await desk.read("acme/wiki.md")
    desk.sim.reset_counts()
    await desk.write("acme/wiki.md", text.replace("\n\n", "\n\n\n") + "\n")
    await desk.sent()
    assert desk.sim.count() == 0


async def test_several_saves_before_the_upload_are_one(desk: Desk) -> None:
    await desk.edit("acme/wiki.md", "Last paragraph.", "Last words.")
    await desk.edit("acme/wiki.md", "Last words.", "Last words indeed.")
    desk.sim.reset_counts()
    await desk.sent()
    assert desk.sim.count() == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("Status: In progress", "Status: Doen", "Done"),
        ("Points: 3", "Points: many", "Points"),
        ("Tags: [backend]", "Tags: [backnd]", "backend"),
        ("Points: 3", "Ponits: 3", "Points"),
        ("Points: 3", "Points: [", "Line"),
    ],
)
async def test_a_bad_text_is_kept_and_explained(
    desk: Desk, old: str, new: str, expected: str
) -> None:
    """close fails, nothing is sent, the text stays, and the reason stands beside the file."""
    text = (await desk.read(ALPHA)).replace(old, new)
    desk.sim.reset_counts()
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, text)
    assert await desk.read(ALPHA) == text
    assert "project-alpha.md.error" in await desk.ls("acme/projects")
    assert expected in await desk.read(f"{ALPHA}.error")
    await desk.sent()
    assert desk.sim.count() == 0


async def test_correcting_a_bad_text_sends_it(desk: Desk) -> None:
    text = await desk.read(ALPHA)
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, text.replace("Points: 3", "Points: many"))
    await desk.write(ALPHA, text.replace("Points: 3", "Points: 4"))
    await desk.sent()
    page = desk.sim.page(desk.page_id(ALPHA))
    assert page["properties"]["Points"]["number"] == 4
    assert "project-alpha.md.error" not in await desk.ls("acme/projects")


async def test_an_empty_text_is_never_sent(desk: Desk) -> None:
    """The page in Notion stays; the file says why."""
    before = desk.sim.markdown(desk.page_id("acme/wiki.md"))
    await desk.read("acme/wiki.md")
    await desk.write("acme/wiki.md", "")
    await desk.sent()
    assert desk.sim.markdown(desk.page_id("acme/wiki.md")) == before
    assert await desk.read("acme/wiki.md") == ""
    assert "empty" in await desk.read("acme/wiki.md.error")


async def test_a_new_file_in_a_database_is_a_row_of_the_default_source(desk: Desk) -> None:
    """One call; the title comes from the name; the bytes stay."""
    desk.sim.reset_counts()
    await desk.write("acme/projects/New Idea.md", "Just a thought.\n")
    await desk.sent()
    assert desk.sim.count() == desk.sim.count("create_page") == 1
    page_id = desk.page_id("acme/projects/New Idea.md")
    assert desk.sim.title(page_id) == "New Idea"
    assert "Just a thought." in desk.sim.markdown(page_id)
    assert await desk.read("acme/projects/New Idea.md") == "Just a thought.\n"


async def test_a_new_row_may_name_its_source_and_properties(desk: Desk) -> None:
    text = (
        "---\nnotion_data_source_name: Archived Projects\nStatus: Done\nPoints: 5\n---\n\n"
        "# Found Again\n\nText.\n"
    )
    await desk.write("acme/projects/found.md", text)
    await desk.sent()
    page = desk.sim.page(desk.page_id("acme/projects/found.md"))
    old = desk.sim.page(desk.page_id("acme/projects/old-project.md"))
    assert page["parent"] == old["parent"]
    assert page["properties"]["Points"]["number"] == 5
    assert desk.sim.title(page["id"]) == "Found Again"


async def test_an_unknown_source_is_refused_with_the_known_ones(desk: Desk) -> None:
    with pytest.raises(InvalidPageFile, match="Active Projects"):
        await desk.write("acme/projects/x.md", "---\nnotion_data_source_name: Nope\n---\n\nx\n")


async def test_a_new_file_in_a_folder_is_a_sub_page(desk: Desk) -> None:
    await desk.write("acme/wiki/ideas.md", "# Ideas\n\nMany.\n")
    await desk.sent()
    page = desk.sim.page(desk.page_id("acme/wiki/ideas.md"))
    assert page["parent"]["page_id"] == desk.page_id("acme/wiki.md")
    assert desk.sim.title(page["id"]) == "Ideas"


async def test_the_frontmatter_is_added_a_minute_later(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """At the first open that comes a minute or more after the save; never sooner."""
    import trio

    async with open_desk(sim, tmp_path) as desk:
        await desk.write("acme/wiki/ideas.md", "Many.\n")
        await desk.sent()
        await trio.sleep(30)
        assert await desk.read("acme/wiki/ideas.md") == "Many.\n"
        await trio.sleep(31)
        text = await desk.read("acme/wiki/ideas.md")
        assert text.startswith("---\nnotion_id: ")
        assert text.endswith("# ideas\n\nMany.\n")


async def test_a_page_cannot_be_made_at_the_top(desk: Desk) -> None:
    """Notion's API cannot; side files can live there."""
    with pytest.raises(NotPermitted):
        await desk.write("acme/new.md", "x")
    await desk.write("acme/notes.txt", "x")
    assert await desk.read("acme/notes.txt") == "x"


async def test_mkdir_makes_a_page_with_its_folder(desk: Desk) -> None:
    """A child waits until its parent is there."""
    desk.mkdir("acme/wiki/handbook")
    await desk.write("acme/wiki/handbook/first.md", "One.\n")
    await desk.sent()
    parent = desk.page_id("acme/wiki/handbook.md")
    assert desk.sim.title(parent) == "handbook"
    child = desk.sim.page(desk.page_id("acme/wiki/handbook/first.md"))
    assert child["parent"]["page_id"] == parent


async def test_mkdir_beside_a_page_makes_its_folder(desk: Desk) -> None:
    desk.mkdir("acme/projects/project-alpha")
    await desk.write("acme/projects/project-alpha/notes.md", "One.\n")
    await desk.sent()
    child = desk.sim.page(desk.page_id("acme/projects/project-alpha/notes.md"))
    assert child["parent"]["page_id"] == desk.page_id(ALPHA)


async def test_rm_moves_to_the_trash_after_the_grace(desk: Desk) -> None:
    page_id = desk.page_id("acme/wiki/roadmap.md")
    desk.sim.reset_counts()
    desk.rm("acme/wiki/roadmap.md")
    assert await desk.ls("acme/wiki") == ["design-notes.md"]
    assert desk.sim.count() == 0
    await desk.sent()
    assert desk.sim.page(page_id)["in_trash"]
    assert desk.sim.count() == 1


async def test_a_page_with_children_is_not_removed(desk: Desk) -> None:
    with pytest.raises(NotEmpty):
        desk.rm("acme/wiki.md")
    for child in await desk.ls("acme/wiki"):
        desk.rm(f"acme/wiki/{child}")
    desk.rmdir("acme/wiki")
    desk.rm("acme/wiki.md")
    assert "wiki.md" not in await desk.ls("acme")


async def test_unlink_and_create_again_is_the_same_page(desk: Desk) -> None:
    """As `install`, and `mv` from another file system, do it."""
    path = "acme/wiki/roadmap.md"
    page_id, text = desk.page_id(path), await desk.read(path)
    desk.rm(path)
    await desk.write(path, text.replace("Later.", "Sooner."))
    await desk.sent()
    assert desk.page_id(path) == page_id
    assert not desk.sim.page(page_id)["in_trash"]
    assert "Sooner." in desk.sim.markdown(page_id)
    assert desk.sim.count("create_page") == 0


async def test_a_backup_rename_keeps_the_page(desk: Desk) -> None:
    """As vim saves: page to backup, new file under the old name, backup removed."""
    path = "acme/wiki.md"
    page_id, text = desk.page_id(path), await desk.read(path)
    desk.sim.reset_counts()
    desk.mv(path, f"{path}~")
    await desk.write(path, text.replace("Last paragraph.", "Last words."))
    desk.rm(f"{path}~")
    await desk.sent()
    assert desk.page_id(path) == page_id
    assert desk.sim.count() == desk.sim.count("patch_markdown") == 1
    assert "Last words." in desk.sim.markdown(page_id)


async def test_a_page_renamed_to_a_side_name_comes_back(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """An editor that died in the middle of a save leaves the page as it was."""
    import trio

    path = "acme/wiki/roadmap.md"
    page_id, text = desk.page_id(path), await desk.read(path)
    desk.mv(path, f"{path}.bak")
    assert await desk.ls("acme/wiki") == ["design-notes.md", "roadmap.md.bak"]
    await trio.sleep(10)
    assert await desk.read(path) == text
    assert desk.page_id(path) == page_id
    assert await desk.read(f"{path}.bak") == text


async def test_an_atomic_save_brings_only_the_text(desk: Desk) -> None:
    """As `sed -i`, rsync and GTK save: a temporary file renamed over the page."""
    path = "acme/wiki.md"
    page_id, text = desk.page_id(path), await desk.read(path)
    desk.sim.reset_counts()
    await desk.write("acme/sedAbC123", text.replace("Last paragraph.", "Last words."))
    desk.mv("acme/sedAbC123", path)
    await desk.sent()
    assert desk.page_id(path) == page_id
    assert desk.sim.count() == desk.sim.count("patch_markdown") == 1
    assert "sedAbC123" not in await desk.ls("acme")


async def test_an_atomic_save_leaves_no_second_copy_in_the_store(desk: Desk) -> None:
    """What was a side file is the page's text; nothing is salvaged as local that was sent."""
    text = (await desk.read("acme/wiki.md")).replace("Last paragraph.", "Last words.")
    await desk.write("acme/wiki.md.tmp.1", text)
    desk.mv("acme/wiki.md.tmp.1", "acme/wiki.md")
    await desk.sent()
    assert desk.tree.store.dentries.load_scratch(desk.ino("acme/wiki.md")) == b""


async def test_an_atomic_save_of_a_bad_text_fails_and_keeps_it(desk: Desk) -> None:
    text = (await desk.read(ALPHA)).replace("Points: 3", "Points: many")
    await desk.write("acme/projects/sedAbC123", text)
    with pytest.raises(InvalidPageFile):
        desk.mv("acme/projects/sedAbC123", ALPHA)
    assert await desk.read(ALPHA) == text
    assert desk.reason(ALPHA) is not None


async def test_mv_in_place_is_a_new_title(desk: Desk) -> None:
    """The id stays, the heading follows, the chosen name stays."""
    page_id = desk.page_id(ALPHA)
    await desk.read(ALPHA)
    desk.sim.reset_counts()
    desk.mv(ALPHA, "acme/projects/Moonshot.md")
    await desk.sent()
    assert desk.page_id("acme/projects/Moonshot.md") == page_id
    assert desk.sim.title(page_id) == "Moonshot"
    assert desk.sim.count() == 1
    assert "# Moonshot\n" in await desk.read("acme/projects/Moonshot.md")
    await desk.engine.refresher.reconcile()
    assert "Moonshot.md" in await desk.ls("acme/projects")


async def test_mv_of_an_unread_page_is_a_new_title(desk: Desk) -> None:
    page_id = desk.page_id("acme/wiki/roadmap.md")
    desk.mv("acme/wiki/roadmap.md", "acme/wiki/Future.md")
    await desk.sent()
    assert desk.sim.title(page_id) == "Future"
    assert "# Future\n" in await desk.read("acme/wiki/Future.md")


async def test_mv_to_another_folder_is_a_move(desk: Desk) -> None:
    page_id = desk.page_id("acme/wiki/roadmap.md")
    desk.mkdir("acme/wiki/design-notes")
    desk.sim.reset_counts()
    desk.mv("acme/wiki/roadmap.md", "acme/wiki/design-notes/roadmap.md")
    await desk.sent()
    assert desk.sim.count() == desk.sim.count("move_page") == 1
    parent = desk.sim.page(page_id)["parent"]["page_id"]
    assert parent == desk.page_id("acme/wiki/design-notes.md")


async def test_a_folder_moves_with_its_page_and_back(desk: Desk) -> None:
    desk.mv("acme/wiki", "acme/Handbook")
    assert {"Handbook", "Handbook.md"} <= set(await desk.ls("acme"))
    assert await desk.ls("acme/Handbook") == ["design-notes.md", "roadmap.md"]
    await desk.sent()
    assert desk.sim.title(desk.page_id("acme/Handbook.md")) == "Handbook"


async def test_a_row_cannot_lose_its_properties_by_a_move(desk: Desk) -> None:
    """Refused before anything changed, with what would be lost."""
    with pytest.raises(NotPermitted, match="Status"):
        desk.mv(ALPHA, "acme/wiki/project-alpha.md")
    assert "project-alpha.md" in await desk.ls("acme/projects")


async def test_a_copy_is_a_new_page(desk: Desk) -> None:
    """The identity keys in a copy are ignored."""
    text = await desk.read(ALPHA)
    await desk.write("acme/projects/copy.md", text)
    await desk.sent()
    copied = desk.page_id("acme/projects/copy.md")
    assert copied not in (None, desk.page_id(ALPHA))
    assert desk.sim.page(copied)["properties"]["Points"]["number"] == 3


async def test_side_files_never_become_pages(desk: Desk) -> None:
    desk.sim.reset_counts()
    for name in (".page.md.swp", "4913", "page.md~", "#page.md#", "notes.txt"):
        await desk.write(f"acme/projects/{name}", "local")
    desk.mkdir("acme/projects/.git")
    await desk.write("acme/projects/.git/README.md", "local")
    await desk.sent()
    assert desk.sim.count() == 0
    assert await desk.read("acme/projects/.git/README.md") == "local"


async def test_what_close_reported_survives_a_crash(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The draft and its outbox row are on disk; the next start sends them, once."""
    async with open_desk(sim, tmp_path, quiet=3600.0) as desk:
        await desk.edit("acme/wiki.md", "Last paragraph.", "Last words.")
        await desk.write("acme/projects/New.md", "New.\n")
        await desk.write("acme/projects/.side", "side")
        page_id = desk.page_id("acme/wiki.md")
    sim.reset_counts()
    async with open_desk(sim, tmp_path) as desk:
        assert "Last words." in await desk.read("acme/wiki.md")
        await desk.sent()
        assert "Last words." in sim.markdown(page_id)
        assert sim.count("create_page") == 1
        assert await desk.read("acme/projects/.side") == "side"


async def test_a_read_only_mount_refuses_every_change(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_desk(sim, tmp_path, read_only=True) as desk:
        await desk.read("acme/wiki.md")
        with pytest.raises(ReadOnly):
            await desk.write("acme/wiki.md", "x")
        with pytest.raises(ReadOnly):
            desk.rm("acme/wiki/roadmap.md")
        with pytest.raises(ReadOnly):
            desk.mkdir("acme/wiki/x")


async def test_a_change_elsewhere_survives_a_save_here(desk: Desk) -> None:
    """The edits are exact replacements: another paragraph changed in Notion stays changed."""
    page_id = desk.page_id("acme/wiki.md")
    text = await desk.read("acme/wiki.md")
    desk.sim.edit_markdown(
        page_id, desk.sim.markdown(page_id).replace("First paragraph.", "First remote.")
    )
    await desk.write("acme/wiki.md", text.replace("Last paragraph.", "Last local."))
    await desk.sent()
    remote = desk.sim.markdown(page_id)
    assert "First remote." in remote
    assert "Last local." in remote
    shown = await desk.read("acme/wiki.md")
    assert "First remote." in shown
    assert "Last local." in shown


async def test_the_same_paragraph_changed_on_both_sides_is_a_conflict(desk: Desk) -> None:
    """The file keeps the user's text; Notion's stands beside it; nothing is sent until decided."""
    page_id = desk.page_id("acme/wiki.md")
    text = await desk.read("acme/wiki.md")
    desk.sim.edit_markdown(
        page_id, desk.sim.markdown(page_id).replace("Last paragraph.", "Last remote.")
    )
    await desk.write("acme/wiki.md", text.replace("Last paragraph.", "Last local."))
    await desk.sent()
    assert "Last remote." in desk.sim.markdown(page_id)
    assert "Last local." in await desk.read("acme/wiki.md")
    assert "Last remote." in await desk.read("acme/wiki.remote.md")
    desk.rm("acme/wiki.remote.md")
    await desk.sent()
    assert "Last local." in desk.sim.markdown(page_id)
    assert "wiki.remote.md" not in await desk.ls("acme")


COLUMNS = "<columns>\n<column>\nLeft.\n</column>\n<column>\nRight.\n</column>\n</columns>\n"


async def test_edits_in_two_columns_are_no_conflict(sim: Simulator, tmp_path: Path) -> None:
    """Each block is a surface of its own, however deep it stands."""
    page_id = sim.add_page("Board", parent="workspace", markdown=COLUMNS)
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read("acme/board.md")
        sim.edit_markdown(page_id, sim.markdown(page_id).replace("Left.", "Left remote."))
        await desk.write("acme/board.md", text.replace("Right.", "Right local."))
        await desk.sent()
        assert "Left remote." in sim.markdown(page_id)
        assert "Right local." in sim.markdown(page_id)
        assert desk.reason("acme/board.md") is None


async def test_a_page_in_a_column_names_the_page_around_it(sim: Simulator, tmp_path: Path) -> None:
    """`notion_parent_id` is a page's or database's id, never that of a block."""
    board = sim.add_page("Board", parent="workspace", markdown=COLUMNS)
    column = sim.children(sim.children(board)[0]["id"])[0]["id"]
    sim.add_page("Inside", parent=column)
    async with open_desk(sim, tmp_path) as desk:
        assert f"notion_parent_id: {board}\n" in await desk.read("acme/board/inside.md")


async def test_what_notion_keeps_differently_is_noted_and_never_stops_a_save(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The note names the line, `status` lists it, and it goes when the text is corrected."""
    await desk.append("acme/wiki.md", "\nPress <kbd>x</kbd>.\n\n##### Deep\n")
    lines = (await desk.read("acme/wiki.md")).split("\n")
    [noted] = (await desk.ask("status"))["notes"]
    assert noted["path"] == "acme/wiki.md"
    assert noted["notes"][0].startswith(f"Line {lines.index('Press <kbd>x</kbd>.') + 1}: ")
    await desk.sent()
    assert "kbd" in desk.sim.markdown(str(desk.page_id("acme/wiki.md")))
    [noted] = (await desk.ask("status"))["notes"]
    assert [text for text in noted["notes"] if text.startswith("Notion says: ")]
    await desk.edit("acme/wiki.md", "Press <kbd>x</kbd>.\n\n##### Deep\n", "Press x.\n")
    await desk.sent()
    assert (await desk.ask("status"))["notes"] == []


@pytest.mark.parametrize(
    "added",
    [
        "1. one\n2. two",
        "```console\n$ ls\n```",
        "| a | b |\n| --- | ---: |\n| x | |",
        "A _soft_\nbreak, <x> and [another name](wiki/roadmap.md).",
    ],
)
@pytest.mark.parametrize("path", ["acme/wiki.md", "acme/wiki/new.md"])
async def test_what_notion_spells_differently_stays_as_it_was_written(
    desk: Desk, path: str, added: str
) -> None:
    """New blocks too: nobody else changed the page, so nobody is told that its file changed."""
    text = (await desk.read("acme/wiki.md")) if path == "acme/wiki.md" else ""
    text = f"{text.rstrip()}\n\n{added}\n".lstrip()
    await desk.write(path, text)
    await desk.sent()
    assert await desk.read(path) == text
    desk.sim.reset_counts()
    await desk.write(path, text + "\nMore.\n")
    await desk.sent()
    assert desk.sim.count("patch_markdown") == 1
    assert await desk.read(path) == text + "\nMore.\n"
