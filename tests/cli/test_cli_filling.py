"""How far the first listing is: on a terminal, in a pipe, and told by the mount's process."""

from __future__ import annotations

import io
import os
import signal

import pytest

from notionfs.cli import filling
from notionfs.cli.daemon import start_in_background
from notionfs.cli.exits import ReportedError
from notionfs.cli.filling import Filling


class Terminal(io.StringIO):
    """A terminal that remembers what was written to it."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture
def log_file(tmp_path):
    return tmp_path / "notionfs.log"


# --- what is shown --------------------------------------------------------------------------------


def test_a_terminal_shows_a_line_that_moves_and_is_gone_in_the_end(monkeypatch):
    """Pages, calls and pace; what follows begins on a clean line."""
    monkeypatch.setenv("TERM", "xterm")
    clock = iter(float(second) for second in range(100))
    monkeypatch.setattr(filling.time, "monotonic", lambda: next(clock))
    terminal = Terminal()
    with Filling(terminal) as screen:
        screen.hear({"pages": 0, "calls": 1})
        screen.hear({"pages": 3400, "calls": 36})
        screen.hear(None)
    shown = terminal.getvalue()
    assert "first listing: 3,400 pages so far, 36 calls, " in shown
    assert "pages a second" in shown
    assert shown.endswith("\x1b[2K")


def test_a_pipe_gets_a_line_now_and_then(monkeypatch):
    """Plain text, and not one line for each part."""
    clock = iter(range(0, 1000, 4))
    monkeypatch.setattr(filling.time, "monotonic", lambda: next(clock))
    pipe = io.StringIO()
    with Filling(pipe) as screen:
        for calls in range(8):
            screen.hear({"pages": 100 * calls, "calls": calls})
    lines = pipe.getvalue().splitlines()
    assert 1 <= len(lines) < 4
    assert all(line.startswith("first listing: ") and "\x1b" not in line for line in lines)


def test_nothing_is_shown_where_nothing_is_listed():
    """A mount that knows its workspace has nothing to tell."""
    terminal = Terminal()
    with Filling(terminal) as screen:
        screen.hear(None)
    assert terminal.getvalue() == ""
    assert not screen.was_seen


# --- who waits for it -----------------------------------------------------------------------------


def test_the_starter_hears_how_far_it_is_until_it_is_ready(log_file):
    """In the order in which it was told."""
    heard = []

    def run(caller):
        caller.listing({"pages": 100, "calls": 2})
        caller()
        caller.listing({"pages": 200, "calls": 3})

    start_in_background(run, log_file=log_file, hear=heard.append)
    assert heard == [{"pages": 100, "calls": 2}]


def test_the_starter_may_wait_until_all_is_listed(log_file):
    """Before the mount is ready, or after."""
    for is_first in (True, False):
        heard = []

        def run(caller, is_first=is_first):
            for step in (None, ...) if is_first else (..., {"pages": 100, "calls": 2}, None):
                caller() if step is ... else caller.listing(step)

        start_in_background(run, log_file=log_file, hear=heard.append, until_listed=True)
        assert heard[-1] is None


def test_an_interrupt_ends_the_waiting_and_not_the_mount(log_file, tmp_path):
    """Once the mount is ready, Ctrl-C leaves it filling."""
    os.mkfifo(tmp_path / "fifo")
    parent = os.getpid()

    def run(caller):
        caller()
        caller.listing({"pages": 100, "calls": 2})
        (tmp_path / "fifo").read_text()
        caller.listing({"pages": 200, "calls": 3})  # nobody hears it
        (tmp_path / "fifo").read_text()

    def hear(facts):
        os.kill(parent, signal.SIGINT)

    pid = start_in_background(run, log_file=log_file, hear=hear, until_listed=True)
    (tmp_path / "fifo").write_text("on")
    (tmp_path / "fifo").write_text("end")
    assert pid != parent


def test_a_mount_that_ends_while_somebody_waits_is_no_success(log_file):
    """A script must not go on with half a workspace."""
    with pytest.raises(ReportedError, match="ended before its first listing"):
        start_in_background(lambda caller: caller(), log_file=log_file, until_listed=True)
