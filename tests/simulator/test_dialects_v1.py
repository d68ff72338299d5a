"""The older dialect, "enhanced markdown" v1: lines, tabs and attribute lists."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notionfs.simulator.blocks import Block, new_block, walk
from notionfs.simulator.dialects import parse, render
from notionfs.simulator.edits import apply_command
from notionfs.simulator.richtext import of
from tests.simulator.trees import HOSTILE, NAMES, PAGES, page_url, shape, v1_bodies

WIKI = min(PAGES)
ADA_URL = "user://00000000-0000-4000-8000-0000000000a1"
ADA = f'<mention-user url="{ADA_URL}">Ada Lovelace</mention-user>'


def shown(*blocks: Block) -> str:
    return render(blocks, NAMES, version="v1").markdown


def read(markdown: str) -> list[Block]:
    return parse(markdown, NAMES, version="v1").blocks


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(v1_bodies)
def test_a_tree_survives_being_rendered_and_parsed(blocks: list[Block]) -> None:
    """`parse(render(tree)) == tree`, ids aside, for every tree that v1 can say."""
    text = shown(*blocks)

    parsed = parse(text, NAMES, version="v1")

    assert shape(parsed.blocks) == shape(blocks), text
    assert parsed.warnings == []


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.sampled_from(HOSTILE), max_size=60))
def test_any_text_can_be_parsed_and_is_stable_after_one_pass(text: str) -> None:
    once = shown(*read(text))

    assert shown(*read(once)) == once


CANONICAL = {
    "paragraphs": "one\ntwo",
    "color": 'text {color="red_bg"}',
    "children": "text\n\tchild\n\t\tgrandchild",
    "headings": "# a\n## b\n### c\n#### d",
    "toggle heading": '## a {toggle="true" color="blue"}\n\tinside',
    "lists": "- a\n\t- b\n1. c\n1. d",
    "tasks": "- [ ] a\n- [x] b",
    "quote": "> a<br>b\n\tchild",
    "toggle": '<details color="gray">\n<summary>Title</summary>\n\tinside\n</details>',
    "callout": '<callout icon="💡" color="blue_bg">\n\ttext\n\t- child\n</callout>',
    "callout without text": '<callout icon="💡">\n\t<empty-block/>\n\tchild\n</callout>',
    "code": "```python\nif x:\n\treturn *y*\n```",
    "code inside": "- a\n\t```plain text\n\tx\n\t\ty\n\t```",
    "equation": "$$\nE = mc^2\n$$",
    "divider": "---",
    "empty paragraph": "a\n<empty-block/>\nb",
    "columns": "<columns>\n\t<column>\n\t\ta\n\t</column>\n"
    "\t<column>\n\t\tb\n\t</column>\n</columns>",
    "image": "![caption](https://e.example/i.png)",
    "media": '<audio src="https://e.example/a.mp3">caption</audio>',
    "page": f'<page url="{page_url(WIKI)}">Wiki</page>',
    "contents": '<table_of_contents color="gray"/>',
    "styles": "**bold** *italic* ***both*** ~~gone~~ `code`",
    "spans": '<span underline="true">u</span> <span color="red">r</span>',
    "link": "[text](https://e.example/)",
    "equation in text": "$x$ and $`$`$",
    "user": ADA,
    "date": '<mention-date start="2026-01-15" startTime="09:00" timeZone="Europe/Berlin"/>',
    "escapes": "\\*a\\* \\{b\\} \\<c\\> \\[d\\] \\|",
    "escaped line starts": "\\# a\n\\- b\n1\\. c\n\\> d",
    "emoji": ":bufo:",
}


@pytest.mark.parametrize("name", CANONICAL)
def test_canonical_text_comes_back_unchanged(name: str) -> None:
    assert shown(*read(CANONICAL[name])) == CANONICAL[name]


NORMALISED = {
    "blank lines": ("a\n\n\nb", "a\nb"),
    "deep headings": ("###### a", "#### a"),
    "counted numbers": ("1. a\n2. b", "1. a\n1. b"),
    "double braces": (
        '<mention-user url="{{' + ADA_URL + '}}"/>',
        ADA,
    ),
    "pipe table": (
        "| a | b |\n|---|---|\n| 1 | 2 |",
        '<table fit-page-width="false" header-row="true" header-column="false">\n'
        "\t<tr>\n\t\t<td>a</td>\n\t\t<td>b</td>\n\t</tr>\n"
        "\t<tr>\n\t\t<td>1</td>\n\t\t<td>2</td>\n\t</tr>\n</table>",
    ),
    "spaces are no indentation": ("- a\n  - b", "- a\n  - b"),
    "stars with spaces": ("2 * 3 * 4", "2 \\* 3 \\* 4"),
    "lonely mark": ("a *b", "a \\*b"),
}


@pytest.mark.parametrize("name", NORMALISED)
def test_other_spellings_are_normalised(name: str) -> None:
    written, expected = NORMALISED[name]

    assert shown(*read(written)) == expected


@pytest.mark.parametrize("kind", ["bookmark", "embed"])
def test_bookmarks_and_embeds_are_unknown_to_v1(kind: str) -> None:
    block = new_block(kind, {"url": "https://e.example/"})

    assert shown(block) == f'<unknown url="{page_url(block.id)}" alt="{kind}"/>'


def test_edits_keep_ids_and_unknown_blocks() -> None:
    """The same edits work in the older dialect, beside blocks that it cannot show."""
    bookmark = new_block("bookmark", {"url": "https://e.example/"})
    blocks = [*read("- one\n\t- two"), bookmark]
    items = [{"old_str": "two", "new_str": "two and a half"}]
    body = {"type": "update_content", "update_content": {"content_updates": items}}

    edited = apply_command(blocks, body, NAMES, "v1")

    assert [block.id for block in walk(edited.blocks)] == [block.id for block in walk(blocks)]
    assert edited.blocks[1] is bookmark


def test_what_is_beyond_the_limit_is_listed() -> None:
    blocks = [new_block("paragraph", {"rich_text": of(str(n))}) for n in range(4)]

    rendered = render(blocks, NAMES, version="v1", record_limit=2)

    assert rendered.truncated
    assert rendered.unknown_block_ids == [block.id for block in blocks[2:]]
