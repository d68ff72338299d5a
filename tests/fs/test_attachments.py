"""Files that Notion hosts, as files beside their page."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notionfs.errors import NotEmpty, NotPermitted, ReadOnly, RemoteError
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk, wall

PICTURE = b"\x89PNG not really a picture"


@pytest.fixture
def sim() -> Simulator:
    """A page with a picture and a document in its text."""
    sim = Simulator(clock=wall)
    wiki = sim.add_page("Wiki", parent="workspace", markdown="Nothing to see.\n")
    picture = sim.add_file("plan (1).png", PICTURE)
    paper = sim.add_file("paper.pdf", b"%PDF", "application/pdf")
    sim.append_blocks(
        wiki,
        [
            {"type": "image", "image": {"type": "file", "file": {"url": picture}}},
            {"type": "pdf", "pdf": {"type": "file", "file": {"url": paper}}},
        ],
    )
    sim.reset_counts()
    return sim


@pytest.fixture
async def desk(sim: Simulator, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(sim, tmp_path) as desk:
        yield desk


async def names(desk: Desk) -> list[str]:
    """The attachments of the wiki page, by the name each was given."""
    return sorted(await desk.ls("acme/wiki/.assets"), key=lambda name: name.partition("-")[2])


async def asset_bytes(desk: Desk, path: str) -> bytes:
    opened = await desk.tree.open(desk.ino(path), os.O_RDONLY)
    try:
        size = desk.stat(path).size
        return await desk.tree.fetch(opened.fh, 0, size)
    finally:
        desk.tree.release(opened.fh)


async def test_attachments_stand_beside_their_page_once_it_was_read(
    sim: Simulator, desk: Desk
) -> None:
    """Listing asks nobody; the text refers to them by path, and no address of theirs is shown."""
    assert await desk.ls("acme") == ["wiki.md"]
    text = await desk.read("acme/wiki.md")
    paper, picture = await names(desk)
    assert paper.endswith("-paper.pdf")
    assert picture.endswith("-plan (1).png")
    assert "https://" not in text.partition("\n# ")[2]
    assert f'<pdf source="wiki/.assets/{paper}"' in text
    assert "![](wiki/.assets/" in text
    assert sim.count("get_markdown") == 1


async def test_an_attachment_is_fetched_when_it_is_opened_and_kept(
    sim: Simulator, desk: Desk, tmp_path: Path
) -> None:
    """One call signs all files of a page; what was fetched is read again without any."""
    await desk.read("acme/wiki.md")
    paper, picture = (f"acme/wiki/.assets/{name}" for name in await names(desk))
    before = desk.stat(picture)
    assert (before.size, before.attr_timeout) == (32 * 1024, 0.0)
    sim.reset_counts()

    assert await asset_bytes(desk, picture) == PICTURE
    assert await asset_bytes(desk, paper) == b"%PDF"
    assert (sim.count("get_markdown"), sim.count()) == (1, 1)
    after = desk.stat(picture)
    assert (after.size, after.attr_timeout > 0) == (len(PICTURE), True)

    sim.advance(7200)
    sim.fail_next(status=503)
    assert await asset_bytes(desk, picture) == PICTURE
    assert sim.count() == 1


async def test_an_expired_address_is_signed_again(sim: Simulator, desk: Desk) -> None:
    """By reading the page once more, when the file is asked for."""
    await desk.read("acme/wiki.md")
    paper, picture = (f"acme/wiki/.assets/{name}" for name in await names(desk))
    await asset_bytes(desk, paper)
    sim.advance(3700)
    sim.reset_counts()
    assert await asset_bytes(desk, picture) == PICTURE
    assert sim.count("get_markdown") == 1


async def test_what_cannot_be_fetched_is_an_error_and_can_be_tried_again(
    sim: Simulator, desk: Desk
) -> None:
    """Nothing half-fetched is kept."""
    await desk.read("acme/wiki.md")
    picture = f"acme/wiki/.assets/{(await names(desk))[1]}"
    page = sim.find("Wiki")
    content = dict(sim.workspace.records.files)
    sim.workspace.records.files.clear()
    with pytest.raises(RemoteError):
        await asset_bytes(desk, picture)
    assert desk.stat(picture).attr_timeout == 0.0
    sim.workspace.records.files.update(content)
    assert await asset_bytes(desk, picture) == PICTURE
    assert sim.title(page) == "Wiki"


async def test_the_cache_is_bounded(sim: Simulator, tmp_path: Path) -> None:
    """What was not read for the longest time goes first, and is fetched again when asked for."""
    for name in ("one.bin", "two.bin"):
        url = sim.add_file(name, name.encode() * 100_000)
        block = {"type": "image", "image": {"type": "file", "file": {"url": url}}}
        sim.append_blocks(sim.find("Wiki"), [block])
    async with open_desk(sim, tmp_path, file_cache=1) as desk:
        await desk.read("acme/wiki.md")
        one, _, _, two = (f"acme/wiki/.assets/{name}" for name in await names(desk))
        for path in (one, two):
            assert len(await asset_bytes(desk, path)) == 700_000
        kept = list((tmp_path / "store" / "files").iterdir())
        assert [path.stat().st_size for path in kept] == [700_000]
        assert await asset_bytes(desk, one) == b"one.bin" * 100_000


async def test_attachments_cannot_be_changed_or_removed_by_their_files(desk: Desk) -> None:
    """They change with the text of their page."""
    await desk.read("acme/wiki.md")
    picture = f"acme/wiki/.assets/{(await names(desk))[1]}"
    with pytest.raises(ReadOnly):
        await desk.write(picture, b"mine")
    with pytest.raises(NotPermitted):
        desk.rm(picture)
    with pytest.raises(NotPermitted):
        desk.mv(picture, "acme/wiki/.assets/other.png")
    await desk.write("acme/wiki/.assets/mine.png", b"mine")
    with pytest.raises(NotPermitted):
        desk.mv("acme/wiki/.assets/mine.png", picture)


async def test_a_page_with_attachments_goes_with_them(desk: Desk) -> None:
    """Unless a file of the user's own is among them."""
    await desk.read("acme/wiki.md")
    await desk.write("acme/wiki/.assets/mine.png", b"mine")
    with pytest.raises(NotEmpty, match="your own"):
        desk.rm("acme/wiki.md")
    desk.rm("acme/wiki/.assets/mine.png")
    desk.rm("acme/wiki.md")
    assert await desk.ls("acme") == []


