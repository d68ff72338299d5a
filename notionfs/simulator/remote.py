"""Edits by another user, behind a client's back.

Everything here is done as a person, not as the token's bot, and goes through the same checks as
requests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.children import delete_block, move_time
from notionfs.simulator.content import read_blocks
from notionfs.simulator.databases import relocate_database, set_database_trashed
from notionfs.simulator.documents import edit_page
from notionfs.simulator.hands import Hands
from notionfs.simulator.pages import relocate, set_trashed
from notionfs.simulator.records import (
    text,
)
from notionfs.simulator.schema import change_schema
from notionfs.simulator.simple import (
    entry_request,
)
from notionfs.simulator.trees import adopt


class RemoteEdits(Hands):
    """The part of `Simulator` that changes what is there."""

    def edit_title(self, page_id: str, title: str) -> None:
        """Give a page another title."""
        self.edit_property(page_id, "title", title)

    def edit_property(self, page_id: str, name: str, value: Any) -> None:
        """Change one property value (`"title"` is the title, whatever its name)."""
        page = self._page(page_id)
        call = self._as_person()
        source = self.workspace.data_sources.get(page.parent.id)
        changes = self._changes(call, source, {name: value})
        self.world.touch(page, call.actor)
        changes.apply(call, page)
        self.changed()

    def edit_markdown(self, page_id: str, markdown: str, *, version: str = "v2") -> None:
        """Replace the body of a page.

        Blocks that stay keep their ids. Sub-pages left out are trashed.
        """
        command = {"new_str": markdown, "allow_deleting_content": True}
        self._edit(page_id, {"type": "replace_content", "replace_content": command}, version)

    def append_markdown(self, page_id: str, markdown: str, *, version: str = "v2") -> None:
        """Add to the end of the body of a page."""
        command = {"content": markdown}
        self._edit(page_id, {"type": "insert_content", "insert_content": command}, version)

    def replace_text(self, page_id: str, old: str, new: str, *, version: str = "v2") -> None:
        """Replace the one place of a page's markdown that says *old*."""
        command = {"content_updates": [{"old_str": old, "new_str": new}]}
        self._edit(page_id, {"type": "update_content", "update_content": command}, version)

    def _edit(self, page_id: str, command: dict[str, Any], version: str) -> None:
        edit_page(self._as_person(), self._page(page_id), command, version)
        self.changed()

    def append_blocks(self, parent_id: str, blocks: Sequence[Mapping[str, Any]]) -> list[str]:
        """Add blocks in request form to a page or block; returns their ids."""
        call = self._as_person()
        made: list[Block] = []
        for start in range(0, len(blocks), call.world.limits.array):
            part = list(blocks[start : start + call.world.limits.array])
            made += read_blocks(call, part, "blocks")
        self.put_blocks(parent_id, made)
        return [block.id for block in made]

    def put_blocks(self, parent_id: str, blocks: Sequence[Block]) -> None:
        """Add ready-made blocks to a page or block, even of types no request can make."""
        call = self._as_person()
        thing_id = self._id(parent_id)
        spot = None if thing_id in self.workspace.pages else self.workspace.find_block(thing_id)
        page = spot.page if spot else self._page(thing_id)
        self.world.stamp(list(blocks), call.actor)
        siblings = spot.block.children if spot else self.workspace.own_body(page)
        siblings.extend(blocks)
        for block in walk(list(blocks)):
            self.workspace.owners[block.id] = page.id
        move_time(call, page)
        adopt(call, page)
        self.changed()

    def delete_block(self, block_id: str) -> None:
        """Move one block to the trash."""
        call = self._as_person()
        call.ids = [self._id(block_id)]
        delete_block(call)
        self.changed()

    def move(self, thing_id: str, parent: str | None) -> None:
        """Move a page or database; also to the top of the workspace, which the API refuses."""
        call = self._as_person()
        target = self._parent(parent)
        database = self.workspace.databases.get(self._id(thing_id))
        if database is not None:
            self.world.touch(database, call.actor)
            relocate_database(call, database, target)
        else:
            relocate(call, self._page(thing_id), target)
        self.changed()

    def trash(self, thing_id: str) -> None:
        """Move a page, database or data source to the trash, top-level pages too."""
        self._set_trashed(thing_id, trashed=True)

    def restore(self, thing_id: str) -> None:
        """Take a page, database or data source out of the trash."""
        self._set_trashed(thing_id, trashed=False)

    def _set_trashed(self, reference: str, *, trashed: bool) -> None:
        call = self._as_person()
        thing_id = self._id(reference)
        if source := self.workspace.data_sources.get(thing_id):
            self.world.touch(source, call.actor)
            source.in_trash = trashed
        elif database := self.workspace.databases.get(thing_id):
            self.world.touch(database, call.actor)
            set_database_trashed(call, database, trashed=trashed)
        else:
            page = self._page(thing_id)
            self.world.touch(page, call.actor)
            set_trashed(call, page, trashed=trashed)
        self.changed()

    def delete_forever(self, page_id: str) -> None:
        """Remove a page as if it had never been; what points to it points to nothing."""
        page = self._page(page_id)
        set_trashed(self._as_person(), page, trashed=True)
        self.workspace.rows.get(page.parent.id, {}).pop(page.id, None)
        self.workspace.records.bin.pop(page.id, None)
        del self.workspace.pages[page.id]
        self.changed()

    def archive(self, page_id: str, *, archived: bool = True) -> None:
        """Archive a page (not the trash) or bring it back."""
        page = self._page(page_id)
        self.world.touch(page, self._as_person().actor)
        page.is_archived = archived
        self.changed()

    def lock(self, page_id: str, *, locked: bool = True) -> None:
        """Lock a page in the app, or unlock it."""
        page = self._page(page_id)
        self.world.touch(page, self._as_person().actor)
        page.is_locked = locked
        self.changed()

    def change_schema(self, source_id: str, properties: Mapping[str, Any]) -> None:
        """Add, change, rename (`{"Old": {"name": "New"}}`) or remove (`None`) properties."""
        call = self._as_person()
        source = self.workspace.data_sources[self._id(source_id)]
        self.world.touch(source, call.actor)
        requests = {
            name: None if entry is None else entry_request(entry)
            for name, entry in properties.items()
        }
        change_schema(call, source, requests)
        self.changed()

    def rename_database(self, database_id: str, title: str) -> None:
        """Give a database another title; its only data source follows."""
        call = self._as_person()
        database = self.workspace.databases[self._id(database_id)]
        self.world.touch(database, call.actor)
        database.title = text(title)
        if len(database.sources) == 1:
            self.rename_data_source(database.sources[0], title)
        self.changed()

    def rename_data_source(self, source_id: str, title: str) -> None:
        """Give a data source another name."""
        source = self.workspace.data_sources[self._id(source_id)]
        self.world.touch(source, self._as_person().actor)
        source.title = text(title)
        self.changed()

    def unshare(self, thing_id: str) -> None:
        """Take an object, and all below it, away from the token."""
        self.workspace.records.shares[self._id(thing_id)] = False
        self.workspace.version += 1
        self.changed()

    def share(self, thing_id: str) -> None:
        """Share an object, and all below it, with the token."""
        self.workspace.records.shares[self._id(thing_id)] = True
        self.workspace.version += 1
        self.changed()
