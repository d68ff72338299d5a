"""The workspace together with what rules it: the clock, ids, limits, switches and the lagging
index.

Handlers receive a `World` and nothing else that lives longer than a request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator.blocks import Block
from notionfs.simulator.clock import Clock, minute_time
from notionfs.simulator.cursors import Cursors
from notionfs.simulator.ids import IdMaker
from notionfs.simulator.lag import LaggingIndex
from notionfs.simulator.limits import Limits
from notionfs.simulator.records import Database, DataSource, Page
from notionfs.simulator.signing import Signer
from notionfs.simulator.workspace import Workspace

Thing = Page | DataSource | Database


@dataclass(slots=True)
class Switches:
    """Behaviour that differs between observations, or that a test wants to see."""

    partial_updates: bool = False  # several content updates, one missing: apply the others
    block_edits_move_time: bool = (
        True  # False: edits of blocks through the API leave the page's time alone
    )
    markdown_versions: bool = True  # False: an older server, which refuses the parameter
    short_urls: bool = True  # False: the older page URLs with the title in them
    include_request_status: bool = False  # the documented but rarely seen "complete"
    task_seconds: float = 2.0  # how long asynchronous work takes
    template_seconds: float = 2.0  # how long a template's content stays away


@dataclass(slots=True)
class World:
    """Everything a handler works on."""

    workspace: Workspace
    clock: Clock
    ids: IdMaker
    limits: Limits = field(default_factory=Limits)
    switches: Switches = field(default_factory=Switches)
    cursors: Cursors = field(default_factory=Cursors)
    index: LaggingIndex = field(default_factory=LaggingIndex)
    signer: Signer = field(default_factory=Signer)
    view_queries: dict[str, tuple[str, list[str], float]] = field(default_factory=dict)
    searches: dict[Any, Any] = field(default_factory=dict)  # results until the next change
    origin: str = "https://api.notion.com"  # what answers say where to go on
    render_old: Callable[[Thing], dict[str, Any]] | None = None

    @property
    def now(self) -> float:
        """The time by our clock."""
        return self.clock()

    def touch(self, thing: Thing, actor: str) -> None:
        """Note that *actor* changes *thing* now.

        Called before the change, so the index keeps the old form.
        """
        now = self.now
        if self.index.lag > 0 and self.render_old is not None and not isinstance(thing, Database):
            self.index.remember(thing.id, now, self.render_old(thing), thing.edited)
        thing.edited = now
        thing.edited_by = actor
        self.workspace.version += 1

    def created(self, thing: Thing) -> None:
        """Note that *thing* is new; a lagging index does not show it yet."""
        if self.index.lag > 0:
            self.index.remember(thing.id, self.now, None, thing.edited)
        self.workspace.version += 1

    def stamp(self, blocks: list[Block], actor: str) -> None:
        """Give blocks that have no times yet the present ones."""
        stamp = minute_time(self.now)
        pending = list(blocks)
        while pending:
            block = pending.pop()
            if not block.created_time:
                block.created_time = block.last_edited_time = stamp
                block.created_by = block.last_edited_by = actor
            pending.extend(block.children)
