"""Blocks one by one: retrieve, update, delete, list children, append children."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.blocks import BLOCK_TYPES, Block, BlockError, updated_data, walk
from notionfs.simulator.call import Call
from notionfs.simulator.clock import minute_time
from notionfs.simulator.content import attach_files, read_blocks
from notionfs.simulator.cursors import Listing, list_object
from notionfs.simulator.databases import set_database_trashed
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.objects import block_object, page_as_block
from notionfs.simulator.pages import set_trashed
from notionfs.simulator.parents import TRASHED
from notionfs.simulator.positions import index_after, index_of
from notionfs.simulator.records import Database, Page, Parent
from notionfs.simulator.trees import adopt, in_bin, put_back, take_out
from notionfs.simulator.workspace import Spot

ENVELOPE = ("object", "id", "type", "in_trash", "archived", "has_children")


def _parent_of(spot: Spot) -> Parent:
    if spot.holders:
        return Parent("block_id", spot.holders[-1].id)
    return Parent("page_id", spot.page.id)


def _page_or_database(call: Call, thing_id: str) -> Page | Database | None:
    workspace = call.world.workspace
    thing = workspace.pages.get(thing_id) or workspace.databases.get(thing_id)
    if thing is not None and not call.sees(thing_id):
        raise call.missing("block", thing_id)
    return thing


def _spot(call: Call, block_id: str) -> Spot:
    spot = call.world.workspace.find_block(block_id)
    if spot is None or not call.sees(spot.page.id):
        raise call.missing("block", block_id)
    return spot


def get_block(call: Call) -> dict[str, Any]:
    """Answer with a block; pages and databases are blocks too."""
    block_id = call.uuid()
    thing = _page_or_database(call, block_id)
    if thing is not None:
        return page_as_block(call.world, thing)
    trashed = in_bin(call.world.workspace, block_id)
    if trashed is not None and call.sees(trashed.page_id):
        return block_object(call.world, trashed.block, trashed.parent, in_trash=True)
    spot = _spot(call, block_id)
    return block_object(call.world, spot.block, _parent_of(spot))


def get_children(call: Call) -> dict[str, Any]:
    """List the direct children of a block or page in document order."""
    parent_id = call.uuid()
    blocks, parent = _children_of(call, parent_id)
    shown = [block for block in blocks if not block.in_trash and call.sees(block.id)]

    def show(block: Block) -> dict[str, Any]:
        return block_object(call.world, block, parent)

    return call.listing("block", lambda: Listing(shown), show)


def _children_of(call: Call, parent_id: str) -> tuple[list[Block], Parent]:
    workspace = call.world.workspace
    page = workspace.pages.get(parent_id)
    if page is not None:
        if not call.sees(parent_id):
            raise call.missing("block", parent_id)
        return workspace.own_body(page), Parent("page_id", parent_id)
    if parent_id in workspace.databases:
        call.database(parent_id)
        return [], Parent("database_id", parent_id)
    block = _spot(call, parent_id).block
    original = (block.data.get("synced_from") or {}).get("block_id")
    if block.type == "synced_block" and original and not block.children:
        source = workspace.find_block(original)
        return (source.block.children if source else []), Parent("block_id", original)
    return block.children, Parent("block_id", parent_id)


def append_children(call: Call) -> dict[str, Any]:
    """Add blocks to a block or page; answers with those of the first level."""
    body = call.object_body(("children", "after", "position"))
    parent_id = call.uuid()
    if "children" not in body:
        raise body_invalid("body.children", "defined", missing=True)
    siblings, parent = _children_of(call, parent_id)
    page = _page_around(call, parent_id)
    if call.world.workspace.in_trash(page.id):
        raise invalid(TRASHED)
    _check_may_hold(call, parent_id)
    index = _append_index(siblings, body)
    blocks = read_blocks(call, body["children"], "body.children")
    world = call.world
    world.stamp(blocks, call.actor)
    siblings[index:index] = blocks
    for block in walk(blocks):
        world.workspace.owners[block.id] = page.id
    move_time(call, page)
    adopt(call, page)
    call.committed["committed_resource_id"] = parent_id
    call.committed["committed_child_ids"] = [block.id for block in blocks]
    # Seen in real exchanges: the answer goes on with the siblings behind the new blocks.
    shown = siblings[index : index + world.limits.page_size]
    return list_object("block", [block_object(world, block, parent) for block in shown], None)


def _page_around(call: Call, thing_id: str) -> Page:
    workspace = call.world.workspace
    page = workspace.pages.get(thing_id) or workspace.pages.get(workspace.owners.get(thing_id, ""))
    if page is None:
        raise invalid("Block type child_database does not support children.")
    return page


def _check_may_hold(call: Call, parent_id: str) -> None:
    if parent_id in call.world.workspace.pages:
        return
    block = _spot(call, parent_id).block
    if not BLOCK_TYPES[block.type].may_have_children:
        raise invalid("Block does not support children.")
    if block.type.startswith("heading_") and not block.data.get("is_toggleable"):
        raise invalid("Block does not support children: the heading is not toggleable.")


def _append_index(siblings: list[Block], body: dict[str, Any]) -> int:
    if body.get("after") is not None and body.get("position") is not None:
        raise invalid("body failed validation: only one of body.after, body.position may be given.")
    if body.get("after") is not None:
        return index_after(siblings, body["after"], "body.after")
    position = body.get("position")
    if position is None:
        return len(siblings)
    if not isinstance(position, dict):
        raise body_invalid("body.position", "an object", position)
    index = index_of(siblings, position)
    return len(siblings) if index is None else index


def move_time(call: Call, page: Page) -> None:
    """Note a block edit on its page, unless edits of blocks do not move its time (a switch)."""
    if call.world.switches.block_edits_move_time:
        call.world.touch(page, call.actor)
    else:
        call.world.workspace.version += 1


def update_block(call: Call) -> dict[str, Any]:
    """Replace fields of a block, or move it to the trash and back."""
    body = call.object_body((*ENVELOPE, *BLOCK_TYPES))
    block_id = call.uuid()
    trash = next((call.flag(key) for key in ("in_trash", "archived") if key in body), None)
    if trash is not None and (trash or block_id in call.world.workspace.records.bin):
        return _set_trashed(call, block_id, trashed=trash)
    if _page_or_database(call, block_id) is not None and trash is None:
        raise invalid("Pages and databases are changed through their own endpoints.")
    if trash is False and _page_or_database(call, block_id) is not None:
        return _set_trashed(call, block_id, trashed=False)
    if block_id in call.world.workspace.records.bin:
        raise call.missing("block", block_id)
    spot = _spot(call, block_id)
    _change(call, spot, body)
    return block_object(call.world, spot.block, _parent_of(spot))


def _change(call: Call, spot: Spot, body: dict[str, Any]) -> None:
    block = spot.block
    if body.get("type", block.type) != block.type:
        raise body_invalid("body.type", f'`"{block.type}"`', body["type"])
    kinds = [key for key in body if key not in ENVELOPE]
    for kind in kinds:
        if kind != block.type:
            raise invalid(
                f"body failed validation: body.{block.type} should be defined: the type of a block "
                "cannot change."
            )
    if not kinds:
        return
    try:
        data = updated_data(block, _without_children(body[block.type]))
    except BlockError as exc:
        raise invalid(str(exc)) from exc
    trial = Block(block.id, block.type, data, block.children)
    attach_files(call, trial, "body")
    block.data = trial.data
    block.last_edited_time = minute_time(call.world.now)
    block.last_edited_by = call.actor
    move_time(call, spot.page)


def _without_children(payload: Any) -> Any:
    """Return *payload* without an empty list of children, which clients send along."""
    if isinstance(payload, dict) and payload.get("children") == []:
        return {key: value for key, value in payload.items() if key != "children"}
    return payload


def delete_block(call: Call) -> dict[str, Any]:
    """Move a block (or page, or database) to the trash."""
    return _set_trashed(call, call.uuid(), trashed=True)


def _set_trashed(call: Call, block_id: str, *, trashed: bool) -> dict[str, Any]:
    thing = _page_or_database(call, block_id)
    world = call.world
    if isinstance(thing, Page):
        if trashed and thing.parent.kind == "workspace":
            raise invalid("Archiving workspace level pages via API not supported.")
        world.touch(thing, call.actor)
        set_trashed(call, thing, trashed=trashed)
        return page_as_block(world, thing)
    if isinstance(thing, Database):
        world.touch(thing, call.actor)
        set_database_trashed(call, thing, trashed=trashed)
        return page_as_block(world, thing)
    return _trash_block(call, block_id) if trashed else _restore_block(call, block_id)


def _trash_block(call: Call, block_id: str) -> dict[str, Any]:
    spot = _spot(call, block_id)
    for inner in walk(spot.block.children):
        thing = call.world.workspace.pages.get(inner.id) or call.world.workspace.databases.get(
            inner.id
        )
        if thing is not None:  # a sub-page inside goes with what holds it
            call.world.touch(thing, call.actor)
            thing.in_trash = True
    spot.block.last_edited_time = minute_time(call.world.now)
    take_out(call.world, block_id, keep=True)
    move_time(call, spot.page)
    trashed = in_bin(call.world.workspace, block_id)
    assert trashed is not None
    return block_object(call.world, trashed.block, trashed.parent, in_trash=True)


def _restore_block(call: Call, block_id: str) -> dict[str, Any]:
    trashed = call.world.workspace.records.bin.get(block_id)
    if trashed is None or not call.sees(trashed.page_id):
        raise call.missing("block", block_id)
    for inner in walk([trashed.block]):
        thing = call.world.workspace.pages.get(inner.id) or call.world.workspace.databases.get(
            inner.id
        )
        if thing is not None:
            thing.in_trash = False
    page = put_back(call.world, block_id)
    if page is None:
        raise call.missing("block", block_id)
    move_time(call, page)
    spot = _spot(call, block_id)
    return block_object(call.world, spot.block, _parent_of(spot))
