"""Bodies as a whole: blocks put in, taken out, replaced, and the sub-pages that stand in them.

A sub-page and its `child_page` block are two views of one thing. Whatever changes a body ends in
`settle`, which keeps the two in step: pages get the parent their block shows, blocks without a page
get one, and pages whose block is gone go to the trash.
"""

from __future__ import annotations

from typing import NamedTuple

from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.call import Call
from notionfs.simulator.clock import minute_time
from notionfs.simulator.errors import invalid
from notionfs.simulator.records import Database, Page, Parent, Trashed, text
from notionfs.simulator.workspace import Workspace, find_in
from notionfs.simulator.world import World

CHILDREN_OF_THEIR_OWN = ("child_page", "child_database")


def child_block(thing: Page | Database) -> Block:
    """Return the block that stands for a sub-page or database in its parent's body."""
    kind = "child_page" if isinstance(thing, Page) else "child_database"
    return Block(id=thing.id, type=kind, data={"title": ""}, children=[])


def hang_in(
    world: World, thing: Page | Database, parent: Parent, actor: str, index: int | None = None
) -> None:
    """Put the block of *thing* into the body that *parent* names, at *index* or at the end."""
    siblings = siblings_of(world, parent)
    home = world.workspace.home_of(parent)
    if siblings is None or home is None:
        return
    block = child_block(thing)
    siblings.insert(len(siblings) if index is None else index, block)
    world.stamp([block], actor)
    world.workspace.owners[block.id] = home.id
    world.touch(home, actor)


def siblings_of(world: World, parent: Parent) -> list[Block] | None:
    """Return the list of blocks that *parent* holds, for changing."""
    workspace = world.workspace
    if parent.kind == "page_id":
        page = workspace.pages.get(parent.id)
        return workspace.own_body(page) if page else None
    if parent.kind == "block_id":
        spot = workspace.find_block(parent.id)
        return spot.block.children if spot else None
    return None


def take_out(world: World, block_id: str, *, keep: bool) -> None:
    """Take a block out of the body it stands in; *keep* it in the bin, so that it can come back."""
    spot = world.workspace.find_block(block_id)
    if spot is None:
        return
    block = spot.siblings.pop(spot.at)
    for inner in walk([block]):
        world.workspace.owners.pop(inner.id, None)
    if keep:
        container = spot.holders[-1].id if spot.holders else spot.page.id
        after = spot.siblings[spot.at - 1].id if spot.at else None
        world.workspace.records.bin[block_id] = Trashed(block, spot.page.id, container, after)
    world.workspace.version += 1


def put_back(world: World, block_id: str) -> Page | None:
    """Put a block from the bin back where it stood; returns the page it stands on now."""
    trashed = world.workspace.records.bin.pop(block_id, None)
    if trashed is None:
        return None
    page = world.workspace.pages.get(trashed.page_id)
    if page is None:
        return None
    body = world.workspace.own_body(page)
    holder = None if trashed.container == page.id else world.workspace.find_block(trashed.container)
    siblings = holder.block.children if holder else body
    index = next((i + 1 for i, block in enumerate(siblings) if block.id == trashed.after), 0)
    if trashed.after is None or index == 0:
        index = 0 if trashed.after is None else len(siblings)
    siblings.insert(index, trashed.block)
    for inner in walk([trashed.block]):
        world.workspace.owners[inner.id] = page.id
    world.workspace.version += 1
    return page


class InBin(NamedTuple):
    """A block in the trash, by itself or inside of one that was trashed."""

    block: Block
    page_id: str
    parent: Parent


def in_bin(workspace: Workspace, block_id: str) -> InBin | None:
    """Return the trashed block with this id, if there is one."""
    trashed = workspace.records.bin.get(block_id)
    if trashed is not None:
        kind = "page_id" if trashed.container == trashed.page_id else "block_id"
        return InBin(trashed.block, trashed.page_id, Parent(kind, trashed.container))
    for other in workspace.records.bin.values():
        page = workspace.pages.get(other.page_id)
        spot = find_in(page, [other.block], block_id) if page else None
        if spot is not None:
            return InBin(spot.block, other.page_id, Parent("block_id", spot.holders[-1].id))
    return None


def settle(
    call: Call, page: Page, before: list[Block], after: list[Block], touched: set[str]
) -> None:
    """Make *after* the body of *page* and bring sub-pages, times and the bin into step with it.

    *touched* are the blocks whose own content changed.
    """
    world = call.world
    _refuse_foreign(call, after)
    now_there = {block.id for block in walk(after)}
    for block in list(walk(before)):
        if block.id not in now_there and block.type in CHILDREN_OF_THEIR_OWN:
            trash_child(call, block, page)
    world.touch(page, call.actor)
    stamp = minute_time(world.now)
    for block in walk(after):
        if block.id in touched:
            block.last_edited_time, block.last_edited_by = stamp, call.actor
    world.workspace.set_body(page, after)
    world.stamp(after, call.actor)
    adopt(call, page)


def _refuse_foreign(call: Call, body: list[Block]) -> None:
    for block in walk(body):
        if block.type == "child_database" and block.id not in call.world.workspace.databases:
            raise invalid("A database cannot be created by markdown: it needs a data source.")


def trash_child(call: Call, block: Block, page: Page) -> None:
    """Trash the page or database whose block leaves the body of *page*."""
    workspace = call.world.workspace
    thing = workspace.pages.get(block.id) or workspace.databases.get(block.id)
    if thing is None:
        return
    call.world.touch(thing, call.actor)
    thing.in_trash = True
    workspace.records.bin[block.id] = Trashed(block, page.id, page.id, None)


def adopt(call: Call, page: Page) -> None:
    """Give every sub-page in the body of *page* the parent its block shows.

    Make those that are new.
    """
    pending: list[tuple[list[Block], Parent]] = [
        (call.world.workspace.own_body(page), Parent("page_id", page.id))
    ]
    while pending:
        blocks, parent = pending.pop()
        for block in blocks:
            if block.type == "child_page":
                _adopt_page(call, block, parent)
            elif block.type == "child_database":
                call.world.workspace.databases[block.id].parent = parent
            if block.children:
                pending.append((block.children, Parent("block_id", block.id)))


def _adopt_page(call: Call, block: Block, parent: Parent) -> None:
    world = call.world
    child = world.workspace.pages.get(block.id)
    if child is None:
        now = world.now
        child = Page(block.id, parent, now, now, call.actor, call.actor, body=[])
        child.values = {"title": text(block.data.get("title", ""))}
        block.to_create = False
        world.workspace.add(child)
        world.created(child)
        return
    if child.parent != parent:
        _leave_old_place(world, child)
        world.touch(child, call.actor)
        world.workspace.rehang(child, parent)
    if child.in_trash:
        world.workspace.records.bin.pop(child.id, None)
        child.in_trash = False


def _leave_old_place(world: World, child: Page) -> None:
    """Remove the block of a page that now stands in another body."""
    old_home = world.workspace.home_of(child.parent)
    if old_home is None or old_home.body is None:
        return
    spot = find_in(old_home, old_home.body, child.id)
    owner = world.workspace.owners.get(child.id)
    if spot is not None and owner != old_home.id:
        spot.siblings.pop(spot.at)
