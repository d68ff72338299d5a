"""A program with a bit of everything, through the kernel."""

from __future__ import annotations

from tests.model.mount import run_mounted
from tests.model.steps import (
    Append,
    Fails,
    Folder,
    Give,
    Heals,
    Move,
    New,
    Program,
    Refresh,
    Remove,
    Restart,
    Retitle,
    Save,
    Score,
    Side,
    Take,
    TheirPage,
    Theirs,
    Wait,
    Way,
)
from tests.model.words import Edit

WORK = [
    Save(0, Edit.CHANGE, Way.ATOMIC),
    New(0, 2, Way.BACKUP),
    Take(1, 0),
    Theirs(1, Edit.APPEND),
    Score(2),
    Fails("drop-applied", "create_page"),
    New(1, 0),
    Folder(0),
    Side(0, 0),
    Wait(8),
    Give(0, Edit.CHANGE, 1),
    Save(2, Edit.INSERT, Way.REPLACE, 1),
    Restart(),
    Heals(),
    Append(0),
    Retitle(3, Way.BACKUP),
    TheirPage(0),
    Refresh("all"),
    Fails("503-applied", "patch_markdown", 2),
    Save(1, Edit.DELETE, Way.PIECES, 2),
    Move(4, 2, rename=True),
    Remove(3),
    Restart(),
    Save(0, Edit.APPEND, Way.OVER),
    Wait(8),
]


async def test_a_bit_of_everything_through_the_kernel() -> None:
    """What holds for the tree alone holds with the kernel's caches, and after kill -9."""
    await run_mounted(Program(WORK))
