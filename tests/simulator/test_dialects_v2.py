"""Notion-flavored Markdown v2: what is rendered is read back, what people write is understood."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notionfs.simulator.blocks import Block, new_block, walk
from notionfs.simulator.dialects import parse, render
from notionfs.simulator.richtext import of, plain_text, text_item
from tests.simulator.trees import HOSTILE, NAMES, PAGES, bodies, page_url, shape

WIKI = min(PAGES)


def shown(*blocks: Block) -> str:
    return render(blocks, NAMES, version="v2").markdown


def read(markdown: str) -> list[Block]:
    return parse(markdown, NAMES, version="v2").blocks


def warnings(markdown: str) -> list[str]:
    return [entry["type"] for entry in parse(markdown, NAMES, version="v2").warnings]


def paragraph(text: str) -> Block:
    return new_block("paragraph", {"rich_text": of(text)})


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies)
def test_a_tree_survives_being_rendered_and_parsed(blocks: list[Block]) -> None:
    """`parse(render(tree)) == tree`, ids aside, for every tree the dialect can say."""
    text = shown(*blocks)

    parsed = parse(text, NAMES, version="v2")

    assert shape(parsed.blocks) == shape(blocks), text
    assert parsed.warnings == []
    assert shown(*parsed.blocks) == text


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from(HOSTILE), max_size=60))
def test_any_text_can_be_parsed_and_is_stable_after_one_pass(text: str) -> None:
    """The parser takes everything; what it made of it is rendered and read the same for ever."""
    once = shown(*read(text))

    assert shown(*read(once)) == once


@settings(max_examples=150, deadline=None)
@given(
    st.text(
        alphabet=st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1
    ),
    st.sampled_from(("paragraph", "quote", "heading_2", "bulleted_list_item", "to_do", "toggle")),
)
def test_literal_text_stays_what_it_is(text: str, kind: str) -> None:
    """Any Unicode text in any text block comes back letter by letter."""
    block = new_block(kind, {"rich_text": of(text)})

    (back,) = read(shown(block))

    assert (back.type, plain_text(back.data["rich_text"])) == (kind, text)
    assert back.data["rich_text"] == [text_item(text)]


CANONICAL = {
    "paragraph": "Some text.",
    "two paragraphs": "One.\n\nTwo.",
    "line break": "one\\\ntwo",
    "empty paragraph": "above\n\n<p />\n\nbelow",
    "colored paragraph": '<p color="blue">Text</p>',
    "background": '<p color="red_bg">Text</p>',
    "paragraph with children": "<p>Text\n\nchild\n\n- item\n</p>",
    "edge spaces": "<p> text </p>",
    "headings": "# One\n\n## Two\n\n### Three\n\n#### Four",
    "colored heading": '<h2 color="gray">Two</h2>',
    "toggle heading": '<toggle heading="h3" color="pink">Three\n\ninside\n</toggle>',
    "numbered start": "# 1. Intro",
    "bullets": "- one\n- two\n  - three\n    - four",
    "numbers": "1. one\n1. two\n   1. three",
    "a list that starts at five": "5. five\n1. six",
    "tasks": "- [ ] open\n- [x] done",
    "kinds of items in turn": "- one\n\n- [ ] two\n\n1. three",
    "an item with blocks": "- one\n\n  text\n\n  ```\n  code\n  ```\n- two",
    "an empty item": "-\n- b",
    "colored item": '- a\n\n<ul>\n<li color="red">b</li>\n</ul>\n\n- c',
    "lettered list": '<ol type="a">\n<li>one</li>\n<li>two\n\nchild\n</li>\n</ol>',
    "colored task": '<todo checked="true" color="red">done</todo>',
    "quote": "> one\\\n> two",
    "two quotes": "> one\n\n> two",
    "quote with children": "<quote>one\n\ntwo\n</quote>",
    "toggle": "<toggle>Title</toggle>",
    "toggle with children": "<toggle>Title\n\nchild\n</toggle>",
    "toggle without title": "<toggle>\n\nchild\n</toggle>",
    "callout": '<callout icon="💡" color="gray_bg">Note *this*</callout>',
    "callout with children": '<callout icon="💡">Note\n\n- a\n- b\n</callout>',
    "callout with an image": '<callout icon="https://e.example/i.png">Note</callout>',
    "nested containers": "<toggle>a\n\n<toggle>b\n\nc\n</toggle>\n</toggle>",
    "columns": '<columns>\n<column ratio="30">\na\n\nb\n</column>\n'
    '<column ratio="70">\nc\n</column>\n</columns>',
    "empty column": "<columns>\n<column></column>\n<column>\nc\n</column>\n</columns>",
    "tabs": '<tabs>\n<tab icon="📋">One\n\ntext\n</tab>\n<tab>Two</tab>\n</tabs>',
    "code": "```python\nprint('*hi*')\n```",
    "plain code": "```\ntext\n```",
    "code with fences": "````markdown\n```\ninner\n```\n````",
    "code with a closing tag": "<toggle>T\n\n```\n</toggle>\n```\n</toggle>",
    "equation": "$$\nE = mc^2\n$$",
    "divider": "a\n\n---\n\nb",
    "contents": "<table-of-contents />",
    "colored contents": '<table-of-contents color="gray" />',
    "table": "| a | b |\n| --- | --- |\n| 1 | 2 |",
    "table with pipes and breaks": "| a\\|b | `c\\|d` |\n| --- | --- |\n| x<br />y |  |",
    "styled table": '<table header-row="true" header-column="true">\n'
    "<tr>\n<td>a</td>\n<td>*b*</td>\n</tr>\n</table>",
    "image": "![A *cat*](https://e.example/cat.png)",
    "image without caption": "![](https://e.example/cat.png)",
    "bookmark": '<bookmark source="https://e.example/?a=1&b=2">Caption</bookmark>',
    "embed": '<embed source="https://e.example/"></embed>',
    "file": '<file source="https://e.example/f.zip">f</file>',
    "pdf": '<pdf source="https://e.example/f.pdf"></pdf>',
    "page": f'<page url="{page_url(WIKI)}">Wiki</page>',
    "new page": "<page>Brand new</page>",
    "styles": "**bold** *italic* ***both*** ~~gone~~ `code` <u>under</u>",
    "styles inside words": "un**believ**able",
    "nested styles": "**bold *and italic* again**",
    "spaces at style edges": "a<b> b </b>c",
    "color": 'a <span color="red">red **bold**</span> b',
    "links": "[one](https://e.example/) and [t*w*o](<https://e.example/a b>)",
    "link with parentheses": "[x](<https://en.wikipedia.org/wiki/A_(b)>)",
    "inline equation": "so $x^2$ it is",
    "user": 'ask <mention url="user://00000000-0000-4000-8000-0000000000a1">Ada Lovelace</mention>',
    "page mention": f'see <mention url="{page_url(WIKI)}">Wiki</mention>',
    "date": '<date start="2026-01-15" />',
    "date range": '<date start="2026-01-15" end="2026-01-20" />',
    "date with time": '<date start="2026-01-15" start-time="09:00" time-zone="Europe/Berlin" />',
    "custom emoji": "hello :bufo:",
    "unknown emoji": "hello :nobody:",
    "citation": "said [^https://e.example/x]",
    "escaped marks": "\\*a\\* \\_b\\_ \\`c\\` \\~\\~d\\~\\~ \\$5 \\[x]",
    "escaped tags": "\\<p>text\\</p>",
    "other tags": "\\<div>text\\</div>",
    "escaped line starts": "\\# a\n\n\\- b\n\n1\\. c\n\n\\> d\n\n\\---\n\n\\+ e",
    "words with underscores": "snake_case_name and \\_\\_init\\_\\_",
    "mail": '<mail to="a@b.c" />',
    "custom block": '<custom-block definition-id="x" url="u" />',
}


@pytest.mark.parametrize("name", CANONICAL)
def test_canonical_text_comes_back_unchanged(name: str) -> None:
    """Text in Notion's own spelling is what rendering gives for the blocks it describes."""
    assert shown(*read(CANONICAL[name])) == CANONICAL[name]


