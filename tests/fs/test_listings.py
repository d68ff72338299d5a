"""A directory that is read slowly, or again: the kernel trusts what it is told here."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest

from notionfs.fs import listings
from notionfs.fs.attributes import Attributes
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

FOLDER = "acme/wiki"
PAGE = f"{FOLDER}/design-notes.md"


def _read(desk: Desk, fh: int, start: int = 0, count: int = 100) -> dict[str, Attributes]:
    return {row.name: row.attributes for row in islice(desk.tree.readdir(fh, start), count)}


async def test_a_page_that_changes_while_its_directory_is_read_shows_its_new_size(
    desk: Desk,
) -> None:
    """A size from before would be believed for an hour, and the file read cut off there."""
    await desk.read(PAGE)
    fh = await desk.tree.opendir(desk.ino(FOLDER))
    assert list(_read(desk, fh, count=3)) == [".", "..", "roadmap.md"]
    await desk.append(PAGE, "One more line.\n")
    rest = _read(desk, fh, start=3)
    assert rest["design-notes.md"] == desk.stat(PAGE)


async def test_a_page_that_is_written_to_shows_the_size_of_what_was_written(desk: Desk) -> None:
    """A listing that was kept from before does not know of open files."""
    await desk.read(PAGE)
    before = desk.stat(PAGE)
    await desk.ls(FOLDER)
    opened = await desk.tree.open(desk.ino(PAGE), 1)
    desk.tree.write(opened.fh, before.size, b"more\n")
    fh = await desk.tree.opendir(desk.ino(FOLDER))
    shown = _read(desk, fh)["design-notes.md"]
    desk.tree.release(opened.fh)
    assert (shown.size, shown.attr_timeout) == (before.size + 5, 0.0)


async def test_a_name_that_goes_while_its_directory_is_read_is_not_believed(desk: Desk) -> None:
    """It is still listed, as POSIX allows, but the kernel asks before it uses it."""
    fh = await desk.tree.opendir(desk.ino(FOLDER))
    assert list(_read(desk, fh, count=3)) == [".", "..", "roadmap.md"]
    parent = desk.ino(FOLDER)
    desk.entries.unlink(parent, "design-notes.md")
    gone = _read(desk, fh, start=3)["design-notes.md"]
    assert (gone.entry_timeout, gone.attr_timeout) == (0.0, 0.0)
    assert "design-notes.md" not in await desk.ls(FOLDER)


async def test_links_by_id_say_how_long_they_are_and_where_they_lead(desk: Desk) -> None:
    """Read twice: the second time from what was kept; after a rename it is new."""
    for _ in range(2):
        assert await desk.ls(".notionfs/by-id")
    await desk.write(f"{FOLDER}/new.md", "# Something\n")
    fh = await desk.tree.opendir(desk.ino(".notionfs/by-id"))
    for name, attributes in _read(desk, fh, start=2).items():
        target = desk.tree.readlink(attributes.ino)
        assert attributes == desk.stat(f".notionfs/by-id/{name}")
        assert attributes.size == len(target.encode())
        assert desk.ino(target.removeprefix("../../"))


async def test_a_large_directory_is_read_in_parts_and_from_any_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was passed is forgotten; who goes back, however far, or ahead, gets the same entries."""
    monkeypatch.setattr(listings, "_BEHIND", 4)
    sim = Simulator()
    for number in range(60):
        sim.add_page(f"Page {number}", parent="workspace")
    async with open_desk(sim, tmp_path) as desk:
        fh = await desk.tree.opendir(desk.ino("acme"))
        everything = list(_read(desk, fh))
        assert len(everything) == 62
        for start, count in ((0, 3), (3, 20), (22, 5), (27, 1), (20, 9), (2, 9), (59, 9), (62, 9)):
            assert list(_read(desk, fh, start, count)) == everything[start : start + count]
