"""`.rows.csv`, `.rows.jsonl` and `.schema.yaml`: a database at one glance."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from notionfs.errors import NotPermitted, ReadOnly
from notionfs.fs.rows_file import FORMS, Row
from notionfs.model import WORKSPACE, DataSource, DataSourceId, Page, PageId
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

CSV = "acme/projects/.rows.csv"
JSONL = "acme/projects/.rows.jsonl"
SCHEMA = "acme/projects/.schema.yaml"


async def table(desk: Desk) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(await desk.read(CSV), newline="")))


async def test_the_table_holds_all_rows_of_all_data_sources(desk: Desk) -> None:
    """With the path of each, and no call."""
    desk.sim.reset_counts()
    rows = await table(desk)
    assert [(row["path"], row["notion_data_source_name"]) for row in rows] == [
        ("project-alpha.md", "Active Projects"),
        ("project-beta.md", "Active Projects"),
        ("old-project.md", "Archived Projects"),
    ]
    alpha = rows[0]
    assert (alpha["title"], alpha["Status"], alpha["Tags"], alpha["Points"], alpha["Done"]) == (
        "Project Alpha",
        "In progress",
        "backend",
        "3",
        "false",
    )
    assert alpha["notion_id"] == desk.page_id("acme/projects/project-alpha.md")
    assert desk.sim.count() == 0


async def test_the_json_table_says_the_same(desk: Desk) -> None:
    """An object a line; values keep their types."""
    rows = [json.loads(line) for line in (await desk.read(JSONL)).splitlines()]
    assert [row["path"] for row in rows] == [row["path"] for row in await table(desk)]
    assert rows[0]["properties"] == {
        "Status": "In progress",
        "Tags": ["backend"],
        "Points": 3,
        "Done": False,
    }


async def test_tables_are_found_by_name_and_not_listed(desk: Desk) -> None:
    """Else every recursive search would read each row twice more."""
    assert await desk.ls("acme/projects") == [
        ".schema.yaml",
        "old-project.md",
        "project-alpha.md",
        "project-beta.md",
    ]
    assert not desk.stat(CSV).is_directory


async def test_the_size_of_a_table_is_true_once_it_is_open(desk: Desk) -> None:
    """Never 0, so that no program takes it for empty."""
    assert desk.stat(CSV).size > 0
    text = await desk.read(CSV)
    assert desk.stat(CSV).size == len(text.encode())


async def test_tables_cannot_be_changed(desk: Desk) -> None:
    """Nor can their names be taken."""
    with pytest.raises(ReadOnly):
        await desk.write(CSV, "x")
    with pytest.raises(ReadOnly):
        desk.rm(CSV)
    with pytest.raises(NotPermitted):
        desk.mkdir("acme/wiki/.rows.csv")


async def test_a_table_asks_for_rows_that_were_never_listed(sim: Simulator, tmp_path: Path) -> None:
    """At the price of the listing."""
    _, [source] = sim.add_database("Big")
    for n in range(150):
        sim.add_page(f"Row {n}", parent=source)
    async with open_desk(sim, tmp_path) as desk:
        assert len((await desk.read("acme/big/.rows.jsonl")).splitlines()) == 150


def row(title: str, **properties: Any) -> Row:
    page = Page(PageId("p"), title, WORKSPACE, "2026-01-15", "2026-01-15", "https://x", b"{}")
    source = DataSource(DataSourceId("s"), "S", None, WORKSPACE, (), "", "", "")
    return Row("row.md", page, source, properties)


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_no_cell_is_a_formula_and_every_text_comes_back(title: str, value: str) -> None:
    """Spreadsheets run what begins with = + - @: such texts have a ' in front, others nothing."""
    form = FORMS[".rows.csv"]
    text = form.head(["X"]) + form.line(row(title, X=value), ["X"])
    assert text.endswith("\r\n")
    [cells] = csv.DictReader(io.StringIO(text, newline=""))
    for cell, meant in ((cells["title"], title), (cells["X"], value)):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        assert cell in (meant, f"'{meant}")
        assert (cell == meant) != meant.startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (-3, "-3"),
        (None, ""),
        (True, "true"),
        (["a", "b"], "a, b"),
        (["=a"], "'=a"),
        ({"lat": 1}, '{"lat": 1}'),
    ],
)
def test_values_are_written_as_a_spreadsheet_reads_them(value: Any, cell: str) -> None:
    """A negative number is no text, so nothing stands before it."""
    line = FORMS[".rows.csv"].line(row("T", X=value), ["X"])
    assert next(csv.reader([line]))[-1] == cell


def test_a_property_with_the_name_of_a_column_is_told_apart() -> None:
    """As in the frontmatter."""
    head = next(csv.reader([FORMS[".rows.csv"].head(["path", "=X"])]))
    assert head[-2:] == ["path (property)", "'=X"]


async def test_the_schema_names_options_targets_and_what_can_be_written(
    sim: Simulator, tmp_path: Path
) -> None:
    """With the ids of the properties; the same bytes at every reading."""
    projects = next(iter(sim.workspace.data_sources))
    columns = {
        "Project": {"relation": {"data_source_id": projects}},
        "Kind": {"select": {"options": [{"name": "Bug"}]}},
        "Number": {"unique_id": {"prefix": "T"}},
    }
    sim.add_database("Tasks", sources={"Tasks": columns})
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read("acme/tasks/.schema.yaml")
        [source] = yaml.safe_load(text)["data_sources"]
        shown = source["properties"]
        assert source["default"] is True
        assert shown["Project"]["target"] == "Active Projects"
        assert shown["Project"]["target_id"] == projects
        assert shown["Kind"]["options"] == ["Bug"]
        assert [shown[name]["writable"] for name in ("Project", "Kind", "Number")] == [
            True,
            True,
            False,
        ]
        assert all(column["id"] for column in shown.values())
        await desk.ask("sync")
        assert await desk.read("acme/tasks/.schema.yaml") == text
