"""Bodies as the simulator writes them, whatever blocks they hold: the strictest reader of ours."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from notionfs.errors import InvalidPageFile, UnplannableEdit
from notionfs.markdown.blocks import join_blocks, same_text, split_blocks
from notionfs.markdown.bodies import canonical_body
from notionfs.markdown.hunks import apply_plan, plan_body
from notionfs.markdown.prettify import prettify_body, restore_body
from tests.unit.tree_refs import TreeReferences

trees = pytest.importorskip("tests.simulator.trees")
dialects = pytest.importorskip("notionfs.simulator.dialects")


REFS = TreeReferences()
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _body(blocks: list[Any]) -> str:
    return canonical_body(dialects.render(blocks, trees.NAMES, version="v2").markdown)


@FEW
@given(trees.bodies)
def test_whatever_notion_sends_comes_back(blocks: list[Any]) -> None:
    """Shown and read again, every body is the same, byte by byte."""
    body = _body(blocks)
    assert "".join(split_blocks(body)) == body
    shown = prettify_body(body, REFS)
    assert restore_body(shown, body, REFS) == body


@FEW
@given(trees.bodies)
def test_a_top_level_block_of_ours_is_one_of_notions(blocks: list[Any]) -> None:
    """A block of our splitting, read alone, is as many blocks as Notion has there."""
    body = _body(blocks)
    pieces = split_blocks(body)
    # Items in tag form share one list tag, and an empty text has no block at all.
    if "<ul" not in body and "<ol" not in body:
        assert len(pieces) == len(dialects.parse(body, trees.NAMES, version="v2").blocks)
    assert same_text(join_blocks(pieces), body)


@FEW
@given(trees.bodies, trees.bodies)
def test_appending_and_inserting_never_touches_what_is_there(
    blocks: list[Any], more: list[Any]
) -> None:
    """New blocks at the start and the end leave the blocks between them as they are."""
    body, added = _body(blocks), _body(more)
    shown = prettify_body(body, REFS)
    edited = f"First\n\n{shown}\n\nLast"
    restored = restore_body(edited, body, REFS)
    found = [piece.strip("\n") for piece in split_blocks(restored)]
    found.remove("First")
    found.remove("Last")
    assert found == [piece.strip("\n") for piece in split_blocks(body)]
    try:
        plan = plan_body(body, added)
    except UnplannableEdit:
        return
    assert same_text(apply_plan(body, plan), added)


@FEW
@given(trees.bodies, trees.bodies)
def test_any_page_can_be_written_over_any_other(base: list[Any], other: list[Any]) -> None:
    """What a file shows of one page, saved over another, is v2 again or refused with a reason."""
    shown = prettify_body(_body(other), REFS)
    try:
        restored = restore_body(shown, _body(base), REFS)
    except InvalidPageFile as exc:
        assert exc.problems
        return
    assert same_text(restore_body(prettify_body(restored, REFS), restored, REFS), restored)
