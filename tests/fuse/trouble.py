"""What tests of crashes and of a silent Notion share: a small workspace, three things to save."""

from __future__ import annotations

import os
import select
from pathlib import Path

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench

DEADLINE = 1.5
AT_ONCE = 2.0
"""Seconds: generous for a busy machine, and far below every deadline of a request."""


def workspace() -> Simulator:
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace", markdown="Welcome.\n\nLast.")
    for n in range(8):
        sim.add_page(f"Page {n}", parent=wiki, markdown=f"Text {n}.")
    return sim


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


def wiki_of(bench: Bench) -> Path:
    return bench.path / "acme" / "wiki"


def page_text(bench: Bench, title: str) -> str:
    return str(bench.look(lambda: bench.sim.markdown(bench.sim.find(title))))


def save_three_things(bench: Bench) -> dict[str, bytes]:
    """A change, a new page, a side file: each reported as done."""
    folder = wiki_of(bench)
    changed = (folder / "page-0.md").read_text().replace("Text 0.", "Changed 0.")
    (folder / "page-0.md").write_text(changed)
    (folder / "fresh.md").write_text("Fresh text.\n")
    (folder / "notes.txt").write_text("Local.\n")
    names = ("page-0.md", "fresh.md", "notes.txt")
    return {name: (folder / name).read_bytes() for name in names}


def check_three_things(bench: Bench, saved: dict[str, bytes], *, unanswered: int = 0) -> None:
    """The files are as saved; Notion hears of each page once, beside what it left *unanswered*."""
    check_files(bench, saved)
    bench.drain()
    assert bench.calls()["create_page"] == 1
    assert bench.calls()["patch_markdown"] == 1 + unanswered
    assert "Changed 0." in page_text(bench, "Page 0")
    assert "Fresh text." in page_text(bench, "fresh")
    check_files(bench, saved)


def check_files(bench: Bench, saved: dict[str, bytes]) -> None:
    """The same bytes; a new page may have got its frontmatter with the new mount."""
    for name, data in saved.items():
        assert (wiki_of(bench) / name).read_bytes().endswith(data), name
