"""Databases: all data sources found, all rows listed, at the price that is promised."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import trio
from trio.testing import MockClock

from notionfs.api.client import Client
from notionfs.api.listings import RowListing
from notionfs.config import Teamspace
from notionfs.errors import RemoteMissing
from notionfs.model import DatabaseId, DataSourceId
from notionfs.simulator import Simulator
from notionfs.simulator.records import Parent, plain
from notionfs.sync.rows import fetch_rows
from tests.desk import EPOCH, Desk, open_desk, wall

HOUR = 3600.0


def database_of(desk: Desk, path: str = "acme/projects") -> DatabaseId:
    found = desk.tree.inode(desk.ino(path)).database_id
    assert found is not None
    return found


def many_rows(sim: Simulator, *numbers: int) -> tuple[str, list[DataSourceId]]:
    """Add a database with a data source for each number, holding that many rows."""
    names = [f"Source {n}" for n in range(len(numbers))]
    database_id, sources = sim.add_database("Big", sources={name: {} for name in names})
    for source, number in zip(sources, numbers, strict=True):
        for n in range(number):
            sim.add_page(f"Row {n}", parent=source, created=EPOCH - 86_400 + 60 * (n // 4))
    return database_id, [DataSourceId(source) for source in sources]


def source_named(sim: Simulator, name: str) -> str:
    """Return the id of a data source."""
    return next(s.id for s in sim.workspace.data_sources.values() if plain(s.title) == name)


def files_in(desk: Desk, database_id: str) -> list[int]:
    """Return the number of files of each data source."""
    record = desk.engine.store.records.load_database(DatabaseId(database_id))
    assert record is not None
    return [source.page_count for source in record.data_sources]


def without_search(sim: Simulator) -> None:
    """The refresh behind a test must not find first what the test asks for."""
    sim.fail_next(operation="search", status=503, times=1000)


# --- rows -----------------------------------------------------------------------------------------


async def test_the_first_discovery_costs_the_container_and_its_rows(
    sim: Simulator, tmp_path: Path
) -> None:
    """One read of the container, one of each schema nobody told, and ceil(rows/100) a source."""
    database_id, sources = many_rows(sim, 250, 100, 0)
    without_search(sim)
    async with open_desk(sim, tmp_path, refreshed=False) as desk:
        await desk.engine.sources.list_rows(DatabaseId(database_id))
        assert sim.count("get_database") == 1
        assert sim.count("query") == 3 + 1 + 1
        assert sim.count("get_data_source") == len(sources)
        assert files_in(desk, database_id) == [250, 100, 0]


async def test_a_search_that_told_the_schemas_saves_those_calls(
    sim: Simulator, tmp_path: Path
) -> None:
    """As the first tree does: then a discovery is the container and the rows."""
    database_id, _ = many_rows(sim, 150, 10)
    async with open_desk(sim, tmp_path) as desk:
        desk.engine.sources.drop(DatabaseId(database_id))
        sim.reset_counts()
        await desk.engine.refresher.reconcile()
        assert sim.count("get_database") == 2
        assert sim.count("get_data_source") == 0
        assert sim.count("query") == 2 + 1 + 1 + 1


async def test_rows_past_the_end_of_a_query_are_found(sim: Simulator, tmp_path: Path) -> None:
    """Windows by creation time, which begin with rows that were seen: each is listed once."""
    database_id, _ = many_rows(sim, 1000)
    sim.limits.query_results = 230
    without_search(sim)
    async with open_desk(sim, tmp_path, refreshed=False) as desk:
        await desk.engine.sources.list_rows(DatabaseId(database_id))
        assert files_in(desk, database_id) == [1000]


async def test_rows_past_the_end_of_a_search_are_found(sim: Simulator, tmp_path: Path) -> None:
    """A search that ends early is no reason to believe that this was all."""
    database_id, _ = many_rows(sim, 300)
    sim.limits.search_results = 150
    async with open_desk(sim, tmp_path) as desk:
        assert files_in(desk, database_id) == [300]


async def test_ordinary_pages_past_the_end_of_a_search_come_when_edited_or_below_a_root(
    tmp_path: Path, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing else names them; the log says that the search was cut off."""
    sim = Simulator(clock=wall)
    home = sim.add_page("Home", parent="workspace")
    oldest, *_ = [sim.add_page(f"Page {n}", parent=home) for n in range(8)]
    sim.advance(120)
    sim.edit_title(home, "House")
    sim.limits.search_results = 5
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        assert len(await desk.ls("acme/house")) == 4
        assert "search ended before its end" in caplog.text
        await desk.ask("sync")
        assert len(await desk.ls("acme/house")) == 4
        sim.advance(120)
        sim.edit_title(oldest, "Back again")
        await trio.sleep(60)
        assert "back-again.md" in await desk.ls("acme/house")
    spaces = {"us": Teamspace("us", (home,))}
    async with open_desk(sim, tmp_path, teamspaces=spaces) as desk:
        await desk.ask("sync")
        assert len(await desk.ls("us/house")) == 8


