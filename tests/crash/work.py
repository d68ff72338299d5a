"""Work of every kind; what was reported as done is in a ledger, and is looked for afterwards."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import trio

from notionfs.simulator import Simulator
from notionfs.sync import turns
from tests.crash.points import Points
from tests.desk import Desk, open_desk, wall

SIM, STATE, LEDGER = "notion.json", "state", "ledger"
WIKI, ALPHA = "acme/wiki.md", "acme/projects/alpha.md"
Act = Callable[[Desk], Awaitable[None]]

turns.STRETCH = 60.0  # seconds: what is one transaction must not depend on how busy we are


def prepare(directory: Path) -> None:
    """Make a workspace with four pages and a store that knows them."""
    sim = Simulator(clock=wall)
    wiki = sim.add_page("Wiki", parent="workspace", markdown="First.\n\nSecond.\n\nLast.")
    sim.add_page("Roadmap", parent=wiki, markdown="Later.")
    columns = {"Name": "title", "Points": "number"}
    _, [rows] = sim.add_database("Projects", parent="workspace", sources={"Projects": columns})
    sim.add_page("Alpha", parent=rows, markdown="Content.", properties={"Points": 3})
    sim.add_page("Beta", parent=rows, markdown="More.")
    sim.save(directory / SIM)

    async def read() -> None:
        async with open_desk(sim, directory / STATE) as desk:
            for path in (WIKI, ALPHA, "acme/wiki/roadmap.md"):
                await desk.read(path)

    trio.run(read)


# --- the work -------------------------------------------------------------------------------------


async def change(desk: Desk) -> None:
    await desk.edit(WIKI, "Second.", "Second, changed.")


async def append(desk: Desk) -> None:
    await desk.append(WIKI, "\n* Appended.\n")


async def both(desk: Desk) -> None:
    text = (await desk.read(ALPHA)).replace("Points: 3", "Points: 4")
    await desk.write(ALPHA, text.replace("Content.", "Content, changed."))


async def create(desk: Desk) -> None:
    # It links to a page that comes after it, so it is created first and filled later.
    await desk.write("acme/projects/New Idea.md", "An idea for [child](../wiki/design/child.md).\n")


async def folder(desk: Desk) -> None:
    desk.mkdir("acme/wiki/design")


async def child(desk: Desk) -> None:
    await desk.write("acme/wiki/design/child.md", "A child.\n")


async def move(desk: Desk) -> None:
    desk.mv("acme/wiki/roadmap.md", "acme/wiki/design/way ahead.md")


async def atomic(desk: Desk) -> None:
    text = (await desk.read(WIKI)).replace("First.", "First, changed.")
    await desk.write("acme/.goutputstream-A1B2C3", text)
    desk.mv("acme/.goutputstream-A1B2C3", WIKI)


async def remove(desk: Desk) -> None:
    desk.rm("acme/projects/beta.md")


async def side(desk: Desk) -> None:
    await desk.write("acme/wiki/notes.txt", "Mine.\n")


async def upload(desk: Desk) -> None:
    await desk.sent()


ACTS: tuple[Act, ...] = (
    change, both, create, folder, child, upload, append, move, atomic, remove, side, upload,
)  # fmt: skip


async def work(directory: Path, points: Points) -> None:
    """Do all the work, counting points; each act that ended is in the ledger."""
    sim = Simulator.load(directory / SIM, clock=wall)
    sim.path = directory / SIM
    points.watch_notion(sim)
    ledger = os.open(directory / LEDGER, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    async with open_desk(sim, directory / STATE, refreshed=False) as desk:
        points.watch_store(desk)
        for act in ACTS:
            await act(desk)
            os.write(ledger, f"{act.__name__}\n".encode())
            await trio.sleep(0.5)
    os.close(ledger)


# --- afterwards -----------------------------------------------------------------------------------


async def check(directory: Path) -> None:
    """Start again: all that was reported is there, reaches Notion, and does so once."""
    done = (directory / LEDGER).read_text().split() if (directory / LEDGER).exists() else []
    sim = Simulator.load(directory / SIM, clock=wall)
    async with open_desk(sim, directory / STATE, refreshed=False) as desk:
        assert desk.engine.store._connection.db.execute("PRAGMA quick_check").fetchone()[0] == "ok"
        await desk.sent()
        await desk.ask("sync")
        await desk.sent()
        assert desk.engine.store.outbox.list_changes() == []
        assert desk.engine.store.docs.list_explained() == []
        await _check_texts(desk, done)
        _check_pages(desk, done)


async def _check_texts(desk: Desk, done: list[str]) -> None:
    wiki = desk.sim.markdown(desk.page_id(WIKI) or "")
    alpha = desk.page_id(ALPHA) or ""
    texts = {
        "change": (wiki, "Second, changed."),
        "append": (wiki, "Appended."),
        "atomic": (wiki, "First, changed."),
        "both": (desk.sim.markdown(alpha), "Content, changed."),
    }
    for act, (text, words) in texts.items():
        assert text.count(words) == 1 if act in done else text.count(words) <= 1, (act, text)
    for words in ("First", "Second", "Last."):
        assert wiki.count(words) == 1, wiki
    points = desk.sim.page(alpha)["properties"]["Points"]["number"]
    assert points == 4 if "both" in done else points in (3, 4)
    if "create" in done:
        idea = desk.sim.markdown(desk.sim.find("New Idea"))
        assert idea.count("An idea") == 1, idea
        assert "<mention" in idea or "child" not in done, idea
    for line in ("First", "Second", "Last."):
        assert (await desk.read(WIKI)).count(line) == 1
    if "side" in done:
        assert await desk.read("acme/wiki/notes.txt") == "Mine.\n"


def _check_pages(desk: Desk, done: list[str]) -> None:
    titles = desk.sim.titles()
    for act, title in (("create", "New Idea"), ("folder", "design"), ("child", "child")):
        assert titles.count(title) == 1 if act in done else titles.count(title) <= 1, titles
    assert titles.count("Roadmap") + titles.count("way ahead") == 1
    assert titles.count("Wiki") == titles.count("Alpha") == 1
    assert len(titles) <= 7
    if "move" in done:
        moved = desk.sim.page(desk.sim.find("way ahead"))
        assert moved["parent"]["page_id"] == desk.sim.find("design")
    if "remove" in done:
        assert "Beta" not in titles
    if "remove" not in done[:-1] and len(done) < ACTS.index(remove):
        assert titles.count("Beta") == 1
