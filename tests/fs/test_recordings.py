"""A mount over a workspace made of the recorded exchanges: everything lists, everything reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from notionfs.simulator import Simulator
from tests.desk import open_desk, wall

RECORDINGS = Path(__file__).parents[2].parent / "shared" / "recordings"


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings are not beside the project")
async def test_a_recorded_workspace_lists_and_reads_completely(tmp_path: Path) -> None:
    """Every page that was recorded has a file with its id and its title."""
    sim = Simulator(clock=wall)
    sim.load_recordings(RECORDINGS)
    async with open_desk(sim, tmp_path, rate_limit=None) as desk:
        walked = await desk.walk()
        paths = [p for p in walked if p.endswith(".md") and not p.startswith(".notionfs")]
        shown = {str(desk.page_id(path)) for path in paths}
        for path in paths:
            text = await desk.read(path)
            page_id = str(desk.page_id(path))
            assert f"notion_id: {page_id}\n" in text
            heading = "# " + " ".join(sim.title(page_id).split())
            assert heading.rstrip() in text.split("\n---\n", 1)[1].splitlines()[1]
        live = {page.id for page in sim.workspace.records.pages.values() if not page.in_trash}
        assert live <= shown
        assert len(shown) > 100
