"""Which lines are code or a formula: only there is a tag no tag, and a child's line no child."""

from __future__ import annotations

import pytest

from notionfs.markdown.fences import code_languages, lines_outside_code, pieces_by_code
from notionfs.markdown.known import find_children

CHILD = '<page url="https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4">Plan</page>'


@pytest.mark.parametrize(
    "above",
    [
        "```\ncode\n```",
        "- ```\n  code\n  ```",
        "> ~~~\n> ```\n> ~~~",
        "1. > ````py\n   > ```\n   > ````",
        "```inline``` code",
        "$$\n```\n$$",
        "> $$\n> ~~~\n> $$",
        "```\n$$\n```",
        "$$ without an end",
        "Costs $$\n\n- $5",
    ],
)
def test_what_stands_below_code_is_text(above: str) -> None:
    """However the code or formula above it begins and ends: a child's line is seen."""
    assert [child.label for child in find_children(f"{above}\n\n{CHILD}")] == ["Plan"]
    assert list(find_children(f"```\n{above if '`' not in above else ''}\n{CHILD}\n```")) == []


def test_pieces_are_the_text() -> None:
    """Nothing is lost between what is code and what is not."""
    text = "a\n- ```py\n  b\n  ```\n$$\nc\n$$\nd\n"
    assert list(pieces_by_code(text)) == [
        ("a\n", False),
        ("- ```py\n  b\n  ```\n$$\nc\n$$\n", True),
        ("d\n", False),
    ]
    assert list(lines_outside_code(text)) == ["a", "d", ""]
    assert list(code_languages(text)) == [(1, "py")]
