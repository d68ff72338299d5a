"""Icon and cover of a page, as lines of its frontmatter."""

from __future__ import annotations

import re

import pytest
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from tests.desk import Desk

WIKI = "acme/wiki.md"


def with_lines(text: str, *lines: str) -> str:
    """The same page file with *lines* at the end of its frontmatter, instead of those before."""
    plain = re.sub(r"^notion_(icon|cover):.*\n", "", text, flags=re.MULTILINE)
    return re.sub(
        r"\n---\n", "\n" + "".join(f"{line}\n" for line in lines) + "---\n", plain, count=1
    )


async def test_icon_and_cover_are_written_and_cleared_in_the_frontmatter(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """One call each time; nothing is sent for what stays."""
    text = await desk.read(WIKI)
    assert "notion_icon" not in text
    cover = "https://example.com/sea.jpg"
    await desk.write(WIKI, with_lines(text, "notion_icon: 🎯", f"notion_cover: {cover}"))
    sim.reset_counts()
    await desk.sent()
    assert sim.count() == sim.count("update_page") == 1
    page = sim.page(sim.find("Wiki"))
    assert page["icon"] == {"type": "emoji", "emoji": "🎯"}
    assert page["cover"]["external"] == {"url": cover}

    saved = await desk.read(WIKI)
    await desk.write(WIKI, saved.replace("First paragraph.", "First words."))
    sim.reset_counts()
    await desk.sent()
    assert sim.count() == sim.count("patch_markdown") == 1

    await desk.write(WIKI, with_lines(saved, "notion_icon:"))
    await desk.sent()
    page = sim.page(sim.find("Wiki"))
    assert page["icon"] is None
    assert page["cover"]["external"] == {"url": cover}


async def test_an_icon_and_a_cover_may_be_local_files(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """They are uploaded, and then are among the page's attachments."""
    text = await desk.read(WIKI)
    await desk.write("acme/wiki/logo.png", b"logo")
    await desk.write("acme/wiki/sea.jpg", b"sea")
    lines = ("notion_icon: wiki/logo.png", "notion_cover: wiki/sea.jpg")
    await desk.write(WIKI, with_lines(text, *lines))
    await desk.sent()
    page = sim.page(sim.find("Wiki"))
    assert (page["icon"]["type"], page["cover"]["type"]) == ("file", "file")
    assert sorted(name[9:] for name in await desk.ls("acme/wiki/.assets")) == [
        "logo.png",
        "sea.jpg",
    ]
    sim.reset_counts()
    saved = await desk.read(WIKI)
    await desk.write(WIKI, saved.replace("First paragraph.", "First words."))
    await desk.sent()
    assert sim.count() == sim.count("patch_markdown") == 1


async def test_what_changes_in_notion_is_shown_and_signed_addresses_are_not(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """A file that Notion keeps is named by its path."""
    await desk.read(WIKI)
    page = sim.workspace.pages[sim.find("Wiki")]
    url = sim.add_file("sea.jpg", b"sea").partition("?")[0]
    page.cover = {"type": "file", "file": {"url": url}}
    page.icon = {"type": "icon", "icon": {"name": "pizza", "color": "red"}}
    sim.advance(120)
    sim.append_markdown(page.id, "More.\n")
    await desk.ask("sync")
    text = await desk.read(WIKI)
    assert "notion_icon: https://www.notion.so/icons/pizza_red.svg\n" in text
    assert re.search(r"^notion_cover: wiki/\.assets/[0-9a-f]{8}-sea\.jpg$", text, re.MULTILINE)
    sim.reset_counts()
    await desk.write(WIKI, text.replace("More.", "Less."))
    await desk.sent()
    assert sim.count() == sim.count("patch_markdown") == 1


@pytest.mark.parametrize(
    "line",
    [
        "notion_icon: smile",
        "notion_icon: ':party:'",
        "notion_icon: [a]",
        "notion_cover: 🎯",
        "notion_cover: wiki/none.png",
    ],
)
async def test_what_is_no_icon_or_cover_is_refused(desk: Desk, line: str) -> None:
    """With the key named; nothing is sent."""
    text = await desk.read(WIKI)
    with pytest.raises(InvalidPageFile, match=r"notion_(icon|cover)"):
        await desk.write(WIKI, with_lines(text, line))


async def test_a_new_page_may_have_an_icon_at_once(
    sim: Simulator, desk: Desk, autojump_clock: MockClock
) -> None:
    """In the call that creates it."""
    await desk.write("acme/wiki/goals.md", "---\nnotion_icon: 🎯\n---\n\n# Goals\n\nTwo.\n")
    await desk.sent()
    assert sim.page(sim.find("Goals"))["icon"] == {"type": "emoji", "emoji": "🎯"}
    assert sim.count("create_page") == 1
    assert sim.count("update_page") == 0
