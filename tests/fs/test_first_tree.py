"""The first tree of a workspace tells how far it is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import trio

from notionfs.cli.status import _refresh
from notionfs.simulator import Simulator
from tests.desk import open_desk


async def test_the_status_counts_pages_until_the_first_tree_stands(
    tmp_path: Path, autojump_clock: Any
) -> None:
    """It never says that nothing happens while hundreds of pages are read."""
    sim = Simulator()
    for number in range(250):
        sim.add_page(f"Page {number}", parent="workspace")
    async with open_desk(sim, tmp_path, refreshed=False, latency=4.0) as desk:
        await trio.sleep(10)
        during = (await desk.ask("status"))["tree_read"]
        assert 100 <= during < 250
        await trio.sleep(60)
        assert (await desk.ask("status"))["tree_read"] is None
        assert len(await desk.ls("acme")) == 250


def test_the_screen_says_how_many_pages_were_read() -> None:
    """In the line of the refresh."""
    assert _refresh({"tree_read": 1200}, datetime.now(UTC)) == "reading the tree: 1,200 pages"
