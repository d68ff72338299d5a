"""The desktop hears of conflicts and refusals, if there is one, and of a hundred of them once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import trio

from notionfs.service import notifying
from notionfs.service.notifying import Notifier, has_desktop
from notionfs.sync.activity import Activity, Event

BUS = {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere", "XDG_RUNTIME_DIR": "/nowhere"}


@pytest.fixture
def desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A notify-send that writes what it is told into a pipe."""
    pipe, program = tmp_path / "told", tmp_path / notifying.PROGRAM
    os.mkfifo(pipe)
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {pipe}\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(notifying, "GATHER", 0.01)
    return pipe


def test_without_a_session_bus_or_the_program_there_is_no_desktop(
    desktop: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A server starts nothing; the log says what is missing."""
    caplog.set_level("INFO")
    path = os.environ["PATH"]
    assert has_desktop({**BUS, "PATH": path})
    assert not has_desktop({"PATH": path, "XDG_RUNTIME_DIR": "/nowhere"})
    assert not has_desktop({**BUS, "PATH": "/nowhere"})
    assert [message.split(" the ")[0] for message in caplog.messages] == [
        "without a session bus",
        "without notify-send",
    ]


async def test_troubles_of_one_moment_are_one_message(desktop: Path) -> None:
    """Three are named, the others counted, and no title is markup; saves are no trouble."""
    activity = Activity(None, lambda: 0)
    notifier = Notifier(activity, lambda doc_id: f"acme/<b>{doc_id}</b>\x1b.md")
    for doc_id in range(5):
        activity.note(Event.REFUSED, doc_id=doc_id)
        activity.note(Event.REFUSED, doc_id=doc_id)
        activity.note(Event.SAVED, doc_id=doc_id)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(notifier.run)
        with trio.fail_after(30):
            told = (await trio.to_thread.run_sync(desktop.read_text)).splitlines()
        nursery.cancel_scope.cancel()
    title, *paths, more, advice = told[told.index("--") + 1 :]
    assert "not sent" in title
    assert paths == [f"acme/&lt;b&gt;{n}&lt;/b&gt;\N{REPLACEMENT CHARACTER}.md" for n in range(3)]
    assert more == "and 2 more"
    assert "notionfs status" in advice
