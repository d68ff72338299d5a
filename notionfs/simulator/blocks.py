"""Block trees: what a block is, which types there are, and what a request may ask of each.

A block's `data` is the type object of an API answer, always complete. `from_request` is the only
door for what clients send; all it lets in can be shown again by `to_response` and the dialects.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator import richtext
from notionfs.simulator.block_fields import Clean, clean_icon, clean_source, dashed
from notionfs.simulator.block_types import BLOCK_TYPES, BlockType, may_hold
from notionfs.simulator.richtext import BlockError, refuse

__all__ = [
    "BLOCK_TYPES",
    "Block",
    "BlockError",
    "BlockType",
    "copy_tree",
    "file_name",
    "file_url",
    "from_request",
    "may_hold",
    "name_in_url",
    "new_block",
    "to_response",
    "updated_data",
    "walk",
]


@dataclass(slots=True)
class Block:
    """One block and what is inside it. A `child_page` or `child_database` has no children here."""

    id: str
    type: str
    data: dict[str, Any]
    children: list[Block] = field(default_factory=list)
    created_time: str = ""
    last_edited_time: str = ""
    created_by: str = ""
    last_edited_by: str = ""
    in_trash: bool = False
    to_create: bool = False  # a child page that markdown asked for and that does not exist yet


MISSING = object()
FILE_KINDS = ("external", "file", "file_upload")


def new_block(
    type: str,  # noqa: A002  (the API's word)
    data: Mapping[str, Any] | None = None,
    children: Iterable[Block] = (),
    *,
    id: str | None = None,  # noqa: A002
) -> Block:
    """Return a block whose *data* is completed with the defaults of its type."""
    complete = {
        name: rule.default()
        for name, rule in BLOCK_TYPES[type].fields.items()
        if rule.default is not None and rule.shown
    }
    if "rich_text" in BLOCK_TYPES[type].fields:
        complete["rich_text"] = []
    if type == "callout":
        complete["icon"] = None
    complete.update(data or {})
    return Block(id or str(uuid.uuid4()), type, complete, list(children))


def from_request(request: Any, where: str = "body") -> Block:
    """Return the block that a request describes, or raise `BlockError` in Notion's words."""
    if not isinstance(request, dict):
        raise refuse(where, "an object", request)
    kind = request.get("type") or next((name for name in request if name in BLOCK_TYPES), None)
    rules = BLOCK_TYPES.get(str(kind))
    payload = request.get(str(kind))
    if rules is None or not rules.creatable:
        raise refuse(f"{where}.{kind or 'type'}", "a supported block type", kind)
    if not isinstance(payload, dict):
        raise refuse(f"{where}.{kind}", "defined", None)
    inside = f"{where}.{kind}"
    nested = payload.get("children", request.get("children")) or []
    children = _children(str(kind), rules, nested, inside)
    rest = {name: value for name, value in payload.items() if name != "children"}
    data = _clean(str(kind), rules, rest, inside)
    _check_shape(str(kind), data, children, inside)
    return Block(str(uuid.uuid4()), str(kind), data, children)


def _children(kind: str, rules: BlockType, nested: Any, where: str) -> list[Block]:
    if not isinstance(nested, list):
        raise refuse(f"{where}.children", "an array", nested)
    if nested and not rules.may_have_children:
        raise refuse(f"{where}.children", "not present", nested)
    blocks = [from_request(child, f"{where}.children[{i}]") for i, child in enumerate(nested)]
    for index, block in enumerate(blocks):
        if not may_hold(kind, block.type):
            raise refuse(f"{where}.children[{index}].{block.type}", "not present", block.type)
    if len(blocks) < rules.least:
        raise BlockError(
            f"body failed validation: {where}.children.length should be ≥ `{rules.least}`, "
            f"instead was `{len(blocks)}`."
        )
    return blocks


def _check_shape(kind: str, data: Mapping[str, Any], children: list[Block], where: str) -> None:
    if kind == "table":
        for row in children:
            if len(row.data["cells"]) != data["table_width"]:
                raise BlockError(
                    "Number of cells in table row must match the table width of the parent table"
                )
    if kind.startswith("heading_") and children and not data["is_toggleable"]:
        raise refuse(f"{where}.children", "not present", "a heading that is not toggleable")