async def test_words_around_a_picture_are_edited_in_one_call(sim: Simulator, desk: Desk) -> None:
    """The picture stays the file that Notion hosts."""
    await desk.read("acme/wiki.md")
    before = sim.children(sim.find("Wiki"))
    await desk.edit("acme/wiki.md", "Nothing to see.", "Something to see.")
    sim.reset_counts()
    await desk.sent()
    assert (sim.count("patch_markdown"), sim.count()) == (1, 1)
    after = sim.children(sim.find("Wiki"))
    assert [block["id"] for block in after] == [block["id"] for block in before]
    assert after[1]["image"]["type"] == "file"


async def test_references_follow_a_renamed_page_both_ways(sim: Simulator, desk: Desk) -> None:
    """A text with the old path still means the picture."""
    text = await desk.read("acme/wiki.md")
    desk.mv("acme/wiki.md", "acme/handbook.md")
    await desk.sent()
    sim.reset_counts()
    await desk.write(
        "acme/handbook.md", text.replace("Nothing", "Much").replace("Wiki", "handbook")
    )
    await desk.sent()
    assert desk.reason("acme/handbook.md") is None
    assert [b["type"] for b in sim.children(sim.find("handbook"))] == ["paragraph", "image", "pdf"]
    assert sim.children(sim.find("handbook"))[1]["image"]["type"] == "file"


async def test_a_picture_that_left_its_page_leaves_the_folder(sim: Simulator, desk: Desk) -> None:
    """And the folder goes when nothing else is in it."""
    await desk.read("acme/wiki.md")
    page = sim.find("Wiki")
    for block in sim.children(page)[1:]:
        sim.delete_block(block["id"])
    sim.advance(120)
    await desk.ask("sync")
    await desk.read("acme/wiki.md")
    assert await desk.ls("acme") == ["wiki.md"]
