"""Properties in the frontmatter: every value comes back, and only what was changed is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_refs import ADA, BOB, HIDDEN, PLAN, WIKI, FakeReferences

from notionfs.errors import InvalidPageFile, Retyped
from notionfs.markdown.document import parse_document, render_document
from notionfs.markdown.frontmatter import dump, load
from notionfs.markdown.properties import columns_of, plan_properties, render_properties, title_value
from notionfs.markdown.values import PROPERTY_TYPES
from notionfs.model import (
    WORKSPACE,
    Body,
    DataSource,
    DataSourceId,
    Page,
    Parent,
    ParentType,
    PropertySchema,
)

REFS = FakeReferences()
OPTIONS = ("Open", "In progress", "Done", "backend", "docs")


def source_of(*columns: tuple[str, str]) -> DataSource:
    """Return a data source with columns (name, type); the id of a column is `id:name`."""
    schema = tuple(
        PropertySchema(
            f"id:{name}",
            name,
            kind,
            OPTIONS if kind in ("select", "multi_select", "status") else (),
        )
        for name, kind in columns
    )
    return DataSource(DataSourceId("ds"), "Tasks", None, WORKSPACE, schema, "", "", "")


def value_of(name: str, kind: str, payload: Any, **more: Any) -> dict[str, Any]:
    """Return a page property as Notion sends it."""
    return {name: {"id": f"id:{name}", "type": kind, kind: payload, **more}}


def plan_one(kind: str, payload: Any, written: str, **options: Any) -> Any:
    """Return what is sent for a property `P` of that type when its line reads `P: written`."""
    source = source_of(("P", kind))
    shown = load(f"P: {written}\n")
    patch = plan_properties(source, value_of("P", kind, payload), shown, REFS, **options)
    return patch.get("id:P", {}).get(kind) if patch else "unchanged"


OPEN = {"id": "1", "name": "Open", "color": "red"}
DONE = {"id": "2", "name": "Done", "color": "blue"}
TEXT = [{"type": "text", "text": {"content": "a *b*", "link": None}, "plain_text": "a *b*"}]
DATE = {"start": "2026-01-15", "end": None, "time_zone": None}
TIME = {"start": "2026-06-18T09:00:00.000+02:00", "end": None, "time_zone": None}
ADA_VALUE = {"object": "user", "id": ADA, "name": "Ada"}
EXTERNAL = {"name": "spec", "type": "external", "external": {"url": "https://x.org/spec.pdf"}}
HOSTED_URL = "https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b/c.pdf"
HOSTED = {
    "name": "c.pdf",
    "type": "file",
    "file": {"url": f"{HOSTED_URL}?X-Amz-Signature=1", "expiry_time": "2026-01-15T10:00:00.000Z"},
}
PLACE = {
    "name": "Hall",
    "address": "Main St",
    "lat": 52.5,
    "lon": 13.4,
    "google_place_id": "g",
    "aws_place_id": None,
}
VERIFIED = {
    "state": "verified",
    "verified_by": None,
    "date": {"start": "2026-01-01T00:00:00.000Z", "end": "2026-12-31T00:00:00.000Z"},
}

CHANGES = [
    ("rich_text", TEXT, "new", [{"type": "text", "text": {"content": "new"}}]),
    ("rich_text", TEXT, "1.10", [{"type": "text", "text": {"content": "1.10"}}]),
    ("rich_text", TEXT, "", []),
    ("number", 3, "4", 4),
    ("number", 3, "0.25", 0.25),
    ("number", 3, "'7'", 7),
    ("number", None, "012", 12),
    ("number", 3, "", None),
    ("select", OPEN, "Done", {"name": "Done"}),
    ("select", OPEN, "done", {"name": "Done"}),
    ("select", OPEN, "", None),
    ("status", OPEN, "In progress", {"name": "In progress"}),
    ("multi_select", [OPEN], "[Open, docs]", [{"name": "Open"}, {"name": "docs"}]),
    ("multi_select", [OPEN], "backend, docs", [{"name": "backend"}, {"name": "docs"}]),
    ("multi_select", [OPEN], "[]", []),
    ("date", None, "2026-01-15", DATE),
    ("date", DATE, "2026-01-15/2026-01-20", {**DATE, "end": "2026-01-20"}),
    ("date", DATE, "2026-01-15T09:00", {**DATE, "start": "2026-01-15T09:00:00"}),
    ("date", DATE, "2026-01-15 9:00+0100", {**DATE, "start": "2026-01-15T09:00:00+01:00"}),
    (
        "date",
        DATE,
        '"2026-01-15T09:00/2026-01-15T10:00[Europe/Berlin]"',
        {
            "start": "2026-01-15T09:00:00",
            "end": "2026-01-15T10:00:00",
            "time_zone": "Europe/Berlin",
        },
    ),
    ("date", DATE, "", None),
    ("people", [ADA_VALUE], "[Ada Lovelace, bob@example.com]", [{"id": ADA}, {"id": BOB}]),
    ("people", [ADA_VALUE], "Bob", [{"id": BOB}]),
    ("people", [ADA_VALUE], "", []),
    (
        "files",
        [EXTERNAL],
        "[https://x.org/new.pdf]",
        [{"name": "new.pdf", "type": "external", "external": {"url": "https://x.org/new.pdf"}}],
    ),
    ("files", [EXTERNAL], "", []),
    (
        "files",
        [HOSTED, EXTERNAL],
        f"[{HOSTED_URL}]",
        [{"name": "c.pdf", "type": "file", "file": {"url": f"{HOSTED_URL}?X-Amz-Signature=1"}}],
    ),
    ("checkbox", False, "true", True),
    ("checkbox", False, "yes", True),
    ("checkbox", True, "", False),
    ("url", None, "https://x.org/a?b=c", "https://x.org/a?b=c"),
    ("email", "a@b.c", "", None),
    ("phone_number", None, "012345", "012345"),
    ("phone_number", None, "+49 12", "+49 12"),
    ("relation", [{"id": PLAN}], "[plan.md, ../wiki.md]", [{"id": PLAN}, {"id": WIKI}]),
    ("relation", [{"id": PLAN}], "Wiki", [{"id": WIKI}]),
    ("relation", [{"id": PLAN}], "[[Wiki]]", [{"id": WIKI}]),
    ("relation", [{"id": PLAN}], '["[[Wiki]]"]', [{"id": WIKI}]),
    ("relation", [{"id": PLAN}, {"id": HIDDEN}], f"[{HIDDEN}]", [{"id": HIDDEN}]),
    ("relation", [{"id": PLAN}], "", []),
    (
        "place",
        PLACE,
        "{name: Room, address: Main St, lat: 52.5, lon: 13.4}",
        {"name": "Room", "address": "Main St", "lat": 52.5, "lon": 13.4, "google_place_id": "g"},
    ),
    (
        "place",
        PLACE,
        "{name: Hall, lat: 1, lon: 2}",
        {"name": "Hall", "address": None, "lat": 1.0, "lon": 2.0},
    ),
    ("verification", {"state": "unverified"}, "verified", {"state": "verified"}),
    ("verification", VERIFIED, "unverified", {"state": "unverified"}),
    (
        "verification",
        VERIFIED,
        "verified/2027-06-30",
        {
            "state": "verified",
            "date": {"start": "2026-01-01T00:00:00.000Z", "end": "2027-06-30T00:00:00.000Z"},
        },
    ),
]


@pytest.mark.parametrize(("kind", "payload", "written", "sent"), CHANGES, ids=range(len(CHANGES)))
def test_a_changed_line_is_sent_in_notions_form(
    kind: str, payload: Any, written: str, sent: Any
) -> None:
    """What people write becomes the value that the API accepts."""
    assert plan_one(kind, payload, written) == sent


UNCHANGED = [
    ("rich_text", TEXT, '"a \\\\*b\\\\*"'),
    ("number", 3, "3.0"),
    ("number", None, ""),
    ("multi_select", [OPEN], "Open"),
    ("multi_select", [], ""),
    ("date", DATE, '"2026-01-15"'),
    ("date", TIME, "2026-06-18T09:00:00+02:00"),
    ("people", [ADA_VALUE], "Ada Lovelace"),
    ("people", [ADA_VALUE], "ada@example.com"),
    ("people", [ADA_VALUE], f"[{ADA}]"),
    ("checkbox", False, ""),
    ("checkbox", True, "yes"),
    ("url", None, '""'),
    ("relation", [{"id": PLAN}], "Plan"),
    ("relation", [{"id": PLAN}], f"https://app.notion.com/p/{PLAN.replace('-', '')}"),
    ("files", [HOSTED], f"[{HOSTED_URL}]"),
    ("place", PLACE, "{lon: 13.4, lat: 52.5, name: Hall, address: Main St}"),
    ("formula", {"type": "number", "number": 3}, "3"),
]


@pytest.mark.parametrize(("kind", "payload", "written"), UNCHANGED, ids=range(len(UNCHANGED)))
def test_another_spelling_of_the_same_value_is_not_sent(
    kind: str, payload: Any, written: str
) -> None:
    """Values are compared, not characters."""
    assert plan_one(kind, payload, written) == "unchanged"


PROBLEMS = [
    ("number", 3, "many", "must be a number, not “many”"),
    ("number", 3, "true", "must be a number"),
    ("number", 3, "[1]", "must be a number"),
    ("number", 3, "inf", "must be a number"),
    ("checkbox", True, "maybe", "must be true or false"),
    ("checkbox", True, "2", "must be true or false"),
    ("select", OPEN, "Doen", "has no option “Doen”; did you mean “Done”"),
    ("status", OPEN, "zzz", "it may be “Open”, “In progress”"),
    ("multi_select", [OPEN], '["a, b"]', "cannot contain a comma"),
    ("multi_select", [], "[Opn, Doen]", "“Opn”.*“Doen”"),
    ("multi_select", [], "{a: b}", "must be a list"),
    ("date", DATE, "tomorrow", "“tomorrow” is not a date; write"),
    ("date", DATE, "2026-02-30", "not in the calendar"),
    ("date", DATE, "2026-01-20/2026-01-15", "ends .* before it starts"),
    ("date", DATE, '"2026-01-15[Europe/Berlin]"', "time zone but no time"),
    ("date", DATE, '"2026-01-15T09:00+01:00[Europe/Berlin]"', "keep one of them"),
    ("people", [], "Eve", "names “Eve”, but there is nobody"),
    ("relation", [], "nowhere.md", "there is no page"),
    ("relation", [], f"[{', '.join(['plan.md'] * 101)}]", "has 101 entries, and Notion allows 100"),
    ("files", [], "[local.pdf]", "neither a file nor a web address"),
    ("email", None, "x" * 201, "longer than the 200 characters"),
    ("place", PLACE, "Berlin", "must have the lines"),
    ("place", PLACE, "{lat: x, lon: 1}", "needs numbers"),
    ("place", PLACE, "{lat: 1, lon: 1, town: x}", "has no “town”"),
    ("verification", None, "maybe", "must be verified"),
    ("formula", {"type": "number", "number": 3}, "4", "computed by Notion"),
    ("button", {}, "x", "cannot be set here"),
]


@pytest.mark.parametrize(("kind", "payload", "written", "said"), PROBLEMS, ids=range(len(PROBLEMS)))
def test_what_cannot_be_sent_is_said_in_a_sentence(
    kind: str, payload: Any, written: str, said: str
) -> None:
    """The sentence names the property, what is wrong, and what would be right."""
    with pytest.raises(InvalidPageFile, match=said) as caught:
        plan_one(kind, payload, written)
    assert caught.value.problems[0].startswith("“P” ")


def test_ambiguous_names_are_refused_and_shown_ones_are_not() -> None:
    """What was shown for an entry keeps meaning it, even if another page has that name by now."""

    class Ambiguous(FakeReferences):
        def find_pages(self, reference: str) -> list[Any]:
            return [PLAN, WIKI]

    source, base = source_of(("P", "relation")), value_of("P", "relation", [{"id": PLAN}])
    assert plan_properties(source, base, {"P": ["plan.md"]}, Ambiguous()) == {}
    with pytest.raises(InvalidPageFile, match="may be 2 pages"):
        plan_properties(source, base, {"P": ["plan.md", "other.md"]}, Ambiguous())


def test_unknown_options_are_sent_only_when_wanted() -> None:
    """Notion would create them silently; statuses it never creates."""
    assert plan_one("select", None, "New", create_options=True) == {"name": "New"}
    with pytest.raises(InvalidPageFile):
        plan_one("status", None, "New", create_options=True)


def test_all_problems_are_named_at_once() -> None:
    """One save shows everything to correct, unknown properties with the nearest name."""
    source = source_of(("Name", "title"), ("Status", "status"), ("Points", "number"))
    shown = {"Statsu": "Open", "Points": "x", "Status": "y", "Name": "other"}
    with pytest.raises(InvalidPageFile) as caught:
        plan_properties(source, {}, shown, REFS)
    assert len(caught.value.problems) == 4
    assert "did you mean “Status”?" in caught.value.problems[0]
    assert "heading" in caught.value.problems[3]


def test_a_page_outside_a_database_has_no_properties() -> None:
    """Its file shows none, and none can be set."""
    assert render_properties(None, {}, REFS) == ({}, {})
    assert plan_properties(None, {}, {}, REFS) == {}
    with pytest.raises(InvalidPageFile, match="in no database"):
        plan_properties(None, {}, {"tags": ["a"]}, REFS)


def test_a_missing_line_leaves_the_value_alone() -> None:
    """Only lines that are there say anything."""
    source = source_of(("A", "number"), ("B", "number"))
    base = value_of("A", "number", 1) | value_of("B", "number", 2)
    assert plan_properties(source, base, {"B": None}, REFS) == {"id:B": {"number": None}}
    assert plan_properties(source, base, {}, REFS) == {}


def test_a_new_page_sends_what_is_not_empty() -> None:
    """Empty lines of a template make no values."""
    source = source_of(("A", "number"), ("B", "multi_select"), ("C", "checkbox"), ("D", "date"))
    shown = {"A": 1, "B": [], "C": False, "D": None}
    assert plan_properties(source, {}, shown, REFS) == {"id:A": {"number": 1}}


def test_a_relation_that_notion_cut_off_can_only_be_edited_there() -> None:
    """Sending the 25 entries of a longer list would delete the others."""
    source = source_of(("P", "relation"))
    base = value_of("P", "relation", [{"id": PLAN}], has_more=True)
    assert plan_properties(source, base, {"P": ["plan.md"]}, REFS) == {}
    with pytest.raises(InvalidPageFile, match="more entries than Notion showed"):
        plan_properties(source, base, {"P": ["plan.md", "../wiki.md"]}, REFS)


def test_a_renamed_column_keeps_its_value() -> None:
    """Ids decide which value belongs to which column."""
    source = DataSource(
        DataSourceId("ds"),
        "Tasks",
        None,
        WORKSPACE,
        (PropertySchema("id:Old", "New", "number"),),
        "",
        "",
        "",
    )
    assert render_properties(source, value_of("Old", "number", 3), REFS) == ({"New": 3}, {})


def test_a_value_of_another_type_than_its_column_is_not_shown() -> None:
    """Nobody knows it in its new type until it is read again; a missing line changes nothing."""
    source = source_of(("P", "multi_select"), ("Q", "relation"), ("R", "date"))
    values = (
        value_of("P", "number", 3) | value_of("Q", "checkbox", True) | value_of("R", "url", "x")
    )
    assert render_properties(source, values, REFS) == ({}, {})


def test_a_line_written_for_another_type_says_so_unless_it_was_not_touched() -> None:
    """What the reader saw is compared under the type that it had."""
    source = source_of(("P", "rich_text"))
    base = value_of("P", "number", 3)
    assert plan_properties(source, base, {"P": 3}, REFS) == {}
    with pytest.raises(Retyped, match="“P” was changed from number to rich_text"):
        plan_properties(source, base, {"P": 4}, REFS)


def test_a_line_means_the_column_that_had_its_name() -> None:
    """Renamed, exchanged and removed columns are followed by their ids."""
    columns = (PropertySchema("a", "B", "number"), PropertySchema("b", "A", "number"))
    source = DataSource(DataSourceId("ds"), "Tasks", None, WORKSPACE, columns, "", "", "")
    base = {
        "A": {"id": "a", "type": "number", "number": 1},
        "B": {"id": "b", "type": "number", "number": 2},
        "C": {"id": "c", "type": "number", "number": 3},
    }
    assert plan_properties(source, base, {"A": 5, "B": 2, "C": 3}, REFS) == {"a": {"number": 5}}
    with pytest.raises(InvalidPageFile, match="no property “C”"):
        plan_properties(source, base, {"C": 4}, REFS)
    assert plan_properties(source, columns_of(source), {"A": 5}, REFS) == {"b": {"number": 5}}


def test_computed_values_are_shown_apart() -> None:
    """Formulas, rollups and stamps stand under their own key; what has no form is left out."""
    columns = {
        "Score": ("formula", {"type": "number", "number": 12.5}),
        "When": ("formula", {"type": "date", "date": DATE}),
        "Odd": ("formula", {"type": "unsupported", "unsupported": {}}),
        "Sum": ("rollup", {"type": "number", "number": 3, "function": "sum"}),
        "All": (
            "rollup",
            {
                "type": "array",
                "function": "show_original",
                "array": [
                    {"type": "title", "title": [{"plain_text": "A", "text": {"content": "A"}}]},
                    {"type": "multi_select", "multi_select": [OPEN, DONE]},
                    {"type": "number", "number": None},
                ],
            },
        ),
        "ID": ("unique_id", {"prefix": "TASK", "number": 7}),
        "Made": ("created_time", "2026-03-01T09:11:00.000Z"),
        "By": ("created_by", {"object": "user", "id": ADA}),
        "Press": ("button", {}),
        "New kind": ("hologram", {"x": 1}),
    }
    source = source_of(*((name, kind) for name, (kind, _) in columns.items()))
    values: dict[str, Any] = {}
    for name, (kind, payload) in columns.items():
        values |= value_of(name, kind, payload)
    assert render_properties(source, values, REFS) == (
        {},
        {
            "Score": 12.5,
            "When": "2026-01-15",
            "Sum": 3,
            "All": ["A", "Open", "Done"],
            "ID": "TASK-7",
            "Made": "2026-03-01T09:11Z",
            "By": "Ada Lovelace",
        },
    )


def test_a_long_title_is_cut_into_runs() -> None:
    """Notion takes 2,000 characters a run."""
    runs = title_value("x" * 4500)["title"]
    assert [len(run["text"]["content"]) for run in runs] == [2000, 2000, 500]


# --- every type, every value ----------------------------------------------------------------------

LINE = st.text(max_size=12)
HOSTILE = st.one_of(
    LINE, st.sampled_from(["yes", "012", "12:30", "~", "a: b", "@x", "- x", "🎯", " x "])
)
OPTION = st.builds(lambda name: {"id": "x", "name": name, "color": "red"}, HOSTILE.filter(bool))
USER = st.sampled_from([ADA, BOB, HIDDEN]).map(lambda user: {"object": "user", "id": user})
DAY = st.dates().map(str).filter(lambda day: len(day) == 10)
MOMENT = st.one_of(
    DAY,
    st.builds("{}T{:02}:{:02}:00.000{}".format, DAY, st.integers(0, 23), st.integers(0, 59),
              st.sampled_from(["Z", "+00:00", "+05:30"])),
)  # fmt: skip
PAYLOADS: Mapping[str, st.SearchStrategy[Any]] = {
    "rich_text": st.lists(
        st.builds(
            lambda text, bold: {
                "type": "text",
                "text": {"content": text, "link": None},
                "annotations": {"bold": bold, "color": "default"},
                "plain_text": text,
            },
            HOSTILE,
            st.booleans(),
        ),
        max_size=3,
    ),
    "number": st.one_of(
        st.none(), st.integers(-(10**12), 10**12), st.floats(allow_nan=False, allow_infinity=False)
    ),
    "select": st.one_of(st.none(), OPTION),
    "multi_select": st.lists(OPTION, max_size=3),
    "status": st.one_of(st.none(), OPTION),
    "date": st.one_of(
        st.none(),
        st.builds(
            lambda start, end, zone: {"start": start, "end": end, "time_zone": zone},
            MOMENT,
            st.one_of(st.none(), MOMENT),
            st.sampled_from([None, "Europe/Berlin", "Etc/GMT+5"]),
        ),
    ),
    "people": st.lists(USER, max_size=3),
    "files": st.lists(st.sampled_from([EXTERNAL, HOSTED]), max_size=3),
    "checkbox": st.booleans(),
    "url": st.one_of(st.none(), HOSTILE),
    "email": st.one_of(st.none(), HOSTILE),
    "phone_number": st.one_of(st.none(), HOSTILE),
    "relation": st.lists(
        st.sampled_from([PLAN, WIKI, HIDDEN]).map(lambda page: {"id": page}), max_size=3
    ),
    "place": st.one_of(
        st.none(),
        st.builds(
            lambda name, lat: {"name": name, "address": None, "lat": lat, "lon": 1.5},
            st.one_of(st.none(), HOSTILE),
            st.floats(-90, 90),
        ),
    ),
    "verification": st.sampled_from(
        [None, VERIFIED, {"state": "unverified"}, {"state": "expired"}]
    ),
}


def test_every_writable_type_is_tried() -> None:
    """A new row of the table needs a strategy here."""
    assert {kind for kind, row in PROPERTY_TYPES.items() if row.writable} == set(PAYLOADS)


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries(PAYLOADS), st.text(min_size=1, max_size=8))
def test_what_is_shown_and_saved_unchanged_sends_nothing(
    payloads: dict[str, Any], prefix: str
) -> None:
    """Whatever the values, and whatever the properties are called."""
    source = source_of(*((prefix + kind, kind) for kind in payloads))
    values: dict[str, Any] = {}
    for kind, payload in payloads.items():
        values |= value_of(prefix + kind, kind, payload)
    writable, _ = render_properties(source, values, REFS)
    assert plan_properties(source, values, load(dump(writable)), REFS) == {}


@settings(max_examples=100, deadline=None)
@given(st.fixed_dictionaries(PAYLOADS))
def test_no_value_breaks_planning(payloads: dict[str, Any]) -> None:
    """Every value written under every type is either sent or refused with a sentence."""
    source = source_of(*((kind, kind) for kind in payloads))
    values: dict[str, Any] = {}
    for kind, payload in payloads.items():
        values |= value_of(kind, kind, payload)
    writable, _ = render_properties(source, values, REFS)
    shown = list(load(dump(writable)).values())
    for shift in range(1, len(shown)):
        mixed = dict(zip(writable, shown[shift:] + shown[:shift], strict=True))
        try:
            plan_properties(source, {}, mixed, REFS)
        except InvalidPageFile as exc:
            assert all(problem.endswith((".", "?")) for problem in exc.problems)


# --- names and texts that YAML finds hard ---------------------------------------------------------

HARD_NAMES = (
    "a: b", "x #y", '"quoted"', "it's", "@mention", "🎯", "two words", "yes", "null", "~", "012",
    "12:30", "notion_id", "last_edited", "notion_template", "computed", "title", "- x", "? y",
    "# z", "{a}", "[b]", "tab\there", " lead", "trail ", "%x", "&a", "*b", "!c", "|", ">", "=",
    "<<", "---", "computed (property)", "line\nbreak", "e\u0301", "\u202e", "x" * 200,
)  # fmt: skip
HARD_TEXTS = (
    "012", "12:30", "~", "null", "yes", "1e3", "0x1f", "one\ntwo", "one\n\ntwo\n", " lead",
    "trail ", "\ttab", "a\tb", "x" * 5000, "# h", "---", "...", "- a", ": b", "🎯", "\u2028",
    "a: b # c", "'", '"', "\\", "%", "@x", "`", "*b*", "[x](y)", "<b>", "2026-01-15", "=1+1",
)  # fmt: skip


def _hard_row(kind: str, texts: Sequence[str]) -> tuple[DataSource, dict[str, Any]]:
    source = source_of(*((name, kind) for name in HARD_NAMES))
    values: dict[str, Any] = {}
    for name, text in zip(HARD_NAMES, cycle(texts), strict=False):
        run = {"type": "text", "text": {"content": text, "link": None}, "plain_text": text}
        values |= value_of(name, kind, [run] if kind == "rich_text" else text)
    return source, values


@pytest.mark.parametrize("kind", ["rich_text", "url", "phone_number"])
@pytest.mark.parametrize("shift", range(0, len(HARD_TEXTS), 3))
def test_hard_names_and_texts_come_back_exactly_in_a_whole_file(kind: str, shift: int) -> None:
    """Names and values that YAML would read as something else, or as our own keys."""
    source, values = _hard_row(kind, [*HARD_TEXTS[shift:], *HARD_TEXTS[:shift]])
    parent = Parent(ParentType.DATA_SOURCE, source.id)
    page = Page(
        PLAN, "T", parent, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "https://x.org",
        msgspec.json.encode(values),
    )  # fmt: skip
    document = parse_document(render_document(page, Body("Text."), source, REFS))
    writable, _ = render_properties(source, values, REFS)
    assert dict(document.properties) == writable
    assert plan_properties(source, values, document.properties, REFS) == {}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_name_and_any_text_come_back_in_a_whole_file(data: st.DataObject) -> None:
    """Whatever a property is called, and whatever it says."""
    names = data.draw(st.lists(st.text(min_size=1, max_size=12), unique=True, max_size=4))
    source = source_of(*((name, "url") for name in names))
    values: dict[str, Any] = {}
    for name in names:
        values |= value_of(name, "url", data.draw(st.text(min_size=1, max_size=30)))
    page = Page(
        PLAN, "T", Parent(ParentType.DATA_SOURCE, source.id), "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00Z", "https://x.org", msgspec.json.encode(values),
    )  # fmt: skip
    document = parse_document(render_document(page, Body("Text."), source, REFS))
    assert plan_properties(source, values, document.properties, REFS) == {}
    assert len(document.properties) == len(names)
