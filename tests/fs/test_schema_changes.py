"""Properties renamed, retyped, added and removed in Notion, while files wait or lie there."""

from __future__ import annotations

from typing import Any

import pytest

from notionfs.errors import InvalidPageFile
from tests.desk import Desk

ALPHA = "acme/projects/project-alpha.md"


def change(desk: Desk, **columns: Any) -> None:
    """Change the schema of the first data source, as a person does."""
    page = desk.sim.page(desk.page_id(ALPHA))
    desk.sim.change_schema(page["parent"]["data_source_id"], columns)


def value(desk: Desk, name: str, path: str = ALPHA) -> Any:
    found = desk.sim.page(desk.page_id(path))["properties"][name]
    return found[found["type"]]


async def test_a_waiting_text_follows_a_renamed_property(desk: Desk) -> None:
    """Its line means the property that had that name when the file was read."""
    await desk.edit(ALPHA, "Points: 3", "Points: 4")
    change(desk, Points={"name": "Score"})
    await desk.engine.refresher.reconcile()
    await desk.sent()
    assert value(desk, "Score") == 4
    assert desk.reason(ALPHA) is None
    assert "Score: 4" in await desk.read(ALPHA)


async def test_a_new_row_that_waits_follows_a_renamed_property(desk: Desk) -> None:
    """Also if the text is saved once more after the renaming."""
    new = "acme/projects/new.md"
    await desk.write(new, "---\nPoints: 5\n---\n\n# New\n")
    change(desk, Points={"name": "Score"})
    await desk.engine.refresher.reconcile()
    await desk.write(new, "---\nPoints: 6\n---\n\n# New\n")
    await desk.sent()
    assert value(desk, "Score", new) == 6


async def test_the_users_own_text_shows_a_renamed_property(desk: Desk) -> None:
    """Else the next save would be refused for a name that is no more."""
    await desk.edit(ALPHA, "Points: 3", "Points:  4")
    await desk.sent()
    change(desk, Points={"name": "Score"})
    await desk.engine.refresher.reconcile()
    assert "Score: 4" in await desk.read(ALPHA)
    await desk.edit(ALPHA, "Content here.", "Text here.")
    await desk.sent()
    assert value(desk, "Score") == 4


async def test_names_that_were_exchanged_are_told_apart(desk: Desk) -> None:
    text = await desk.read(ALPHA)
    change(desk, Extra={"number": {}})
    await desk.engine.refresher.reconcile()
    change(desk, Points={"name": "Old points"})
    change(desk, Extra={"name": "Points"})
    await desk.write(ALPHA, text.replace("Points: 3", "Points: 4"))
    await desk.engine.refresher.reconcile()
    await desk.sent()
    assert (value(desk, "Old points"), value(desk, "Points")) == (4, None)


async def test_a_changed_value_of_a_retyped_property_is_a_conflict(desk: Desk) -> None:
    """Nothing is sent until a person wrote the value in its new form."""
    await desk.edit(ALPHA, "Points: 3", "Points: 4")
    change(desk, Points={"rich_text": {}})
    await desk.engine.refresher.reconcile()
    desk.sim.reset_counts()
    await desk.sent()
    assert desk.sim.count("update_page") == 0
    assert "changed from number to rich_text" in str(desk.reason(ALPHA))
    assert "Points: 4" in await desk.read(ALPHA)
    assert "project-alpha.remote.md" in await desk.ls("acme/projects")
    desk.rm("acme/projects/project-alpha.remote.md")
    await desk.sent()
    assert value(desk, "Points")[0]["plain_text"] == "4"


async def test_an_untouched_value_of_a_retyped_property_is_no_conflict(desk: Desk) -> None:
    await desk.edit(ALPHA, "Content here.", "Text here.")
    change(desk, Points={"rich_text": {}})
    await desk.engine.refresher.reconcile()
    await desk.sent()
    assert desk.reason(ALPHA) is None
    assert "Text here." in desk.sim.markdown(desk.page_id(ALPHA))
    assert "# Project Alpha" in await desk.read(ALPHA)


async def test_a_line_of_a_removed_property_is_only_in_the_way_if_it_was_changed(
    desk: Desk,
) -> None:
    text = await desk.read(ALPHA)
    await desk.write(ALPHA, text.replace("Content here.", "Text here."))
    change(desk, Points=None)
    await desk.engine.refresher.reconcile()
    await desk.sent()
    assert desk.reason(ALPHA) is None
    with pytest.raises(InvalidPageFile, match="no property “Points”"):
        await desk.write(ALPHA, text.replace("Points: 3", "Points: 4"))


async def test_options_count_as_they_are_when_the_text_is_sent(desk: Desk) -> None:
    """One that was added meanwhile is fine; one that was removed is not made anew."""
    with pytest.raises(InvalidPageFile, match="no option “urgent”"):
        await desk.edit(ALPHA, "Tags: [backend]", "Tags: [backend, urgent]")
    options = [{"name": name} for name in ("backend", "docs", "urgent")]
    change(desk, Tags={"multi_select": {"options": options}})
    await desk.engine.refresher.reconcile()
    await desk.edit(ALPHA, "Tags: [backend, urgent]", "Tags: [backend, urgent, docs]")
    change(desk, Tags={"multi_select": {"options": options[::2]}})
    await desk.engine.refresher.reconcile()
    await desk.sent()
    assert "no option “docs”" in str(desk.reason(ALPHA))
    assert [option["name"] for option in value(desk, "Tags")] == ["backend"]
