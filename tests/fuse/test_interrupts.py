"""Ctrl-C while a page is on its way ends the program that waits, and nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from notionfs.fuse.interrupts import is_told_to_stop
from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

SOON = 0.5
PAGES = 8

# What a shell, an editor or a library does with the signal differs; each gets out.
PROGRAMS = {
    "cat": ["cat"],
    "python": [sys.executable, "-c", "import sys; open(sys.argv[1]).read()"],
    "truncate": ["truncate", "-s", "10"],
}
DEAF = "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); open(sys.argv[1]).read()"


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    sim = Simulator()
    home = sim.add_page("Home", parent="workspace")
    for n in range(PAGES):
        sim.add_page(f"Page {n}", parent=home, markdown=f"Text {n}.")
    with opened(sim, "--poll", "off", "--prefetch", "off") as bench:
        yield bench
        assert "Traceback" not in bench.mount.log


def waiting(bench: Bench, number: int, *words: str) -> subprocess.Popen[str]:
    """Start a program that opens an unread page, of which Notion says nothing."""
    page = bench.sim.find(f"Page {number}")
    bench.look(
        lambda: bench.sim.fail_next(operation="get_markdown", path=page, hang=True, times=99)
    )
    bench.forget_calls()
    program = bench.background(*words, bench.path / "acme" / "home" / f"page-{number}.md")
    while not bench.calls()["get_markdown"]:
        time.sleep(0.01)
        assert program.poll() is None
    return program


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_waits_for_a_page_can_be_stopped(
    bench: Bench, name: str, number: signal.Signals
) -> None:
    """Within half a second; the others, and the next try, are served."""
    program = waiting(bench, 0, *PROGRAMS[name])
    try:
        started = time.monotonic()
        program.send_signal(number)
        program.wait(10)
        assert time.monotonic() - started < SOON
        assert program.returncode in (-number, 1, 130)
    finally:
        program.kill()
        program.communicate()
    assert "Text 1." in bench.sh("timeout 5 cat acme/home/page-1.md")
    bench.look(bench.sim.heal)
    assert "Text 0." in bench.sh("timeout 5 cat acme/home/page-0.md")
    bench.sh("rm -f acme/home/page-0.md.error")
    forget(bench)


def forget(bench: Bench) -> None:
    """The page is unread again for the next case: somebody changed it."""
    bench.look(bench.sim.advance, 120.0)
    bench.look(bench.sim.edit_markdown, bench.sim.find("Page 0"), "Text 0.")
    assert bench.notionfs("sync", str(bench.path / "acme" / "home" / "page-0.md")).code == 0


def test_a_program_that_ignores_the_signal_goes_on_waiting(bench: Bench) -> None:
    """It gets its page when that comes."""
    program = waiting(bench, 4, sys.executable, "-c", DEAF)
    try:
        time.sleep(0.3)  # until it has set its handler there is nothing to ignore
        program.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            program.wait(SOON)
    finally:
        program.kill()
        program.communicate()
        bench.look(bench.sim.heal)


def test_of_two_who_wait_for_one_page_only_one_is_stopped(bench: Bench) -> None:
    """The other one's request goes on."""
    one = waiting(bench, 3, "cat")  # backwards: not read ahead
    bench.look(bench.sim.heal)
    other = bench.background("cat", bench.path / "acme" / "home" / "page-3.md")
    try:
        time.sleep(0.2)
        one.send_signal(signal.SIGINT)
        one.wait(10)
        out, _ = other.communicate(timeout=10)
        assert "Text 3." in out
    finally:
        for program in (one, other):
            program.kill()
            program.communicate()


def test_a_signal_that_is_blocked_or_not_there_stops_nobody() -> None:
    """Only what is pending, and would be delivered, counts."""
    assert not is_told_to_stop(os.getpid())
    assert not is_told_to_stop(2**22 + 1)
    old = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    try:
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        assert not is_told_to_stop(threading.get_native_id())
        assert signal.sigwait([signal.SIGTERM]) == signal.SIGTERM
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, old)
