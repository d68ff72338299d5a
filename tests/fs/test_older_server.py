"""A server that knows only the older Markdown: pages are shown and saved line by line."""

from __future__ import annotations

from pathlib import Path

import pytest
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from tests.desk import open_desk

WIKI = "acme/wiki.md"


@pytest.fixture
def sim(sim: Simulator) -> Simulator:
    """The same workspace and a page with an unknown block, behind an older server."""
    wiki = next(page_id for page_id in sim.workspace.pages if sim.title(page_id) == "Wiki")
    page = sim.add_page("Marked", parent=wiki, markdown="Text.\n")
    sim.append_blocks(page, [{"type": "breadcrumb", "breadcrumb": {}}])
    sim.reset_counts()
    sim.switches.markdown_versions = False
    return sim


def body(text: str) -> str:
    return text.partition("# Wiki\n\n")[2]


async def test_pages_are_shown_as_the_server_sends_them(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The refusal costs one call for the whole mount, and `status` says what became of it."""
    async with open_desk(sim, tmp_path) as desk:
        shown = body(await desk.read(WIKI))
        wiki = str(desk.page_id(WIKI))
        assert shown.strip() == sim.markdown(wiki, version="v1").strip()
        assert "First paragraph.\n## Plan\n- one\n- two\n" in shown
        await desk.read("acme/projects/project-alpha.md")
        assert sim.count("get_markdown") == 3
        assert (await desk.ask("status"))["markdown"] == "v1"


async def test_an_edit_there_is_the_smallest_lines(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Changes, insertions, appends and new pages arrive; opening and closing sends nothing."""
    async with open_desk(sim, tmp_path) as desk:
        wiki = str(desk.page_id(WIKI))
        blocks = [block["id"] for block in sim.children(wiki)]
        await desk.edit(WIKI, "- two\n", "- two!\n\n\n- three\n\t- below\n")
        await desk.sent()
        assert "- one\n- two!\n- three\n\t- below\nLast" in sim.markdown(wiki, version="v1")
        assert set(blocks) - {block["id"] for block in sim.children(wiki)} == set()
        [edit] = [r.body for r in sim.requests if r.operation == "patch_markdown"][-1:]
        assert "First" not in str(edit)
        await desk.append(WIKI, "Appended.\n")
        await desk.write("acme/wiki/new.md", "One\nTwo\n")
        await desk.sent()
        assert sim.markdown(wiki, version="v1").count("Appended.") == 1
        assert sim.markdown(str(desk.page_id("acme/wiki/new.md")), version="v1") == "One\nTwo"
        calls = sim.count("patch_markdown")
        await desk.write(WIKI, await desk.read(WIKI))
        await desk.sent()
        assert sim.count("patch_markdown") == calls


async def test_what_only_notion_can_change_stays_there_too(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Removing the line of an unknown block is refused, with the line."""
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read("acme/wiki/marked.md")
        assert "<unknown" in text
        with pytest.raises(InvalidPageFile, match="unknown"):
            await desk.write("acme/wiki/marked.md", text.partition("<unknown")[0])


async def test_changes_on_both_sides_are_merged_line_by_line(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Different lines are no conflict."""
    async with open_desk(sim, tmp_path) as desk:
        wiki = str(desk.page_id(WIKI))
        await desk.read(WIKI)
        sim.replace_text(wiki, "- one", "- one of theirs")
        await desk.edit(WIKI, "- two", "- two of mine")
        await desk.sent()
        assert "- one of theirs\n- two of mine\n" in sim.markdown(wiki, version="v1")


async def test_a_server_that_learns_the_newer_markdown_is_noticed(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The next mount asks again, and reads again what it has in the old form."""
    async with open_desk(sim, tmp_path) as desk:
        assert "paragraph.\n## Plan" in await desk.read(WIKI)
    sim.switches.markdown_versions = True
    async with open_desk(sim, tmp_path) as desk:
        await desk.read("acme/projects/project-alpha.md")
        assert "paragraph.\n\n## Plan" in await desk.read(WIKI)
        assert (await desk.ask("status"))["markdown"] == "v2"
