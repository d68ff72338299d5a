"""Values of which a page object shows the first 25 entries: whole in the file, safe to edit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk, wall

ALPHA = "acme/projects/alpha.md"
COUNT = 60


@pytest.fixture
def sim() -> Simulator:
    """A project with sixty tasks, thirty people, and a note that mentions thirty pages."""
    sim = Simulator(clock=wall)
    _, (target,) = sim.add_database("Tasks", parent="workspace", sources={"T": {"Name": "title"}})
    tasks = [sim.add_page(f"Task {n}", parent=target) for n in range(COUNT + 1)]
    people = [sim.add_user(f"Person {n}") for n in range(31)]
    _, (source,) = sim.add_database(
        "Projects",
        parent="workspace",
        sources={
            "P": {
                "Name": "title",
                "Tasks": {"relation": {"data_source_id": target, "single_property": {}}},
                "Team": "people",
                "Note": "rich_text",
                "Points": "number",
            }
        },
    )
    note = [{"type": "mention", "mention": {"type": "page", "page": {"id": t}}} for t in tasks[:30]]
    sim.add_page(
        "Alpha",
        parent=source,
        markdown="Text.\n",
        properties={"Tasks": tasks[:COUNT], "Team": people[:30], "Note": note, "Points": 1},
    )
    sim.reset_counts()
    return sim


@pytest.fixture
async def desk(sim: Simulator, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(sim, tmp_path) as desk:
        yield desk


def stored(desk: Desk, name: str, path: str = ALPHA) -> list[Any]:
    """Return all entries of a value, of which a page object shows 25."""
    workspace = desk.sim.workspace
    page = workspace.pages[str(desk.page_id(path))]
    [prop] = [prop for prop in workspace.schema(page).values() if prop.name == name]
    return list(workspace.values(page)[prop.id])


async def test_opening_a_page_completes_its_long_values(desk: Desk) -> None:
    """One call for the body and one for each hundred entries of a long value; then none."""
    text = await desk.read(ALPHA)
    assert "../tasks/task-59.md" in text
    assert "Person 29" in text
    assert desk.sim.count("get_markdown") == 1
    assert desk.sim.count("get_property") == 3
    desk.sim.reset_counts()
    await desk.engine.refresher.poll()
    assert await desk.read(ALPHA) == text
    assert desk.sim.count() == desk.sim.count("search") == 1


async def test_a_long_relation_keeps_its_entries_when_one_is_added(desk: Desk) -> None:
    """Notion replaces the whole list: nothing that a page object does not show may be lost."""
    await desk.edit(ALPHA, "../tasks/task-59.md", "../tasks/task-59.md, ../tasks/task-60.md")
    await desk.sent()
    assert len(stored(desk, "Tasks")) == COUNT + 1
    await desk.edit(ALPHA, "../tasks/task-0.md, ", "")
    await desk.sent()
    assert len(stored(desk, "Tasks")) == COUNT


async def test_a_long_list_of_people_and_a_long_text_can_be_edited(desk: Desk) -> None:
    await desk.edit(ALPHA, "Person 29", "Person 29, Person 30")
    await desk.sent()
    people = stored(desk, "Team")
    assert len(people) == 31
    text = await desk.read(ALPHA)
    [line] = [line for line in text.splitlines() if line.startswith("Note:")]
    await desk.write(ALPHA, text.replace(line, line.replace("Task 29", "Task 29")[:-1] + ' end"'))
    await desk.sent()
    note = stored(desk, "Note")
    assert sum(item["type"] == "mention" for item in note) == 30


async def test_other_properties_of_such_a_row_cost_what_they_always_cost(desk: Desk) -> None:
    """The long values are left alone, and neither read nor sent again."""
    text = await desk.read(ALPHA)
    desk.sim.reset_counts()
    await desk.edit(ALPHA, "Points: 1", "Points: 2")
    await desk.sent()
    assert desk.sim.count() == desk.sim.count("update_page") == 1
    assert list(desk.sim.requests[-1].body["properties"].values()) == [{"number": 2}]
    assert await desk.read(ALPHA) == text.replace("Points: 1", "Points: 2")
    assert len(stored(desk, "Tasks")) == COUNT


async def test_a_change_behind_the_shown_entries_is_a_conflict(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """A page object does not show it: the value is read again before it is replaced."""
    await trio.sleep(300)
    text = await desk.read(ALPHA)
    await trio.sleep(300)
    desk.sim.edit_property(desk.page_id(ALPHA), "Tasks", stored(desk, "Tasks")[: COUNT - 5])
    await desk.engine.refresher.poll()
    await desk.write(ALPHA, text.replace("task-59.md", "task-59.md, ../tasks/task-60.md"))
    await desk.sent()
    assert len(stored(desk, "Tasks")) == COUNT - 5
    assert "task-59" not in await desk.read("acme/projects/alpha.remote.md")


async def test_a_value_that_was_never_whole_is_not_replaced(desk: Desk) -> None:
    """If Notion does not tell the rest, the value is shown in part, and only read."""
    for _ in range(3):
        desk.sim.fail_next(operation="get_property", status=403)
    text = await desk.read(ALPHA)
    assert "task-24.md" in text
    assert "task-25.md" not in text
    for _ in range(3):
        desk.sim.fail_next(operation="get_property", status=403)
    with pytest.raises(InvalidPageFile, match="more entries than Notion showed"):
        await desk.write(ALPHA, text.replace("../tasks/task-0.md, ", ""))
    await desk.write(ALPHA, text.replace("Text.", "Words."))
    await desk.sent()
    assert len(stored(desk, "Tasks")) == COUNT
    desk.sim.heal()
    assert "task-59.md" in await desk.read(ALPHA)


async def test_more_than_a_hundred_entries_are_refused(desk: Desk) -> None:
    """Notion's API takes no more, so nothing is sent."""
    text = await desk.read(ALPHA)
    many = ", ".join(["../tasks/task-60.md"] * 50)
    with pytest.raises(InvalidPageFile, match="Notion allows 100"):
        await desk.write(ALPHA, text.replace("../tasks/task-59.md", many))


async def test_a_copy_of_such_a_row_has_all_entries(desk: Desk) -> None:
    """And the copy can be edited at once: what was sent need not be read."""
    text = (await desk.read(ALPHA)).replace("# Alpha", "# Beta")
    await desk.write("acme/projects/beta.md", text)
    await desk.sent()
    assert len(stored(desk, "Tasks", "acme/projects/beta.md")) == COUNT
    await desk.edit("acme/projects/beta.md", "../tasks/task-0.md, ", "")
    await desk.sent()
    assert len(stored(desk, "Tasks", "acme/projects/beta.md")) == COUNT - 1
