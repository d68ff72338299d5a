"""What people type into a search is never an error, whatever SQLite makes of it."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionfs.store.wording import Wording, parse_wording


@pytest.mark.parametrize(
    ("typed", "match", "pieces"),
    [
        ("release plan", '"release" "plan"', ()),
        ('"release plan" now', '"release plan" "now"', ()),
        ("migrat*", '"migrat"*', ()),
        ('"big migrat"*', '"big migrat"*', ()),
        ("a OR b NOT c", '"a" "OR" "b" "NOT" "c"', ()),
        ("title:x -y (z)", '"title:x" "-y" "(z)"', ()),
        ("東京 plan", '"plan"', ("東京",)),
        ("++ -- !", "", ()),
    ],
)
def test_words_are_words(typed: str, match: str, pieces: tuple[str, ...]) -> None:
    """Operators of the index are words like any other; only quotes and a last star say more."""
    assert parse_wording(typed) == Wording(match, pieces)


@given(st.text())
def test_nothing_that_is_typed_is_an_error(typed: str) -> None:
    """The index takes every expression."""
    wording = parse_wording(typed)
    db = sqlite3.connect(":memory:")
    try:
        db.execute("CREATE VIRTUAL TABLE texts USING fts5(body)")
        if wording.match:
            db.execute("SELECT * FROM texts WHERE texts MATCH ?", (wording.match,)).fetchall()
    finally:
        db.close()
