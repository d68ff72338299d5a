"""Pages that are too long for one answer: what Notion leaves out is read by itself."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from notionfs.sync.parts import MOST_PARTS
from tests.desk import open_desk

LONG = "acme/wiki/long.md"
SHOWN = 8


def wiki_of(sim: Simulator) -> str:
    return next(page_id for page_id in sim.workspace.pages if sim.title(page_id) == "Wiki")


def long_page(sim: Simulator, blocks: int = 12, text: str = "") -> str:
    """Add a page of which Notion sends the first eight blocks."""
    body = text or "\n\n".join(f"Line {n} of the page." for n in range(blocks))
    page = sim.add_page("Long", parent=wiki_of(sim), markdown=body)
    sim.limits.records = SHOWN
    sim.reset_counts()
    return str(page)


async def test_what_notion_leaves_out_is_shown_in_its_place(sim: Simulator, tmp_path: Path) -> None:
    """One call for the page and one for each part; opening it again costs nothing."""
    long_page(sim)
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(LONG)
        places = [text.index(f"Line {n} of the page.") for n in range(12)]
        assert places == sorted(places)
        assert text.count("</unknown>") == 12 - SHOWN
        assert "/>" not in text
        assert sim.count("get_markdown") == 1 + 12 - SHOWN
        assert await desk.read(LONG) == text
        assert sim.count("get_markdown") == 1 + 12 - SHOWN


async def test_a_bound_keeps_the_rest_as_placeholders(sim: Simulator, tmp_path: Path) -> None:
    """At most twenty parts are read, and a page of more is shown with what there is."""
    long_page(sim, SHOWN + MOST_PARTS + 5)
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(LONG)
        assert sim.count("get_markdown") == 1 + MOST_PARTS
        assert text.count("</unknown>") == MOST_PARTS
        assert text.count("/>") == 5


async def test_saving_such_a_page_sends_only_what_was_changed(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Parts are no change; after the save they are still there, and nothing was lost."""
    page = long_page(sim)
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(LONG)
        await desk.write(LONG, text)
        await desk.sent()
        assert sim.count("patch_markdown") == 0
        await desk.write(LONG, text.replace("Line 2 of", "Line two of"))
        await desk.sent()
        assert sim.count("patch_markdown") == 1
        shown = await desk.read(LONG)
        assert "Line two of the page." in shown
        assert "Line 11 of the page." in shown
    sim.limits.records = 20_000
    wanted = [f"Line {'two' if n == 2 else n} of the page." for n in range(12)]
    assert sim.markdown(page).split("\n\n") == wanted


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Line 10 of the page.", "Line ten.", "can only be changed in Notion"),
        ("</unknown>\n\n<unknown", "\n\n<unknown", "can only be changed in Notion"),
        ("Line 10 of the page.\n", "", "can only be changed in Notion"),
    ],
)
async def test_an_edit_of_a_part_is_refused_with_its_line(
    sim: Simulator, tmp_path: Path, old: str, new: str, said: str
) -> None:
    """Notion takes no change of what it did not send, so it is not promised; nothing is sent."""
    long_page(sim)
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(LONG)
        with pytest.raises(InvalidPageFile, match=said) as refused:
            await desk.write(LONG, text.replace(old, new, 1))
        number = int(refused.value.problems[0].split(":")[0].removeprefix("Line "))
        assert text.split("\n")[number - 1].startswith("<unknown")
        assert sim.count("patch_markdown") == 0


async def test_a_removed_part_is_refused(sim: Simulator, tmp_path: Path) -> None:
    """What Notion did not send is never deleted by leaving it out."""
    long_page(sim)
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(LONG)
        with pytest.raises(InvalidPageFile, match="must stay as it was"):
            await desk.write(LONG, text.partition("<unknown")[0])


async def test_a_part_changed_in_notion_is_read_anew(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Also if the file has the user's own words: the page's text says nothing of such changes."""
    page = long_page(sim)
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(LONG)
        await desk.write(LONG, text.replace("Line 2 of", "Line two of"))
        await desk.sent()
        sim.limits.records = 20_000
        sim.replace_text(page, "Line 11 of", "Line eleven of")
        sim.limits.records = SHOWN
        await desk.ask("sync", path=LONG)
        assert "Line eleven of the page." in await desk.read(LONG)


async def test_a_part_that_cannot_be_read_stays_a_placeholder(
    sim: Simulator, tmp_path: Path
) -> None:
    """A page that is not shared has no text for us; the page around it is there."""
    page = sim.add_page("Long", parent=wiki_of(sim), markdown="Text.")
    sim.unshare(sim.add_page("Hidden", parent=page))
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(LONG)
        assert "Text." in text
        assert "<unknown" in text
        assert "</unknown>" not in text


async def test_a_picture_in_a_part_is_a_file_like_any_other(sim: Simulator, tmp_path: Path) -> None:
    """Its address is signed by reading the part, which is the only place that shows it."""
    page = long_page(sim, SHOWN)
    url = sim.add_file("photo.png", b"photo")
    picture = {"type": "file", "file": {"url": url}}
    sim.append_blocks(page, [{"type": "image", "image": picture}])
    async with open_desk(sim, tmp_path) as desk:
        assert ".assets/" in await desk.read(LONG)
        [name] = [name for name in await desk.ls("acme/wiki/long/.assets") if "photo" in name]
        path = f"acme/wiki/long/.assets/{name}"
        opened = await desk.tree.open(desk.ino(path), os.O_RDONLY)
        size = desk.stat(path).size
        assert await desk.tree.fetch(opened.fh, 0, size) == b"photo"
        desk.tree.release(opened.fh)
