"""Looks at everything: interrupted ones go on, failures stay small, absence removes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.config import Teamspace
from notionfs.errors import RemoteError, Unauthorized
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk, wall

WIKI = "acme/wiki.md"
ROADMAP = "acme/wiki/roadmap.md"
ALPHA = "acme/projects/project-alpha.md"
HOURS = 3600.0


@pytest.fixture
def large() -> Simulator:
    """A workspace whose search has six parts."""
    sim = Simulator(clock=wall)
    home = sim.add_page("Home", parent="workspace")
    for n in range(550):
        sim.add_page(f"Page {n:03}", parent=home, markdown="Text.\n")
    sim.reset_counts()
    return sim


# --- interrupted scans ----------------------------------------------------------------------------


async def test_an_interrupted_scan_goes_on_where_it_stopped(
    large: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """What was read before Notion went away is not read again."""
    large.fail_next(operation="search", drop=True, skip=3, times=4)
    async with open_desk(large, tmp_path, refreshed=False) as desk:
        await trio.sleep(60)
        assert len(await desk.ls("acme/home")) == 550
        assert large.count("search") == 6 + 4


async def test_a_scan_goes_on_after_a_crash(
    large: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The next mount asks for the rest only."""
    large.fail_next(operation="search", hang=True, skip=4)
    async with open_desk(large, tmp_path, refreshed=False):
        await trio.sleep(1)
    assert large.count("search") == 5
    large.heal()
    large.reset_counts()
    async with open_desk(large, tmp_path) as desk:
        assert len(await desk.ls("acme/home")) == 550
        assert large.count("search") == 2


