"""Search and queries: what is found, in which order, page by page, and late if asked to be."""

from __future__ import annotations

from typing import Any

import pytest

from notionfs.simulator import Simulator

from .conftest import Api

SCHEMA = {
    "Text": "rich_text",
    "Number": "number",
    "Select": {"select": ["Low", "High"]},
    "Many": {"multi_select": ["a", "b"]},
    "Status": "status",
    "Date": "date",
    "Box": "checkbox",
    "Who": "people",
    "Files": "files",
    "Url": "url",
    "ID": {"unique_id": "T"},
    "Twice": {"formula": 'prop("Number") * 2'},
}
ROWS: list[dict[str, Any]] = [
    {"Text": "Alpha one", "Number": 1, "Select": "Low", "Many": ["a"], "Date": "2026-06-01"},
    {"Text": "beta", "Number": 2, "Select": "High", "Many": ["a", "b"], "Date": "2026-06-09",
     "Box": True, "Who": ["Ada Lovelace"], "Url": "https://example.com", "Status": "Done"},
    {"Text": "", "Files": ["https://example.com/a.png"], "Date": "2026-07-01T10:00:00Z"},
]  # fmt: skip


@pytest.fixture
def table(sim: Simulator) -> str:
    """A table of three rows called 0, 1 and 2; now is 2026-06-09."""
    _, (source,) = sim.add_database("T", sources={"T": SCHEMA})
    for index, values in enumerate(ROWS):
        sim.add_page(str(index), parent=source, properties=values)
    return source


async def names(api: Api, source: str, body: dict[str, Any]) -> str:
    """Return the titles of the rows that a query finds, in order."""
    found = await api.ok("POST", f"data_sources/{source}/query", body)
    assert found["type"] == "page_or_data_source"
    return "".join(row["properties"]["Name"]["title"][0]["plain_text"] for row in found["results"])


def where(name: str, kind: str, **condition: Any) -> dict[str, Any]:
    return {"filter": {"property": name, kind: condition}}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, "210"),
        (where("Text", "rich_text", equals="alpha ONE"), "0"),
        (where("Text", "rich_text", contains="a"), "10"),
        (where("Text", "rich_text", does_not_contain="a"), "2"),
        (where("Text", "rich_text", starts_with="be"), "1"),
        (where("Text", "rich_text", ends_with="one"), "0"),
        (where("Text", "rich_text", is_empty=True), "2"),
        (where("Name", "title", does_not_equal="1"), "20"),
        (where("Name", "rich_text", equals="1"), "1"),
        (where("Url", "url", is_not_empty=True), "1"),
        (where("Number", "number", greater_than=1), "1"),
        (where("Number", "number", less_than_or_equal_to=2), "10"),
        (where("Number", "number", does_not_equal=1), "21"),
        (where("Number", "number", is_empty=True), "2"),
        (where("ID", "unique_id", greater_than_or_equal_to=2), "21"),
        (where("Select", "select", equals="low"), "0"),
        (where("Select", "select", equals=["Low", "High"]), "10"),
        (where("Select", "select", does_not_equal="Low"), "21"),
        (where("Many", "multi_select", contains="b"), "1"),
        (where("Many", "multi_select", does_not_contain=["b", "c"]), "20"),
        (where("Many", "multi_select", is_empty=True), "2"),
        (where("Status", "status", equals="Done"), "1"),
        (where("Box", "checkbox", does_not_equal=True), "20"),
        (where("Who", "people", is_not_empty=True), "1"),
        (where("Who", "people", contains="me"), ""),
        (where("Files", "files", is_not_empty=True), "2"),
        (where("Date", "date", equals="2026-06-09"), "1"),
        (where("Date", "date", equals="today"), "1"),
        (where("Date", "date", before="2026-06-09"), "0"),
        (where("Date", "date", on_or_after="2026-06-09"), "21"),
        (where("Date", "date", after="2026-07-01T09:59:00Z"), "2"),
        (where("Date", "date", past_month={}), "10"),
        (where("Date", "date", next_month={}), "21"),
        (where("Date", "date", this_week={}), "1"),
        (where("Twice", "formula", number={"equals": 4}), "1"),
        (where("Twice", "formula", string={"is_not_empty": True}), ""),
        ({"filter": {"timestamp": "created_time", "created_time": {"equals": "today"}}}, "210"),
        ({"filter": {"and": [where("Box", "checkbox", equals=False)["filter"],
                             where("Number", "number", is_not_empty=True)["filter"]]}}, "0"),
        ({"filter": {"or": [where("Number", "number", equals=1)["filter"],
                            where("Number", "number", equals=2)["filter"]]}}, "10"),
        ({"sorts": [{"property": "Number", "direction": "ascending"}]}, "012"),
        ({"sorts": [{"property": "Number", "direction": "descending"}]}, "102"),
        ({"sorts": [{"property": "Select", "direction": "ascending"}]}, "012"),
        ({"sorts": [{"property": "Date", "direction": "descending"}]}, "210"),
        ({"sorts": [{"timestamp": "created_time", "direction": "ascending"}]}, "210"),
        ({"sorts": [{"property": "Box", "direction": "descending"},
                    {"property": "Name", "direction": "ascending"}]}, "102"),
    ],
)  # fmt: skip
async def test_a_query_finds_what_its_conditions_say(
    api: Api, table: str, body: dict[str, Any], expected: str
) -> None:
    """Every condition of every family; without sorts the newest row comes first."""
    assert await names(api, table, body) == expected


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (where("Nope", "number", equals=1), "Could not find property"),
        (where("Number", "rich_text", equals="1"), "does not match filter"),
        (where("Number", "number", contains=1), "contains"),
        (where("Number", "number", equals="1"), "a number"),
        (where("Number", "number", is_empty=False), "`true`"),
        (where("Date", "date", equals="someday"), "ISO 8601"),
        ({"filter": {"and": [{"or": [{"and": []}]}]}}, "levels deep"),
        ({"filter": {}}, "Fix one"),
        ({"sorts": [{"property": "Nope"}]}, "sort property"),
        ({"sorts": [{"property": "Number", "direction": "up"}]}, "direction"),
        ({"page_size": 101}, "≤ `100`"),
        ({"page_size": 0}, "positive"),
        ({"start_cursor": "made-up"}, "start_cursor"),
        ({"surprise": 1}, "body.surprise"),
    ],
)
async def test_a_bad_query_is_refused(
    api: Api, table: str, body: dict[str, Any], complaint: str
) -> None:
    """A filter that does not fit is an error, not an empty answer."""
    assert complaint in await api.refused("POST", f"data_sources/{table}/query", body)


