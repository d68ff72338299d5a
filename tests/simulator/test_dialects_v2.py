"""Notion-flavored Markdown v2: what is rendered is read back, and what people write is understood."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from notionfs.simulator.blocks import Block
from notionfs.simulator.dialects import parse, render
from tests.simulator.trees import NAMES, bodies, shape


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies)
def test_a_tree_survives_being_rendered_and_parsed(blocks: list[Block]) -> None:
    """`parse(render(tree)) == tree`, ids aside, for every tree the dialect can say."""
    text = render(blocks, NAMES, version="v2").markdown

    parsed = parse(text, NAMES, version="v2")

    assert shape(parsed.blocks) == shape(blocks), text
    assert parsed.warnings == []