async def test_what_a_comparison_finds_is_there_before_it_is_complete(
    large: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Pages that stay where they are are taken in as they come, and not kept until the end."""
    async with open_desk(large, tmp_path) as desk:
        await trio.sleep(120)
        large.edit_title(large.find("Page 007"), "Changed")
        large.fail_next(operation="search", hang=True, skip=1)
        with trio.move_on_after(1):
            await desk.engine.refresher.reconcile()
        assert "changed.md" in await desk.ls("acme/home")
        large.heal()
        large.reset_counts()
        report = await desk.engine.refresher.reconcile()
        assert report.seen == 551 - 100
        assert large.count("search") == 5
        assert large.count("get_page") == 0


async def test_what_an_interrupted_scan_read_does_not_undo_what_came_after(
    large: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """A page that we renamed while the scan lay still keeps its new title."""
    async with open_desk(large, tmp_path) as desk:
        large.fail_next(operation="search", hang=True, skip=5)
        with trio.move_on_after(1):
            await desk.engine.refresher.reconcile()
        await trio.sleep(120)
        await desk.read("acme/home/page-549.md")
        desk.mv("acme/home/page-549.md", "acme/home/later.md")
        await desk.sent()
    async with open_desk(large, tmp_path) as desk:
        await desk.engine.refresher.reconcile()
        names = await desk.ls("acme/home")
        assert "later.md" in names
        assert "page-549.md" not in names
        assert len(names) == 550


async def test_a_lost_cursor_begins_the_scan_again(large: Simulator, tmp_path: Path) -> None:
    """Cursors do not live for ever."""
    async with open_desk(large, tmp_path) as desk:
        large.fail_next(operation="search", status=500, skip=2, times=4)
        with pytest.raises(RemoteError):
            await desk.engine.refresher.reconcile()
        large.expire_cursors()
        await desk.engine.refresher.reconcile()
        assert len(await desk.ls("acme/home")) == 550


async def test_an_interrupted_poll_loses_no_edit(
    large: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The watermark waits for the whole scan: the boundary minute is read to its end."""
    async with open_desk(large, tmp_path) as desk:
        await trio.sleep(600)
        for n in range(250):  # all in one minute, more than two parts of a search
            large.edit_title(large.find(f"Page {n:03}"), f"Edited {n:03}")
        large.fail_next(operation="search", status=500, skip=2, times=4)
        with pytest.raises(RemoteError):
            await desk.engine.refresher.poll()
        await desk.engine.refresher.poll()
        names = await desk.ls("acme/home")
        assert sum(name.startswith("edited-") for name in names) == 250


# --- what only a look at everything finds ---------------------------------------------------------


async def test_everything_is_compared_every_six_hours(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Also across restarts: the time is kept in the store."""
    async with open_desk(sim, tmp_path, poll=30.0):
        await trio.sleep(4 * HOURS)
        assert sim.count("query") == 0
    async with open_desk(sim, tmp_path, poll=30.0):
        await trio.sleep(1.9 * HOURS)
        assert sim.count("query") == 0
        await trio.sleep(0.2 * HOURS)
        assert sim.count("query") == 2


async def test_rows_that_the_search_does_not_show_are_found(desk: Desk) -> None:
    """A search may leave things out; the query of the data source does not."""
    source = next(iter(desk.sim.workspace.data_sources))
    desk.sim.lag = 1000.0
    desk.sim.add_page("Hidden Row", parent=source)
    await desk.engine.refresher.poll()
    assert "hidden-row.md" not in await desk.ls("acme/projects")
    desk.sim.lag = 0.0
    await desk.engine.refresher.reconcile()
    assert "hidden-row.md" in await desk.ls("acme/projects")


async def test_more_rows_than_one_query_shows_are_all_found(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Windows by creation time follow one another."""
    desk.sim.limits.query_results = 3
    source = next(iter(desk.sim.workspace.data_sources))
    for n in range(8):
        await trio.sleep(60)
        desk.sim.add_page(f"Row {n}", parent=source)
    await desk.ask("sync", path="acme/projects")
    assert len([n for n in await desk.ls("acme/projects") if n.startswith("row-")]) == 8


async def test_the_root_of_a_teamspace_is_read_directly(
    sim: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its children, even while the search does not know them yet."""
    home = sim.find("Wiki")
    teams = {"engineering": Teamspace("engineering", (home,))}
    async with open_desk(sim, tmp_path, teamspaces=teams) as desk:
        sim.lag = 1000.0
        sim.add_page("Fresh", parent=home, markdown="Here.\n")
        await desk.engine.refresher.reconcile()
        assert "Here." in await desk.read("engineering/wiki/fresh.md")


# --- absence --------------------------------------------------------------------------------------


async def test_a_page_that_is_only_missing_from_a_listing_stays(desk: Desk) -> None:
    """A direct read says that it is there."""
    await desk.read(ROADMAP)
    desk.sim.lag = 1000.0
    page = desk.sim.find("Roadmap")
    desk.sim.trash(page)
    desk.sim.lag = 0.0
    desk.sim.restore(page)
    desk.sim.lag = 1000.0
    await desk.engine.refresher.reconcile()
    assert "roadmap.md" in await desk.ls("acme/wiki")


async def test_a_page_that_is_no_longer_shared_goes_after_it_was_asked_for(
    sim: Simulator, tmp_path: Path
) -> None:
    """Not before: a poll that does not show it removes nothing."""
    async with open_desk(sim, tmp_path) as desk:
        sim.connect(sim.token, sim.workspace.databases)
        await desk.engine.refresher.poll()
        assert "wiki.md" in await desk.ls("acme")
        report = await desk.ask("sync")
        assert "wiki.md" not in await desk.ls("acme")
        assert report["gone"] == 3
        assert "project-alpha.md" in await desk.ls("acme/projects")


async def test_a_trashed_database_takes_its_rows_along(desk: Desk) -> None:
    """One question about the database, none about its rows."""
    [projects] = desk.sim.workspace.databases
    desk.sim.trash(projects)
    desk.sim.reset_counts()
    report = await desk.ask("sync")
    assert "projects" not in await desk.ls("acme")
    assert report["gone"] == 3
    assert desk.sim.count("get_database") == 1
    assert desk.sim.count("get_page") == 0
    desk.sim.restore(projects)
    await desk.ask("sync")
    assert len(await desk.ls("acme/projects")) == 4


async def test_trash_is_found_every_few_polls(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """By a search of the trash; nothing else is asked for."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        await trio.sleep(600)
        sim.trash(sim.find("Roadmap"))
        sim.reset_counts()
        await trio.sleep(330)
        assert "roadmap.md" not in await desk.ls("acme/wiki")
        assert sim.count() == sim.count("search") <= 13


# --- failures -------------------------------------------------------------------------------------


async def test_one_failure_does_not_stop_the_rest(desk: Desk, autojump_clock: MockClock) -> None:
    """Counts tell the truth, and the next sync repeats only what failed."""
    desk.sim.add_page("New Row", parent=next(iter(desk.sim.workspace.data_sources)))
    desk.sim.edit_title(desk.sim.find("Roadmap"), "Way Ahead")
    desk.sim.fail_next(operation="query", status=500, times=4)
    report = await desk.ask("sync")
    assert report["failed"] == 1
    assert "data source" in report["failures"][0]
    assert "way-ahead.md" in await desk.ls("acme/wiki")
    desk.sim.reset_counts()
    again = await desk.ask("sync")
    assert again["repeated"]
    assert again["failed"] == 0
    assert (desk.sim.count("search"), desk.sim.count("query")) == (1, 1)
    desk.sim.reset_counts()
    whole = await desk.ask("sync")
    assert not whole["repeated"]
    assert desk.sim.count("query") == 2


async def test_a_database_that_cannot_be_read_stands_under_its_sources_name(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Its rows have a place at once; the next poll reads it, and it gets its own name."""
    sim.fail_next(operation="get_database", status=500, times=4)
    async with open_desk(sim, tmp_path) as desk:
        assert "projects" not in await desk.ls("acme")
        assert len(desk.engine.store.snapshots.list_databases()) == 1
        await desk.engine.refresher.poll()
        assert "projects" in await desk.ls("acme")
        assert len(await desk.ls("acme/projects")) == 4


async def test_when_notion_goes_away_what_was_read_is_taken_in(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """And the command says that it did."""
    desk.sim.edit_title(desk.sim.find("Roadmap"), "Way Ahead")
    desk.sim.fail_next(operation="query", drop=True, times=4)
    report = await desk.ask("sync")
    assert report["failed"] == 1
    assert "could not be reached" in report["failures"][0]
    assert "way-ahead.md" in await desk.ls("acme/wiki")


# --- a part of it ---------------------------------------------------------------------------------


async def test_sync_of_a_database_asks_for_its_rows_only(desk: Desk) -> None:
    """New, changed and trashed rows, and the schema."""
    sim = desk.sim
    source = next(iter(sim.workspace.data_sources))
    sim.add_page("New Row", parent=source)
    sim.trash(sim.find("Project Beta"))
    sim.change_schema(source, {"Estimate": {"type": "number", "number": {}}})
    sim.edit_title(sim.find("Roadmap"), "Way Ahead")
    sim.reset_counts()
    report = await desk.ask("sync", path="acme/projects")
    names = await desk.ls("acme/projects")
    assert "new-row.md" in names
    assert "project-beta.md" not in names
    assert "roadmap.md" in await desk.ls("acme/wiki")
    assert "Estimate" in json.dumps(
        [s.name for d in desk.engine.store.snapshots.list_sources() for s in d.schema]
    )
    assert (report["new"], report["gone"]) == (1, 1)
    assert "new acme/projects/new-row.md" in report["changes"]
    assert sim.count("search") == 0
    assert report["calls"] == sim.count() == 1 + 2 + 2 + 1


async def test_sync_of_a_folder_asks_for_what_is_below_it(desk: Desk) -> None:
    """Also for what was made or moved there without a trace in any listing."""
    sim = desk.sim
    sim.lag = 1000.0
    sim.edit_title(sim.find("Roadmap"), "Way Ahead")
    sim.add_page("Newcomer", parent=sim.find("Wiki"))
    report = await desk.ask("sync", path="acme/wiki")
    assert sorted(await desk.ls("acme/wiki")) == ["design-notes.md", "newcomer.md", "way-ahead.md"]
    # Wiki itself changed too: it has one more child.
    assert (report["new"], report["changed"], report["failed"]) == (1, 2, 0)


async def test_sync_of_a_large_folder_is_one_search(large: Simulator, tmp_path: Path) -> None:
    """Asking for each page would take hundreds of calls."""
    async with open_desk(large, tmp_path) as desk:
        page = large.find("Page 007")
        large.trash(page)
        large.reset_counts()
        report = await desk.ask("sync", path="acme/home")
        assert "page-007.md" not in await desk.ls("acme/home")
        assert report["calls"] == 6 + 1


# --- permissions ----------------------------------------------------------------------------------


async def test_a_refused_token_stops_everything_visibly(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Status says so; files that were read stay readable, and nothing is taken for deleted."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        text = await desk.read(WIKI)
        sim.revoke()
        await trio.sleep(100)
        status = await desk.ask("status")
        assert "does not accept the token" in status["problem"]
        assert await desk.read(WIKI) == text
        assert len(await desk.ls("acme/wiki")) == 2
        sim.reset_counts()
        await trio.sleep(600)
        assert sim.count() <= 12
        with pytest.raises(Unauthorized):
            await desk.read(ROADMAP)


async def test_a_page_that_may_not_be_read_says_so(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """It stays, with the reason beside it and in the status, until it can be read."""
    async with open_desk(sim, tmp_path) as desk:
        sim.fail_next(operation="get_markdown", status=403)
        with pytest.raises(RemoteError):
            await desk.read(ROADMAP)
        assert "roadmap.md.error" in await desk.ls("acme/wiki")
        [entry] = (await desk.ask("status"))["errors"]
        assert entry["path"].endswith("wiki/roadmap.md")
        assert "may not" in entry["reason"]
        assert "Later." in await desk.read(ROADMAP)
        assert "roadmap.md.error" not in await desk.ls("acme/wiki")
        assert (await desk.ask("status"))["errors"] == []
