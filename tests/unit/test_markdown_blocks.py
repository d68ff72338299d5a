"""Where blocks end: exactly, in one pass, for every text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_refs import FakeReferences

from notionfs.markdown.blocks import join_blocks, same_text, split_blocks
from notionfs.markdown.bodies import canonical_body, canonical_url, has_hosted_file
from notionfs.markdown.normal import normal_text
from notionfs.markdown.prettify import prettify_body, restore_body

SEPARATE = [
    "One line\nand another",
    "# Heading",
    "Setext\n---",
    "- item\n  - child\n\n  more of the child's parent",
    "1. one\n   two",
    "> quote\n> more\nlazy",
    "```python\n# no heading\n\n<callout>\n```",
    "~~~\n```\n~~~",
    "$$\nx\n\n<y\n$$",
    "$$\n```\n$$",  # a fence in a formula begins no code
    "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "---",
    "    indented\n\n    code",
    '<callout icon="💡">Title\n\n- a\n\n<toggle>T\n\nx\n</toggle>\n</callout>',
    "<columns>\n<column>\none\n\ntwo\n</column>\n<column>\n\n</column>\n</columns>",
    '<p color="red">a\\\nb</p>',
    "<p />",
    "<callout>[`a`](<https://h/\\\\>)x\\\\</callout>",  # a backslash, and an end tag
    "<callout>x\\</callout>\n</callout>",  # an end tag that is text
    "<table>\n<tr>\n<td>a</td>\n</tr>\n</table>",
    '<quote>x <date start="2026-01-01" />\n\ny\n</quote>',
    "<details>\n<summary>S</summary>\n\ntext\n\n</details>",
    '<unknown url="x" alt="y" />',
    "> <callout>\n> x\n> </callout>",
    "text with </callout> in it",
    "<u>inline</u> tag\nand more",
]


@pytest.mark.parametrize("block", SEPARATE, ids=range(len(SEPARATE)))
@pytest.mark.parametrize("other", ["Text", "<callout>x\n\ny\n</callout>", "```\ncode\n```"])
def test_a_block_is_one_block_between_others(block: str, other: str) -> None:
    """Blank lines inside of a block do not end it."""
    body = f"{other}\n\n{block}\n\n{other}"
    assert [piece.strip("\n") for piece in split_blocks(body)] == [other, block, other]


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("# H\nText\n- a\n- b\n* c\n1. d\n2. e\n> q", 8),
        ("- [ ] a\n- [x] b\n\n- c", 3),
        ("Text\n```\ncode\n```\nText", 3),
        ("Text\n1986. was a year\n- and this a list", 2),
        ("Text\n---\nText", 2),
        ("- item\nlazy\n\nText", 2),
        ("- item\n\n      code of the item\n\nText", 2),
        ("<p>never closed\n\nText", 2),
        ("</callout>\n\nText", 2),
        ("<toggle>\n\n<callout>\n\n</toggle>\n\nText", 2),
        ("```\nnever closed\n\nText", 1),
        ("$$\nnever closed\n\nText", 2),
        ("* * *\n* a", 2),
        ("", 0),
        ("\n \n", 1),
    ],
)
def test_blocks_without_blank_lines_are_told_apart(body: str, blocks: int) -> None:
    """As CommonMark does, and as far as a top-level block matters."""
    assert len(split_blocks(body)) == blocks


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.text(max_size=80),
        st.text(alphabet="ab -#>`~$<>/p\n\t|*1.", max_size=80),
        st.lists(
            st.sampled_from([*SEPARATE, "", "- x", "<p>", "</p>", "```", "$$"]), max_size=8
        ).map("\n".join),
    )
)
def test_no_character_is_lost(body: str) -> None:
    """Blocks put together again are the text; joined anew they are the same blocks."""
    blocks = split_blocks(body)
    assert "".join(blocks) == body
    assert all(blocks)
    assert same_text(body, body + "\n\n")


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(SEPARATE), max_size=8))
def test_joined_blocks_are_the_same_blocks(blocks: list[str]) -> None:
    """Whatever stands beside it, a block stays itself."""
    # Two stretches of indented code are one, whatever stands between them but text.
    blocks = [block for block in blocks if not block.startswith("    ")]
    assert [piece.strip("\n") for piece in split_blocks(join_blocks(blocks))] == blocks


def test_items_of_one_list_are_joined_line_by_line() -> None:
    """As Notion writes them; a list of another kind begins a block of its own."""
    assert join_blocks(["- a\n\n", "- b", "- [ ] c", "1. d\n", "2. e", "Text"]) == (
        "- a\n- b\n\n- [ ] c\n\n1. d\n2. e\n\nText"
    )


def test_only_white_space_that_means_nothing_is_ignored() -> None:
    """Inside code every character counts."""
    assert same_text("a  \n\n\n\nb\n", "a\n\nb")
    assert same_text("- a\n- b", "- a\n\n- b")
    assert same_text("# H\ntext", "# H\n\ntext")
    assert not same_text("a\nb", "a\n\nb")
    assert not same_text("```\na\n\nb\n```", "```\na\nb\n```")
    assert not same_text("```\na \n```", "```\na\n```")
    assert not same_text("- ```\n  a\n\n  b\n  ```", "- ```\n  a\n  b\n  ```")
    assert not same_text("  a", "a") or normal_text("  a") == normal_text("a")


# --- hosted files ---------------------------------------------------------------------------------

S3 = "https://prod-files-secure.s3.us-west-2.amazonaws.com/a/b/name.png"
SIGNED = "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc&x-id=GetObject"


@pytest.mark.parametrize(
    "address",
    [
        S3,
        S3.replace("name", "name_(1)"),
        "https://s3.us-west-2.amazonaws.com/secure.notion-static.com/a/b.png",
        "https://file.notion.so/f/f/a/b.png",
        "https://img.notionusercontent.com/s3/a",
        "http://127.0.0.1:8000/_files/a/b.png",
    ],
)
@pytest.mark.parametrize(
    "frame", ["![cap]({})", '<file source="{}">x</file>', "see {} there", "{}"]
)
def test_signatures_of_hosted_files_are_removed(address: str, frame: str) -> None:
    """The rest of the text stays, whatever stands around the address."""
    assert canonical_body(frame.format(address + SIGNED)) == frame.format(address)
    assert canonical_url(address + SIGNED) == address
    assert has_hosted_file(frame.format(address))


@pytest.mark.parametrize(
    "text",
    [
        f"![x](https://bucket.s3.amazonaws.com/a.png{SIGNED})",
        f"[x](https://example.com/_file/a.png{SIGNED})",
        "why? because https://example.com/?a=b (really?)",
        "no address?",
        "https://[bad?x",
    ],
)
def test_everything_else_is_kept_whole(text: str) -> None:
    """Nobody else can sign other people's addresses again."""
    assert canonical_body(text) == text
    assert not has_hosted_file(text)