async def test_a_listing_goes_on_when_notion_forgets_where_it_was(
    sim: Simulator, tmp_path: Path
) -> None:
    """From the creation time of the last row seen."""
    _, [source] = many_rows(sim, 250)
    without_search(sim)
    answers = 0

    async with open_desk(sim, tmp_path, refreshed=False) as desk:
        query = desk.client.query

        async def forgetful(*given: Any, **named: Any) -> RowListing:
            nonlocal answers
            rows = await query(*given, **named)
            answers += 1
            if answers == 2:
                sim.expire_cursors()
            return rows

        client = cast("Client", SimpleNamespace(query=forgetful))
        seen = [row.id async for rows in fetch_rows(client, source) for row in rows.results]
        assert len(seen) == len(set(seen)) == 250
        assert answers == 3


# --- what a database is ---------------------------------------------------------------------------


async def test_an_inline_database_stands_in_the_folder_of_its_page(
    sim: Simulator, tmp_path: Path
) -> None:
    """It is a database as any other."""
    wiki = sim.find("Wiki")
    _, [source] = sim.add_database("Tasks", parent=wiki, inline=True)
    sim.add_page("Buy milk", parent=source)
    async with open_desk(sim, tmp_path) as desk:
        assert await desk.ls("acme/wiki/tasks") == [".schema.yaml", "buy-milk.md"]


async def test_a_linked_view_is_no_database(sim: Simulator, tmp_path: Path) -> None:
    """Its data sources are those of another database, where they stay."""
    linked, _ = sim.add_database("View of Projects")
    own = [s for s in sim.workspace.data_sources.values() if s.database_id == linked]
    active = sim.workspace.data_sources[source_named(sim, "Active Projects")]
    sim.workspace.databases[linked].sources[:] = [active.id]
    for source in own:
        del sim.workspace.data_sources[source.id]
    async with open_desk(sim, tmp_path) as desk:
        with pytest.raises(RemoteMissing):
            await desk.engine.sources.ensure(DatabaseId(linked))
        assert await desk.ls("acme") == ["projects", "wiki", "wiki.md"]
        record = (await desk.ask("info", path="acme/projects"))["record"]
        assert [s["page_count"] for s in record["data_sources"]] == [2, 1]


async def test_a_wiki_holds_pages_and_databases(sim: Simulator, tmp_path: Path) -> None:
    """A query of it shows both; the inner database is a folder inside."""
    wiki_id, [wiki] = sim.add_database("Handbook")
    sim.add_page("Welcome", parent=wiki)
    inner_id, [inner] = sim.add_database("Rules")
    sim.workspace.databases[inner_id].parent = Parent("database_id", wiki_id)
    sim.add_page("Be kind", parent=inner)
    without_search(sim)
    async with open_desk(sim, tmp_path, refreshed=False) as desk:
        await desk.engine.sources.list_rows(DatabaseId(wiki_id))
        await desk.engine.sources.list_rows(DatabaseId(inner_id))
        assert desk.stat("acme/handbook/welcome.md").is_directory is False
        assert desk.stat("acme/handbook/rules/be-kind.md").is_directory is False


