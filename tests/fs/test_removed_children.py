"""Pages that were removed stay removed, whatever the text of the page above still shows."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.markdown.belonging import without_strangers
from notionfs.simulator import Simulator
from tests.desk import open_desk, wall

WIKI, ROADMAP = "acme/wiki.md", "acme/wiki/roadmap.md"


@pytest.fixture
def sim() -> Simulator:
    sim = Simulator(clock=wall)
    wiki = sim.add_page("Wiki", markdown="First paragraph.\n")
    sim.add_page("Roadmap", parent=wiki, markdown="Plans.\n")
    return sim


async def test_a_text_that_still_shows_a_removed_page_does_not_bring_it_back(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """An editor held the text from before; Notion would take the line for an order to restore."""
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(WIKI)
        assert "notion:page" in text
        roadmap = sim.find("Roadmap")
        desk.rm(ROADMAP)
        await trio.sleep(20)
        await desk.write(WIKI, text + "\nJust saved.\n")
        await desk.sent()
        assert sim.page(roadmap)["in_trash"]
        assert sim.markdown(desk.page_id(WIKI)).split() == ["First", "paragraph.", "Just", "saved."]


async def test_a_page_removed_beside_an_edit_of_the_one_above_stays_removed(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Both wait in the outbox and are sent at the same moment."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(WIKI)
        roadmap = sim.find("Roadmap")
        desk.rm(ROADMAP)
        await trio.sleep(3)
        await desk.append(WIKI, "\nJust saved.\n")
        await trio.sleep(30)
        assert sim.page(roadmap)["in_trash"]
        assert "Just saved." in sim.markdown(desk.page_id(WIKI))


@pytest.mark.parametrize("edit", ["{}\nBelow.", "Above.\n{}", "- item\n{}\n- item", "> said\n{}"])
async def test_text_right_beside_a_child_s_line_is_a_block_of_its_own(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock, edit: str
) -> None:
    """As after `echo >>`: Markdown makes one paragraph of both, and the child would be gone."""
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(WIKI)
        line = next(line for line in text.split("\n") if "notion:page" in line)
        await desk.write(WIKI, text.replace(line, edit.format(line)))
        await desk.sent()
        assert desk.reason(WIKI) is None
        assert sim.markdown(desk.page_id(WIKI)).count("<page ") == 1
        assert not sim.page(sim.find("Roadmap"))["in_trash"]


# --- the rule -------------------------------------------------------------------------------------

OWN = '<page url="https://app.notion.com/p/36e9ce7b60a4814fb91e560af114a858">Own</page>'
GONE = '<page url="https://app.notion.com/p/47e9ce7b60a4814fb91e560af114a858">Gone</page>'
OTHER = '<database url="https://app.notion.com/p/58e9ce7b60a4814fb91e560af114a858">Other</database>'


def test_children_that_are_here_stay_as_they_are() -> None:
    """Also when they change places."""
    text = f"One.\n\n{OWN}\n\nTwo."
    assert without_strangers(text, OWN, OWN) is text


def test_a_child_that_has_gone_leaves_no_line() -> None:
    """It was here when the text was shown."""
    assert without_strangers(f"One.\n{GONE}\nTwo.", "One.", f"One.\n{GONE}") == "One.\n\nTwo."


def test_a_child_of_another_page_is_mentioned() -> None:
    """A line copied from elsewhere must not move that child here."""
    sent = without_strangers(f"- item\n\t{OTHER}", "- item", "- item")
    url = "https://app.notion.com/p/58e9ce7b60a4814fb91e560af114a858"
    assert sent == f'- item\n\t<mention url="{url}">Other</mention>'


def test_code_may_talk_about_children() -> None:
    """What stands in a fence is no order."""
    text = f"```\n{GONE}\n```"
    assert without_strangers(text, "", GONE) == text


async def test_a_child_s_line_moved_elsewhere_in_the_text_stands_there_once(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Cut and paste of the line; Notion keeps the child where it is told."""
    async with open_desk(sim, tmp_path) as desk:
        text = await desk.read(WIKI)
        line = next(line for line in text.split("\n") if "notion:page" in line)
        moved = text.replace(line, "").replace("First", f"{line}\n\nFirst", 1)
        await desk.write(WIKI, moved)
        await desk.sent()
        assert sim.markdown(desk.page_id(WIKI)).count("<page ") == 1
        assert not sim.page(sim.find("Roadmap"))["in_trash"]
