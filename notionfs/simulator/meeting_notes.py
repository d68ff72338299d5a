"""AI meeting notes: made by their own endpoint, and listed across pages."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.blocks import Block, new_block, walk
from notionfs.simulator.call import Call
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.objects import block_object
from notionfs.simulator.parents import requested_parent
from notionfs.simulator.records import Parent, text
from notionfs.simulator.trees import siblings_of

CREATE_KEYS = ("parent", "title", "notes", "summary", "transcript", "calendar_event")
SECTIONS = ("summary", "notes", "transcript")


def create_meeting_notes(call: Call) -> dict[str, Any]:
    """Add a meeting notes block to a page, its sections filled with plain text."""
    body = call.object_body(CREATE_KEYS)
    parent = requested_parent(call, body.get("parent"), ("page_id",))
    siblings = siblings_of(call.world, parent)
    if siblings is None:
        raise invalid("body.parent should be a page.")
    block = meeting_notes(call, body)
    siblings.append(block)
    world = call.world
    world.stamp([block], call.actor)
    for inner in walk([block]):
        world.workspace.owners[inner.id] = parent.id
    world.touch(world.workspace.pages[parent.id], call.actor)
    call.committed["committed_resource_id"] = block.id
    return block_object(world, block, parent)


def meeting_notes(call: Call, body: dict[str, Any]) -> Block:
    """Return a meeting notes block with its three sections."""
    world = call.world
    sections = {}
    for name in SECTIONS:
        value = body.get(name) or ""
        if not isinstance(value, str):
            raise body_invalid(f"body.{name}", "a string", value)
        section = new_block("paragraph", {"rich_text": text(value)}, id=world.ids.record(world.now))
        sections[name] = section
    data: dict[str, Any] = {
        "title": text(str(body.get("title") or "")),
        "status": "notes_ready",
        "children": {f"{name}_block_id": section.id for name, section in sections.items()},
    }
    if body.get("calendar_event"):
        data["calendar_event"] = body["calendar_event"]
    return new_block("meeting_notes", data, list(sections.values()), id=world.ids.record(world.now))


def query_meeting_notes(call: Call) -> dict[str, Any]:
    """List the meeting notes of all pages."""
    call.object_body(("filter", "sort", "sorts", "page_size", "start_cursor"))
    workspace = call.world.workspace

    def found() -> Listing:
        pairs = [
            (block, page.id)
            for page in workspace.pages.values()
            if page.body and not page.in_trash and call.sees(page.id)
            for block in page.body
            if block.type == "meeting_notes"
        ]
        return Listing(pairs)

    def show(pair: tuple[Block, str]) -> dict[str, Any]:
        return block_object(call.world, pair[0], Parent("page_id", pair[1]))

    return call.listing("block", found, show)
