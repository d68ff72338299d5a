"""Blocks that the real Notion answered with: taken in, shown as markdown, and read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notionfs.simulator.blocks import (
    BLOCK_TYPES,
    Block,
    BlockError,
    from_request,
    may_hold,
    new_block,
    to_response,
)
from notionfs.simulator.dialects import parse, render
from tests.simulator.trees import NAMES, shape

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "recordings"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the recordings are not in ../shared/recordings"
)


def exchanges() -> Iterator[dict[str, Any]]:
    for path in sorted(FOLDER.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def blocks_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for one in value:
            yield from blocks_in(one)
    elif isinstance(value, dict):
        if value.get("object") == "block" and value.get("type") in BLOCK_TYPES:
            yield value
            return
        for one in value.values():
            yield from blocks_in(one)


def recorded() -> list[tuple[str, dict[str, Any]]]:
    """Return every distinct type object of an answer."""
    seen: dict[str, tuple[str, dict[str, Any]]] = {}
    for exchange in exchanges():
        for block in blocks_in(exchange["response"]):
            data = {k: v for k, v in block[block["type"]].items() if k != "children"}
            seen[json.dumps([block["type"], data], sort_keys=True)] = (block["type"], data)
    return list(seen.values())


def test_recorded_requests_are_accepted_and_answered_as_recorded() -> None:
    """What Notion accepted is accepted, and its answers are ours, names in mentions aside."""
    compared = 0
    for exchange in exchanges():
        if exchange["method"] != "PATCH" or not exchange["path"].endswith("/children"):
            continue
        answers = exchange["response"]["results"]  # an insertion is followed by what was there
        made = [from_request(child) for child in exchange["request"]["children"]]
        for block, answer in zip(made, answers, strict=False):
            if '"mention"' not in json.dumps(answer):
                assert to_response(block)[block.type] == answer[block.type]
                compared += 1
    assert compared > 100


def test_recorded_blocks_survive_markdown() -> None:
    """Every recorded block that v2 has a form for comes back with the same data."""
    judged = 0
    for kind, data in recorded():
        block = whole_block(kind, data)
        if block is None or '"mention"' in json.dumps(data):
            continue
        for hidden in HIDDEN.get(kind, ()):
            block.data.pop(hidden, None)
        text = render([block], NAMES, version="v2").markdown
        (back,) = parse(text, NAMES, version="v2").blocks
        for hidden in HIDDEN.get(kind, ()):
            back.data.pop(hidden, None)
        assert shape([back]) == shape([block]), text
        judged += 1
    assert judged > 60


HIDDEN = {"code": ("caption",), "file": ("name",)}  # v2 does not show these


def whole_block(kind: str, data: dict[str, Any]) -> Block | None:
    """Return a block that can stand by itself, or None for what v2 shows only as unknown."""
    if kind in ("breadcrumb", "link_to_page", "link_preview", "unsupported", "child_page"):
        return None
    if kind in ("child_database", "synced_block", "table", "column"):
        return None
    if kind == "table_row":
        flags = {"has_column_header": True, "has_row_header": False}
        table = {"table_width": len(data["cells"]), **flags}
        return new_block("table", table, [new_block("table_row", data)])
    if data.get("icon") and kind == "paragraph":  # only a tab's label has one
        return new_block("tab", {}, [new_block(kind, data)])
    return new_block(kind, data)


@pytest.mark.parametrize(
    ("request_block", "message"),
    [
        ({"type": "nonsense", "nonsense": {}}, "supported block type"),
        ({"type": "paragraph"}, "body.paragraph should be defined"),
        ({"type": "paragraph", "paragraph": {}}, "rich_text should be defined"),
        ({"type": "divider", "divider": {"x": 1}}, "divider.x should be not present"),
        ({"type": "child_page", "child_page": {"title": "x"}}, "supported block type"),
        ({"type": "image", "image": {}}, "image.external should be defined"),
        ({"type": "equation", "equation": {"expression": "x" * 1001}}, "should be ≤ `1000`"),
        ({"type": "code", "code": {"rich_text": [], "language": "klingon"}}, "language should be"),
        ({"type": "divider", "divider": {"children": [{}]}}, "children should be not present"),
        (
            {"type": "paragraph", "paragraph": {"rich_text": [{"text": {"content": "x" * 2001}}]}},
            "length should be ≤ `2000`, instead was `2001`",
        ),
        (
            {
                "type": "table",
                "table": {
                    "table_width": 2,
                    "children": [{"type": "table_row", "table_row": {"cells": [[]]}}],
                },
            },
            "Number of cells in table row must match",
        ),
    ],
)
def test_requests_that_notion_refuses_are_refused(
    request_block: dict[str, Any], message: str
) -> None:
    with pytest.raises(BlockError) as refused:
        from_request(request_block)

    assert message in refused.value.message


def test_rows_and_columns_stand_only_in_their_own_containers() -> None:
    assert may_hold("table", "table_row")
    assert not may_hold("toggle", "table_row")
    assert not may_hold("table", "paragraph")
    assert not may_hold("page", "column")
