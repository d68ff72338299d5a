"""Crashes, signals, unmounts under load: what was saved stays, and is sent exactly once."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from notionfs.fuse.session import is_mounted
from tests.fuse.bench import Bench
from tests.fuse.trouble import (
    check_three_things,
    mount,
    page_text,
    save_three_things,
    wait_for_end,
    wiki_of,
)


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
    shell = bench.background("bash", "-c", f"cd {wiki_of(bench)}; echo there; read line", stdin=-1)
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
    (wiki_of(bench) / "fresh.md").write_text("Fresh text.\n")
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
    assert (wiki_of(bench) / "fresh.md").read_text().endswith("Fresh text.\n")


# --- signals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
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


def test_umount_sends_what_is_queued(bench: Bench) -> None:
    """All of it is in Notion when the command ends well."""
    mount(bench)
    bench.forget_calls()
    saved = save_three_things(bench)
    assert bench.notionfs("umount", str(bench.path)).code == 0
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
        bench.look(lambda: bench.sim.fail_next(operation="patch_markdown", hang=True, times=99))
        os.killpg(program.pid, signal.SIGINT)
        assert program.wait(15) in (0, 130)
    finally:
        program.kill()
        program.communicate()
    assert not is_mounted(bench.path)
    bench.look(bench.sim.heal)
    mount(bench)
    check_three_things(bench, saved, unanswered=1)


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
            sys.executable,
            "-c",
            WRITER,
            wiki_of(bench) / f"page-{n}.md",
            bench.home / f"ledger-{n}",
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
        text = (wiki_of(bench) / f"page-{n}.md").read_text()
        kept = int(text.rstrip().rpartition("Line ")[2].rstrip("."))
        assert kept in (last, last + 1)  # the last save may have been done, and not written down
        assert f"Line {kept}." in page_text(bench, f"Page {n}")
    assert "create_page" not in bench.calls()
    assert "Traceback" not in bench.mount.log
