"""Frontmatter reads and writes exactly, under YAML 1.2 and 1.1 alike, and refuses surprises."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from notionfs.errors import InvalidPageFile
from notionfs.markdown.fields import as_text
from notionfs.markdown.frontmatter import PlainFloat, PlainInt, Timestamp, dump, load

HOSTILE = [
    "", " ", "a: b", "a #b", "# a", "- a", "? a", "@ada", "`x`", "%x", "!x", "&x", "*x", "|",
    ">", "'", "\"", "{a}", "[a]", "a, b", "yes", "No", "on", "Off", "y", "null", "~", "Null",
    "true", "FALSE", ".nan", ".inf", "-.inf", "012", "0o14", "0x1F", "1e5", "1_000", "12:30",
    "12:30:00", "190:20:30", "1.10", "+1", "-1", ".5", "2026-01-15", "2026-01-15T10:30:00Z",
    "2026-1-5 10:30:00", "=", "<<", "---", "...", "--- a", "a\nb", "a\n", "\na", "a\n\nb",
    "a\n\n", " a\nb", "a\n b", "a\tb", "\ta", "a ", "a\r\nb", "é\u0301", "🎯 go", "a\u202eb",
    "\ufeffa", "\u2028", "\x85", "\x7f", "\u001b[31m", "notion_id", "computed", "50 % of it",
    "C#", "a#b", "Done?", "Größe (m²)", "日本語", "x" * 5000, "a\\b", "\\", "key: |", "a:b", "a:",
    ":a", "0.1.2", "1,000",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_come_back_as_keys_and_values(text: str) -> None:
    """Nothing that a property name or value can be is read as something else, in either YAML."""
    mapping = {text: text, "list": [text, "x"], "group": {text: text}}
    written = dump(mapping)
    assert load(written) == mapping
    assert yaml.safe_load(written) == mapping


SCALAR = st.one_of(
    st.text(max_size=20),
    st.sampled_from([text for text in HOSTILE if len(text) < 100]),
    st.text(alphabet=" :#-,[]{}&*!|>'\"%@`~?\n\t012yes", max_size=12),
)
VALUE = st.one_of(
    SCALAR,
    st.booleans(),
    st.none(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(
        SCALAR,
        st.one_of(
            VALUE,
            st.lists(VALUE, max_size=3),
            st.dictionaries(SCALAR, st.one_of(VALUE, st.lists(VALUE, max_size=2)), max_size=2),
        ),
        max_size=4,
    )
)
def test_every_mapping_comes_back(mapping: dict[str, Any]) -> None:
    """What is written is read again, and the order of the keys stays."""
    found = load(dump(mapping))
    assert found == mapping
    assert list(found) == list(mapping)


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(SCALAR, st.one_of(SCALAR, st.lists(SCALAR, max_size=3)), max_size=3))
def test_other_programs_read_the_same(mapping: dict[str, Any]) -> None:
    """A YAML 1.1 reader finds the same texts."""
    assert (yaml.safe_load(dump(mapping)) or {}) == mapping


def test_values_look_as_people_write_them() -> None:
    """Nothing is quoted that need not be; lists stand on one line; long texts are not wrapped."""
    written = dump(
        {
            "notion_id": "39a0bc1e-edcd-8142-936b-cca8ae692cc4",
            "last_edited": Timestamp("2026-01-15T10:30:00Z"),
            "notion_url": "https://app.notion.com/p/39a0",
            "Status": "In progress",
            "Tags": ["backend", "C#", "a, b"],
            "Due": Timestamp("2026-01-15/2026-01-20"),
            "At": Timestamp("2026-01-15T09:00[Europe/Berlin]"),
            "Related": ["design-notes.md", "../wiki.md"],
            "Done?": False,
            "Points": 3,
            "Score": 12.5,
            "Big": 1e16,
            "Phone": None,
            "None": [],
            "Note": "one\ntwo",
            "Long": "word " * 50 + "end",
            "Place": {"name": "Hall 3", "lat": 52.5, "lon": -1.0},
        }
    )
    assert written == (
        "notion_id: 39a0bc1e-edcd-8142-936b-cca8ae692cc4\n"
        "last_edited: 2026-01-15T10:30:00Z\n"
        "notion_url: https://app.notion.com/p/39a0\n"
        "Status: In progress\n"
        'Tags: [backend, C#, "a, b"]\n'
        "Due: 2026-01-15/2026-01-20\n"
        "At: 2026-01-15T09:00[Europe/Berlin]\n"
        "Related: [design-notes.md, ../wiki.md]\n"
        "Done?: false\n"
        "Points: 3\n"
        "Score: 12.5\n"
        "Big: 1.0e+16\n"
        "Phone:\n"
        "None: []\n"
        "Note: |-\n  one\n  two\n"
        f"Long: {'word ' * 50}end\n"
        "Place:\n  name: Hall 3\n  lat: 52.5\n  lon: -1.0\n"
    )


def test_numbers_remember_how_they_were_written() -> None:
    """A version `1.10` in a text property is not 1.1."""
    found = load("a: 1.10\nb: 007\nc: 12\nd: 1e3\ne: 12:30\nf: yes\n")
    assert [as_text(value) for value in found.values()] == [
        "1.10",
        "007",
        "12",
        "1e3",
        "12:30",
        "yes",
    ]
    assert isinstance(found["c"], PlainInt)
    assert found["c"] == 12
    assert isinstance(found["a"], PlainFloat)
    assert math.isclose(found["a"], 1.1)


def test_keys_are_text_whatever_they_look_like() -> None:
    """`2024:` and `yes:` name properties."""
    assert load("2024: a\nyes: b\n~: c\n") == {"2024": "a", "yes": "b", "~": "c"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: @ada\n", "Line 2: .*put quotes around"),
        ("a: b: c\n", "Line 2: .*contains a colon"),
        ("a:\n\t- b\n", "Line 3: .*tabs"),
        ("a: 1\nb: 2\na: 3\n", "Line 4: the key “a” stands twice"),
        ("a: &x 1\nb: *x\n", "Line 2: anchors"),
        ("a: *x\n", "Line 2: references"),
        ("a: !!python/object:os.system 1\n", "Line 2: tags"),
        ("a: see #12\n", "Line 2: .*remark"),
        ("é: 日本\nb: #12\n", "Line 3: .*remark"),
        ("a: [b\n", "Line 3: a bracket .* is not closed"),
        ("a: b\nc\n", "Line 4: this is no line like"),
        ("- a\n- b\n", "lines like `Name: value`"),
        ("just text\n", "lines like `Name: value`"),
        ("? [a, b]\n: c\n", "Line 2: a key must be"),
        ("a: 1\n---\nb: 2\n", "second document"),
        ("a: [1, 2\n", "Line"),
        ("a: " + "[" * 5000, "nested too deeply"),
        ("a: \x07\n", "U\\+0007"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, sentence: str) -> None:
    """Lines count from the first line of the file, which is the fence above."""
    with pytest.raises(InvalidPageFile, match=sentence):
        load(text, first_line=2)


def test_a_remark_of_its_own_is_no_text() -> None:
    """Nor is one behind quotes or brackets, or a `#` without a blank before it."""
    text = '# one\na: x#y\nb: "see #12"  # two\nc: [d] # three\ne: "\u2028"\n'
    assert load(text) == {"a": "x#y", "b": "see #12", "c": ["d"], "e": "\u2028"}


def test_all_problems_are_named_at_once() -> None:
    """One save shows everything to correct."""
    with pytest.raises(InvalidPageFile) as caught:
        load("a: 1\na: 2\nb: &x 3\nc: *x\n")
    assert len(caught.value.problems) == 3
