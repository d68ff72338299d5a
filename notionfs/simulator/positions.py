"""Where a new block goes among its siblings."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.blocks import Block
from notionfs.simulator.call import Call
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.records import Parent
from notionfs.simulator.trees import siblings_of

STARTS = ("start", "page_start")
ENDS = ("end", "page_end")


def requested_index(call: Call, parent: Parent, position: Any) -> int | None:
    """Return the index a `position` names below *parent*; None means the end."""
    if position is None:
        return None
    if not isinstance(position, dict):
        raise body_invalid("body.position", "an object", position)
    if parent.kind not in ("page_id", "block_id"):
        raise invalid("body.position can only be used with a page parent.")
    siblings = siblings_of(call.world, parent) or []
    return index_of(siblings, position)


def index_of(siblings: list[Block], position: dict[str, Any]) -> int | None:
    """Return the index a position names among *siblings*; None means the end."""
    kind = position.get("type")
    if kind in STARTS:
        return 0
    if kind in ENDS:
        return None
    if kind != "after_block":
        raise body_invalid("body.position.type", '"start", "end" or "after_block"', kind)
    data = position.get("after_block")
    wanted = data.get("id") if isinstance(data, dict) else None
    return index_after(siblings, wanted, "body.position.after_block.id")


def index_after(siblings: list[Block], wanted: Any, where: str) -> int:
    """Return the index behind the sibling with the id *wanted*."""
    block_id = dashed(wanted) if isinstance(wanted, str) else None
    if block_id is None:
        raise body_invalid(where, "a valid uuid", wanted)
    for index, block in enumerate(siblings):
        if block.id == block_id:
            return index + 1
    raise invalid(f"{where}: block {block_id} is not a child of the parent.")
