"""The status screen says what matters, and nobody's title can do harm on it."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notionfs.cli.screen import duration, visible
from notionfs.cli.status import SHOWN, show
from notionfs.cli.sync import describe

NOW = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)

FACTS = {
    "version": "0.1.0",
    "mountpoint": "/home/ada/notion",
    "workspace": "Acme",
    "connection": "notionfs bot",
    "demo": False,
    "state_dir": "/home/ada/.local/state/notionfs",
    "pid": 4711,
    "since": "2026-01-15T07:30:00Z",
    "read_only": True,
    "online": True,
    "offline_since": None,
    "pages": 1234,
    "unread": 200,
    "databases": 1,
    "data_sources": 2,
    "queue": [],
    "conflicts": [],
    "errors": [],
    "calls": {"search": 3, "get_markdown": 40},
    "calls_last_minute": 5,
    "rate_limit": 180,
    "last_refresh": (NOW - timedelta(seconds=12)).timestamp(),
    "refreshing": False,
}


def screen(**changes) -> str:
    with redirect_stdout(io.StringIO()) as out:
        show({**FACTS, **changes}, now=NOW)
    return out.getvalue()


@pytest.mark.parametrize(
    "part",
    [
        "/home/ada/notion (read-only)",
        "Acme, as notionfs bot",
        "online",
        "1,234 pages (200 not read yet), 1 database, 2 data sources",
        "12 s ago",
        "everything is sent",
        "43 in all, 5 in the last minute (limit 180)",
        "get_markdown 40, search 3",
        "4711, notionfs 0.1.0, started 3 h ago",
    ],
)
def test_the_screen_says_what_matters(part):
    """Each fact has its place."""
    assert part in screen()


def test_without_a_terminal_the_screen_is_plain():
    """A pipe gets no colours."""
    assert "\x1b" not in screen()


def test_what_waits_and_what_went_wrong_is_listed_with_its_reason():
    """A person can act on every line."""
    shown = screen(
        online=False,
        offline_since="2026-01-15T10:25:00Z",
        queue=[
            {"path": "a.md", "action": "update", "state": "due", "age": 90, "attempts": 2},
            {"path": "b.md", "action": "create", "state": "parked", "reason": "no such option"},
        ],
        uploads=[{"path": "film.mp4", "page": "a.md", "size": 52428800, "sent": 10485760}],
        conflicts=[
            {"path": "c.md", "reason": "changed on both sides", "age": 7300, "remedy": "Decide."}
        ],
        errors=[{"path": "d.md", "reason": None}],
    )
    assert "offline for 5 min; changes are kept" in shown
    assert "2 changes to send" in shown
    assert "a.md: update, due, for 1 min, 2 attempts" in shown
    assert "b.md: create, parked, no such option" in shown
    assert "film.mp4: 20 % of 50.0 MB" in shown
    assert "Conflicts (1)\n  c.md, 2 h ago: changed on both sides\n    → Decide." in shown
    assert "d.md: no reason was given" in shown


def test_a_long_list_is_cut_and_says_so():
    """A screen is not a dump."""
    errors = [{"path": f"{n}.md", "reason": "r"} for n in range(SHOWN + 5)]
    shown = screen(errors=errors)
    assert f"Errors ({SHOWN + 5})" in shown
    assert "and 5 more" in shown
    assert f"{SHOWN}.md" not in shown


def test_an_older_mount_with_fewer_facts_is_shown_too():
    """A fact that is missing is not a failure."""
    with redirect_stdout(io.StringIO()) as out:
        show({"mountpoint": "/m"}, now=NOW)
    assert "/m" in out.getvalue()


@given(st.text())
def test_no_title_reaches_the_terminal_raw(title):
    """Whatever a page is called, the screen has only printable characters and our own newlines."""
    shown = screen(workspace=title, errors=[{"path": title, "reason": title}])
    assert all(char.isprintable() or char == "\n" for char in shown)


def test_escapes_are_shown_and_markup_is_text():
    """Terminal escapes, bidi overrides and rich's markup stay letters."""
    shown = screen(conflicts=[{"path": "\x1b]0;x\x07\u202ecod.md", "reason": "[red]:smile:[/red]"}])
    assert r"\x1b]0;x\x07\u202ecod.md: [red]:smile:[/red]" in shown


def test_ordinary_letters_of_any_language_stay():
    """Only what cannot be seen is escaped."""
    assert visible("Ünïcode 日本 🎉") == "Ünïcode 日本 🎉"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.9, "59 s"), (60, "1 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_time_is_said_as_people_say_it(seconds, words):
    """One unit is enough."""
    assert duration(seconds) == words


def test_a_sync_report_has_a_line_for_each_change_and_each_figure():
    """What changed comes first, then why something is not known, then the figures."""
    report = {"seen": 2, "new": 1, "failed": 1, "failures": ["No answer."], "changes": ["new a.md"]}
    assert describe(report) == ["new a.md", "failed: No answer.", "seen: 2", "new: 1", "failed: 1"]


def test_the_screen_says_how_far_the_first_listing_is():
    """In the line of the refresh."""
    shown = screen(first_listing={"pages": 3400, "waiting": 12}, refreshing=True)
    assert "first listing: 3,400 pages so far; 12 wait for what they stand in" in shown
