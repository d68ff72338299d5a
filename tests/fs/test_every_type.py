"""Each property type from a line of a file to Notion and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from notionfs.simulator import Simulator
from tests.desk import open_desk, wall

OPTIONS = {"options": [{"name": "Low"}, {"name": "High"}]}
STATUS: dict[str, Any] = {"status": {}}

WRITTEN = [
    ("rich_text", "Some **bold** [link](https://x.org)", "Some **bold** [link](https://x.org)"),
    ("rich_text", "'012'", '"012"'),
    ("number", "0.25", "0.25"),
    ("number", "-3", "-3"),
    ({"select": OPTIONS}, "high", "High"),
    ({"multi_select": OPTIONS}, "[High, Low]", "[High, Low]"),
    ({"multi_select": OPTIONS}, "High, Low", "[High, Low]"),
    (STATUS, "done", "Done"),
    ("date", "2026-01-15", "2026-01-15"),
    ("date", "2026-01-15/2026-01-20", "2026-01-15/2026-01-20"),
    ("date", "2026-01-15T09:00+01:00", "2026-01-15T09:00+01:00"),
    ("date", "'2026-01-15T09:00[Europe/Berlin]'", "2026-01-15T09:00+01:00"),
    ("people", "[Mary Jackson]", "[Mary Jackson]"),
    ("people", "mary@example.com", "[Mary Jackson]"),
    ("files", "[https://example.com/spec.pdf]", '["https://example.com/spec.pdf"]'),
    ("checkbox", "yes", "true"),
    ("url", "https://example.com/?a=1#b", "https://example.com/?a=1#b"),
    ("email", "ada@example.com", "ada@example.com"),
    ("phone_number", "+44 20 7946 0018", "+44 20 7946 0018"),
    ("relation", "[other.md]", "[other.md]"),
    ("relation", "Other", "[other.md]"),
    ("relation", "[[Other]]", "[other.md]"),
    ("relation", "[/acme/table/other.md]", "[other.md]"),
    ("place", "{name: Hall, lat: 52.5, lon: 13.4}", "name: Hall"),
]


def kind_of(column: Any) -> str:
    return column if isinstance(column, str) else next(iter(column))


IDS = [f"{kind_of(column)}-{number}" for number, (column, _, _) in enumerate(WRITTEN)]


@pytest.mark.parametrize(("column", "written", "shown"), WRITTEN, ids=IDS)
async def test_every_writable_type_is_written_and_read_back(
    tmp_path: Path, column: Any, written: str, shown: str
) -> None:
    """Set, sent, read from Notion anew as it is shown, and cleared by an empty value."""
    sim = Simulator(clock=wall)
    sim.add_user("Mary Jackson", email="mary@example.com")
    _, (source,) = sim.add_database("Table", parent="workspace", sources={"T": {"Name": "title"}})
    if column == "relation":
        column = {"relation": {"data_source_id": source, "single_property": {}}}
    sim.change_schema(source, {"X": column})
    sim.add_page("Other", parent=source)
    row = sim.add_page("Row", parent=source, markdown="Text.\n")
    async with open_desk(sim, tmp_path / "one") as desk:
        text = await desk.read("acme/table/row.md")
        [line] = [line for line in text.splitlines() if line.startswith("X:")]
        await desk.write("acme/table/row.md", text.replace(line, f"X: {written}"))
        await desk.sent()
        assert desk.reason("acme/table/row.md") is None
    async with open_desk(sim, tmp_path / "two") as desk:
        text = await desk.read("acme/table/row.md")
        assert shown in text[text.index("\nX:") : text.index("\n---\n")]
        before = sim.count("update_page")
        await desk.write("acme/table/row.md", text.replace("Text.", "Words."))
        await desk.sent()
        assert sim.count("update_page") == before, "what is shown means what is stored"
        end = text.index("\n---\n")
        await desk.write("acme/table/row.md", f"{text[: text.index('X:')]}X:{text[end:]}")
        await desk.sent()
        cleared = sim.page(row)["properties"]["X"]
        value = cleared[cleared["type"]]
        assert value in (None, [], False) or value["name"] == "Not started"
