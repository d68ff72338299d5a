"""Markdown that martian turns into blocks, and that we save: the same blocks, but for its gaps."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from trio.testing import MockClock

from notionfs.simulator import Simulator
from notionfs.simulator.blocks import walk
from notionfs.simulator.records import plain
from tests.desk import wall
from tests.judges.journeys import travel
from tests.judges.test_converters import told
from tests.judges.test_gfm import EXAMPLES
from tests.judges.tools import needs_node, run_node
from tests.simulator.test_judge_commonmark import examples

Lines = list[tuple[str, str]]  # type and text of each block

# Where the two differ, martian does something else than CommonMark, or Notion.
GAPS: Mapping[str, Callable[[str, Lines, Lines], bool]] = {
    "it leaves HTML out": lambda text, _, __: bool(re.search(r"<[/!?a-zA-Z]", text)),
    "it leaves links by label out": lambda text, _, __: "]: " in text,
    "it leaves dividers out": lambda _, theirs, ours: theirs == without(ours, "divider"),
    "it leaves empty items out, with all inside": lambda _, __, ours: ("item", "") in ours,
    "it knows no picture but of the web": lambda _, __, ours: ("image", "") in ours,
    "it joins the words around a break": lambda _, theirs, ours: joined(theirs) == joined(ours),
}
OTHERWISE = {
    "Strikethrough with one and two tildes": "Notion's dialect strikes with two tildes",
    "Three tildes strike nothing": "readers differ",
    "Numbered tasks": "it makes them items that are no tasks",
    "An empty task": "it makes it an item with two brackets",
    "Alerts": "it leaves them quotes with a mark",
    "Dollars that are money": "it makes a formula of what stands between two prices",
}


def lines_of(blocks: Iterable[tuple[str, str]]) -> Lines:
    """Blocks in a form that both have: levels of headings, kinds of items, quotes with a child."""
    found: Lines = []
    for named, written in blocks:
        kind = re.sub(r".*_list_item|to_do", "item", named.replace("heading_4", "heading_3"))
        text = re.sub(r"\s+", " ", written).strip()
        if kind == "paragraph" and found and found[-1] == ("quote", ""):
            found[-1] = ("quote", text)
        else:
            found.append((kind, text))
    return found


def without(lines: Lines, kind: str) -> Lines:
    return [line for line in lines if line[0] != kind]


def joined(lines: Lines) -> str:
    return re.sub(r"\s", "", "".join(text for _, text in lines))


def words(lines: Lines) -> Counter[str]:
    return Counter(re.findall(r"\w+", " ".join(text for _, text in lines)))


@needs_node("@tryfabric/martian")
@needs_node("commonmark-spec")
async def test_what_martian_makes_of_a_text_is_what_a_save_makes_of_it(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Kinds and texts of blocks are the same, or one of its gaps says why not; no word lacks."""
    texts = {**EXAMPLES, **{str(one.number): one.markdown for one in examples()[::10]}}
    sim = Simulator(clock=wall)
    journeys = await travel(sim, tmp_path, list(texts.values()))
    made = run_node("martian_blocks.mjs", "", list(texts.values()))
    unexplained, found = set(), Counter[str]()
    for title, journey, children in zip(texts, journeys, made, strict=True):
        body = walk(sim.workspace.body(sim.workspace.pages[journey.page_id]))
        ours = lines_of((block.type, plain(block.data.get("rich_text") or [])) for block in body)
        theirs = lines_of(told(children))
        gap = next((why for why, is_it in GAPS.items() if is_it(journey.sent, theirs, ours)), "")
        if theirs == ours:
            found["same"] += 1
        elif title not in OTHERWISE and not gap:
            unexplained.add(title)
        if not gap and title not in OTHERWISE:
            assert not words(theirs) - words(ours), title
    assert unexplained == set()
    assert found["same"] >= 80
