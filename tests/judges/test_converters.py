"""Converters from npm: one reads what the simulator shows, one makes what it must accept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.records import plain
from notionfs.simulator.richtext import PLAIN

from .served import Served
from .tools import needs_node, run_node

HIDDEN = ("template", "toggle")  # notion-to-md shows no template, and no toggle without children
ENDLESS = "Longer than one read"  # 20,500 blocks of one kind: two hundred requests, nothing new


def plain_lines(body: list[Block]) -> Iterator[str]:
    """Yield the one-line texts of a body that have no format: any converter shows them as is."""
    for block in walk(body):
        items = block.data.get("rich_text") or ()
        if len(items) == 1 and items[0]["type"] == "text" and block.type not in HIDDEN:
            text = items[0]["plain_text"].strip()
            if items[0]["annotations"] == PLAIN and items[0]["href"] is None and "\n" not in text:
                yield text


@needs_node("notion-to-md")
@pytest.mark.parametrize("served", ["demo", "torture"], indirect=True)
def test_notion_to_md_reads_every_page(served: Served):
    """Hostile texts, every type of block, deep and wide pages: no error, and no text lost."""
    workspace = served.sim.workspace
    pages = {
        page.id: page
        for page in workspace.pages.values()
        if not page.is_template and plain(workspace.title(page)) != ENDLESS
    }
    read = run_node("notion_to_md.mjs", served.url, list(pages))
    assert read.keys() == pages.keys()
    lost = []
    for page_id, page in pages.items():
        assert "error" not in read[page_id], (plain(workspace.title(page)), read[page_id])
        shown = read[page_id]["markdown"]
        lost += [line for line in plain_lines(workspace.body(page)) if line not in shown]
    assert not lost
    assert not served.refusals()


TOO_DEEP = {250, 251, 259, 294, 307}  # examples with a third level, which one request may not have


def told(children: list[dict]) -> Iterator[tuple[str, str]]:
    """Yield type and text of every block of a request, in document order."""
    for block in children:
        content = block[block["type"]]
        texts = [item[item["type"]] for item in content.get("rich_text", ())]
        words = [text["content"] if "content" in text else text["expression"] for text in texts]
        yield block["type"], "".join(words)
        yield from told(content.get("children", []))


@needs_node("@tryfabric/martian")
@needs_node("commonmark-spec")
@pytest.mark.parametrize("served", ["empty"], indirect=True)
def test_what_martian_makes_is_accepted(served: Served):
    """Blocks made of every CommonMark example become pages with those blocks and words."""
    examples = run_node("commonmark.mjs", served.url)
    home = served.sim.add_page("Home")
    made = run_node(
        "martian.mjs",
        served.url,
        [{"parent": home, "markdown": example["markdown"]} for example in examples],
    )
    refused = {
        example["number"]
        for example, page in zip(examples, made, strict=True)
        if "children should be not present" in page.get("error", "")
    }
    assert refused == TOO_DEEP
    for page in made:
        if "page" in page:
            body = served.sim.workspace.body(served.sim.workspace.pages[page["page"]])
            kept = [(block.type, plain(block.data.get("rich_text", []))) for block in walk(body)]
            assert kept == list(told(page["children"]))
    assert len(served.refusals()) == len(TOO_DEEP)
