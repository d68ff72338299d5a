"""A small workspace and a desk in front of it. Tests in which time passes ask for a mock clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk, wall

BODY = "First paragraph.\n\n## Plan\n\n- one\n- two\n\nLast paragraph.\n"


@pytest.fixture
def sim() -> Simulator:
    """A wiki with two sub-pages, and a Projects database with two data sources and three rows."""
    sim = Simulator(clock=wall)
    wiki = sim.add_page("Wiki", parent="workspace", markdown=BODY)
    sim.add_page("Design Notes", parent=wiki, markdown="Some notes.\n")
    sim.add_page("Roadmap", parent=wiki, markdown="Later.\n")
    columns = {
        "Name": "title",
        "Status": {"status": {}},
        "Tags": {"multi_select": {"options": [{"name": "backend"}, {"name": "docs"}]}},
        "Points": "number",
        "Done": "checkbox",
    }
    _, [active, archived] = sim.add_database(
        "Projects",
        parent="workspace",
        sources={"Active Projects": columns, "Archived Projects": columns},
    )
    sim.add_page(
        "Project Alpha",
        parent=active,
        markdown="Content here.\n",
        properties={"Status": "In progress", "Tags": ["backend"], "Points": 3},
    )
    sim.add_page("Project Beta", parent=active, markdown="More.\n")
    sim.add_page("Old Project", parent=archived, markdown="Done.\n")
    sim.reset_counts()
    return sim


@pytest.fixture
async def desk(sim: Simulator, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(sim, tmp_path) as desk:
        yield desk
