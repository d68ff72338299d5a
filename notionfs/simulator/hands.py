"""What building, editing and looking from outside have in common.

Finding things, acting as a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notionfs.simulator.call import V2026, Call
from notionfs.simulator.ids import id_in_url
from notionfs.simulator.records import WORKSPACE, DataSource, Page, Parent
from notionfs.simulator.rows import Changes, checked_pairs
from notionfs.simulator.schema import find_property
from notionfs.simulator.simple import value_request
from notionfs.simulator.workspace import PLAIN_SCHEMA, Workspace
from notionfs.simulator.world import World


class Hands:
    """Somebody at work in a workspace, outside of any client."""

    world: World
    changed: Callable[[], None]

    @property
    def workspace(self) -> Workspace:
        """The truth."""
        return self.world.workspace

    def _as_person(self, actor: str | None = None) -> Call:
        users = self.workspace.records.users.values()
        person = actor or next((user.id for user in users if user.type == "person"), None)
        return Call(
            world=self.world, operation="remote", method="POST", ids=[], query={}, body={},
            version=V2026, actor=person or self.workspace.records.bot_id, sees_all=True,
        )  # fmt: skip

    def _id(self, reference: str) -> str:
        found = id_in_url(reference)
        if found is None:
            raise KeyError(f"{reference!r} is no id")
        return found

    def _page(self, reference: str) -> Page:
        page = self.workspace.pages.get(self._id(reference))
        if page is None:
            raise KeyError(f"there is no page {reference}")
        return page

    def _parent(self, reference: str | None) -> Parent:
        if reference is None or reference == "workspace":
            return WORKSPACE
        thing_id = self._id(reference)
        if thing_id in self.workspace.pages:
            return Parent("page_id", thing_id)
        if thing_id in self.workspace.data_sources:
            return Parent("data_source_id", thing_id)
        if thing_id in self.workspace.databases:
            return Parent("data_source_id", self.workspace.databases[thing_id].sources[0])
        if thing_id in self.workspace.owners:
            return Parent("block_id", thing_id)
        raise KeyError(f"there is nothing with the id {reference}")

    def _changes(self, call: Call, source: DataSource | None, values: Mapping[str, Any]) -> Changes:
        """Check simple values by property name; `"title"` is always the title."""
        schema = source.properties if source else PLAIN_SCHEMA
        pairs = []
        for name, value in values.items():
            prop = schema["title"] if name == "title" else None
            if prop is None and source is not None:
                prop = find_property(source, name)
            if prop is None:
                raise KeyError(f"{name} is not a property that exists")
            pairs.append((prop, value_request(self.workspace, prop, value)))
        return checked_pairs(call, source, pairs)
