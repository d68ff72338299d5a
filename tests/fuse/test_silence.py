"""Bugs, and a Notion that says nothing or is away: one call fails, nobody else waits."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest

from notionfs.fuse.session import is_mounted
from tests.fuse.bench import Bench
from tests.fuse.trouble import (
    AT_ONCE,
    DEADLINE,
    check_three_things,
    mount,
    page_text,
    save_three_things,
    wait_for_end,
    wiki_of,
)

HERE = Path(__file__).parent

# --- bugs -----------------------------------------------------------------------------------------


def test_a_bug_is_an_error_of_that_call_and_the_mount_lives_on(bench: Bench) -> None:
    """EIO for the one call, a traceback in the log, no text of a page in it."""
    done = bench.start(program=[str(HERE / "buggy.py")])
    assert done.code == 0, done.err
    folder = wiki_of(bench)
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
    bench.sh(f"timeout {seconds} bash -ec {script!r}", cwd=bench.home, W=wiki_of(bench))


def test_a_page_that_never_comes_blocks_nobody_else(bench: Bench) -> None:
    """Only whoever opens it waits, until the deadline; then it is EIO."""
    mount(bench)
    (wiki_of(bench) / "page-1.md").read_text()
    page = bench.sim.find("Page 0")
    bench.look(
        lambda: bench.sim.fail_next(operation="get_markdown", path=page, hang=True, times=99)
    )
    started = time.monotonic()
    stuck = bench.background("cat", wiki_of(bench) / "page-0.md")
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
    bench.forget_calls()
    saved = save_three_things(bench)
    bench.look(lambda: bench.sim.fail_next(operation="patch_markdown", hang=True, times=99))
    started = time.monotonic()
    done = bench.notionfs("umount", "--wait", "0.5", str(bench.path))
    assert time.monotonic() - started < 0.5 + 10
    assert done.code == 6, done.err
    assert "page-0.md" in done.err
    wait_for_end(pid, 1)
    bench.look(bench.sim.heal)
    mount(bench)
    check_three_things(bench, saved, unanswered=1)


def test_a_lazy_unmount_leaves_a_stuck_program_behind(bench: Bench) -> None:
    """The mount point is free at once; the process ends when the stuck open has its answer."""
    pid = mount(bench)
    bench.look(lambda: bench.sim.fail_next(operation="get_markdown", hang=True, times=99))
    stuck = bench.background("cat", wiki_of(bench) / "page-0.md")
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
    text = (wiki_of(bench) / "page-0.md").read_text()
    # Backwards, so that nothing is fetched ahead for somebody who reads in order.
    for number, (what, fault) in zip(range(4, 0, -1), FAULTS.items(), strict=True):
        bench.look(
            lambda fault=fault: bench.sim.fail_next(operation="get_markdown", times=99, **fault)
        )
        started = time.monotonic()
        with pytest.raises(OSError) as caught:
            (wiki_of(bench) / f"page-{number}.md").read_text()
        assert caught.value.errno == errno.EIO, what
        assert time.monotonic() - started < DEADLINE + AT_ONCE, what
        assert (wiki_of(bench) / "page-0.md").read_text() == text
        bench.look(bench.sim.heal)
        assert f"Text {number}." in (wiki_of(bench) / f"page-{number}.md").read_text()
