"""What knows only a database finds its data source; what Notion refuses is looked at again once."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from msgspec.structs import replace
from trio.testing import MockClock

from notionfs.config import Teamspace
from notionfs.errors import InvalidPageFile
from notionfs.model import DatabaseId, Parent, ParentType
from notionfs.simulator import Simulator
from notionfs.store.store import Store
from tests.desk import Desk, open_desk

ALPHA = "acme/projects/project-alpha.md"


def add_tasks(sim: Simulator) -> str:
    """A database with one data source and a row; returns its id."""
    database_id, [source] = sim.add_database("Tasks", sources={"Tasks": {"Hours": "number"}})
    sim.add_page("Buy milk", parent=source, properties={"Hours": 1})
    return database_id


def age_store(directory: Path) -> None:
    """Make the rows in a store as a program wrote them that knew no data sources."""
    store = Store(directory / "store")
    with store.transaction():
        for page_id in store.snapshots.list_live_ids():
            page = store.snapshots.load_page(page_id)
            assert page is not None
            if page.parent.database_id is not None:
                parent = Parent(ParentType.DATABASE, page.parent.database_id)
                store.snapshots.save_page(replace(page, parent=parent))
    store.close()


# --- what an older program stored -----------------------------------------------------------------


async def test_rows_of_an_older_store_find_their_data_source(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Both ids are kept; a database with several is named with its candidates."""
    database_id = add_tasks(sim)
    async with open_desk(sim, tmp_path) as desk:
        assert "Hours: 1" in await desk.read("acme/tasks/buy-milk.md")
    age_store(tmp_path)
    with caplog.at_level(logging.WARNING):
        async with open_desk(sim, tmp_path) as desk:
            await desk.engine.sources.resolve_rows()
            record = (await desk.ask("info", path="acme/tasks/buy-milk.md"))["record"]
            [source] = (await desk.ask("info", path="acme/tasks"))["record"]["data_sources"]
            assert (record["database_id"], record["data_source_id"]) == (database_id, source["id"])
            await desk.edit("acme/tasks/buy-milk.md", "Hours: 1", "Hours: 2")
            await desk.sent()
            assert "Hours: 2" in await desk.read("acme/tasks/buy-milk.md")
            unresolved = (await desk.ask("info", path=ALPHA))["record"]
            assert unresolved["database_id"] is not None
            assert unresolved["data_source_id"] is None
    assert "Active Projects" in caplog.text
    assert "Archived Projects" in caplog.text
    caplog.clear()


async def test_a_root_may_be_a_data_source(sim: Simulator, tmp_path: Path) -> None:
    """Or the database that holds it: both claim the folder."""
    database_id = add_tasks(sim)
    source = sim.workspace.databases[database_id].sources[0]
    for root in (database_id, source):
        spaces = {"ops": Teamspace("ops", (root,))}
        async with open_desk(sim, tmp_path / root, teamspaces=spaces) as desk:
            assert await desk.ls("ops/tasks") == [".schema.yaml", "buy-milk.md"]


# --- files that come back -------------------------------------------------------------------------


async def test_an_old_file_that_names_only_its_database_becomes_a_row(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """There is but one data source that can be meant."""
    database_id = add_tasks(sim)
    async with open_desk(sim, tmp_path) as desk:
        for key in ("notion_parent_id", "notion_data_source_id"):
            text = f"---\nnotion_id: {'0' * 32}\n{key}: {database_id}\nHours: 3\n---\n\n# {key}\n"
            await desk.write(f"acme/tasks/{key}.md", text)
        await desk.sent()
        record = (await desk.ask("info", path="acme/tasks"))["record"]
        assert [source["page_count"] for source in record["data_sources"]] == [3]


async def test_an_old_copy_goes_where_its_page_is(desk: Desk, autojump_clock: MockClock) -> None:
    """Among several data sources, the one that holds the page it was copied from."""
    page_id = desk.page_id("acme/projects/old-project.md")
    parent_id = (await desk.ask("info", path="acme/projects"))["record"]["id"]
    text = f"---\nnotion_id: {page_id}\nnotion_parent_id: {parent_id}\n---\n\n# Copy\n"
    await desk.write("acme/projects/copy.md", text)
    await desk.sent()
    counts = (await desk.ask("info", path="acme/projects"))["record"]["data_sources"]
    assert [source["page_count"] for source in counts] == [2, 2]


async def test_several_candidates_are_named(desk: Desk) -> None:
    """Nothing is guessed, and nothing is sent."""
    parent_id = (await desk.ask("info", path="acme/projects"))["record"]["id"]
    text = f"---\nnotion_id: {'0' * 32}\nnotion_parent_id: {parent_id}\n---\n\n# Lost\n"
    with pytest.raises(InvalidPageFile, match=r"Active Projects.*Archived Projects"):
        await desk.write("acme/projects/lost.md", text)
    assert desk.sim.count("create_page") == 0


# --- a schema that is older than Notion's ---------------------------------------------------------


async def test_a_refusal_asks_for_the_schema_again_and_tells_what_does_not_fit(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """A property was removed: the person hears that, with the nearest name, after one retry."""
    assert "Points: 3" in await desk.read(ALPHA)
    source = desk.engine.store.snapshots.list_sources()[0].id
    desk.sim.change_schema(source, {"Points": None})
    desk.sim.reset_counts()
    await desk.edit(ALPHA, "Points: 3", "Points: 4")
    await desk.sent()
    assert desk.sim.count("update_page") == 1
    assert desk.sim.count("get_database") == 1
    assert "Points" in (desk.reason(ALPHA) or "")
    assert "Points: 4" in await desk.read(ALPHA)


async def test_a_row_whose_data_source_was_removed_is_made_in_the_next(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Refused, asked again, sent once more."""
    database_id = DatabaseId((await desk.ask("info", path="acme/projects"))["record"]["id"])
    active, archived = (s.id for s in desk.engine.store.snapshots.list_sources(database_id))
    desk.sim.workspace.databases[database_id].sources.remove(active)
    desk.sim.trash(active)
    desk.sim.reset_counts()
    await desk.write("acme/projects/new.md", "# New\n")
    await desk.sent()
    assert desk.sim.count("create_page") == 2
    record = (await desk.ask("info", path="acme/projects/new.md"))["record"]
    assert record["data_source_id"] == archived


async def test_a_refusal_that_has_nothing_to_do_with_the_schema_is_told_at_once(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The schema is as it was, so nothing is sent again."""
    await desk.read(ALPHA)
    desk.sim.fail_next(operation="update_page", status=400)
    desk.sim.reset_counts()
    await desk.edit(ALPHA, "Points: 3", "Points: 4")
    await desk.sent()
    assert desk.sim.count("update_page") == 1
    assert desk.reason(ALPHA) is not None
