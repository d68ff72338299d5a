"""The CommonMark examples, saved as page files: they keep their meaning, or somebody says so."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from notionfs.markdown.advice import find_advice
from notionfs.markdown.meaning import meaning
from notionfs.markdown.prettify import prettify_body, restore_body
from notionfs.simulator.dialects import parse, render
from tests.judges.tools import INSTALL
from tests.simulator.test_judge_commonmark import SPEC, examples
from tests.simulator.trees import NAMES
from tests.unit.markdown_refs import FakeReferences

REFS = FakeReferences()

# What is neither kept nor said: by number, with the reason.
SILENT = {
    25: "the example begins with a space of its own kind, which Notion keeps in a tag",
    158: "half a tag that no line ends",
    173: "half a tag whose name is a word of Notion's",
    191: "a table in HTML with code in a cell; Notion's own tables are written like that",
    494: "a link without an address stays text",
}


def html(text: str) -> str:
    """What a text says in HTML, without the marks that mean nothing."""
    shown = re.sub(r"</?p>|<br />|class=\"language-[^\"]*\"", " ", meaning(text))
    return re.sub(r"\s+", "", shown)


def words(text: str) -> str:
    return re.sub(r"\W+", "", re.sub(r"<[^>]+>", "", meaning(text)))


@pytest.mark.skipif(not SPEC.is_file(), reason=f"the examples are not installed ({INSTALL})")
def test_the_examples_keep_their_meaning_or_are_said_to_change() -> None:
    """From the file to Notion and back; where only marks are lost, every word is there."""
    results: Counter[str] = Counter()
    silent = []
    for example in examples():
        v2 = restore_body(example.markdown, "", REFS)
        parsed = parse(v2, NAMES, version="v2")
        back = prettify_body(render(parsed.blocks, NAMES, version="v2").markdown, REFS)
        if html(example.markdown) == html(back):
            results["same"] += 1
        elif find_advice(example.markdown, REFS) or parsed.warnings:
            results["said"] += 1
        elif words(example.markdown) == words(back):
            results["same words"] += 1
        else:
            silent.append(example.number)
    assert set(silent) <= set(SILENT)
    assert results["same"] >= 485
    assert results["same words"] <= 52