NORMALISED = {
    "bullets of other kinds": ("* a\n* b", "- a\n- b"),
    "loose lists": ("- a\n\n- b", "- a\n- b"),
    "counted numbers": ("1. a\n2. b\n3. c", "1. a\n1. b\n1. c"),
    "underscores as marks": ("_a_ __b__", "*a* **b**"),
    "html marks": ("<b>a</b> <i>b</i> <s>c</s>", "**a** *b* ~~c~~"),
    "setext heading": ("Title\n=====", "# Title"),
    "closing hashes": ("## Title ##", "## Title"),
    "soft line break": ("one\ntwo", "one two"),
    "hard break by spaces": ("one  \ntwo", "one\\\ntwo"),
    "stars as a rule": ("***", "---"),
    "tilde fence": ("~~~js\nx\n~~~", "```javascript\nx\n```"),
    "indented code": ("    x = 1", "```\nx = 1\n```"),
    "autolink": ("<https://e.example/>", "[https://e.example/](https://e.example/)"),
    "reference link": ("[a]\n\n[a]: https://e.example/", "[a](https://e.example/)"),
    "entity": ("&copy; &lt;p&gt;", "© \\<p>"),
    "quote of two paragraphs": ("> a\n>\n> b", "<quote>a\n\nb\n</quote>"),
    "padded tags": ("<toggle>\n\nTitle\n\n</toggle>", "<toggle>\n\nTitle\n</toggle>"),
    "title on the next line": (
        '<callout icon="💡">\nText\n</callout>',
        '<callout icon="💡">Text</callout>',
    ),
    "list right after a title": ("<toggle>T\n- a\n</toggle>", "<toggle>T\n\n- a\n</toggle>"),
    "closing tags in one line": (
        "<columns>\n<column>\na\n</column>\n<column>\nb\n</column></columns>",
        "<columns>\n<column>\na\n</column>\n<column>\nb\n</column>\n</columns>",
    ),
    "windows line ends": ("a\r\n\r\nb", "a\n\nb"),
    "single quotes": ("<p color='red'>a</p>", '<p color="red">a</p>'),
    "self-closing callout": ('<callout icon="💡" />', '<callout icon="💡"></callout>'),
    "older underline": ('<span underline="true">a</span>', "<u>a</u>"),
    "mention without a label": (
        f'<mention url="{page_url(WIKI)}" />',
        f'<mention url="{page_url(WIKI)}">Wiki</mention>',
    ),
    "table without outer pipes": ("a | b\n--- | ---\n1 | 2", "| a | b |\n| --- | --- |\n| 1 | 2 |"),
    "table in one line": (
        "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>",
        "| a |\n| --- |\n| b |",
    ),
    "equation in one line": ("$$x$$", "\\$\\$x\\$\\$"),
    "price": ("it costs $5 to $10", "it costs \\$5 to \\$10"),
    "unknown language": ("```nolang\nx\n```", "```\nx\n```"),
}


