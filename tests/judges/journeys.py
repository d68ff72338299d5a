"""Texts that go the whole way: saved as files, sent, and read again by another mount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from notionfs.markdown.document import parse_document
from notionfs.simulator import Simulator
from tests.desk import open_desk


@dataclass(frozen=True)
class Journey:
    """A text, the same text as another mount shows it, and what was said about it."""

    sent: str
    back: str
    said: tuple[str, ...]
    page_id: str


async def travel(sim: Simulator, directory: Path, texts: Sequence[str]) -> list[Journey]:
    """Save each of *texts* as a new page, and read the pages again with an empty store."""
    sim.add_page("Texts", parent="workspace", markdown="All below.\n")
    names = [f"text-{number}" for number in range(len(texts))]
    async with open_desk(sim, directory / "here", rate_limit=None) as desk:
        top = f"{(await desk.ls())[-1]}/texts"
        desk.mkdir(top)
        for name, text in zip(names, texts, strict=True):
            await desk.write(f"{top}/{name}.md", f"# {name}\n\n{text}\n")
        await desk.sent()
        docs = desk.engine.store.docs
        ids = [desk.page_id(f"{top}/{name}.md") or "" for name in names]
        said = [docs.load_notes(desk.tree.inode(desk.ino(f"{top}/{n}.md")).doc_id) for n in names]
    async with open_desk(sim, directory / "there", rate_limit=None) as desk:
        files = [await desk.read(f"{top}/{name}.md") for name in names]
    bodies = [parse_document(file.encode()).body for file in files]
    return [Journey(*each) for each in zip(texts, bodies, said, ids, strict=True)]
