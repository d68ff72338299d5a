"""`layout = "by-source"`: a folder for each data source, everything else as in the flat layout."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from trio.testing import MockClock

from notionfs.config import Layout
from notionfs.errors import NotPermitted
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

PROJECTS = "acme/projects"
ACTIVE = f"{PROJECTS}/active-projects"
ARCHIVED = f"{PROJECTS}/archived-projects"
FLAT = [
    ".schema.yaml",
    "old-project.md",
    "project-alpha",
    "project-alpha.md",
    "project-beta.md",
]


@pytest.fixture
async def sorted_desk(sim: Simulator, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk whose rows stand by data source; a row has a sub-page."""
    sim.add_page("Notes", parent=sim.find("Project Alpha"))
    sim.clock.advance(120)
    async with open_desk(sim, tmp_path, layout=Layout.BY_SOURCE) as desk:
        yield desk


async def test_each_data_source_has_a_folder(sorted_desk: Desk) -> None:
    """With its rows, their sub-pages, its schema and its tables."""
    desk = sorted_desk
    assert await desk.ls(PROJECTS) == [".schema.yaml", "active-projects", "archived-projects"]
    assert await desk.ls(ACTIVE) == [
        ".schema.yaml",
        "project-alpha",
        "project-alpha.md",
        "project-beta.md",
    ]
    assert await desk.ls(ARCHIVED) == [".schema.yaml", "old-project.md"]
    assert await desk.ls(f"{ACTIVE}/project-alpha") == ["notes.md"]
    assert "Archived" not in await desk.read(f"{ACTIVE}/.schema.yaml")
    assert len((await desk.read(f"{ACTIVE}/.rows.jsonl")).splitlines()) == 2
    assert '"path": "archived-projects/old-project.md"' in await desk.read(
        f"{PROJECTS}/.rows.jsonl"
    )


async def test_a_new_file_becomes_a_row_of_its_folder(
    sorted_desk: Desk, autojump_clock: MockClock
) -> None:
    """No key has to say so; the database's own folder takes no pages."""
    desk = sorted_desk
    await desk.write(f"{ARCHIVED}/attic.md", "# Attic\n")
    await desk.sent()
    record = (await desk.ask("info", path=f"{ARCHIVED}/attic.md"))["record"]
    sources = (await desk.ask("info", path=PROJECTS))["record"]["data_sources"]
    assert record["data_source_id"] == sources[1]["id"]
    assert sources[1]["page_count"] == 2
    with pytest.raises(NotPermitted, match="data sources"):
        await desk.write(f"{PROJECTS}/nowhere.md", "# Nowhere\n")
    assert (await desk.ask("info", path=ARCHIVED))["record"]["title"] == "Projects"


async def test_moving_a_file_moves_the_row_to_the_other_data_source(
    sorted_desk: Desk, autojump_clock: MockClock
) -> None:
    """One call, the same page."""
    desk = sorted_desk
    page_id = desk.page_id(f"{ACTIVE}/project-beta.md")
    assert page_id is not None
    desk.sim.reset_counts()
    desk.mv(f"{ACTIVE}/project-beta.md", f"{ARCHIVED}/project-beta.md")
    await desk.sent()
    assert desk.sim.count("move_page") == desk.sim.count() == 1
    sources = (await desk.ask("info", path=PROJECTS))["record"]["data_sources"]
    assert desk.sim.page(page_id)["parent"]["data_source_id"] == sources[1]["id"]
    await desk.engine.refresher.reconcile()
    assert desk.page_id(f"{ARCHIVED}/project-beta.md") == page_id


async def test_folders_follow_what_happens_to_data_sources(sorted_desk: Desk) -> None:
    """A new one, another name, a row that moves."""
    desk, sim = sorted_desk, sorted_desk.sim
    database_id = (await desk.ask("info", path=PROJECTS))["record"]["id"]
    archived = desk.engine.store.snapshots.list_sources(database_id)[1].id
    sim.clock.advance(180)
    sim.add_data_source(database_id, "Ideas", {})
    sim.rename_data_source(archived, "Attic")
    sim.move(sim.find("Project Beta"), archived)
    await desk.engine.refresher.poll()
    assert await desk.ls(PROJECTS) == [".schema.yaml", "active-projects", "attic", "ideas"]
    assert await desk.ls(f"{PROJECTS}/attic") == [
        ".schema.yaml",
        "old-project.md",
        "project-beta.md",
    ]


async def test_another_layout_moves_the_files_and_keeps_all_of_them(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Names, drafts and side files too, there and back."""
    sim.add_page("Notes", parent=sim.find("Project Alpha"))
    async with open_desk(sim, tmp_path) as desk:
        await desk.write(f"{PROJECTS}/My Own Name.md", "# Mine\n")
        await desk.sent()
        assert await desk.ls(PROJECTS) == sorted([*FLAT, "My Own Name.md"])
        page_id = desk.page_id(f"{PROJECTS}/My Own Name.md")
    sim.reset_counts()
    async with open_desk(sim, tmp_path, layout=Layout.BY_SOURCE) as desk:
        assert desk.page_id(f"{ACTIVE}/My Own Name.md") == page_id
        assert await desk.ls(PROJECTS) == [".schema.yaml", "active-projects", "archived-projects"]
        assert await desk.ls(f"{ACTIVE}/project-alpha") == ["notes.md"]
        for directory in (PROJECTS, ACTIVE, ARCHIVED):  # dated, like all others
            assert desk.stat(directory).mtime_ns > 0
        assert desk.stat(ACTIVE).mtime_ns >= desk.stat(f"{ACTIVE}/My Own Name.md").mtime_ns
        sim.fail_next(operation="create_page", status=503, times=1000)
        await desk.write(f"{ARCHIVED}/draft.md", "# Draft\n")
        await desk.write(f"{ARCHIVED}/.draft.swp", "keep me")
    sim.heal()
    async with open_desk(sim, tmp_path) as desk:
        assert await desk.ls(PROJECTS) == sorted(
            [*FLAT, "My Own Name.md", "draft.md", ".draft.swp"]
        )
        assert await desk.read(f"{PROJECTS}/.draft.swp") == "keep me"
        await desk.sent()
        assert desk.page_id(f"{PROJECTS}/draft.md") is not None


async def test_rows_of_the_same_name_get_along_when_their_folders_become_one(
    sim: Simulator, tmp_path: Path
) -> None:
    """One of them gets digits, and its folder the same ones."""
    archived = next(s.id for s in sim.workspace.data_sources.values() if "Arch" in str(s.title))
    twin = sim.add_page("Project Alpha", parent=archived)
    sim.add_page("Inside", parent=twin)
    async with open_desk(sim, tmp_path, layout=Layout.BY_SOURCE) as desk:
        assert await desk.ls(f"{ARCHIVED}/project-alpha") == ["inside.md"]
    async with open_desk(sim, tmp_path) as desk:
        named = [n for n in await desk.ls(PROJECTS) if n.startswith("project-alpha")]
        files = {desk.page_id(f"{PROJECTS}/{n}"): n for n in named if n.endswith(".md")}
        assert len(files) == 2
        stem = files[twin].removesuffix(".md")
        assert await desk.ls(f"{PROJECTS}/{stem}") == ["inside.md"]