async def test_pages_of_a_listing_show_everything_once(sim: Simulator, api: Api) -> None:
    """Also when rows are added while the listing goes on."""
    _, (source,) = sim.add_database("T")
    ids = {sim.add_page(str(n), parent=source) for n in range(25)}
    seen: list[str] = []
    body: dict[str, Any] = {"page_size": 10}
    while True:
        answer = await api.ok("POST", f"data_sources/{source}/query", body)
        seen += [row["id"] for row in answer["results"]]
        sim.add_page("late", parent=source)
        if not answer["has_more"]:
            assert answer["next_cursor"] is None
            break
        body["start_cursor"] = answer["next_cursor"]
    assert set(seen) == ids
    assert len(seen) == 25


async def test_expired_cursors_are_refused(sim: Simulator, api: Api) -> None:
    """The message names start_cursor, so that clients begin anew."""
    for number in range(5):
        sim.add_page(str(number))
    first = await api.ok("POST", "search", {"page_size": 2})
    sim.expire_cursors()
    body = {"page_size": 2, "start_cursor": first["next_cursor"]}
    assert "start_cursor" in await api.refused("POST", "search", body)


async def test_a_query_ends_at_its_cap_and_says_so(sim: Simulator, api: Api) -> None:
    """`request_status` is there only then."""
    _, (source,) = sim.add_database("T")
    for number in range(6):
        sim.add_page(str(number), parent=source)
    whole = await api.ok("POST", f"data_sources/{source}/query", {})
    assert "request_status" not in whole
    sim.limits.query_results = 4
    cut = await api.ok("POST", f"data_sources/{source}/query", {})
    assert len(cut["results"]) == 4
    assert cut["request_status"] == {
        "type": "incomplete",
        "incomplete_reason": "query_result_limit_reached",
    }


async def test_search_finds_titles_newest_first(sim: Simulator, api: Api) -> None:
    """Pages, rows and data sources; never databases, never content."""
    page = sim.add_page("Alpha", markdown="omega")
    sim.advance(60)
    _, (source,) = sim.add_database("Alphabet")
    sim.advance(60)
    row = sim.add_page("Row alpha", parent=source)
    found = await api.ok("POST", "search", {"query": "ALPHA"})
    assert [thing["id"] for thing in found["results"]] == [row, source, page]
    assert (await api.ok("POST", "search", {"query": "omega"}))["results"] == []
    for value, ids in (("page", [row, page]), ("data_source", [source])):
        body = {"query": "alpha", "filter": {"property": "object", "value": value}}
        found = await api.ok("POST", "search", body)
        assert [thing["id"] for thing in found["results"]] == ids
    ascending = {"sort": {"timestamp": "last_edited_time", "direction": "ascending"}}
    found = await api.ok("POST", "search", ascending)
    assert [thing["id"] for thing in found["results"]] == [page, source, row]


async def test_a_lagging_search_shows_the_past(sim: Simulator, api: Api) -> None:
    """New pages are missing, changed ones look as before, trashed ones are still there."""
    old = sim.add_page("Old name")
    gone = sim.add_page("Gone")
    sim.advance(60)
    sim.lag = 30
    sim.add_page("New")
    sim.edit_title(old, "New name")
    sim.trash(gone)

    def titles(found: dict[str, Any]) -> set[str]:
        return {page["properties"]["title"]["title"][0]["plain_text"] for page in found["results"]}

    assert titles(await api.ok("POST", "search", {})) == {"Old name", "Gone"}
    direct = await api.ok("GET", f"pages/{old}")
    assert direct["properties"]["title"]["title"][0]["plain_text"] == "New name"
    sim.advance(31)
    assert titles(await api.ok("POST", "search", {})) == {"New name", "New"}


async def test_what_is_not_shared_is_not_there(sim: Simulator, api: Api) -> None:
    """Not in the search, not by its id, not for those below; a 404 and never a 403."""
    root = sim.add_page("Root")
    hidden = sim.add_page("Hidden", parent=root)
    below = sim.add_page("Below", parent=hidden)
    sim.unshare(hidden)
    found = await api.ok("POST", "search", {})
    assert [page["id"] for page in found["results"]] == [root]
    for page_id in (hidden, below):
        await api.refused("GET", f"pages/{page_id}", status=404)
    assert (await api.ok("GET", f"blocks/{root}/children"))["results"] == []
    sim.share(below)
    assert (await api.ok("GET", f"pages/{below}"))["parent"]["page_id"] == hidden