# --- hostile sizes --------------------------------------------------------------------------------

HOSTILE = {
    "ticks": "` `` ``` " * 60_000,
    "brackets": "[" * 300_000,
    "images": "![" * 150_000,
    "quotes": ">" * 300_000,
    "alerts": "> [!NOTE]\n" * 20_000,
    "unclosed tags": "<p>\n" * 20_000 + "</ul>\n" * 20_000,
    "nested tags": "<toggle>T\n\n" * 3_000 + "x" + "\n</toggle>" * 3_000,
    "addresses": "http://" * 50_000,
    "half links": "[a](b.md" * 40_000,
    "half tags": "<mention url=" * 25_000,
    "dates": "@2026-01-15/" * 30_000,
    "math": "$$\n" * 30_000,
    "fences": "```\n" * 30_001,
    "blank lines": "- a\n" + "\n" * 300_000 + "x",
    "attributes": "<callout " + 'a="b" ' * 50_000 + ">x</callout>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_cost_seconds_at_most(name: str) -> None:
    """Everything here is linear: a few hundred kilobytes of anything are no trouble."""
    body, refs = HOSTILE[name], FakeReferences()
    started = time.process_time()
    assert restore_body(prettify_body(body, refs), body, refs) == body
    restore_body(body, "", refs)
    canonical_body(body + "?")
    assert time.process_time() - started < 20
