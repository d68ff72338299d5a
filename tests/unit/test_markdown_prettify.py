"""A v2 body and its file form: exact both ways, and careful with what a file cannot hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_cases import cases
from markdown_refs import PLAN, WIKI, FakeReferences

from notionfs.errors import InvalidPageFile
from notionfs.markdown.blocks import join_blocks, same_text, split_blocks
from notionfs.markdown.prettify import prettify_body, restore_body

REFS = FakeReferences()


@pytest.mark.parametrize("case", cases("prettify"))
def test_a_body_is_shown_as_promised_and_reads_back_exactly(case: dict[str, str]) -> None:
    """What the server sent is shown in the promised form and comes back byte by byte."""
    assert prettify_body(case["v2"], REFS) == case["file"]
    assert restore_body(case["file"], case["v2"], REFS) == case["v2"]


@pytest.mark.parametrize("case", cases("typed"))
def test_what_people_type_becomes_v2(case: dict[str, str]) -> None:
    """A new text without a base becomes the v2 that says the same."""
    assert restore_body(case["file"], "", REFS) == case["v2"]


@pytest.mark.parametrize("case", cases("restore"))
def test_an_edit_changes_only_what_was_edited(case: dict[str, str]) -> None:
    """Everything that was not edited keeps the bytes of the base."""
    assert restore_body(case["edited"], case["base"], REFS) == case["v2"]


@pytest.mark.parametrize("case", cases("formatted"))
def test_running_a_formatter_is_no_edit(case: dict[str, str]) -> None:
    """Another spelling of the same text leaves every stored byte alone."""
    assert restore_body(case["formatted"], case["v2"], REFS) == case["v2"]


UNKNOWN = '<unknown url="https://app.notion.com/p/1" alt="breadcrumb" />'
REFERENCE = (
    '<synced-block-reference url="https://app.notion.com/p/2">\nShared\n</synced-block-reference>'
)


@pytest.mark.parametrize("part", [UNKNOWN, REFERENCE], ids=["unknown", "synced"])
@pytest.mark.parametrize("frame", ["One\n\n{}\n\nTwo", "<toggle>T\n\n{}\n\nx\n</toggle>"])
def test_parts_that_only_notion_can_change_cannot_be_edited_or_removed(
    part: str, frame: str
) -> None:
    """Touching such a part is refused with a sentence that names its line; moving it is not."""
    body = frame.format(part)
    shown = prettify_body(body, REFS)
    line = part.split("\n", 1)[0]

    for edited in (shown.replace(part, ""), shown.replace(part, part.replace('"https', '"http'))):
        with pytest.raises(InvalidPageFile) as caught:
            restore_body(edited, body, REFS)
        assert any(line in problem for problem in caught.value.problems)

    assert part in restore_body(f"{part}\n\n{shown.replace(part, '')}", body, REFS)


def test_a_new_part_that_only_notion_can_make_is_refused() -> None:
    """An unknown line that the base does not have cannot be sent; its line is named."""
    with pytest.raises(InvalidPageFile, match="Line 3"):
        restore_body(f"One\n\n{UNKNOWN}", "One", REFS)


def test_all_problems_are_named_at_once() -> None:
    """Two lost lines give two sentences."""
    other = UNKNOWN.replace("breadcrumb", "template")
    with pytest.raises(InvalidPageFile) as caught:
        restore_body("One", f"One\n\n{UNKNOWN}\n\n{other}", REFS)
    assert len(caught.value.problems) == 2


INLINE = st.sampled_from(
    [
        "plain words",
        "**bold** and `code`",
        '<mention url="https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4">Plan</mention>',
        '<mention url="https://app.notion.com/p/aaaaaaaa222243338444555555555555">Hidden</mention>',
        '<mention url="user://6d350000-0000-4000-8000-000000000001">Ada_ *L*</mention>',
        '<date start="2026-01-15" end="2026-01-20" />',
        '<date start="2026-01-15" start-time="09:00" time-zone="Europe/Berlin" />',
        "@2026-01-15",
        "\\@2026-01-15",
        "[x](plan.md)",
        "[y](https://x.org/a_b)",
        "[Plan](https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4)",
        "[x](https://www.notion.so/dddddddd222243338444555555555555?v=1)",
        "`` ` `` @2026-01-01 `",
        "\\<callout>\\[!NOTE\\]",
        "![cap @2026-01-15](plan.md)",
        "[@Ada](user:)",
        "a | b",
        "$x$ ![",
        '<span color="red">red</span>',
    ]
)
TEXT = st.lists(INLINE, min_size=1, max_size=3).map(" ".join)
LEAF = st.one_of(
    TEXT,
    TEXT.map(lambda text: f"# {text}"),
    TEXT.map(lambda text: f"> {text}"),
    TEXT.map(lambda text: f"- {text}\n  - {text}"),
    TEXT.map(lambda text: f"1. {text}"),
    TEXT.map(lambda text: f"```text\n{text}\n\n> [!NOTE]\n```"),
    TEXT.map(lambda text: f"{text}\\\n{text}"),
    TEXT.map(lambda text: f"| a | b |\n| --- | --- |\n| {text} | x |"),
    st.sampled_from(
        [
            "---",
            "<p />",
            "$$\nx <y\n$$",
            "> [!NOTE]\n> literal",
            '<page url="https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4">Plan</page>',
            '<image source="https://x.org/a.png" color="red">cap</image>',
            '<p color="red"> edge </p>',
            "<details>\n<summary>raw</summary>\n</details>",
            "[Plan](plan.md) <!-- notion:page -->",
        ]
    ),
)


def _containers(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    inside = st.lists(children, min_size=1, max_size=3).map(join_blocks)
    return st.one_of(
        st.builds(
            lambda attributes, title, text: f"<callout{attributes}>{title}\n\n{text}\n</callout>",
            st.sampled_from(["", ' icon="💡" color="gray_bg"', ' icon="🔥"', ' color="red"']),
            st.one_of(st.just(""), TEXT),
            inside,
        ),
        st.builds(
            lambda attributes, title, text: f"<toggle{attributes}>{title}\n\n{text}\n</toggle>",
            st.sampled_from(["", ' heading="h1"', ' heading="h3" color="blue_bg"']),
            TEXT,
            inside,
        ),
        st.builds(
            lambda one, two: (
                f"<columns>\n<column>\n{one}\n</column>\n<column>\n{two}\n</column>\n</columns>"
            ),
            inside,
            inside,
        ),
        st.builds(lambda title, text: f"<quote>{title}\n\n{text}\n</quote>", TEXT, inside),
    )


BLOCK = st.recursive(LEAF, _containers, max_leaves=6)
BODY = st.lists(BLOCK, max_size=8).map(join_blocks)


def test_what_is_kept_of_a_save_is_used_only_while_the_answers_are_the_same() -> None:
    """Another page may have got the name meanwhile, or the page itself another."""
    refs = FakeReferences()
    base = "Text"
    plan = "https://app.notion.com/p/39a0bc1eedcd8142936bcca8ae692cc4"
    wiki = "https://app.notion.com/p/11111111222243338444555555555555"
    shown = "Text and [it](plan.md)"
    for _ in range(2):
        assert restore_body(shown, base, refs) == f'Text and <mention url="{plan}">it</mention>'
    refs.paths[PLAN], refs.paths[WIKI] = "old.md", "plan.md"
    assert restore_body(shown, base, refs) == f'Text and <mention url="{wiki}">it</mention>'
    del refs.paths[WIKI]
    assert restore_body(shown, base, refs) == shown


@settings(max_examples=150, deadline=None)
@given(BODY)
def test_every_body_comes_back_exactly(body: str) -> None:
    """Showing a body and reading it back gives its bytes, and a file never loses a block."""
    shown = prettify_body(body, REFS)
    assert restore_body(shown, body, REFS) == body
    assert restore_body(shown + "\n", body, REFS) == body


@settings(max_examples=150, deadline=None)
@given(BODY, st.data())
def test_an_edit_of_one_block_leaves_the_others_alone(body: str, data: st.DataObject) -> None:
    """After a new paragraph anywhere, the stored blocks are all there, in order, unchanged."""
    shown = split_blocks(prettify_body(body, REFS))
    at = data.draw(st.integers(0, len(shown)))
    edited = join_blocks([*shown[:at], "A new paragraph", *shown[at:]])

    restored = restore_body(edited, body, REFS)

    before = [block.strip("\n") for block in split_blocks(body)]
    after = [block.strip("\n") for block in split_blocks(restored)]
    assert "A new paragraph" in after
    after.remove("A new paragraph")
    assert after == before


@settings(max_examples=100, deadline=None)
@given(BODY, BODY)
def test_any_text_can_replace_any_other(base: str, other: str) -> None:
    """Whatever is typed over a body is either restored, stably, or refused with reasons."""
    shown = prettify_body(other, REFS)
    restored = restore_body(shown, base, REFS)
    again = prettify_body(restored, REFS)
    assert same_text(restore_body(again, restored, REFS), restored)
