"""New rows from a template of their data source."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from tests.desk import open_desk

NEW = "acme/projects/new.md"
REPORT = "## Goals\n\n- none yet\n"


@pytest.fixture
def sim(sim: Simulator) -> Simulator:
    """The small workspace, whose first data source has two templates."""
    source = sim.page(sim.find("Project Alpha"))["parent"]["data_source_id"]
    sim.add_template(source, "Report", REPORT)
    sim.add_template(source, "Meeting", "Who was there\n", default=True)
    sim.reset_counts()
    return sim


@pytest.mark.parametrize(
    ("name", "expected", "calls"),
    [("Report", "## Goals", 2), ("report", "## Goals", 2), ("default", "Who was there", 1)],
)
async def test_a_new_row_is_filled_from_a_template(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock, name: str, expected: str, calls: int
) -> None:
    """By name or as the default one; properties are set, and the file shows the template's text."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        sim.reset_counts()
        await desk.write(NEW, f"---\nnotion_template: {name}\nPoints: 3\n---\n\n# From it\n")
        await desk.sent()
        assert sim.count("create_page") + sim.count("list_templates") == calls
        await trio.sleep(300)
        text = await desk.read(NEW)
        assert expected in text
        assert "Points: 3" in text
        assert "# From it" in text
        assert "notion_template" not in text


async def test_text_added_before_the_template_was_seen_stands_beside_it(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The next save knows nothing of what Notion filled in, and must not take it away."""
    async with open_desk(sim, tmp_path) as desk:
        text = "---\nnotion_template: Report\n---\n\n# From it\n"
        await desk.write(NEW, text)
        await desk.sent()
        await trio.sleep(10)
        await desk.append(NEW, "\nMine.\n")
        await desk.sent()
        markdown = sim.markdown(desk.page_id(NEW))
        assert "## Goals" in markdown
        assert "Mine." in markdown


async def test_a_row_from_a_template_is_made_once(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """After a lost answer it is known by title, time and creator: its text is not ours."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        sim.fail_next(operation="create_page", drop=True, after_applying=True)
        await desk.write(NEW, "---\nnotion_template: Report\n---\n\n# From it\n")
        await desk.sent()
        assert sim.count("create_page") == 1
        await trio.sleep(300)
        assert "## Goals" in await desk.read(NEW)


async def test_an_unknown_template_is_refused_with_the_known_ones(
    sim: Simulator, tmp_path: Path
) -> None:
    async with open_desk(sim, tmp_path) as desk:
        await desk.write(NEW, "---\nnotion_template: Repot\n---\n\n# x\n")
        await desk.sent()
        assert "“Report”, “Meeting”" in str(desk.reason(NEW))
        assert sim.count("create_page") == 0
        with pytest.raises(InvalidPageFile, match="not both"):
            await desk.write(NEW, "---\nnotion_template: Report\n---\n\n# x\n\nText.\n")
        with pytest.raises(InvalidPageFile, match="is for rows"):
            await desk.write("acme/wiki/new.md", "---\nnotion_template: Report\n---\n\n# x\n")
