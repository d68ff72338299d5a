"""The documented limits as one table, and the checks that enforce them.

Tests lower a limit (`simulator.limits.query_results = 5`) instead of building large workspaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from notionfs.simulator.errors import ApiError, body_invalid, invalid


@dataclass(slots=True)
class Limits:
    """One number per documented limit."""

    payload_bytes: int = 500_000
    payload_blocks: int = 1000
    array: int = 100
    nesting: int = 2
    text: int = 2000
    url: int = 2000
    equation: int = 1000
    email: int = 200
    phone: int = 200
    page_size: int = 100
    query_results: int = 10_000
    search_results: int | None = None  # an answer may end early; no number is documented
    filter_properties: int = 100
    filter_depth: int = 2
    schema_bytes: int = 50_000
    records: int = 20_000  # what a markdown read shows before <unknown> stands in
    references: int = 25  # relation, people and mention values on a page object
    attachments: int = 3
    single_part_bytes: int = 20 * 1024 * 1024
    part_bytes_min: int = 5 * 1024 * 1024
    workspace_file_bytes: int = 5 * 1024 * 1024 * 1024
    filename_bytes: int = 900
    upload_seconds: int = 3600
    signed_url_seconds: int = 3600


def check_payload(limits: Limits, size: int) -> None:
    """Refuse a request body that is too large."""
    if size > limits.payload_bytes:
        raise ApiError(
            413 if size > 8 * limits.payload_bytes else 400,
            "validation_error",
            f"Request body too large: the limit is {limits.payload_bytes // 1000}KB.",
        )


def check_array(limits: Limits, value: Any, where: str) -> list[Any]:
    """Return *value* if it is an array of at most 100 elements."""
    if not isinstance(value, list):
        raise body_invalid(where, "an array", value)
    if len(value) > limits.array:
        raise invalid(
            f"body failed validation: {where}.length should be ≤ `{limits.array}`, "
            f"instead was `{len(value)}`."
        )
    return value


def check_length(value: Any, most: int, where: str) -> str:
    """Return *value* if it is a string of at most *most* characters."""
    if not isinstance(value, str):
        raise body_invalid(where, "a string", value)
    if len(value) > most:
        raise invalid(
            f"body failed validation: {where}.length should be ≤ `{most}`, instead was "
            f"`{len(value)}`."
        )
    return value


def check_blocks(limits: Limits, children: Any, where: str) -> list[dict[str, Any]]:
    """Check the counts and the depth of an array of block requests."""
    blocks = check_array(limits, children, where)
    total = _count(limits, blocks, where, 0)
    if total > limits.payload_blocks:
        raise invalid(
            f"body failed validation: {where} should contain ≤ `{limits.payload_blocks}` blocks, "
            f"instead was `{total}`."
        )
    return blocks


def _count(limits: Limits, blocks: Iterable[Any], where: str, depth: int) -> int:
    total = 0
    for index, block in enumerate(blocks):
        place = f"{where}[{index}]"
        if not isinstance(block, dict):
            raise body_invalid(place, "an object", block)
        total += 1
        kind = block.get("type") or next((k for k in block if k not in ENVELOPE_KEYS), "")
        children = nested_children(block, kind)
        if not children:
            continue
        if depth >= limits.nesting and kind not in ROW_HOLDERS:
            raise body_invalid(f"{place}.{kind}.children", "not present", children)
        check_array(limits, children, f"{place}.{kind}.children")
        total += _count(limits, children, f"{place}.{kind}.children", depth + 1)
    return total


ENVELOPE_KEYS = frozenset(
    {"object", "type", "id", "has_children", "archived", "in_trash", "children"}
)
ROW_HOLDERS = frozenset({"table"})  # rows are part of their table, wherever it stands


def nested_children(block: Mapping[str, Any], kind: str) -> Any:
    """Return the children of a block request: inside its type object, or (old form) beside it."""
    payload = block.get(kind)
    inside = payload.get("children") if isinstance(payload, dict) else None
    return inside if inside is not None else block.get("children")
