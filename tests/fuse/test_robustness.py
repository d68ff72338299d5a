"""Crashes, signals, bugs, a Notion that says nothing: what was saved stays, nobody waits long."""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from notionfs.fuse.session import is_mounted
from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

HERE = Path(__file__).parent
DEADLINE = 1.5
AT_ONCE = 2.0
"""Seconds: generous for a busy machine, and far below every deadline of a request."""


def workspace() -> Simulator:
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace", markdown="Welcome.\n\nLast.")
    for n in range(8):
        sim.add_page(f"Page {n}", parent=wiki, markdown=f"Text {n}.")
    return sim


@pytest.fixture
def bench() -> Iterator[Bench]:
    """A workspace that waits to be mounted."""
    with opened(workspace(), start=False, config=f"open_timeout = {DEADLINE}\n") as bench:
        yield bench


def mount(bench: Bench, *flags: str) -> int:
    """Mount, and return the process that serves."""
    done = bench.start(*flags)
    assert done.code == 0, done.err
    return int(bench.status()["pid"])


def wait_for_end(pid: int, seconds: float) -> None:
    """The process has ended within *seconds*."""
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([process], [], [], seconds)[0], "it still runs"
    finally:
        os.close(process)


def wiki(bench: Bench) -> Path:
    return bench.path / "acme" / "wiki"


def page_text(bench: Bench, title: str) -> str:
    return str(bench.look(lambda: bench.sim.markdown(bench.sim.find(title))))


# --- crashes --------------------------------------------------------------------------------------


def save_three_things(bench: Bench) -> dict[str, bytes]:
    """A change, a new page, a side file: each reported as done."""
    folder = wiki(bench)
    changed = (folder / "page-0.md").read_text().replace("Text 0.", "Changed 0.")
    (folder / "page-0.md").write_text(changed)
    (folder / "fresh.md").write_text("Fresh text.\n")
    (folder / "notes.txt").write_text("Local.\n")
    names = ("page-0.md", "fresh.md", "notes.txt")
    return {name: (folder / name).read_bytes() for name in names}


def check_three_things(bench: Bench, saved: dict[str, bytes]) -> None:
    """The files are as saved; Notion hears of each page exactly once."""
    check_files(bench, saved)
    bench.drain()
    assert bench.calls()["create_page"] == 1
    assert bench.calls()["patch_markdown"] == 1
    assert "Changed 0." in page_text(bench, "Page 0")
    assert "Fresh text." in page_text(bench, "fresh")
    check_files(bench, saved)


def check_files(bench: Bench, saved: dict[str, bytes]) -> None:
    """The same bytes; a new page may have got its frontmatter with the new mount."""
    for name, data in saved.items():
        assert (wiki(bench) / name).read_bytes().endswith(data), name


def test_what_was_saved_survives_kill_9(bench: Bench) -> None:
    """The next mount has it, and sends it exactly once."""
    pid = mount(bench)
    bench.forget_calls()
    saved = save_three_things(bench)
    os.kill(pid, signal.SIGKILL)
    wait_for_end(pid, 5)
    done = bench.start()
    if done.code != 0:  # the helper that unmounts after a crash was slower than we
        assert "--force-unmount" in done.err
        assert bench.start("--force-unmount").code == 0
    check_three_things(bench, saved)


def test_a_crash_while_something_is_open_is_cleared_when_asked(bench: Bench) -> None:
    """A shell stands in the dead mount: it stays until somebody says so."""
    pid = mount(bench)
    bench.forget_calls()
    saved = save_three_things(bench)
    shell = bench.background("bash", "-c", f"cd {wiki(bench)}; echo there; read line", stdin=-1)
    try:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "there\n"
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid, 5)
        assert bench.start("--force-unmount").code == 0
        check_three_things(bench, saved)
    finally:
        shell.kill()
        shell.communicate()


def test_a_save_whose_answer_never_came_is_sent_once(bench: Bench) -> None:
    """Killed while Notion, which has the change already, keeps its answer to itself."""
    pid = mount(bench)
    bench.look(lambda: bench.sim.fail_next(operation="create_page", after_applying=True, hang=True))
    (wiki(bench) / "fresh.md").write_text("Fresh text.\n")
    control = bench.background(
        sys.executable, "-m", "notionfs", "umount", "--wait", "30", bench.path
    )
    try:
        while not bench.calls()["create_page"]:
            time.sleep(0.01)
        os.kill(pid, signal.SIGKILL)
        wait_for_end(pid, 5)
    finally:
        control.kill()
        control.communicate()
    mount(bench, "--force-unmount")
    bench.drain()
    assert bench.calls()["create_page"] == 1
    assert bench.look(bench.sim.titles).count("fresh") == 1
    assert (wiki(bench) / "fresh.md").read_text().endswith("Fresh text.\n")


