"""Files that lost their name while somebody had them open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from notionfs.errors import NoSuchEntry
from notionfs.simulator import Simulator
from tests.desk import open_desk


async def test_an_open_file_without_a_name_has_no_links_and_ends_with_the_mount(
    sim: Simulator, tmp_path: Path
) -> None:
    """Programs see by that that their file was removed; nothing of it is left at the next start."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.write("acme/notes.txt", "mine\n")
        await desk.write("acme/kept.txt", "mine too\n")
        ino = desk.ino("acme/notes.txt")
        opened = await desk.tree.open(ino, os.O_RDONLY)
        assert desk.tree.getattr(ino).nlink == 1

        desk.entries.unlink(desk.ino("acme"), "notes.txt")

        assert desk.tree.getattr(ino).nlink == 0
        assert desk.tree.read(opened.fh, 0, 100) == b"mine\n"
    async with open_desk(sim, tmp_path) as desk:
        with pytest.raises(NoSuchEntry):
            desk.tree.getattr(ino)
        assert desk.stat("acme/kept.txt").nlink == 1


async def test_a_name_that_moves_stays_a_name(sim: Simulator, tmp_path: Path) -> None:
    """A moved file is there at the next start."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.write("acme/notes.txt", "mine\n")
        desk.mv("acme/notes.txt", "acme/other.txt")
        assert desk.stat("acme/other.txt").nlink == 1
    async with open_desk(sim, tmp_path) as desk:
        assert await desk.read("acme/other.txt") == "mine\n"
