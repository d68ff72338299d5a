"""Records of pages and databases say what the tree shows, and `notionfs info` prints them."""

from __future__ import annotations

import json

import pytest

from notionfs.cli.info import describe
from notionfs.errors import InvalidArgument, NoSuchEntry
from tests.desk import Desk

ALPHA = "acme/projects/project-alpha.md"


async def test_the_record_of_a_row(desk: Desk) -> None:
    """Exactly these keys; both the database and the data source are named."""
    answer = await desk.ask("info", path=ALPHA)
    source = desk.engine.store.snapshots.list_sources()[0]
    page_id = desk.page_id(ALPHA)
    assert page_id is not None
    page = desk.sim.page(page_id)
    assert answer["record"] == {
        "id": page_id,
        "space_id": desk.identity.workspace_id,
        "file_path": ALPHA,
        "title": "Project Alpha",
        "last_edited": page["last_edited_time"].replace(".000Z", "Z"),
        "parent_type": "data_source_id",
        "parent_id": source.id,
        "database_id": source.database_id,
        "data_source_id": source.id,
    }


async def test_the_record_of_a_page_names_no_database(desk: Desk) -> None:
    """Its parent is a page; asking for its folder is asking for it."""
    answer = await desk.ask("info", path="acme/wiki/roadmap.md")
    record = answer["record"]
    assert (record["parent_type"], record["parent_id"]) == ("page_id", desk.page_id("acme/wiki.md"))
    assert record["database_id"] is record["data_source_id"] is None
    assert await desk.ask("info", path="acme/wiki") == await desk.ask("info", path="acme/wiki.md")


async def test_the_record_of_a_database(desk: Desk) -> None:
    """Exactly these keys; one source is the default, and the counts are those of the files."""
    record = (await desk.ask("info", path="acme/projects"))["record"]
    assert list(record) == ["id", "title", "directory", "data_sources", "last_synced"]
    assert (record["title"], record["directory"]) == ("Projects", "acme/projects")
    shown = [(s["name"], s["is_default"], s["page_count"]) for s in record["data_sources"]]
    assert shown == [("Active Projects", True, 2), ("Archived Projects", False, 1)]
    assert list(record["data_sources"][0]) == ["id", "name", "is_default", "page_count"]
    assert record["last_synced"] is not None


async def test_page_counts_are_those_of_the_files(desk: Desk) -> None:
    """Whatever comes and goes."""
    active = desk.engine.store.snapshots.list_sources()[0].id
    await desk.write("acme/projects/new.md", "# New\n")
    await desk.sent()
    desk.sim.add_page("Another", parent=active)
    desk.sim.trash(str(desk.page_id(ALPHA)))
    await desk.engine.refresher.reconcile()
    record = (await desk.ask("info", path="acme/projects"))["record"]
    files = [name for name in await desk.ls("acme/projects") if name.endswith(".md")]
    assert sum(source["page_count"] for source in record["data_sources"]) == len(files) == 4


async def test_ids_and_addresses_lead_to_the_same_record(desk: Desk) -> None:
    """That of a data source leads to its database; nothing is asked of Notion."""
    by_path = await desk.ask("info", path=ALPHA)
    of_database = await desk.ask("info", path="acme/projects")
    source_id = of_database["record"]["data_sources"][1]["id"]
    desk.sim.reset_counts()
    assert await desk.ask("info", reference=by_path["record"]["id"]) == by_path
    assert await desk.ask("info", reference=by_path["more"]["url"]) == by_path
    assert await desk.ask("info", reference=of_database["record"]["id"]) == of_database
    assert await desk.ask("info", reference=source_id) == of_database
    assert desk.sim.count() == 0


@pytest.mark.parametrize(
    ("path", "words"),
    [("acme", "teamspace"), ("acme/projects/.schema.yaml", "made by notionfs")],
)
async def test_what_is_neither_page_nor_database_is_refused(
    desk: Desk, path: str, words: str
) -> None:
    """With a sentence that says what it is."""
    with pytest.raises(InvalidArgument, match=words):
        await desk.ask("info", path=path)


async def test_an_unknown_id_is_told_with_what_to_do(desk: Desk) -> None:
    """It may only not be shared yet."""
    with pytest.raises(NoSuchEntry, match="notionfs sync"):
        await desk.ask("info", reference="0" * 32)


async def test_people_see_a_line_a_fact(desk: Desk) -> None:
    """Unknown facts have none."""
    answer = json.loads(json.dumps(await desk.ask("info", path="acme/projects")))
    lines = list(describe({**answer["record"], **answer["more"]}))
    assert "title: Projects" in lines
    assert any(line.startswith("data source: Active Projects (default), 2 pages") for line in lines)
