"""Databases, data sources, property values and schema changes."""

from __future__ import annotations

from typing import Any

import pytest

from notionfs.simulator import Simulator

from .conftest import Api

FILE = {"type": "external", "external": {"url": "https://example.com/a.png"}}


async def row_of(sim: Simulator, api: Api, kind: Any) -> tuple[str, str]:
    """Return a table with one property `X` of a kind, and an empty row in it."""
    _, (source,) = sim.add_database("T", sources={"T": {"X": kind}})
    row = await api.ok("POST", "pages", {"parent": {"data_source_id": source}})
    return source, row["id"]


async def put(api: Api, row: str, value: Any) -> Any:
    """Write the property X and return what reads back."""
    answer = await api.ok("PATCH", f"pages/{row}", {"properties": {"X": value}})
    shown = answer["properties"]["X"]
    return shown[shown["type"]]


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("number", {"number": 1.5}, 1.5),
        ("number", {"number": None}, None),
        ("checkbox", {"checkbox": True}, True),
        ("url", {"url": "https://example.com"}, "https://example.com"),
        ("url", {"url": ""}, None),
        ("email", {"email": "a@example.com"}, "a@example.com"),
        ("phone_number", {"phone_number": "+1 555"}, "+1 555"),
        ("date", {"date": None}, None),
        (
            "date",
            {"date": {"start": "2026-01-15"}},
            {"start": "2026-01-15", "end": None, "time_zone": None},
        ),
        (
            "date",
            {"date": {"start": "2026-06-27T18:01:15.377", "time_zone": "Europe/London"}},
            {"start": "2026-06-27T18:01:00.000+01:00", "end": None, "time_zone": None},
        ),
        ("files", {"files": [{"name": "a", **FILE}]}, [{"name": "a", **FILE}]),
        ("files", {"files": [FILE]}, [{"name": "a.png", **FILE}]),
        ("place", {"place": None}, None),
    ],
)
async def test_a_value_reads_back_as_notion_shows_it(
    sim: Simulator, api: Api, kind: Any, value: Any, shown: Any
) -> None:
    """What was written is what is read, in the form real answers have."""
    _, row = await row_of(sim, api, kind)
    assert await put(api, row, value) == shown


@pytest.mark.parametrize(
    ("kind", "value", "complaint"),
    [
        ("number", {"number": "1"}, "a number or `null`"),
        ("number", {"number": True}, "a number"),
        ("number", {"rich_text": []}, "X is expected to be number."),
        ("checkbox", {"checkbox": None}, "a boolean"),
        ("date", {"date": {"start": "tomorrow"}}, "ISO 8601"),
        ("date", {"date": {"start": "2026-01-01", "extra": 1}}, "not present"),
        ("date", {"date": {"start": "2026-01-01T10:00", "time_zone": "Mars/Base"}}, "ISO 8601"),
        ("email", {"email": "x" * 201}, "≤ `200`"),
        ("url", {"url": "x" * 2001}, "≤ `2000`"),
        ("status", {"status": {"name": "Nope"}}, 'Status option "Nope" does not exist'),
        ("people", {"people": [{"id": "00000000-0000-4000-8000-0000000000aa"}]}, "no user"),
        ("rich_text", {"rich_text": [{"text": {"content": "x" * 2001}}]}, "≤ `2000`"),
        ("rich_text", {"rich_text": [{"text": {"content": "x"}}] * 101}, "≤ `100`"),
        ("multi_select", {"multi_select": [{"name": "a"}] * 101}, "≤ `100`"),
        ("select", {"select": {"name": "a,b"}}, "commas"),
        ("created_time", {"created_time": "2026-01-01"}, "read-only"),
        ({"formula": "1 + 1"}, {"formula": {"number": 2}}, "read-only"),
        ({"unique_id": "T"}, {"unique_id": {"number": 2}}, "read-only"),
        ("place", {"place": {"lat": 1}}, "lon"),
    ],
)
async def test_a_bad_value_is_refused_and_changes_nothing(
    sim: Simulator, api: Api, kind: Any, value: Any, complaint: str
) -> None:
    """The message says what is wrong with which property."""
    _, row = await row_of(sim, api, kind)
    before = sim.page(row)
    assert complaint in await api.refused("PATCH", f"pages/{row}", {"properties": {"X": value}})
    assert sim.page(row) == before


async def test_an_unknown_select_name_makes_an_option(sim: Simulator, api: Api) -> None:
    """Names are found whatever their case; a refused write adds none."""
    source, row = await row_of(sim, api, {"select": ["High"]})
    assert (await put(api, row, {"select": {"name": "high"}}))["name"] == "High"
    assert (await put(api, row, {"select": {"name": "New"}}))["name"] == "New"
    bad = {"X": {"select": {"name": "Lost"}}, "Name": {"number": 1}}
    await api.refused("PATCH", f"pages/{row}", {"properties": bad})
    options = sim.data_source(source)["properties"]["X"]["select"]["options"]
    assert [option["name"] for option in options] == ["High", "New"]


