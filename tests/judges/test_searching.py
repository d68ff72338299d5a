"""What Notion shows is found in the files by a program that searches: ripgrep judges."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from notionfs.model import PageId
from notionfs.simulator import Simulator
from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.records import plain
from notionfs.store.dentries import NodeKind
from tests.desk import Desk, open_desk

UNSAID = "Unknown to any dialect"  # Notion's Markdown leaves this block's text out
ENDLESS = "Longer than one read"  # more blocks than one request reads: see test_long_pages
WORD = re.compile(r"[^\W_]{3,}")


def words_of(body: list[Block]) -> Iterator[str]:
    """Yield the words that a reader sees in a body, captions left out."""
    for block in walk(body):
        if block.type not in ("template", "child_page", "child_database", "unsupported"):
            runs = block.data.get("rich_text") or ()
            if all(run["type"] == "text" for run in runs):
                yield from WORD.findall(plain(runs))


async def file_of(desk: Desk, page_id: str, directory: Path) -> Path | None:
    """Write a page's file as it stands in the mount; None if it has none there."""
    doc = desk.engine.store.docs.find(PageId(page_id))
    names = desk.engine.store.dentries
    ino = None if doc is None else names.find_doc_inode(doc.doc_id, NodeKind.PAGE)
    path = None if ino is None else names.path_of(ino)
    if path is None:
        return None
    copy = directory / f"{page_id}.md"
    copy.write_text(await desk.read(path))
    return copy


def found_by_ripgrep(file: Path) -> set[str]:
    done = subprocess.run(
        [
            "rg",
            "--no-filename",
            "--no-line-number",
            "--only-matching",
            r"[\p{L}\p{M}\p{N}]{3,}",
            file,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return set(done.stdout.split("\n"))


@pytest.mark.skipif(shutil.which("rg") is None, reason="ripgrep is not installed")
@pytest.mark.parametrize("seed", ["demo", "torture"])
async def test_every_word_of_a_page_is_found_in_its_file(seed: str, tmp_path: Path) -> None:
    """Whatever form a block has in the file: its words stand there in one piece."""
    sim = Simulator(seed=seed)
    workspace = sim.workspace
    lost: dict[str, set[str]] = {}
    async with open_desk(sim, tmp_path / "state", rate_limit=None) as desk:
        (tmp_path / "files").mkdir()
        for page in workspace.pages.values():
            title = plain(workspace.title(page))
            file = (
                None
                if title in (ENDLESS, UNSAID)
                else await file_of(desk, page.id, tmp_path / "files")
            )
            if file is None:
                continue
            missing = set(words_of(workspace.body(page))) - found_by_ripgrep(file)
            if missing:
                lost[title] = missing
    assert not lost
