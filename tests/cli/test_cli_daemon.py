"""Whoever starts a mount in the background learns how it went, and from whom to ask more."""

from __future__ import annotations

import json
import logging
import os
import select
import signal
import time
from pathlib import Path

import pytest

from notionfs.cli.daemon import start_in_background
from notionfs.cli.exits import Exit, ReportedError
from notionfs.errors import MountError, StoreBusy, Unauthorized


@pytest.fixture
def log_file(tmp_path):
    return tmp_path / "notionfs.log"


def wait_for_end(pid: int) -> None:
    """Return when the process is gone; fail if that takes long."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ready = select.select([process], [], [], 10)[0]
    os.close(process)
    assert ready, "the background process did not end"


def test_the_starter_returns_once_it_is_ready(log_file, tmp_path):
    """Ready means ready: what came before `ready()` has happened, what comes after need not."""
    facts = tmp_path / "facts"

    def run(ready):
        facts.write_text(
            json.dumps({"pid": os.getpid(), "session": os.getsid(0), "cwd": str(Path.cwd())})
        )
        ready()

    pid = start_in_background(run, log_file=log_file)

    seen = json.loads(facts.read_text())
    assert seen["pid"] == pid
    assert seen["session"] not in (pid, os.getsid(0))  # no terminal, and none can come back
    assert seen["cwd"] == "/"
    wait_for_end(pid)


def test_the_process_lives_on_after_it_is_ready(log_file, tmp_path):
    """The starter's end is not the end of the mount."""
    os.mkfifo(tmp_path / "fifo")

    def run(ready):
        ready()
        (tmp_path / "fifo").read_text()  # until the test says so

    pid = start_in_background(run, log_file=log_file)
    os.kill(pid, 0)
    (tmp_path / "fifo").write_text("end")
    wait_for_end(pid)


def test_files_it_makes_are_private(log_file, tmp_path):
    """The umask is 077, whatever the user's was."""

    def run(ready):
        (tmp_path / "file").touch()
        (tmp_path / "directory").mkdir()
        ready()

    wait_for_end(start_in_background(run, log_file=log_file))
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "directory").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (MountError("The mount point is in the way."), Exit.MOUNT),
        (Unauthorized("Notion refuses the token."), Exit.NOTION),
        (StoreBusy("Another mount holds the store."), Exit.STORE),
        (ExceptionGroup("nursery", [StoreBusy("Another mount holds the store.")]), Exit.STORE),
    ],
)
def test_a_reason_travels_to_the_starter(log_file, error, code):
    """The sentence and the exit code are those of the process that failed."""

    def run(ready):
        raise error

    with pytest.raises(ReportedError) as caught:
        start_in_background(run, log_file=log_file)
    assert caught.value.exit_code is code
    assert str(caught.value) == str(getattr(error, "exceptions", [error])[0])


def test_what_the_fuse_library_prints_is_added_to_the_reason(log_file):
    """libfuse explains itself only on standard error."""

    def run(ready):
        os.write(2, b"fusermount3: mount failed: Operation not permitted\n")
        raise MountError("The kernel refused the mount.")

    with pytest.raises(ReportedError, match=r"refused the mount\. \(fusermount3: mount failed"):
        start_in_background(run, log_file=log_file)


def test_a_bug_is_named_and_its_traceback_is_in_the_log(log_file):
    """The text of an unexpected exception may hold anything; only its kind is told."""

    def run(ready):
        logging.basicConfig(filename=log_file, force=True)
        raise ZeroDivisionError("private text")

    with pytest.raises(ReportedError) as caught:
        start_in_background(run, log_file=log_file)
    assert "ZeroDivisionError" in str(caught.value)
    assert str(log_file) in str(caught.value)
    assert "private text" not in str(caught.value)
    assert "Traceback" in log_file.read_text()


def test_a_process_that_dies_silently_is_noticed(log_file):
    """The end of the pipe is news as well."""

    def run(ready):
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(ReportedError, match="died") as caught:
        start_in_background(run, log_file=log_file)
    assert caught.value.exit_code is Exit.FAILED


def test_an_end_before_ready_is_no_success(log_file):
    """A run that returns early has mounted nothing."""
    with pytest.raises(ReportedError, match="before it was ready"):
        start_in_background(lambda ready: None, log_file=log_file)


def test_what_is_printed_later_goes_to_the_log(log_file):
    """Nothing writes into a terminal that has moved on."""

    def run(ready):
        ready()
        os.write(1, b"one\n")
        os.write(2, b"two\n")

    wait_for_end(start_in_background(run, log_file=log_file))
    assert log_file.read_text() == "one\ntwo\n"
    assert log_file.stat().st_mode & 0o777 == 0o600


def test_an_interrupt_while_waiting_ends_the_process_too(log_file, tmp_path):
    """Ctrl-C during the start leaves nothing behind."""
    pid_file = tmp_path / "pid"
    parent = os.getpid()

    def run(ready):
        pid_file.write_text(str(os.getpid()))
        os.kill(parent, signal.SIGINT)
        signal.pause()

    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        start_in_background(run, log_file=log_file)
    wait_for_end(int(pid_file.read_text()))
    assert time.monotonic() - started < 10


def test_nothing_inherited_is_kept_open(log_file, tmp_path):
    """Whoever reads the command's output, or another pipe of the caller's, sees its end."""
    os.mkfifo(tmp_path / "fifo")
    listen, speak = os.pipe()
    os.set_inheritable(speak, True)

    def run(ready):
        ready()
        (tmp_path / "fifo").read_text()

    pid = start_in_background(run, log_file=log_file)
    os.close(speak)
    assert select.select([listen], [], [], 10)[0]
    assert os.read(listen, 1) == b""
    os.close(listen)
    (tmp_path / "fifo").write_text("end")
    wait_for_end(pid)
