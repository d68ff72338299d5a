"""The older Markdown, line by line: nothing lost, and only changed lines are sent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_refs import FakeReferences

from notionfs.errors import UnplannableEdit
from notionfs.markdown.hunks import apply_plan
from notionfs.markdown.lines import join_lines, plan_lines, restore_lines, same_lines, split_lines

REFS = FakeReferences()
LINES = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            "- c",
            "\t- d",
            "> e",
            "```\nx\n\n\ny\n```",
            "$$\nz\n$$",
            "<page url='1'>P</page>",
        ]
    ),
    max_size=12,
)


@given(LINES, LINES)
def test_any_body_becomes_any_other_by_its_lines(before: list[str], after: list[str]) -> None:
    """Edits that each match once, or a plain word that there are none."""
    base, new = join_lines(before), join_lines(after)
    try:
        plan = plan_lines(base, new)
    except UnplannableEdit:
        return
    if plan.append is not None:
        assert same_lines(f"{base}\n{plan.append}", new)
    else:
        assert same_lines(apply_plan(base, plan), new)


@given(LINES)
def test_nothing_is_lost_between_lines(blocks: list[str]) -> None:
    """Joined, the parts are the body; code keeps its blank lines."""
    body = join_lines(blocks)
    assert "".join(split_lines(body)) == body
    assert [block.rstrip("\n") for block in split_lines(body)] == blocks
    assert restore_lines(body.replace("\n- c", "\n\n\n- c"), body, REFS) == body
