"""Converters from npm: one reads what the simulator shows, one makes what it must accept.

Weak judges of page files as well: what they say of a text or a page, ours must not leave out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from notionfs.markdown.document import parse_document
from notionfs.simulator import Simulator
from notionfs.simulator.blocks import Block, walk
from notionfs.simulator.records import plain
from notionfs.simulator.richtext import PLAIN

from ..desk import open_desk
from .served import Served
from .test_searching import file_of
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
async def test_notion_to_md_reads_every_page(
    served: Served, request: pytest.FixtureRequest, tmp_path: Path
):
    """Hostile texts, every type of block, deep and wide pages: no error, and no text lost.

    Nor does its Markdown have a plain line that our page file lacks, or the other way round.
    """
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
    seed = request.node.callspec.params["served"]  # the same workspace, in front of a desk
    shown = {page_id: page.get("markdown", "") for page_id, page in read.items()}
    assert await lines_of_one_only(Simulator(seed=seed), tmp_path, shown) == set()


_MARK = re.compile(r"^(?:[\s>#*+|-]|\d+\.(?=\s)|\[[ xX]\](?=\s))+")
_TAG = re.compile(r"</?(?:details|summary|callout|p|quote|li|toggle|h[1-4]|todo)\b[^<>]*>")
_PLAIN_LINE = re.compile(r"[^\W_]+(?:[ ,.'’:;?!-]+[^\W_]+)*[.,:;?!]?")


def plain_lines_of(text: str) -> set[str]:
    """The lines of Markdown that hold nothing but words, without what makes them a block."""
    lines = (_TAG.sub("", _MARK.sub("", line)).strip(" |\\") for line in text.split("\n"))
    return {line for line in lines if _PLAIN_LINE.fullmatch(line)}


async def lines_of_one_only(sim: Simulator, directory: Path, theirs: Mapping[str, str]) -> set[str]:
    """The plain lines of pages that either a page file or the other Markdown of it lacks."""
    missing: set[str] = set()
    async with open_desk(sim, directory / "state", rate_limit=None) as desk:
        for page_id, other in theirs.items():
            file = await file_of(desk, page_id, directory)
            if file is not None:
                body = parse_document(file.read_bytes()).body
                ours = re.sub(r"@(?=\d{4}-)", "", body)  # a date is a date for both
                missing |= {line for line in plain_lines_of(other) if line not in ours}
                missing |= {line for line in plain_lines_of(ours) if line not in other}
    return missing


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
