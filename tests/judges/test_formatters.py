"""Formatters run over page files: what only Notion has survives, or the save names the line."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from notionfs.errors import InvalidPageFile
from notionfs.markdown.blocks import same_text
from notionfs.markdown.bodies import canonical_body
from notionfs.markdown.document import parse_document
from notionfs.markdown.prettify import prettify_body, restore_body
from notionfs.simulator import Simulator
from tests.judges.tools import DEADLINE, HOME, PACKAGES, environment, needs_node
from tests.unit.markdown_refs import FakeReferences
from tests.unit.test_markdown_table import BLOCKS

PRETTIER = PACKAGES / "prettier" / "bin" / "prettier.cjs"
MDFORMAT = HOME / "venv" / "bin" / "mdformat"
FRONT = "---\nnotion_id: x\n---\n\n# Title\n\n"
CONSTRUCTS = re.compile(
    r"<(mention|date|callout|toggle|columns|column|tabs|tab|page|database|unknown|synced-block|"
    r"synced-block-reference|table-of-contents|bookmark|embed|file|pdf|video|audio|image|span|u|"
    r"table|equation|meeting-notes|custom-block|folder|mail|external_object_instance)\b"
    r"|(<p />)|(!\[)"
)


PRETTIER_COMMAND = ["node", str(PRETTIER), "--write", "--prose-wrap", "always"]
MDFORMAT_COMMAND = [str(MDFORMAT), "--wrap", "80"]
FORMATTERS: Mapping[str, list[str]] = {"prettier": PRETTIER_COMMAND, "mdformat": MDFORMAT_COMMAND}


def formatted(command: list[str], texts: list[str], directory: Path) -> list[str]:
    """Return the texts after the formatter; one that it gives up on stays as it is."""
    files = [directory / f"{number}.md" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    subprocess.run(
        [*command, *map(str, files)],
        capture_output=True,
        timeout=DEADLINE * 3,
        env=environment(),
        check=False,
    )
    return [file.read_text(encoding="utf-8") for file in files]


def references(sim: Simulator) -> FakeReferences:
    """All pages, databases and people of the workspace, each with a path or a name."""
    refs = FakeReferences()
    names = sim.workspace
    refs.paths |= {page_id: f"some-page-{n}.md" for n, page_id in enumerate(names.pages)}
    refs.paths |= {database_id: f"rows-{n}/" for n, database_id in enumerate(names.databases)}
    return refs


def pages() -> list[tuple[str, str, FakeReferences]]:
    """Every page of the workspaces that hold everything Notion has, every row of the reference."""
    found = []
    for seed in ("torture", "demo"):
        sim = Simulator(seed=seed)
        refs = references(sim)
        for page_id in sim.workspace.pages:
            body = canonical_body(sim.markdown(page_id))
            if body.strip():
                found.append((f"{seed}: {sim.title(page_id)}", body, refs))
    rows = ((f"row: {row}", sent, FakeReferences()) for row, (sent, _) in BLOCKS.items())
    return [*found, *rows]


def constructs(body: str) -> Counter[str]:
    """How many of each thing that CommonMark does not have."""
    return Counter(found[0] for found in CONSTRUCTS.finditer(body))


@needs_node("prettier")
@pytest.mark.skipif(not MDFORMAT.is_file(), reason="mdformat is not installed")
@pytest.mark.parametrize("name", FORMATTERS)
def test_a_formatter_deletes_nothing_that_only_notion_has(name: str, tmp_path: Path) -> None:
    """Every construct of every page is there after the save, or the save is refused."""
    lost, refused, changed = [], [], []
    known = pages()
    texts = [FRONT + prettify_body(body, refs) + "\n" for _, body, refs in known]
    results = formatted(FORMATTERS[name], texts, tmp_path)
    assert sum(a != b for a, b in zip(texts, results, strict=True)) > 20  # it did something
    for (title, body, refs), text in zip(known, results, strict=True):
        try:
            restored = restore_body(parse_document(text.encode()).body, body, refs)
        except InvalidPageFile as exc:
            assert all(re.search(r"[Ll]ine", problem) for problem in exc.problems)
            refused.append(title)
            continue
        missing = constructs(body) - constructs(restored)
        if missing:
            lost.append((title, dict(missing)))
        if not same_text(restored, body):
            changed.append(title)
    assert lost == []
    # Where a formatter writes something else, it is little: most pages need no request at all.
    assert len(refused) <= 3, refused
    assert len(changed) <= len(known) // 3, changed
