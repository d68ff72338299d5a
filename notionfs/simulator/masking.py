"""What a token may not see of a page: sub-pages and databases that are not shared with it.

They stand in the text as `<unknown>` tags. An edit sees the same stand-ins, and must leave all of
them where they are or elsewhere on the page.
"""

from __future__ import annotations

from collections.abc import Sequence

from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.call import Call
from notionfs.simulator.errors import invalid

CHILDREN_OF_THEIR_OWN = ("child_page", "child_database")


def masked(call: Call, blocks: Sequence[Block]) -> tuple[list[Block], dict[str, Block]]:
    """Return *blocks* with stand-ins for what is hidden, and what is hidden by id."""
    if call.sees_everything:
        return list(blocks), {}
    hidden = {
        block.id: block
        for block in walk(blocks)
        if block.type in CHILDREN_OF_THEIR_OWN and not call.sees(block.id)
    }
    return (_replaced(blocks, hidden) if hidden else list(blocks)), hidden


def _replaced(blocks: Sequence[Block], hidden: dict[str, Block]) -> list[Block]:
    return [
        _stand_in(block)
        if block.id in hidden
        else _with_children(block, _replaced(block.children, hidden))
        for block in blocks
    ]


def _stand_in(block: Block) -> Block:
    return Block(block.id, "unsupported", {"block_type": block.type})


def _with_children(block: Block, children: list[Block]) -> Block:
    copy = Block(block.id, block.type, block.data, children)
    copy.created_time, copy.last_edited_time = block.created_time, block.last_edited_time
    copy.created_by, copy.last_edited_by = block.created_by, block.last_edited_by
    return copy


def unmasked(blocks: Sequence[Block], hidden: dict[str, Block]) -> list[Block]:
    """Return *blocks* with what was hidden back in its place; raises if any of it is gone."""
    if not hidden:
        return list(blocks)
    left = {block.id for block in walk(blocks)}
    for block_id in hidden:
        if block_id not in left:
            raise invalid(
                f"This operation would delete content this integration cannot access: {block_id}."
            )
    return _restored(blocks, hidden)


def _restored(blocks: Sequence[Block], hidden: dict[str, Block]) -> list[Block]:
    for block in blocks:
        block.children = _restored(block.children, hidden)
    return [hidden.get(block.id, block) for block in blocks]
