"""How ids of a workspace show in markdown, for one call: titles, names, addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from notionfs.simulator.blocks import Block
from notionfs.simulator.call import Call
from notionfs.simulator.dialects import Names
from notionfs.simulator.records import plain
from notionfs.simulator.shown import database_url, page_url


def names_for(call: Call) -> Names:
    """Return how ids of this workspace show in the markdown of *call*."""
    looker = _Looker(call)
    return Names(
        page_title=looker.page_title,
        user_name=call.world.workspace.user_name,
        page_url=looker.address,
        database_facts=looker.database_facts,
        file_url=looker.file_url,
        custom_emoji=looker.custom_emoji,
        synced_children=looker.synced_children,
    )


class _Looker:
    """Looks things up for a dialect; what the call may not see is not there."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.world = call.world
        self.workspace = call.world.workspace

    def page_title(self, page_id: str) -> str | None:
        page = self.workspace.pages.get(page_id)
        if page is None:
            facts = self.database_facts(page_id)
            return str(facts["title"]) if facts else None
        return plain(self.workspace.title(page)) if self.call.sees(page_id) else None

    def address(self, thing_id: str) -> str:
        page = self.workspace.pages.get(thing_id)
        return page_url(self.world, page) if page else database_url(self.world, thing_id)

    def database_facts(self, database_id: str) -> Mapping[str, Any] | None:
        database = self.workspace.databases.get(database_id)
        if database is None or not self.call.sees(database_id):
            return None
        first = next(iter(database.sources), None)
        return {
            "title": plain(self.workspace.database_title(database)) or "New database",
            "data_source_url": f"collection://{first}" if first else None,
            "inline": database.is_inline,
            "icon": (database.icon or {}).get("emoji"),
        }

    def file_url(self, stored: str) -> str:
        return self.world.signer.sign(stored, self.world.now)

    def custom_emoji(self, name: str) -> Mapping[str, Any] | None:
        emojis = self.workspace.records.emojis
        return next((emoji for emoji in emojis if emoji["name"] == name), None)

    def synced_children(self, block_id: str) -> Sequence[Block]:
        spot = self.workspace.find_block(block_id)
        return spot.block.children if spot and self.call.sees(spot.page.id) else []