def _clean(kind: str, rules: BlockType, payload: Mapping[str, Any], where: str) -> dict[str, Any]:
    data: dict[str, Any] = {}
    rest = dict(payload)
    for name, rule in rules.fields.items():
        value = rest.pop(name, MISSING)
        if value is not MISSING and (value is not None or rule.clean in NULLABLE):
            data[name] = rule.clean(value, f"{where}.{name}")
        elif rule.default is None:
            raise refuse(f"{where}.{name}", "defined", None)
        elif rule.shown:
            data[name] = rule.default()
    if rules.is_file:
        data.update(_file(kind, rest, where))
    if kind == "link_to_page":
        data[data["type"]] = dashed(rest.pop(data["type"], None), f"{where}.{data['type']}")
    if kind == "file" and not data["name"]:
        data["name"] = file_name(data)
    for name, value in rest.items():
        raise refuse(f"{where}.{name}", "not present", value)
    return data


NULLABLE: frozenset[Clean] = frozenset({clean_icon, clean_source})


def _file(kind: str, rest: dict[str, Any], where: str) -> dict[str, Any]:
    """Take the file out of *rest*: exactly one of external, file_upload, or (kept) file."""
    source = rest.pop("type", None) or next((name for name in FILE_KINDS if name in rest), None)
    value = rest.pop(str(source), None)
    if source not in FILE_KINDS or not isinstance(value, dict):
        raise refuse(f"{where}.{source or 'external'}", "defined", None)
    for name in FILE_KINDS:
        rest.pop(name, None)
    if source != "file_upload":
        value = {**value, "url": richtext.url(value.get("url"), f"{where}.{source}.url")}
    return {"type": source, source: value}


def file_url(data: Mapping[str, Any]) -> str:
    """Return the address of a file object, empty while it is only an upload."""
    value = data.get(data.get("type", ""), {})
    return str(value.get("url", "")) if isinstance(value, dict) else ""


def file_name(data: Mapping[str, Any]) -> str:
    """Return the name that the address of a file ends with."""
    return name_in_url(file_url(data))


def name_in_url(address: str) -> str:
    """Return the last part of an address's path."""
    path = address.split("?", 1)[0].split("#", 1)[0]
    return path.rstrip("/").rsplit("/", 1)[-1]


def updated_data(block: Block, payload: Any, where: str = "body") -> dict[str, Any]:
    """Return the data of *block* after `PATCH /blocks`: each given field replaces the old one."""
    rules = BLOCK_TYPES[block.type]
    inside = f"{where}.{block.type}"
    if not rules.updatable:
        raise BlockError(f"Block type {block.type} does not support updates.")
    if not isinstance(payload, dict):
        raise refuse(inside, "an object", payload)
    for name in payload:
        rule = rules.fields.get(name)
        if rule is not None and not rule.writable and payload[name] != block.data.get(name):
            raise refuse(f"{inside}.{name}", "not present", payload[name])
    before = {
        name: value
        for name, value in block.data.items()
        if not (_names_file(rules, payload) and name in ("type", *FILE_KINDS, "name"))
    }
    merged = {**before, **payload}
    data = _clean(block.type, rules, merged, inside)
    if block.type == "table_row" and len(data["cells"]) != len(block.data["cells"]):
        raise BlockError(
            "Number of cells in table row must match the table width of the parent table"
        )
    if block.children and block.type.startswith("heading_") and not data["is_toggleable"]:
        raise BlockError("Cannot make a heading with children not toggleable.")
    return data


def _names_file(rules: BlockType, payload: Mapping[str, Any]) -> bool:
    return rules.is_file and any(name in payload for name in FILE_KINDS)


def to_response(block: Block) -> dict[str, Any]:
    """Return the type object of an API answer; private keys (`_…`) stay inside the simulator."""
    shown = {name: value for name, value in block.data.items() if not name.startswith("_")}
    return {"type": block.type, block.type: shown}


def walk(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield every block of the trees in document order."""
    pending = list(reversed(blocks))
    while pending:
        block = pending.pop()
        yield block
        pending.extend(reversed(block.children))


def copy_tree(block: Block, *, fresh_ids: bool = False) -> Block:
    """Return an independent copy; rich text is shared, because nobody changes it in place."""
    return Block(
        str(uuid.uuid4()) if fresh_ids else block.id,
        block.type,
        dict(block.data),
        [copy_tree(child, fresh_ids=fresh_ids) for child in block.children],
        block.created_time,
        block.last_edited_time,
        block.created_by,
        block.last_edited_by,
        block.in_trash,
        block.to_create,
    )