@pytest.mark.parametrize("name", NORMALISED)
def test_other_spellings_are_normalised(name: str) -> None:
    """CommonMark as people write it is understood, and shown in Notion's spelling afterwards."""
    written, expected = NORMALISED[name]

    assert shown(*read(written)) == expected


WARNED = {
    "###### deep": "heading_level",
    "a ![i](https://e.example/i.png) b": "image_moved",
    "```nolang\nx\n```": "code_language",
    "</toggle>": "unexpected_tag",
    "<toggle>T\n\ntext": "unclosed_tag",
    '<unknown alt="x" />': "unknown_block",
    "<database>New</database>": "database",
    "- <p>T\n\ntext\n</p>": "unclosed_tag",
    "<columns>\ntext\n</columns>": "misplaced_block",
    "<h1>T\n\nchild\n</h1>": "heading_children",
    "<synced-block-reference>\na\n</synced-block-reference>": "bad_attribute",
}


@pytest.mark.parametrize("markdown", WARNED)
def test_what_is_changed_or_ignored_is_said(markdown: str) -> None:
    assert warnings(markdown)[0] == WARNED[markdown]


def test_an_image_in_a_text_becomes_a_block_behind_it() -> None:
    blocks = read("- before ![cat](https://e.example/c.png) after")

    assert [block.type for block in walk(blocks)] == ["bulleted_list_item", "image"]
    assert plain_text(blocks[0].data["rich_text"]) == "before  after"