# --- signals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_sends_what_is_queued_and_unmounts(bench: Bench, number: signal.Signals) -> None:
    pid = mount(bench)
    bench.forget_calls()
    saved = save_three_things(bench)
    os.kill(pid, number)
    wait_for_end(pid, 10)
    assert not is_mounted(bench.path)
    assert bench.calls()["create_page"] == bench.calls()["patch_markdown"] == 1
    mount(bench)
    check_three_things(bench, saved)


def test_ctrl_c_in_a_terminal_unmounts_while_notion_hangs(bench: Bench) -> None:
    """The queue stays on disk, and the next mount sends it once."""
    program = bench.background(
        sys.executable, "-m", "notionfs", "mount", "-f", *bench.mount.flags, "--poll", "off",
        "--prefetch", "off", bench.path, start_new_session=True,
    )  # fmt: skip
    try:
        assert program.stderr is not None
        while "is ready" not in (line := program.stderr.readline()):
            assert line, "it ended"
        bench.forget_calls()
        saved = save_three_things(bench)
        faults = [
            bench.look(lambda op=op: bench.sim.fail_next(operation=op, hang=True, times=99))
            for op in ("create_page", "patch_markdown")
        ]
        os.killpg(program.pid, signal.SIGINT)
        assert program.wait(15) in (0, 130)
        assert len(faults) == 2
    finally:
        program.kill()
        program.communicate()
    assert not is_mounted(bench.path)
    bench.look(bench.sim.heal)
    bench.forget_calls()
    mount(bench)
    check_three_things(bench, saved)


# --- load -----------------------------------------------------------------------------------------

WRITER = """
import pathlib, sys
page, ledger = map(pathlib.Path, sys.argv[1:])
head = page.read_text()
for n in range(1_000_000):
    try:
        page.write_text(f"{head}\\nLine {n}.\\n")
    except OSError:
        break
    ledger.write_text(str(n))
"""
READER = "while grep -rq needle {0}; test -e {0}/wiki.md; do :; done"


def test_an_unmount_under_load_loses_nothing(bench: Bench) -> None:
    """Busy is a clear sentence; a lazy unmount ends the mount, and every finished save is kept."""
    pid = mount(bench)
    bench.forget_calls()
    writers = [
        bench.background(
            sys.executable, "-c", WRITER, wiki(bench) / f"page-{n}.md", bench.home / f"ledger-{n}"
        )
        for n in range(2)
    ]
    readers = [bench.background("bash", "-c", READER.format(bench.path / "acme")) for _ in range(2)]
    try:
        while not all((bench.home / f"ledger-{n}").exists() for n in range(2)):
            time.sleep(0.01)
        polite = bench.notionfs("umount", "--wait", "1", str(bench.path))
        if polite.code != 0:
            assert "in use" in polite.err or "queued" in polite.err
        if is_mounted(bench.path):
            bench.notionfs("umount", "--wait", "1", "--lazy", str(bench.path))
        for program in [*writers, *readers]:
            program.communicate(timeout=10)
        wait_for_end(pid, 10)
    finally:
        for program in [*writers, *readers]:
            program.kill()
    mount(bench)
    bench.drain()
    for n in range(2):
        last = int((bench.home / f"ledger-{n}").read_text())
        text = (wiki(bench) / f"page-{n}.md").read_text()
        kept = int(text.rstrip().rpartition("Line ")[2].rstrip("."))
        assert kept in (last, last + 1)  # the last save may have been done, and not written down
        assert f"Line {kept}." in page_text(bench, f"Page {n}")
    assert "create_page" not in bench.calls()
    assert "Traceback" not in bench.mount.log


# --- bugs -----------------------------------------------------------------------------------------


def test_a_bug_is_an_error_of_that_call_and_the_mount_lives_on(bench: Bench) -> None:
    """EIO for the one call, a traceback in the log, no text of a page in it."""
    done = bench.start(program=[str(HERE / "buggy.py")])
    assert done.code == 0, done.err
    folder = wiki(bench)
    for what in (
        (folder / "buggy.md").stat,
        (folder / "buggy").mkdir,
        lambda: (folder / "page-0.md").write_text("this is buggy"),
    ):
        with pytest.raises(OSError) as caught:
            what()
        assert caught.value.errno == errno.EIO
    assert "Text 1." in (folder / "page-1.md").read_text()
    (folder / "page-1.md").write_text("# Page 1\n\nStill saved.\n")
    bench.drain()
    assert "Still saved." in page_text(bench, "Page 1")
    assert "Text 0." in page_text(bench, "Page 0")
    assert bench.mount.log.count("a bug in notionfs") >= 3
    assert "Traceback" in bench.mount.log
    assert "Still saved" not in bench.mount.log