async def test_a_new_row_has_the_default_status_and_the_next_number(
    sim: Simulator, api: Api
) -> None:
    """Both come from the table; null puts the default status back."""
    sources = {"T": {"Status": "status", "ID": {"unique_id": "T"}}}
    _, (source,) = sim.add_database("T", sources=sources)
    rows = [await api.ok("POST", "pages", {"parent": {"data_source_id": source}}) for _ in "ab"]
    assert rows[0]["properties"]["Status"]["status"]["name"] == "Not started"
    assert [row["properties"]["ID"]["unique_id"]["number"] for row in rows] == [1, 2]
    body = {"properties": {"Status": {"status": {"name": "Done"}}}}
    assert await api.ok("PATCH", f"pages/{rows[0]['id']}", body)
    cleared = {"properties": {"Status": {"status": None}}}
    answer = await api.ok("PATCH", f"pages/{rows[0]['id']}", cleared)
    assert answer["properties"]["Status"]["status"]["name"] == "Not started"


async def test_a_two_way_relation_shows_on_both_sides(sim: Simulator, api: Api) -> None:
    """Writing one side writes the other, removing too; each schema names the other's property."""
    _, (tasks,) = sim.add_database("Tasks")
    relation = {"data_source_id": tasks, "dual_property": {}}
    _, (projects,) = sim.add_database(
        "Projects", sources={"Projects": {"Tasks": {"relation": relation}}}
    )
    mirror = "Related to Projects (Tasks)"
    assert mirror in sim.data_source(tasks)["properties"]
    task, project = sim.add_page("Task", parent=tasks), sim.add_page("Project", parent=projects)
    body = {"properties": {"Tasks": {"relation": [{"id": task}]}}}
    await api.ok("PATCH", f"pages/{project}", body)
    assert sim.page(task)["properties"][mirror]["relation"] == [{"id": project}]
    await api.ok("PATCH", f"pages/{task}", {"properties": {mirror: {"relation": []}}})
    assert sim.page(project)["properties"]["Tasks"]["relation"] == []


async def test_long_lists_are_cut_on_pages_and_whole_in_property_items(
    sim: Simulator, api: Api
) -> None:
    """25 relations and people on the page object; the endpoint pages through all of them."""
    _, (items,) = sim.add_database("Items")
    _, (source,) = sim.add_database("T", sources={"T": {"R": {"relation": items}, "P": "people"}})
    ids = [sim.add_page(f"Item {n}", parent=items) for n in range(30)]
    people = [sim.add_user(f"User {n}") for n in range(27)]
    row = sim.add_page("Row", parent=source, properties={"R": ids, "P": people})
    page = await api.ok("GET", f"pages/{row}")
    assert len(page["properties"]["R"]["relation"]) == 25
    assert page["properties"]["R"]["has_more"] is True
    assert len(page["properties"]["P"]["people"]) == 25
    path = f"pages/{row}/properties/{page['properties']['R']['id']}"
    first = await api.ok("GET", f"{path}?page_size=20")
    assert first["type"] == "property_item"
    assert first["property_item"]["relation"] == {}
    rest = await api.ok("GET", f"{path}?page_size=20&start_cursor={first['next_cursor']}")
    found = [item["relation"]["id"] for item in first["results"] + rest["results"]]
    assert found == ids


async def test_formulas_and_rollups_are_computed(sim: Simulator, api: Api) -> None:
    """From the values of the row, and from those of related rows."""
    _, (items,) = sim.add_database("Items", sources={"Items": {"Price": "number"}})
    schema = {
        "Items": {"relation": items},
        "Count": "number",
        "Double": {"formula": 'prop("Count") * 2 + 1'},
        "Word": {"formula": 'if(prop("Count") > 2, "many", "few") + "!"'},
        "Odd": {"formula": "unheardOf(1)"},
    }
    _, (source,) = sim.add_database("T", sources={"T": schema})
    rolled = {"relation_property_name": "Items", "rollup_property_name": "Price", "function": "sum"}
    sim.change_schema(source, {"Total": {"rollup": rolled}})
    ids = [sim.add_page(f"I{n}", parent=items, properties={"Price": n}) for n in (2, 3)]
    row = sim.add_page("Row", parent=source, properties={"Items": ids, "Count": 3})
    shown = {name: value[value["type"]] for name, value in sim.page(row)["properties"].items()}
    assert shown["Double"] == {"type": "number", "number": 7}
    assert shown["Word"] == {"type": "string", "string": "many!"}
    assert shown["Odd"] == {"type": "unsupported", "unsupported": {}}
    assert shown["Total"] == {"type": "number", "number": 5, "function": "sum"}