@pytest.mark.parametrize("kind", ["link_preview", "breadcrumb", "template", "unsupported"])
def test_blocks_without_a_form_show_as_unknown(kind: str) -> None:
    data: dict[str, Any] = {"url": "https://e.example/"} if kind == "link_preview" else {}
    block = new_block(kind, data)

    assert shown(block) == f'<unknown url="{page_url(block.id)}" alt="{kind}" />'
    assert [back.id for back in read(shown(block))] == [block.id]


def test_the_kind_of_an_unsupported_block_is_shown() -> None:
    assert 'alt="button"' in shown(new_block("unsupported", {"block_type": "button"}))


def test_hosted_files_are_shown_with_a_signed_address() -> None:
    file = {"url": "https://s3.example/f.png", "expiry_time": ""}
    image = new_block("image", {"type": "file", "file": file})

    assert shown(image) == "![](https://s3.example/f.png?X-Amz-Signature=abc&X-Amz-Expires=3600)"


def test_what_is_beyond_the_limit_is_listed() -> None:
    """`truncated` and the ids say what a reader has to ask for."""
    blocks = [paragraph(f"text {n}") for n in range(5)]

    rendered = render(blocks, NAMES, version="v2", record_limit=3)

    assert rendered.truncated
    assert rendered.unknown_block_ids == [block.id for block in blocks[3:]]
    assert rendered.markdown.count("<unknown ") == 2


def test_children_count_towards_the_limit() -> None:
    blocks = read("<toggle>a\n\nb\n\nc\n</toggle>\n\nd")

    rendered = render(blocks, NAMES, version="v2", record_limit=2)

    assert rendered.unknown_block_ids == [blocks[0].children[1].id, blocks[1].id]


def test_unsupported_types_alone_do_not_truncate() -> None:
    rendered = render([new_block("breadcrumb")], NAMES, version="v2")

    assert not rendered.truncated
    assert rendered.unknown_block_ids == []


def test_synced_blocks_show_where_they_come_from() -> None:
    source = new_block("synced_block", {"synced_from": None}, [paragraph("shared")])
    copy = new_block("synced_block", {"synced_from": {"type": "block_id", "block_id": source.id}})
    url = page_url(source.id)

    text = shown(source, copy)

    assert text == (
        f'<synced-block url="{url}">\nshared\n</synced-block>\n\n'
        f'<synced-block-reference url="{url}"></synced-block-reference>'
    )
    assert read(text)[1].data == copy.data


def test_meeting_notes_show_their_sections_but_no_transcript() -> None:
    parts = {
        name: new_block("paragraph", {}, [paragraph(name)])
        for name in ("summary", "notes", "transcript")
    }
    ids = {f"{name}_block_id": part.id for name, part in parts.items()}
    block = new_block("meeting_notes", {"title": of("Weekly"), "children": ids}, parts.values())

    text = shown(block)

    assert text.startswith("<meeting-notes view-url=")
    assert "summary" in text
    assert "transcript" not in text
    assert "transcript" in render([block], NAMES, version="v2", include_transcript=True).markdown


def test_an_empty_page_is_an_empty_text() -> None:
    assert shown() == ""
    assert read("") == read("\n\n \n") == []


def test_deep_nesting_is_kept() -> None:
    block = paragraph("bottom")
    for level in range(30):
        kind = ("toggle", "bulleted_list_item", "callout")[level % 3]
        block = new_block(kind, {"rich_text": of(f"level {level}")}, [block])

    assert shape(read(shown(block))) == shape([block])


def test_hostile_input_is_read_in_time() -> None:
    """No input of this size takes long: nothing here is worse than linear in practice."""
    for piece in (
        "$`",
        "<b>",
        "[",
        "`" * 3 + "a",
        "<table>\n",
        "**a",
        "<toggle>\n",
        "> ",
        "$",
        "\\<",
    ):
        read(piece * 2000)