async def test_a_renamed_column_reaches_the_rows_with_the_next_poll(desk: Desk) -> None:
    """No row was edited, so no search names one: they are listed again."""
    path = "acme/projects/project-alpha.md"
    assert "Points: 3" in await desk.read(path)
    source = desk.engine.store.snapshots.list_sources()[0].id
    desk.sim.clock.advance(300)
    desk.sim.change_schema(source, {"Points": {"name": "Effort"}})
    await desk.engine.refresher.poll()
    text = await desk.read(path)
    assert "Effort: 3" in text
    assert "Points" not in text


# --- the data-source cache ------------------------------------------------------------------------


async def test_a_hit_makes_no_call(desk: Desk, autojump_clock: MockClock) -> None:
    """For an hour."""
    database_id = database_of(desk)
    desk.sim.reset_counts()
    for _ in range(3):
        await trio.sleep(HOUR / 3 - 10)
        await desk.engine.sources.ensure(database_id)
    assert desk.sim.count() == 0


async def test_any_number_of_waiters_share_one_refresh(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """After the hour is over: the container once, each data source once."""
    database_id = database_of(desk)
    await trio.sleep(HOUR + 1)
    desk.sim.reset_counts()
    async with trio.open_nursery() as nursery:
        for _ in range(50):
            nursery.start_soon(desk.engine.sources.ensure, database_id)
    assert (desk.sim.count("get_database"), desk.sim.count("get_data_source")) == (1, 2)
    assert desk.sim.count() == 3
    await desk.engine.sources.ensure(database_id)
    assert desk.sim.count() == 3


async def test_the_lifetime_of_an_entry_is_a_setting(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """`data_source_ttl`; 0 asks each time."""
    async with open_desk(sim, tmp_path, data_source_ttl=0.0) as desk:
        sim.reset_counts()
        await desk.engine.sources.ensure(database_of(desk))
        await desk.engine.sources.ensure(database_of(desk))
        assert sim.count("get_database") == 2


async def test_entries_outlive_a_restart(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """What was asked for half an hour ago need not be asked for again."""
    async with open_desk(sim, tmp_path) as desk:
        database_id = database_of(desk)
    await trio.sleep(HOUR / 2)
    async with open_desk(sim, tmp_path) as desk:
        assert desk.engine.sources.is_fresh(database_id)


async def test_an_explicit_sync_bypasses_the_cache(desk: Desk) -> None:
    """The name of a database is told by nothing but the database itself."""
    database_id = database_of(desk)
    assert desk.engine.sources.is_fresh(database_id)
    desk.sim.clock.advance(120)
    desk.sim.rename_database(database_id, "Undertakings")
    await desk.engine.refresher.poll()
    assert "projects" in await desk.ls("acme")
    await desk.ask("sync")
    assert "undertakings" in await desk.ls("acme")


async def test_looking_into_a_folder_refreshes_an_old_entry_behind_it(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Nobody waits for that; `poll = "off"` means no calls of our own."""
    async with open_desk(sim, tmp_path, poll=3 * HOUR) as desk:
        await trio.sleep(HOUR + 1)
        source = desk.engine.store.snapshots.list_sources()[0].id
        sim.change_schema(source, {"Owner": "rich_text"})
        sim.reset_counts()
        await desk.ls("acme/projects")
        await trio.sleep(1)
        assert sim.count("get_database") == 1
        assert "Owner" in await desk.read("acme/projects/.schema.yaml")


async def test_a_refused_listing_asks_for_the_database_again_once(desk: Desk) -> None:
    """A data source that was removed in Notion is dropped; its neighbours are listed."""
    database_id = database_of(desk)
    first = desk.engine.store.snapshots.list_sources(database_id)[0].id
    desk.sim.workspace.databases[database_id].sources.remove(first)
    del desk.sim.workspace.data_sources[first]
    desk.sim.reset_counts()
    await desk.engine.sources.list_rows(database_id)
    assert desk.sim.count("get_database") == 1
    assert desk.sim.count("query") == 2  # refused, then the one that is left


async def test_a_database_that_is_gone_is_an_error_not_a_loop(desk: Desk) -> None:
    """Asked again once."""
    database_id = database_of(desk)
    desk.sim.fail_next(operation="query", status=404, times=10)
    desk.sim.reset_counts()
    with pytest.raises(RemoteMissing):
        await desk.engine.sources.list_rows(database_id)
    assert desk.sim.count("get_database") == 1
    assert desk.sim.count("query") == 2
