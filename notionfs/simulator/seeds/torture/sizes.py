"""Large, deep and nearly equal things."""

from __future__ import annotations

from typing import TYPE_CHECKING

from notionfs.simulator.blocks import Block, new_block
from notionfs.simulator.records import text

if TYPE_CHECKING:
    from notionfs.simulator.simulator import Simulator

RECORDS = 20_500  # a little more than a markdown read shows
PREFIX = "39a0bc1e-edcd-8142-936b-"


def plant_twins(simulator: Simulator) -> None:
    """Add rows and sub-pages with one title, whose ids differ late or in one digit only."""
    parent = simulator.add_page("Twins")
    _, (source,) = simulator.add_database("Twin rows", parent=parent)
    for number in range(12):
        simulator.add_page(
            "Twin", parent=source, id=f"{PREFIX}{number:012x}", markdown=f"Row {number}"
        )
    for number in range(12, 24):
        simulator.add_page(
            "Twin", parent=parent, id=f"{PREFIX}{number:012x}", markdown=f"Page {number}"
        )
    for head in ("39a0bc1e", "39a0bc1f"):
        page_id = f"{head}-0000-8000-8000-000000000001"
        simulator.add_page("Twin", parent=parent, id=page_id, markdown=head)


def plant_deep(simulator: Simulator) -> None:
    """Add a page whose lists are thirty levels deep, and pages twenty levels deep."""
    page = simulator.add_page("Deep")
    block: Block | None = None
    for level in range(30, 0, -1):
        inner = [block] if block else []
        block_id = simulator.world.ids.record(simulator.world.now)
        block = new_block(
            "bulleted_list_item", {"rich_text": text(f"Level {level}")}, inner, id=block_id
        )
    simulator.put_blocks(page, [block] if block else [])
    for level in range(20):
        page = simulator.add_page(f"Level {level}", parent=page, markdown=f"Level {level}.")


def plant_huge(simulator: Simulator) -> None:
    """Add a page longer than one read, a page of very long blocks, and one with many sub-pages."""
    parent = simulator.add_page("Huge")
    long = simulator.add_page("Longer than one read", parent=parent)
    simulator.put_blocks(long, [_line(simulator, f"Line {number}") for number in range(RECORDS)])
    wide = simulator.add_page("Very long blocks", parent=parent)
    simulator.put_blocks(
        wide,
        [
            _line(simulator, "words " * 20_000),
            _line(simulator, "x" * 100_000),
            _line(simulator, "line\n" * 2_000),
        ],
    )
    many = simulator.add_page("Many sub-pages", parent=parent)
    for number in range(300):
        simulator.add_page(f"Sub-page {number:03d}", parent=many)


def _line(simulator: Simulator, content: str) -> Block:
    block_id = simulator.world.ids.record(simulator.world.now)
    return new_block("paragraph", {"rich_text": text(content)}, id=block_id)