async def test_a_renamed_property_keeps_values_formulas_and_rollups(
    sim: Simulator, api: Api
) -> None:
    """Ids stay over renames, and everything refers to ids."""
    source, row = await row_of(sim, api, "number")
    await put(api, row, {"number": 4})
    sim.change_schema(source, {"F": {"formula": 'prop("X") / 2'}})
    await api.ok("PATCH", f"data_sources/{source}", {"properties": {"X": {"name": "Y"}}})
    page = sim.page(row)
    assert page["properties"]["Y"]["number"] == 4
    assert page["properties"]["F"]["formula"]["number"] == 2


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"Name": None}, "title property"),
        ({"Name": {"number": {}}}, "title property"),
        ({"Second": {"title": {}}}, "only have one title"),
        ({"Nope": None}, "Nope is not a property that exists."),
        ({"Nope": {"name": "Other"}}, "Nope is not a property that exists."),
        ({"X": {"name": "Name"}}, "unique"),
        ({"Y": {"nonsense": {}}}, "a property type"),
        ({"Y": {"button": {}}}, "cannot be created"),
        ({"Y": {"select": {"options": [{"name": "a"}, {"name": "A"}]}}}, "unique"),
        ({"Y": {"number": {}, "date": {}}}, "not present"),
        ({"Y": {"relation": {}}}, "data_source_id"),
        ({"Y": {"rollup": {"relation_property_name": "X"}}}, "not a relation"),
    ],
)
async def test_a_bad_schema_change_is_refused_and_changes_nothing(
    sim: Simulator, api: Api, change: dict[str, Any], complaint: str
) -> None:
    """Also when another part of it was good."""
    source, _ = await row_of(sim, api, "number")
    before = sim.data_source(source)["properties"]
    body = {"properties": {"Good": {"date": {}}, **change}}
    assert complaint in await api.refused("PATCH", f"data_sources/{source}", body)
    assert sim.data_source(source)["properties"] == before


async def test_a_schema_too_large_is_refused_with_its_largest_property(
    sim: Simulator, api: Api
) -> None:
    """About 50 KB."""
    source, _ = await row_of(sim, api, "number")
    options = [{"name": f"Option {n} {'x' * 80}"} for n in range(400)]
    body = {"properties": {"Big": {"select": {"options": options}}}}
    assert "Big" in await api.refused("PATCH", f"data_sources/{source}", body)


@pytest.mark.parametrize(
    ("old", "value", "new", "shown"),
    [
        ("number", 3, "rich_text", "3"),
        ("rich_text", "2.5", "number", 2.5),
        ("rich_text", "two", "number", None),
        ("url", "https://example.com", "email", "https://example.com"),
        ("checkbox", True, "number", None),
        ("number", 3, "multi_select", []),
    ],
)
async def test_a_retyped_property_takes_over_text_and_numbers(
    sim: Simulator, api: Api, old: str, value: Any, new: str, shown: Any
) -> None:
    """What has no form in the new type is empty."""
    source, row = await row_of(sim, api, old)
    sim.edit_property(row, "X", value)
    sim.change_schema(source, {"X": {new: {}}})
    found = (await api.ok("GET", f"pages/{row}"))["properties"]["X"]
    payload = found[new]
    assert (payload[0]["plain_text"] if new == "rich_text" else payload) == shown


async def test_a_database_with_two_sources_is_no_parent_by_itself(sim: Simulator, api: Api) -> None:
    """With one source it is; with two the source must be named."""
    database, (first,) = sim.add_database("One")
    await api.ok("POST", "pages", {"parent": {"database_id": database}})
    sim.add_data_source(database, "Second", {})
    await api.refused("POST", "pages", {"parent": {"database_id": database}})
    shown = await api.ok("GET", f"databases/{database}")
    assert [source["name"] for source in shown["data_sources"]] == ["One", "Second"]
    assert shown["data_sources"][0]["id"] == first


async def test_a_database_follows_the_title_of_its_only_source(sim: Simulator, api: Api) -> None:
    """And the other way around; times of databases carry milliseconds."""
    root = sim.add_page("Root")
    made = await api.ok("POST", "databases", {"parent": {"page_id": root}})
    assert made["title"][0]["plain_text"] == "New database"
    assert made["created_time"].endswith("+00:00")
    source = made["data_sources"][0]["id"]
    await api.ok("PATCH", f"data_sources/{source}", {"title": [{"text": {"content": "Books"}}]})
    shown = await api.ok("GET", f"databases/{made['id']}")
    assert shown["title"][0]["plain_text"] == "Books"


async def test_trashing_a_database_hides_its_rows(sim: Simulator, api: Api) -> None:
    """Rows answer as in the trash; restoring brings all of it back."""
    root = sim.add_page("Root")
    database, (source,) = sim.add_database("T", parent=root)
    row = sim.add_page("Row", parent=source)
    await api.ok("PATCH", f"databases/{database}", {"in_trash": True})
    assert sim.page(row)["in_trash"] is True
    assert (await api.ok("POST", f"data_sources/{source}/query", {}))["results"] == []
    assert sim.markdown(root) == ""
    await api.ok("PATCH", f"databases/{database}", {"in_trash": False})
    assert sim.page(row)["in_trash"] is False
    assert "<database" in sim.markdown(root)
