"""What a relation may call its target: a path, a title, a title made unique, a link, an id."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk, wall

ALPHA = "acme/projects/alpha.md"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A project, and three tasks of which two have the same title."""
    sim = Simulator(clock=wall)
    _, (target,) = sim.add_database("Tasks", parent="workspace", sources={"T": {"Name": "title"}})
    for title in ("Write", "Twice", "Twice"):
        sim.add_page(title, parent=target)
    relation = {"relation": {"data_source_id": target, "single_property": {}}}
    _, (source,) = sim.add_database(
        "Projects", parent="workspace", sources={"P": {"Name": "title", "Tasks": relation}}
    )
    sim.add_page("Alpha", parent=source)
    async with open_desk(sim, tmp_path) as desk:
        yield desk


def related(desk: Desk) -> list[str]:
    found = desk.sim.page(desk.page_id(ALPHA))["properties"]["Tasks"]["relation"]
    return [str(entry["id"]) for entry in found]


@pytest.mark.parametrize(
    "form",
    [
        "Write",
        "[[Write]]",
        "../tasks/write.md",
        "/acme/tasks/write.md",
        "{id}",
        "{url}",
        "Write ({hex})",
    ],
)
async def test_a_target_is_found_by_any_of_its_names(desk: Desk, form: str) -> None:
    """They all mean the same page, and one request is sent."""
    target = str(desk.page_id("acme/tasks/write.md"))
    bare = target.replace("-", "")
    url = f"https://app.notion.com/p/{bare}"
    name = form.format(id=target, url=url, hex=bare[:8])
    await desk.edit(ALPHA, "Tasks: []", f'Tasks: ["{name}"]')
    await desk.sent()
    assert related(desk) == [target]
    assert desk.sim.count("update_page") == 1


async def test_a_title_of_two_pages_is_refused_with_a_way_out(desk: Desk) -> None:
    """With the beginning of the id it is the title of one."""
    with pytest.raises(InvalidPageFile, match="may be 2 pages; write its path, or the title"):
        await desk.edit(ALPHA, "Tasks: []", "Tasks: [Twice]")
    target = str(desk.page_id("acme/tasks/twice.md"))
    digits = target.replace("-", "")[:31]  # ids of one workspace share their beginnings
    await desk.edit(ALPHA, "Tasks: [Twice]", f"Tasks: [Twice ({digits})]")
    await desk.sent()
    assert related(desk) == [target]


async def test_a_target_that_is_nowhere_is_refused(desk: Desk) -> None:
    """Nothing is sent, nothing is created."""
    with pytest.raises(InvalidPageFile, match="there is no page of that name"):
        await desk.edit(ALPHA, "Tasks: []", "Tasks: [Nowhere]")
    assert desk.sim.count("update_page") == 0
