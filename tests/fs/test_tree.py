"""What the workspace looks like as files, and what it costs to look."""

from __future__ import annotations

from pathlib import Path

import pytest
from trio.testing import MockClock

from notionfs.config import Teamspace
from notionfs.errors import NameTooLong, NoAttribute, NoSuchEntry, NotSupported, ReadOnly
from notionfs.fs.xattrs import ExtendedAttributes
from notionfs.simulator import Simulator
from notionfs.store.dentries import NOMINAL_SIZE
from tests.desk import Desk, open_desk, wall


async def test_the_tree_shows_pages_folders_and_a_flat_database(desk: Desk) -> None:
    """Rows of all data sources stand in one folder; children stand beside their page."""
    found = [p for p in await desk.walk() if not p.startswith(".notionfs")]
    assert found == [
        "acme",
        "acme/projects",
        "acme/projects/.schema.yaml",
        "acme/projects/old-project.md",
        "acme/projects/project-alpha.md",
        "acme/projects/project-beta.md",
        "acme/wiki",
        "acme/wiki/design-notes.md",
        "acme/wiki/roadmap.md",
        "acme/wiki.md",
    ]


async def test_the_first_tree_keeps_its_budget(desk: Desk) -> None:
    """ceil(P/100) + ceil(S/100) + D calls at most, and listing everything again costs nothing."""
    await desk.walk()
    assert desk.sim.count("search") <= 2
    assert desk.sim.count("get_database") == 1
    assert desk.sim.count() <= 1 + 2 + 1  # who we are, and the tree


async def test_looking_at_attributes_costs_no_call(desk: Desk) -> None:
    before = desk.sim.count()
    for path in await desk.walk():
        desk.stat(path)
    assert desk.sim.count() == before


async def test_reading_a_page_is_one_call_and_then_none(desk: Desk) -> None:
    before = desk.sim.count()
    first = await desk.read("acme/wiki.md")
    assert desk.sim.count() == before + 1
    assert await desk.read("acme/wiki.md") == first
    assert desk.sim.count() == before + 1


async def test_a_row_shows_the_six_keys_and_its_properties(desk: Desk) -> None:
    """The keys have exactly these names and this order."""
    lines = (await desk.read("acme/projects/project-alpha.md")).splitlines()
    assert [line.split(":")[0] for line in lines[:8]] == [
        "---",
        "notion_id",
        "notion_parent_id",
        "notion_data_source_id",
        "notion_data_source_name",
        "last_edited",
        "notion_url",
        "Status",
    ]
    assert "notion_data_source_name: Active Projects" in lines
    assert "Status: In progress" in lines
    assert "Tags: [backend]" in lines
    assert "Points: 3" in lines
    assert lines[-3:] == ["# Project Alpha", "", "Content here."]


async def test_an_unread_page_has_a_nominal_size_that_nobody_may_keep(desk: Desk) -> None:
    """tar and git believe a 0, so an unread page never says 0."""
    unread = desk.stat("acme/wiki.md")
    assert unread.size == NOMINAL_SIZE
    assert unread.attr_timeout == 0
    text = await desk.read("acme/wiki.md")
    read = desk.stat("acme/wiki.md")
    assert read.size == len(text.encode())
    assert read.attr_timeout > 0


async def test_the_schema_file_names_sources_types_and_options(desk: Desk) -> None:
    text = await desk.read("acme/projects/.schema.yaml")
    for expected in ("Active Projects", "Archived Projects", "multi_select", "backend", "docs"):
        assert expected in text


async def test_by_id_leads_to_the_file(desk: Desk) -> None:
    page_id = desk.page_id("acme/wiki/roadmap.md")
    ino = desk.ino(f".notionfs/by-id/{page_id}")
    assert desk.tree.readlink(ino) == "../../acme/wiki/roadmap.md"


async def test_the_guide_tells_people_what_to_do(desk: Desk) -> None:
    assert "mkdir" in await desk.read(".notionfs/README.md")
    with pytest.raises(ReadOnly):
        await desk.write(".notionfs/README.md", "mine")