# --- a Notion that hangs, or is away --------------------------------------------------------------


def within(seconds: float, bench: Bench, script: str) -> None:
    """The script succeeds before *seconds* are over."""
    bench.sh(f"timeout {seconds} bash -ec {script!r}", cwd=bench.home, W=wiki(bench))


def test_a_page_that_never_comes_blocks_nobody_else(bench: Bench) -> None:
    """Only whoever opens it waits, until the deadline; then it is EIO."""
    mount(bench)
    (wiki(bench) / "page-1.md").read_text()
    page = bench.sim.find("Page 0")
    bench.look(
        lambda: bench.sim.fail_next(operation="get_markdown", path=page, hang=True, times=99)
    )
    started = time.monotonic()
    stuck = bench.background("cat", wiki(bench) / "page-0.md")
    try:
        for script in (
            "ls -l $W",
            "stat $W/page-0.md",
            "cat $W/page-1.md",
            "cat $W/page-2.md",  # unread: Notion answers for the others
            "echo more >>$W/page-1.md",
            "touch $W/side.txt; mv $W/side.txt $W/other.txt; rm $W/other.txt",
            "mv $W/page-3.md $W/renamed.md",
        ):
            within(AT_ONCE, bench, script)
        _, said = stuck.communicate(timeout=10)
    finally:
        stuck.kill()
    assert os.strerror(errno.EIO) in said
    assert time.monotonic() - started < DEADLINE + AT_ONCE
    assert "did not answer in time" in bench.mount.log


def test_an_unmount_does_not_wait_for_a_hanging_notion(bench: Bench) -> None:
    """Exit code 6: something stays queued, and it says what."""
    pid = mount(bench)
    saved = save_three_things(bench)
    bench.look(lambda: bench.sim.fail_next(operation="*", hang=True, times=99))
    started = time.monotonic()
    done = bench.notionfs("umount", "--wait", "0.5", str(bench.path))
    assert time.monotonic() - started < 0.5 + 10
    assert done.code == 6, done.err
    assert "fresh.md" in done.err
    wait_for_end(pid, 1)
    bench.look(bench.sim.heal)
    bench.forget_calls()
    mount(bench)
    check_three_things(bench, saved)


def test_a_lazy_unmount_leaves_a_stuck_program_behind(bench: Bench) -> None:
    """The mount point is free at once; the process ends when the stuck open has its answer."""
    pid = mount(bench)
    bench.look(lambda: bench.sim.fail_next(operation="get_markdown", hang=True, times=99))
    stuck = bench.background("cat", wiki(bench) / "page-0.md")
    try:
        while not bench.calls()["get_markdown"]:
            time.sleep(0.01)
        assert bench.notionfs("umount", "--wait", "0", "--lazy", str(bench.path)).code == 0
        assert not is_mounted(bench.path)
        _, said = stuck.communicate(timeout=10)
    finally:
        stuck.kill()
    assert said
    wait_for_end(pid, 10)


FAULTS = {
    "server error": {"status": 500},
    "proxy": {"html": True},
    "broken connection": {"drop": True},
    "cut answer": {"truncate": True},
}


def test_while_notion_is_away_cached_pages_are_read_and_saves_queue(bench: Bench) -> None:
    """An unread page is EIO within the deadline; what is known needs nobody."""
    mount(bench)
    text = (wiki(bench) / "page-0.md").read_text()
    for number, (what, fault) in enumerate(FAULTS.items(), start=1):
        bench.look(
            lambda fault=fault: bench.sim.fail_next(operation="get_markdown", times=99, **fault)
        )
        started = time.monotonic()
        with pytest.raises(OSError) as caught:
            (wiki(bench) / f"page-{number}.md").read_text()
        assert caught.value.errno == errno.EIO, what
        assert time.monotonic() - started < DEADLINE + AT_ONCE, what
        assert (wiki(bench) / "page-0.md").read_text() == text
        bench.look(bench.sim.heal)
        assert f"Text {number}." in (wiki(bench) / f"page-{number}.md").read_text()
