"""Answers as values: everything Notion was seen to send is understood, and nothing new breaks."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionfs.api import listings, responses
from notionfs.api.shapes import repair
from notionfs.api.words import normalize_time
from notionfs.model import COVER, ICON, Parent, ParentType, SourceRef

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason="the recordings are not beside the project"
)

PAGE_ID = "39a0bc1e-edcd-8142-936b-cca8ae692cc4"
DATABASE_ID = "7c1f0000-0000-4000-8000-000000000001"
SOURCE_ID = "5d2e0000-0000-4000-8000-000000000002"

PAGE: dict[str, Any] = {
    "object": "page",
    "id": PAGE_ID,
    "created_time": "2026-01-15T10:30:00.000Z",
    "last_edited_time": "2026-01-16T08:00:00.000Z",
    "parent": {"type": "workspace", "workspace": True},
    "properties": {"title": {"id": "title", "type": "title", "title": [{"plain_text": "Hi"}]}},
    "url": "https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4",
}
DATA_SOURCE: dict[str, Any] = {
    "object": "data_source",
    "id": SOURCE_ID,
    "created_time": "2026-01-15T10:30:00.000Z",
    "last_edited_time": "2026-01-15T10:30:00.000Z",
    "title": [{"plain_text": "Active "}, {"plain_text": "Projects"}],
    "parent": {"type": "database_id", "database_id": DATABASE_ID},
    "database_parent": {"type": "page_id", "page_id": PAGE_ID},
    "properties": {
        "Name": {"id": "title", "name": "Name", "type": "title", "title": {}},
        "State": {
            "id": "a%3D",
            "name": "State",
            "type": "status",
            "status": {"options": [{"name": "Open"}, {"name": "Done"}], "groups": []},
        },
    },
}


def encoded(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def recorded_answers() -> Iterator[dict[str, Any]]:
    for path in sorted(RECORDINGS.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            exchange = json.loads(line)
            if exchange["status"] == 200:
                yield exchange["response"]


def recorded_objects(kind: str) -> Iterator[dict[str, Any]]:
    """Every object of *kind*, whether it came alone or in a list."""
    for answer in recorded_answers():
        parts = answer["results"] if answer["object"] == "list" else [answer]
        yield from (part for part in parts if part["object"] == kind)


def plain(parts: list[dict[str, Any]]) -> str:
    return "".join(part["plain_text"] for part in parts)


# --- what Notion was seen to send -----------------------------------------------------------------


@needs_recordings
def test_every_recorded_page_is_decoded_without_loss() -> None:
    """Id, title, parent, times, trash, authors, URL and the property values as they came."""
    count = 0
    for raw in recorded_objects("page"):
        page = responses.parse_page(encoded(raw))
        titles = [v["title"] for v in raw["properties"].values() if v["type"] == "title"]
        assert page.id == raw["id"]
        assert page.title == plain(titles[0])
        assert page.parent.type == raw["parent"]["type"]
        assert page.parent.id == raw["parent"].get(raw["parent"]["type"].replace("workspace", ""))
        assert page.parent.database_id == raw["parent"].get("database_id")
        assert page.created == raw["created_time"].replace(".000Z", "Z")
        assert page.last_edited == raw["last_edited_time"].replace(".000Z", "Z")
        assert page.url == raw["url"]
        assert page.in_trash is raw["in_trash"]
        assert page.created_by == raw["created_by"]["id"]
        assert page.last_edited_by == raw["last_edited_by"]["id"]
        values = json.loads(page.properties)
        look = [
            values.pop(name, {}).get(field) for name, field in ((ICON, "icon"), (COVER, "cover"))
        ]
        assert look == [raw.get("icon"), raw.get("cover")]
        assert values == raw["properties"]
        assert page.icon == (None if raw["icon"] is None else encoded(raw["icon"]))
        count += 1
    assert count > 500


@needs_recordings
def test_every_recorded_database_is_decoded_without_loss() -> None:
    """The title, the data sources in their order, and times in the form of all others."""
    count = 0
    for raw in recorded_objects("database"):
        database = responses.parse_database(encoded(raw))
        assert database.id == raw["id"]
        assert database.title == plain(raw["title"])
        assert database.sources == tuple(SourceRef(s["id"], s["name"]) for s in raw["data_sources"])
        assert database.parent == Parent(ParentType.PAGE, raw["parent"]["page_id"])
        assert database.last_edited == raw["last_edited_time"][:19] + "Z"
        assert (database.in_trash, database.is_inline) == (raw["in_trash"], raw["is_inline"])
        count += 1
    assert count > 50


@needs_recordings
def test_every_recorded_data_source_is_decoded_without_loss() -> None:
    """Its columns in their order with their options, and the database it belongs to."""
    count = 0
    for raw in recorded_objects("data_source"):
        source = responses.parse_data_source(encoded(raw))
        assert source.id == raw["id"]
        assert source.name == plain(raw["title"])
        assert source.database_id == raw["parent"]["database_id"]
        assert source.database_parent == Parent(ParentType.PAGE, raw["database_parent"]["page_id"])
        assert [column.name for column in source.schema] == list(raw["properties"])
        for column in source.schema:
            entry = raw["properties"][column.name]
            config = entry[entry["type"]]
            options = config.get("options", [])
            assert (column.id, column.type) == (entry["id"], entry["type"])
            assert column.config == encoded(config)
            assert column.options == tuple(option["name"] for option in options)
        count += 1
    assert count > 300


@needs_recordings
def test_every_recorded_list_is_decoded_to_its_last_result() -> None:
    """Nothing in a list is left out, and a cursor is there exactly if there is more."""
    parsers = {"user": listings.parse_users, "block": listings.parse_child_pages}
    for answer in recorded_answers():
        if answer["object"] != "list":
            continue
        raw = encoded(answer)
        if answer["type"] == "page_or_data_source":
            listing = listings.parse_listing(raw)
            rows = listings.parse_rows(raw)
            assert len(listing.results) == len(answer["results"])
            assert len(rows.results) + len(rows.sources) == len(answer["results"])
            assert listing.next_cursor == rows.next_cursor == answer["next_cursor"]
            assert not rows.incomplete
        elif answer["type"] == "property_item":
            entries, _ = listings.parse_entries(raw)
            assert list(entries) == [item["relation"] for item in answer["results"]]
        elif answer["type"] in parsers:
            assert parsers[answer["type"]](raw)[1] == answer["next_cursor"]


@needs_recordings
def test_every_recorded_user_and_child_page_is_decoded() -> None:
    """People have names and addresses, bots are bots, child pages have titles."""
    for answer in recorded_answers():
        if answer.get("type") == "user":
            users, _ = listings.parse_users(encoded(answer))
            assert [user.name for user in users] == [raw["name"] for raw in answer["results"]]
            assert [user.is_bot for user in users] == [
                r["type"] == "bot" for r in answer["results"]
            ]
        if answer.get("type") == "block":
            found, _ = listings.parse_child_pages(encoded(answer))
            expected = [b for b in answer["results"] if b["type"] == "child_page"]
            assert [page.title for page in found] == [b["child_page"]["title"] for b in expected]


# --- what nobody has seen yet ---------------------------------------------------------------------


@given(
    st.dictionaries(
        st.text(min_size=1).map(lambda name: "new_" + name),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
            ),
            max_leaves=5,
        ),
        max_size=4,
    )
)
def test_new_fields_change_nothing(extra: dict[str, Any]) -> None:
    """Whatever Notion adds to its objects, they are read as before."""
    assert responses.parse_page(encoded(PAGE | extra)) == responses.parse_page(encoded(PAGE))
    grown = {**extra, **DATA_SOURCE}
    assert responses.parse_data_source(encoded(grown)).schema == (
        responses.parse_data_source(encoded(DATA_SOURCE)).schema
    )


@given(st.dictionaries(st.text(), st.none() | st.text() | st.integers(0, 9), max_size=3))
def test_unknown_property_types_are_kept_as_sent(value: dict[str, Any]) -> None:
    """A property of a type from the future stays in the JSON, and a column shows its type."""
    properties = {**PAGE["properties"], "New": {"id": "n", "type": "hologram", "hologram": value}}
    page = responses.parse_page(encoded(PAGE | {"properties": properties}))
    assert page.properties == encoded(properties)
    assert page.title == "Hi"

    schema = {"New": {"id": "n", "type": "hologram", "hologram": value}}
    source = responses.parse_data_source(encoded(DATA_SOURCE | {"properties": schema}))
    assert (source.schema[0].type, source.schema[0].config) == ("hologram", encoded(value))


def test_a_page_under_an_unknown_kind_of_parent_is_at_the_top() -> None:
    """It stays visible, like every page whose parent cannot be shown."""
    page = responses.parse_page(encoded(PAGE | {"parent": {"type": "space_id", "space_id": "x"}}))
    assert page.parent == Parent(ParentType.WORKSPACE)


@pytest.mark.parametrize(
    ("wire", "parent"),
    [
        ({"type": "page_id", "page_id": PAGE_ID}, Parent(ParentType.PAGE, PAGE_ID)),
        ({"type": "block_id", "block_id": PAGE_ID}, Parent(ParentType.BLOCK, PAGE_ID)),
        (
            {"type": "database_id", "database_id": DATABASE_ID},
            Parent(ParentType.DATABASE, DATABASE_ID),
        ),
        ({"type": "agent_id", "agent_id": PAGE_ID}, Parent(ParentType.AGENT, PAGE_ID)),
        (
            {"type": "data_source_id", "data_source_id": SOURCE_ID, "database_id": DATABASE_ID},
            Parent(ParentType.DATA_SOURCE, SOURCE_ID, DATABASE_ID),
        ),
        (None, Parent(ParentType.WORKSPACE)),
    ],
)
def test_every_kind_of_parent_is_known(wire: object, parent: Parent) -> None:
    """A row also knows its database."""
    assert responses.parse_page(encoded(PAGE | {"parent": wire})).parent == parent


def test_ids_are_lower_case_with_dashes() -> None:
    """However an id was written, it is one id."""
    written = PAGE_ID.replace("-", "").upper()
    assert responses.parse_page(encoded(PAGE | {"id": written})).id == PAGE_ID


@pytest.mark.parametrize(
    ("sent", "time"),
    [
        ("2026-01-15T10:30:00.000Z", "2026-01-15T10:30:00Z"),
        ("2026-01-15T10:30:00Z", "2026-01-15T10:30:00Z"),
        ("2026-01-15T10:30:07.123+00:00", "2026-01-15T10:30:07Z"),
        ("2026-01-15T12:30:00.000+02:00", "2026-01-15T10:30:00Z"),
        ("2026-01-15", "2026-01-15"),
        ("next Tuesday", "next Tuesday"),
    ],
)
def test_times_have_one_form(sent: str, time: str) -> None:
    """Whole seconds in UTC, so that times compare as strings."""
    assert normalize_time(sent) == time


def test_the_old_word_for_trash_counts() -> None:
    """A server that answers in the older version says `archived`."""
    assert responses.parse_page(encoded(PAGE | {"archived": True})).in_trash


def test_a_page_without_a_title_has_an_empty_one() -> None:
    """No title property, a null title and an empty title all mean the same."""
    for properties in ({}, {"t": {"type": "title", "title": None}}, {"t": {"type": "title"}}):
        assert responses.parse_page(encoded(PAGE | {"properties": properties})).title == ""


def test_a_property_called_title_does_not_replace_the_title() -> None:
    """The type says which property is the title, not its name."""
    properties = {
        "title": {"id": "x", "type": "number", "number": 3},
        "Task": {"id": "title", "type": "title", "title": [{"plain_text": "Real"}]},
    }
    assert responses.parse_page(encoded(PAGE | {"properties": properties})).title == "Real"


def test_one_strange_object_does_not_hide_the_others() -> None:
    """Partial pages and objects of unknown kind are left out of a listing, the rest is there."""
    listing = {
        "object": "list",
        "results": [{"object": "page", "id": PAGE_ID}, {"object": "wormhole"}, PAGE, DATA_SOURCE],
        "has_more": True,
        "next_cursor": "c2",
        "request_status": {"type": "incomplete", "incomplete_reason": "query_result_limit_reached"},
    }
    found = listings.parse_listing(encoded(listing))
    assert [type(each).__name__ for each in found.results] == ["Page", "DataSource"]
    assert (found.next_cursor, found.incomplete) == ("c2", True)
    rows = listings.parse_rows(encoded(listing))
    assert (len(rows.results), len(rows.sources), rows.incomplete) == (1, 1, True)


def test_a_cursor_counts_only_if_there_is_more() -> None:
    """A stale cursor on the last page would make a listing endless."""
    listing = {"object": "list", "results": [], "has_more": False, "next_cursor": "c2"}
    assert listings.parse_listing(encoded(listing)).next_cursor is None


@pytest.mark.parametrize(
    "warnings",
    [None, ["color ignored"], [{"message": "color ignored"}], [{"code": 7}], [12]],
)
def test_warnings_of_any_shape_become_text(warnings: list[Any] | None) -> None:
    """The documentation does not say what a warning looks like."""
    answer = {"object": "page_markdown", "markdown": "x", "warnings": warnings}
    body = responses.parse_body(encoded(answer))
    assert len(body.warnings) == len(warnings or [])
    assert all(isinstance(warning, str) for warning in body.warnings)


def test_a_body_is_returned_as_sent() -> None:
    """Text, truncation and the blocks that were not shown."""
    answer = {
        "object": "page_markdown",
        "id": PAGE_ID,
        "markdown": '# É\n\n<unknown url="x" />\n',
        "truncated": True,
        "unknown_block_ids": [SOURCE_ID.replace("-", "")],
    }
    body = responses.parse_body(encoded(answer))
    assert body.markdown == answer["markdown"]
    assert (body.truncated, body.unknown_ids) == (True, (SOURCE_ID,))


def test_entries_of_a_long_value_are_what_a_page_would_show() -> None:
    """Whatever their type: people, groups, pages, pieces of text."""
    people = [{"object": "user", "id": PAGE_ID}, {"object": "group", "id": SOURCE_ID, "name": "T"}]
    items = [{"object": "property_item", "type": "people", "people": each} for each in people]
    entries, cursor = listings.parse_entries(encoded({"object": "list", "results": items}))
    assert list(entries) == people
    assert cursor is None


def test_a_token_that_names_no_workspace_is_known_by_its_own_id() -> None:
    """A bot object may come empty."""
    me = {"object": "user", "id": PAGE_ID, "type": "bot", "bot": {}}
    identity = responses.parse_identity(encoded(me))
    assert (identity.workspace_id, identity.workspace_name) == (PAGE_ID, "")


@pytest.mark.parametrize(
    "missing", ["object", "id", "created_time", "last_edited_time", "properties"]
)
def test_an_object_without_what_a_mount_needs_is_refused(missing: str) -> None:
    """Better no page than one without identity."""
    part = {key: value for key, value in PAGE.items() if key != missing}
    with pytest.raises(msgspec.ValidationError):
        responses.parse_page(encoded(part))


# --- half an emoji --------------------------------------------------------------------------------


@given(st.text(st.characters(codec=None, categories=["Cs", "Lu", "So", "Po", "Cc"])))
def test_half_an_emoji_becomes_a_replacement_character(text: str) -> None:
    """Valid JSON that is not Unicode is repaired; what was Unicode already is not touched."""
    sent = json.dumps(text, ensure_ascii=True).encode()
    received = json.loads(sent)
    expected = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in received)
    assert msgspec.json.decode(repair(sent)) == expected
    if expected == received:
        assert repair(sent) == sent
