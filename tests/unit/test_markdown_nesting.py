"""Blocks are taken apart and put together exactly, so that merges can look into them."""

from __future__ import annotations

import pytest

from notionfs.markdown.blocks import join_blocks, split_blocks
from notionfs.markdown.nesting import open_block
from notionfs.planning.merge import merge_bodies

NESTED = [
    "<toggle>Title\n\nOne\n\nTwo\n</toggle>",
    '<toggle heading="h2">Title</toggle>',
    "<columns>\n<column>\nLeft\n</column>\n<column>\nRight\n</column>\n</columns>",
    "<column></column>",
    '<callout icon="💡">\n\n- one\n- two\n</callout>',
    "- item\n  - child\n\n  - [ ] task\n    - grandchild",
    "1. item\\\n   more\n\n   text\n\n   ```\n   code\n\n   ```",
    "- [ ] task",
]


@pytest.mark.parametrize("block", NESTED, ids=range(len(NESTED)))
def test_a_block_is_put_together_as_it_was(block: str) -> None:
    """Nothing is lost, and nothing is added."""
    opened = open_block(block)
    assert opened is not None
    own, inside, close = opened
    assert close(own, inside) == block


@pytest.mark.parametrize(
    "block", ["text", "# heading", "> quote", "```\n<p>x</p>\n```", "- \tx\n\ty"]
)
def test_other_blocks_hold_none(block: str) -> None:
    """They are merged as one."""
    assert open_block(block) is None


def merge(base: str, mine: str, theirs: str) -> str | None:
    return merge_bodies(
        base, mine, theirs, split=split_blocks, join=join_blocks, open_block=open_block
    )


BASE = "\n\n".join(NESTED)


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (("One", "1"), ("Two", "2")),
        (("Left", "L"), ("Right", "R")),
        (("- one\n- two", "- one!\n- two"), ("- two\n</callout>", "- two\n- three\n</callout>")),
        (("  - child", "  - child!"), ("    - grandchild", "    - grandchild!")),
        (("- item\n", "- item!\n"), ("  - child", "  - child!")),
        (("Title\n\nOne", "New title\n\nOne"), ("Two\n</toggle>", "Two\n\nThree\n</toggle>")),
        (("<column></column>", "<column>\nnew\n</column>"), ("Left", "L")),
    ],
)
def test_changes_inside_of_one_block_are_both_kept(
    mine: tuple[str, str], theirs: tuple[str, str]
) -> None:
    """Each block is a surface of its own, however deep it stands."""
    wanted = BASE.replace(*mine, 1).replace(*theirs, 1)
    assert merge(BASE, BASE.replace(*mine, 1), BASE.replace(*theirs, 1)) == wanted


def test_the_same_inner_block_changed_differently_is_a_conflict() -> None:
    """Looking into blocks does not hide a conflict."""
    assert merge(BASE, BASE.replace("One", "1"), BASE.replace("One", "I")) is None
    mine, theirs = BASE.replace("Title\n", "A\n"), BASE.replace("Title\n", "B\n")
    assert merge(BASE, mine, theirs) is None
