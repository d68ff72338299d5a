"""Content in requests: blocks and markdown become blocks of this workspace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from notionfs.simulator.blocks import BLOCK_TYPES, Block, BlockError, from_request, walk
from notionfs.simulator.call import Call
from notionfs.simulator.dialects import parse
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.icons import checked_icon
from notionfs.simulator.limits import check_blocks
from notionfs.simulator.naming import names_for
from notionfs.simulator.objects import FILE_BLOCKS
from notionfs.simulator.richtext import merge_runs
from notionfs.simulator.uploads import attach

VERSIONS = ("v1", "v2")


@dataclass(slots=True)
class Content:
    """Blocks read from a request, and what the reader had to say about them."""

    blocks: list[Block]
    warnings: list[dict[str, Any]]


def requested_version(call: Call, value: Any, where: str) -> str:
    """Return the dialect a request asks for; v1 if it says nothing."""
    if value is None:
        return "v1"
    if not call.world.switches.markdown_versions:
        raise invalid(
            f"{where.split('.', maxsplit=1)[0]} failed validation: {where} should be not "
            f'present, instead was `"{value}"`.'
        )
    if value not in VERSIONS:
        raise invalid(
            f'{where.split(".", maxsplit=1)[0]} failed validation: {where} should be `"v1"` or '
            f'`"v2"`, instead was `{value}`.'
        )
    return str(value)


def read_blocks(call: Call, children: Any, where: str) -> list[Block]:
    """Return the blocks of a request, checked against limits and the workspace."""
    requests = check_blocks(call.world.limits, children, where)
    try:
        blocks = [from_request(item, f"{where}[{i}]") for i, item in enumerate(requests)]
    except BlockError as exc:
        raise invalid(str(exc)) from exc
    finish(call, blocks, where)
    return blocks


def read_markdown(call: Call, markdown: Any, version: Any) -> Content:
    """Return the blocks that *markdown* describes."""
    if not isinstance(markdown, str):
        raise body_invalid("body.markdown", "a string", markdown)
    dialect = requested_version(call, version, "body.markdown_version")
    try:
        parsed = parse(markdown, names_for(call), version=dialect)
    except BlockError as exc:
        raise invalid(str(exc)) from exc
    blocks = list(parsed.blocks)
    finish(call, blocks, "body.markdown")
    return Content(blocks, list(parsed.warnings) if dialect == "v2" else [])


def finish(call: Call, blocks: list[Block], where: str) -> None:
    """Give new blocks ids of this workspace, and attach the files they name."""
    world = call.world
    for block in walk(blocks):
        known = block.type in ("child_page", "child_database") and not block.to_create
        if not known:
            block.id = world.ids.record(world.now)
        for key in ("rich_text", "caption"):
            if key in block.data:  # neighbours of one style become one, as seen in real exchanges
                block.data[key] = merge_runs(block.data[key])
        attach_files(call, block, where)


def attach_files(call: Call, block: Block, where: str) -> None:
    """Turn uploads in a block into hosted files, and check what it refers to."""
    world = call.world
    if block.type in FILE_BLOCKS:
        kind = block.data["type"]
        stored = attach(world, {"type": kind, kind: block.data[kind]}, f"{where}.{block.type}")
        block.data = {key: value for key, value in block.data.items() if key not in ("type", kind)}
        block.data |= stored
        if block.type == "file" and not block.data.get("name"):
            block.data["name"] = attach(world, stored, where, named=True)["name"]
    if block.data.get("icon"):
        block.data = block.data | {"icon": checked_icon(world, block.data["icon"], f"{where}.icon")}
    synced = block.data.get("synced_from") if block.type == "synced_block" else None
    if synced and synced["block_id"] not in world.workspace.owners:
        raise call.missing("block", synced["block_id"])
    if BLOCK_TYPES[block.type].is_file and block.data["type"] not in ("external", "file"):
        raise body_invalid(
            f"{where}.{block.type}", "an external or hosted file", block.data["type"]
        )
