"""The mapping table of docs/reference/markdown.md: each row shows what it says, and leads back."""

from __future__ import annotations

from pathlib import Path

import pytest

from notionfs.markdown.prettify import prettify_body, restore_body
from tests.unit.markdown_refs import FakeReferences

REFS = FakeReferences()
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "markdown.md"
ELSEWHERE = "https://app.notion.com/p/11111111111141118111111111111111"

# By the first cell of the row: what Notion sends, and what the file shows; None is the same.
BLOCKS: dict[str, tuple[str, str | None]] = {
    "paragraph": ("Text", None),
    "with a colour or children": ('<p color="red">Text</p>', None),
    "empty paragraph": ("One\n\n<p />\n\nTwo", "One\n\nTwo"),
    "heading 1 to 4": ("# One\n\n#### Four", None),
    "toggle, toggle heading": (
        '<toggle heading="h2">More\n\nInside\n</toggle>',
        '<details heading="h2">\n<summary>More</summary>\n\nInside\n\n</details>',
    ),
    "bulleted, numbered, to-do": ("- one\n\n1. two\n\n- [x] three", None),
    "quote": ("<quote>Said\n\n- so\n</quote>", "> Said\n>\n> - so"),
    "callout": (
        '<callout icon="💡" color="gray_bg">Look</callout>',
        "> [!NOTE]\n> Look",
    ),
    "code": ("```python\nx = 1\n```", None),
    "equation": ("$$\na + b\n$$", None),
    "divider": ("---", None),
    "table": ("| a | b |\n| --- | --- |\n| 1 | 2 |", None),
    "columns, tabs": (
        "<columns>\n<column>\nLeft\n</column>\n</columns>",
        "<columns>\n<column>\n\nLeft\n\n</column>\n</columns>",
    ),
    "picture": ("![Cap](https://example.org/a.png)", None),
    "file, PDF, audio, video, bookmark, embed": (
        '<bookmark source="https://example.org">Site</bookmark>',
        None,
    ),
    "synced block": (
        f'<synced-block url="{ELSEWHERE}">\nText\n</synced-block>',
        f'<synced-block url="{ELSEWHERE}">\n\nText\n\n</synced-block>',
    ),
    "copy of a synced block": (
        f'<synced-block-reference url="{ELSEWHERE}">\nText\n</synced-block-reference>',
        None,
    ),
    "table of contents, meeting notes, folder, mail, custom block": ("<table-of-contents />", None),
    "breadcrumb, link preview, template, button, …": (
        f'<unknown url="{ELSEWHERE}" alt="breadcrumb" />',
        None,
    ),
    "underlined, coloured": ('<u>a</u> <span color="red">b</span>', None),
    "bold, italic, struck, code": ("**a** *b* ~~c~~ `d`", None),
    "link": ("[a](https://example.org)", None),
    "link to a page or database": (
        "[ours](https://app.notion.com/p/dddddddd222243338444555555555555)",
        "[ours](tasks/)",
    ),
    "mention of a person": (
        '<mention url="user://6d350000-0000-4000-8000-000000000001">Ada Lovelace</mention>',
        "[@Ada Lovelace](user://6d350000-0000-4000-8000-000000000001)",
    ),
    "date": ('<date start="2026-01-15" end="2026-01-20" />', "@2026-01-15/2026-01-20"),
    "custom emoji": (":party:", None),
    "comment on a part of the text": ('<span discussion-urls="discussion://1">a</span>', None),
}
ELSEWHERE_TESTED = {
    "sub-page, database": "cases/prettify.md",
    "mention of a page or database": "cases/prettify.md",
    "part of a page that is too long for one answer": "unit/test_markdown_parts.py",
}


def rows() -> set[str]:
    """The first cells of the tables, heads left out."""
    lines = [line for line in PAGE.read_text().split("\n") if line.startswith("| ")]
    cells = {line.split(" | ")[0].removeprefix("| ") for line in lines}
    return cells - {"in Notion", "---"}


def test_every_row_of_the_table_is_tested() -> None:
    """A row without a test is a promise that nobody keeps."""
    assert rows() == {*BLOCKS, *ELSEWHERE_TESTED}
    tests = Path(__file__).parents[1]
    assert all((tests / name).is_file() for name in ELSEWHERE_TESTED.values())


@pytest.mark.parametrize("row", BLOCKS)
def test_a_row_is_shown_as_the_table_says(row: str) -> None:
    """And comes back as Notion sent it, byte for byte."""
    sent, shown = BLOCKS[row]
    assert prettify_body(sent, REFS) == (sent if shown is None else shown)
    assert restore_body(prettify_body(sent, REFS), sent, REFS) == sent


def test_an_equation_in_a_line_is_as_sent() -> None:
    """The table of texts has a row of the same name."""
    assert prettify_body("It is $x$.", REFS) == "It is $x$."
