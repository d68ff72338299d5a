"""A row that leaves its table: what goes along, what would be lost, and who decides."""

from __future__ import annotations

from typing import Any

import pytest

from notionfs.errors import EntryExists, InvalidArgument, NoSuchEntry, NotPermitted
from tests.desk import Desk

ALPHA = "acme/projects/project-alpha.md"
BETA = "acme/projects/project-beta.md"


@pytest.fixture
async def archive(desk: Desk) -> Desk:
    """A second database: one column fits, one has another type, options are fewer."""
    columns = {
        "Name": "title",
        "Tags": {"multi_select": {"options": [{"name": "docs"}, {"name": "backend"}]}},
        "Points": "number",
        "Done": "rich_text",
    }
    desk.sim.add_database("Archive", parent="workspace", sources={"Archive": columns})
    await desk.engine.refresher.reconcile()
    return desk


def value(desk: Desk, page_id: str | None, name: str) -> Any:
    found = desk.sim.page(page_id)["properties"][name]
    return found[found["type"]]


async def test_a_row_takes_along_what_the_new_table_can_hold(archive: Desk) -> None:
    """Notion drops options on the way: they are set again, and the file shows what is there."""
    page_id = archive.page_id(BETA)
    await archive.edit(BETA, "Tags: []", "Tags: [docs]")
    await archive.edit(BETA, "Points:", "Points: 8")
    text = (await archive.read(BETA)).replace("Status: Not started\n", "Status:\n")
    await archive.write(BETA, text)
    await archive.sent()
    archive.sim.edit_property(page_id, "Status", None)
    await archive.engine.refresher.reconcile()
    archive.sim.reset_counts()
    await archive.ask("mv", path=BETA, target="acme/archive", force=True)
    await archive.sent()
    assert archive.page_id("acme/archive/project-beta.md") == page_id
    assert (archive.sim.count("move_page"), archive.sim.count("update_page")) == (1, 1)
    assert value(archive, page_id, "Points") == 8
    assert [option["name"] for option in value(archive, page_id, "Tags")] == ["docs"]
    text = await archive.read("acme/archive/project-beta.md")
    assert "notion_data_source_name: Archive" in text
    assert "Tags: [docs]" in text
    assert "Status" not in text


async def test_a_move_that_loses_properties_names_them(archive: Desk) -> None:
    """Also those whose type or options differ. Nothing has changed."""
    with pytest.raises(NotPermitted, match=r"properties Status would be lost.*notionfs mv --force"):
        archive.mv(ALPHA, "acme/archive/project-alpha.md")
    with pytest.raises(NotPermitted, match="Status, Tags, Points"):
        await archive.ask("mv", path=ALPHA, target="acme/wiki")
    assert "project-alpha.md" in await archive.ls("acme/projects")


async def test_a_forced_move_loses_what_the_new_place_cannot_hold(archive: Desk) -> None:
    """Out of the database: the row becomes a page, and its file a page file."""
    page_id = archive.page_id(ALPHA)
    await archive.edit(ALPHA, "Content here.", "My own text.")
    answer = await archive.ask("mv", path=ALPHA, target="acme/wiki", force=True)
    assert answer == {"path": "acme/wiki/project-alpha.md"}
    await archive.sent()
    page = archive.sim.page(page_id)
    assert page["parent"]["page_id"] == archive.page_id("acme/wiki.md")
    assert archive.reason("acme/wiki/project-alpha.md") is None
    text = await archive.read("acme/wiki/project-alpha.md")
    assert "Status" not in text
    assert "My own text." in text
    await archive.edit("acme/wiki/project-alpha.md", "My own text.", "More text.")
    await archive.sent()
    assert "More text." in archive.sim.markdown(page_id)


async def test_a_move_whose_answer_was_lost_still_takes_everything_along(archive: Desk) -> None:
    page_id = archive.page_id(ALPHA)
    await archive.read(ALPHA)
    archive.sim.fail_next(operation="move_page", drop=True, after_applying=True)
    await archive.ask("mv", path=ALPHA, target="acme/archive", force=True)
    await archive.sent()
    assert archive.sim.count("move_page") == 1
    assert [option["name"] for option in value(archive, page_id, "Tags")] == ["backend"]
    assert value(archive, page_id, "Points") == 3


async def test_a_move_by_command_never_replaces_anything(archive: Desk) -> None:
    with pytest.raises(EntryExists):
        await archive.ask("mv", path=ALPHA, target=BETA)
    with pytest.raises(NoSuchEntry):
        await archive.ask("mv", path="acme/projects/nobody.md", target="acme/wiki")
    with pytest.raises(InvalidArgument):
        await archive.ask("mv", target="acme/wiki")


async def test_a_row_that_is_moved_away_and_back_stays_in_its_data_source(desk: Desk) -> None:
    """Nothing is sent: it came back before it left."""
    place = "acme/projects/old-project.md"
    page_id = desk.page_id(place)
    before = desk.sim.page(page_id)["parent"]
    await desk.read(place)
    desk.sim.reset_counts()
    await desk.ask("mv", path=place, target="acme/wiki", force=True)
    desk.mv("acme/wiki/old-project.md", place)
    await desk.sent()
    assert desk.sim.count() == 0
    assert desk.sim.page(page_id)["parent"] == before


async def test_a_move_to_a_folder_that_does_not_exist_is_refused(desk: Desk) -> None:
    """A slip in the path does not make a page a local file."""
    with pytest.raises(InvalidArgument, match="no folder acme/wikis"):
        await desk.ask("mv", path=ALPHA, target="acme/wikis", force=True)
    assert desk.page_id(ALPHA) is not None
