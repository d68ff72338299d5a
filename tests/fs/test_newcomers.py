"""Many new pages are taken in together, and nobody can tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from notionfs.model import DatabaseId, Page
from notionfs.simulator import Simulator
from notionfs.store.dentries import ROOT_INO
from notionfs.sync import turns
from tests.desk import Desk, open_desk

ROWS = 120
TITLES = ("Row", "row", "ROW", "Übung", "U\u0308bung", "a_b", "a b", "", "...", "notes.remote")


def busy() -> tuple[Simulator, str]:
    """Return a workspace of two tables that share a folder, with clashing titles and sub-pages."""
    sim = Simulator()
    database_id, ids = sim.add_database("Table", sources={"One": {}, "Two": {}})
    begin = sim.world.now - 86_400
    for n in range(ROWS):
        source = ids[n % 2]
        row = sim.add_page(TITLES[n % len(TITLES)], parent=source, created=begin + n)
        if n % 7 == 0:
            child = sim.add_page("Notes", parent=row, created=begin + n - 50)
            sim.add_page("Deeper", parent=child, created=begin - n)
    return sim, database_id


async def absorb_pages(desk: Desk, pages: list[Page]) -> None:
    asked = desk.engine.context.moment()
    async for _ in desk.engine.absorber.absorb_pages(pages, asked):
        pass


async def pages_of(desk: Desk) -> list[Page]:
    """Return every page that Notion has, as it shows them: in no useful order."""
    listing: Any = await desk.client.search()
    pages = [*listing.results]
    while listing.next_cursor is not None:
        listing = await desk.client.search(cursor=listing.next_cursor)
        pages += listing.results
    return [item for item in pages if isinstance(item, Page)]


async def names(sim: Simulator, state: Path, database_id: str, *, together: bool) -> dict[str, str]:
    """Return the path of each page after all of them came, together or one by one."""
    sim.fail_next(operation="search", status=503, times=1)
    async with open_desk(sim, state, refreshed=False) as desk:
        await desk.engine.sources.refresh(DatabaseId(database_id))
        pages = sorted(await pages_of(desk), key=lambda page: (page.created, page.id))
        sim.fail_next(operation="search", status=503, times=100)  # nobody else brings them in
        if together:
            await absorb_pages(desk, pages)
        else:
            await desk.engine.absorber.store_new(pages)
            for page in pages:
                await absorb_pages(desk, [page])
        store = desk.engine.store
        below = store.dentries.list_below(ROOT_INO)
        paths = [store.dentries.path_of(node.ino) for node in below if node.kind == "page"]
        sim.heal()
        return {str(desk.page_id(path or "")): path or "" for path in paths}


async def test_names_are_the_same_together_and_one_by_one(tmp_path: Path) -> None:
    """Titles that clash, also by case and normal form, and pages that came before their parents."""
    sim, database_id = busy()
    one_by_one = await names(sim, tmp_path / "one", database_id, together=False)
    assert await names(sim, tmp_path / "many", database_id, together=True) == one_by_one
    assert len(one_by_one) == len(sim.workspace.pages)
    assert len(set(one_by_one.values())) == len(one_by_one)


async def test_a_page_that_cannot_be_taken_in_costs_only_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Those that came with it get their names."""
    sim, _ = busy()
    bad = next(page_id for page_id in sim.workspace.pages if sim.title(page_id) == "a_b")
    sim.fail_next(operation="search", status=503, times=1)
    async with open_desk(sim, tmp_path, refreshed=False) as desk:
        placement = desk.engine.placement
        real = placement.directory_of

        def directory_of(page: Page) -> int:
            if page.id == bad:
                raise RuntimeError("bug")
            return real(page)

        monkeypatch.setattr(placement, "directory_of", directory_of)
        await desk.engine.refresher.reconcile()
        live = desk.engine.store.snapshots.list_live_ids()
        without = [page for page in live if desk.engine.store.docs.find(page) is None]
        assert without == [bad]
        assert len(live) == len(sim.workspace.pages)
    assert caplog.text.count("cannot be taken in") == 1


async def test_a_new_row_costs_a_handful_of_statements(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One for each table that it enters; everything else is asked once for many."""
    monkeypatch.setattr(turns, "STRETCH", 60.0)  # however busy this computer is
    sim = Simulator()
    database_id, (source,) = sim.add_database("Table", sources={"Source": {}})
    for n in range(200):
        sim.add_page(f"Row {n}", parent=source)
    sim.fail_next(operation="search", status=503, times=100)
    async with open_desk(sim, tmp_path, refreshed=False) as desk:
        statements: list[str] = []
        with desk.engine.store.transaction() as db:
            db.set_trace_callback(statements.append)
        await desk.engine.sources.list_rows(DatabaseId(database_id))
        db.set_trace_callback(None)
        assert len(desk.engine.store.dentries.list_inodes(desk.ino("acme/table"))) == 200
    assert len(statements) < 980  # 4 for each of the rows