async def test_a_name_that_is_too_long_says_so(desk: Desk) -> None:
    """ENAMETOOLONG, not ENOENT."""
    with pytest.raises(NameTooLong):
        desk.tree.lookup(1, "x" * 256)
    with pytest.raises(NoSuchEntry):
        desk.tree.lookup(1, "x" * 255)


async def test_extended_attributes_are_off_by_default(desk: Desk) -> None:
    """ENOSYS makes `ls -l` of a large directory many times faster."""
    with pytest.raises(NotSupported):
        ExtendedAttributes(desk.tree).get(desk.ino("acme/wiki.md"), "user.notion.id")


async def test_extended_attributes_tell_what_the_frontmatter_tells(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    async with open_desk(sim, tmp_path, xattrs=True) as desk:
        ino = desk.ino("acme/projects/project-alpha.md")
        page_id = desk.page_id("acme/projects/project-alpha.md")
        assert ExtendedAttributes(desk.tree).get(ino, "user.notion.id").decode() == page_id
        assert "user.notion.data_source" in ExtendedAttributes(desk.tree).names(ino)
        with pytest.raises(NoAttribute):
            ExtendedAttributes(desk.tree).get(ino, "user.other")


async def test_a_teamspace_directory_holds_its_configured_roots(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The API does not name teamspaces, so the settings do; what nothing claims stays outside."""
    root = sim.add_page("Handbook", parent="workspace")
    spaces = {"engineering": Teamspace("engineering", (root.replace("-", ""),))}
    async with open_desk(sim, tmp_path, teamspaces=spaces) as desk:
        assert await desk.ls("engineering") == ["handbook.md"]
        assert "handbook.md" not in await desk.ls("acme")


async def test_the_oldest_of_two_equal_titles_keeps_the_plain_name(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    sim = Simulator(clock=wall)
    wiki = sim.add_page("Wiki", parent="workspace")
    first = sim.add_page("Notes", parent=wiki, markdown="first", created="2026-01-01T00:00:00Z")
    second = sim.add_page("NOTES!", parent=wiki, markdown="second", created="2026-02-01T00:00:00Z")
    async with open_desk(sim, tmp_path) as desk:
        other = f"notes-{second.replace('-', '')[:8]}.md"
        assert await desk.ls("acme/wiki") == sorted(["notes.md", other])
        assert desk.page_id("acme/wiki/notes.md") == first


async def test_a_page_inside_a_column_stands_below_the_page_around_it(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    sim = Simulator(clock=wall)
    wiki = sim.add_page(
        "Wiki",
        parent="workspace",
        markdown="<columns>\n\n<column>\n\nleft\n\n</column>\n\n<column>\n\nright\n\n</column>\n\n</columns>\n",
    )
    column_list = sim.children(wiki)[0]
    column = sim.children(column_list["id"])[0]
    sim.add_page("Inside", parent=column["id"])
    async with open_desk(sim, tmp_path) as desk:
        assert await desk.ls("acme/wiki") == ["inside.md"]


async def test_a_page_whose_parent_is_not_shared_stands_at_the_top(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    sim = Simulator(clock=wall)
    secret = sim.add_page("Secret", parent="workspace")
    shared = sim.add_page("Shared", parent=secret)
    sim.unshare(secret)
    sim.share(shared)
    async with open_desk(sim, tmp_path) as desk:
        assert await desk.ls("acme") == ["shared.md"]


async def test_a_database_on_a_page_stands_in_its_folder_and_is_linked(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The first tree knows the page before it places what hangs below it."""
    sim = Simulator(clock=wall)
    wiki = sim.add_page("Wiki", parent="workspace")
    sim.add_database("Tasks", parent=wiki, sources={"Tasks": {"Name": "title"}})
    async with open_desk(sim, tmp_path) as desk:
        assert await desk.ls("acme") == ["wiki", "wiki.md"]
        assert await desk.ls("acme/wiki") == ["tasks"]
        text = await desk.read("acme/wiki.md")
        assert "[Tasks](wiki/tasks/) <!-- notion:database -->" in text
        desk.sim.reset_counts()
        await desk.write("acme/wiki.md", text + "\nMore.\n")
        await desk.sent()
        assert desk.sim.count() == 1
        assert "<database " in sim.markdown(wiki)
