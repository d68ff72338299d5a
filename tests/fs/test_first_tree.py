"""The first tree of a workspace: it can be used while it fills, and nothing in it moves."""

from __future__ import annotations

import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import NoSuchEntry, RemoteError, StillListing
from notionfs.simulator import Simulator
from tests.desk import EPOCH, Desk, open_desk, wall

AWAY = 4.0
"""How long an answer takes, so that a test can look between two parts of the search."""

DAY = 86_400.0


class Plan:
    """A workspace in the making: each page is older than the next one that is added."""

    def __init__(self, order: Sequence[int] = ()) -> None:
        self.sim = Simulator(clock=wall)
        self._order = iter(order)
        self._count = 0

    def page(self, title: str, parent: str = "workspace", *, edited: int | None = None) -> str:
        """Add a page that was edited *edited* minutes ago, or as the plan's order says."""
        self._count += 1
        minutes = next(self._order, 0) if edited is None else edited
        return self.sim.add_page(
            title,
            parent=parent,
            created=EPOCH - 900 * DAY + 60 * self._count,
            edited=EPOCH - 60 * (minutes + 10),
        )

    def filler(self, count: int, parent: str = "workspace") -> None:
        """Add pages that fill parts of the search: all of them were edited five minutes ago."""
        for number in range(count):
            self.page(f"Filler {self._count:04} {number:03}", parent, edited=5)


@asynccontextmanager
async def filling(sim: Simulator, directory: Path, **changes: object) -> AsyncIterator[Desk]:
    """Yield a desk when the first part of its first listing is in the tree."""
    sim.reset_counts()
    async with open_desk(sim, directory, refreshed=False, latency=AWAY, **changes) as desk:
        await desk.engine.refresher.ensure_begun()
        yield desk


async def until_whole(desk: Desk) -> None:
    await desk.engine.refresher.ensure_whole()


def namesakes(order: Sequence[int]) -> Plan:
    """Six pages of one title in each of two folders, in a workspace of several parts."""
    plan = Plan(order)
    for folder in ("First", "Second"):
        home = plan.page(folder)
        for _ in range(6):
            plan.page("Notes", home)
    plan.filler(240)
    return plan


# --- while it fills -------------------------------------------------------------------------------


async def test_what_was_read_is_there_before_the_rest(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Two parts are missing, and the pages of the first can be listed and read; no part is asked
    for twice.
    """
    plan = Plan()
    plan.filler(250)
    async with filling(plan.sim, tmp_path) as desk:
        names = await desk.ls("acme")
        assert len(names) == 100
        assert (await desk.ask("status"))["first_listing"] == {"pages": 100, "waiting": 0}
        assert "# Filler" in await desk.read(f"acme/{names[0]}")
        await until_whole(desk)
        assert len(await desk.ls("acme")) == 250
        assert (await desk.ask("status"))["first_listing"] is None
        assert plan.sim.count("search") == 3


async def test_a_page_is_shown_once_everything_above_it_has_its_place(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """A chain of folders is read from its end: nothing of it shows before its top is read."""
    plan = Plan()
    chain = ["workspace"]
    for depth in range(5):
        chain.append(plan.page(f"Level {depth}", chain[-1], edited=9 - depth))
    plan.filler(295)
    async with filling(plan.sim, tmp_path) as desk:
        await trio.sleep(1.5 * AWAY)
        assert len(await desk.walk("acme")) == 200
        await until_whole(desk)
        assert "level-4.md" in await desk.ls("acme/level-0/level-1/level-2/level-3")
        assert not desk.engine.store.waiting.list_any(1)


async def test_no_name_that_was_shown_ever_changes(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Whoever looks after each part finds every page where it was before."""
    seed = random.Random(8)
    plan = Plan([seed.randrange(10) for _ in range(400)])
    folders = ["workspace"]
    for _ in range(330):
        title = seed.choice(["Notes", "notes", "Plan", "Log", "Home"])
        folders.append(plan.page(title, seed.choice(folders[-12:])))
    seen: dict[str, str | None] = {}
    async with filling(plan.sim, tmp_path) as desk:
        for _ in range(4):
            for path in await desk.walk("acme"):
                if path.endswith(".md"):
                    assert seen.setdefault(path, desk.page_id(path)) == desk.page_id(path)
            assert seen.keys() <= set(await desk.walk("acme"))
            await trio.sleep(AWAY)
        await until_whole(desk)
        assert len([p for p in await desk.walk("acme") if p.endswith(".md")]) == 330


@pytest.mark.parametrize("seed", range(3))
async def test_the_oldest_gets_the_plain_name_in_whatever_order_they_come(
    seed: int, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """In a directory that nobody looked into, the last part counts as much as the first."""
    order = list(range(14))
    random.Random(seed).shuffle(order)
    plan = namesakes(order)
    async with filling(plan.sim, tmp_path) as desk:
        await until_whole(desk)
        for folder in ("First", "Second"):
            children = [i["id"] for i in plan.sim.children(plan.sim.find(folder))]
            plain = f"acme/{folder.lower()}/notes.md"
            assert desk.page_id(plain) == children[0]
            assert len(await desk.ls(f"acme/{folder.lower()}")) == 6


def crowded(seed: int, order_seed: int) -> Plan:
    """Pages and databases of few titles within each other, in two parts of a search."""
    dice, order, plan = random.Random(seed), random.Random(order_seed), Plan()
    holders, sources = ["workspace"], ["workspace"]
    for number in range(190):
        kind = dice.random()
        if kind < 0.04:
            _, more = plan.sim.add_database(
                dice.choice(["Notes", "Plan"]),
                parent=dice.choice(holders),
                sources={"One": {}, "Two": {}},
                created=EPOCH - 900 * DAY + 60 * number,
            )
            sources += more
        else:
            above = dice.choice(sources if kind < 0.3 else holders[-20:])
            holders.append(plan.page(dice.choice(["Notes", "notes", "Plan", "Log"]), above))
    workspace = plan.sim.workspace
    for thing in (*workspace.pages.values(), *workspace.data_sources.values()):
        thing.edited = EPOCH - 60 * order.randrange(500)
    plan.sim.changed()
    return plan


@pytest.mark.parametrize("seed", range(2))
async def test_names_do_not_depend_on_the_order_in_which_pages_come(
    seed: int, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Nor do the digits of those that share one; and no order costs a call more."""
    trees = []
    for order_seed in range(2):
        sim = crowded(seed, order_seed).sim
        home = tmp_path / str(order_seed)
        home.mkdir()
        async with filling(sim, home) as desk:
            await until_whole(desk)
            files = [path for path in await desk.walk("acme") if path.endswith(".md")]
            trees.append({path: desk.page_id(path) for path in files})
            assert sim.count("get_database") == len(sim.workspace.databases)
            things = len(sim.workspace.pages) + len(sim.workspace.data_sources)
            assert sim.count("search") == -(-things // 100)
    assert trees[0] == trees[1]


async def test_a_name_that_somebody_saw_stays(tmp_path: Path, autojump_clock: MockClock) -> None:
    """An older page of that title that is read later gets the digits."""
    plan = Plan()
    plan.page("Notes", edited=9)
    young = plan.page("Notes", edited=1)
    plan.filler(150)
    async with filling(plan.sim, tmp_path) as desk:
        assert desk.page_id("acme/notes.md") == young
        await until_whole(desk)
        assert desk.page_id("acme/notes.md") == young
        assert len([name for name in await desk.ls("acme") if name.startswith("notes-")]) == 1


async def test_a_page_that_waits_is_known_by_its_id_and_has_no_file_yet(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Whoever asks for it hears that, and the background fill does not ask for its text."""
    plan = Plan()
    home = plan.page("Home", edited=9)
    child = plan.page("Child", home, edited=0)
    plan.filler(150)
    async with filling(plan.sim, tmp_path) as desk:
        facts = await desk.ask("info", reference=child)
        assert (facts["record"]["title"], facts["record"]["file_path"]) == ("Child", None)
        with pytest.raises(NoSuchEntry):
            desk.ino(f".notionfs/by-id/{child}")
        with pytest.raises(NoSuchEntry, match="listed so far"):
            await desk.ask("info", reference=home)
        assert child not in desk.engine.store.snapshots.list_unread(1000)
        await until_whole(desk)
        assert desk.page_id("acme/home/child.md") == child


# --- databases and blocks -------------------------------------------------------------------------


async def test_rows_wait_for_the_page_that_their_database_stands_on(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The database is not shown at the top meanwhile; it is read once, whatever its sources."""
    plan = Plan()
    home = plan.page("Home", edited=9)
    _, sources = plan.sim.add_database(
        "Tasks", parent=home, sources={"Open": {}, "Done": {}}, created=EPOCH - 400 * DAY
    )
    plan.sim.workspace.data_sources[sources[0]].edited = EPOCH - 60
    plan.sim.workspace.data_sources[sources[1]].edited = EPOCH - 60 * 18
    plan.sim.workspace.pages[home].edited = EPOCH - 60 * 19
    for number in range(20):
        plan.page(f"Row {number}", sources[number % 2], edited=0)
    plan.filler(177)
    async with filling(plan.sim, tmp_path) as desk:
        assert "tasks" not in await desk.ls("acme")
        await until_whole(desk)
        assert len(await desk.ls("acme/home/tasks")) == 20 + 1
        assert plan.sim.count("search") == 2
        assert plan.sim.count("get_database") == 1
        assert plan.sim.count() == 1 + 2 + 1  # who are we, the search, the database


async def test_a_page_in_a_toggle_asks_for_that_block_once(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """One call for an enclosing block, in whichever parts its pages come."""
    plan = Plan()
    home = plan.page("Home", edited=9)
    [toggle] = plan.sim.append_blocks(
        home, [{"type": "toggle", "toggle": {"rich_text": [], "children": []}}]
    )
    plan.sim.workspace.pages[home].edited = EPOCH - 60 * 19
    plan.page("Early", toggle, edited=0)
    plan.page("Late", toggle, edited=8)
    plan.sim.workspace.pages[home].edited = EPOCH - 60 * 19
    plan.filler(150)
    async with filling(plan.sim, tmp_path) as desk:
        assert "early.md" not in await desk.ls("acme")
        await until_whole(desk)
        assert await desk.ls("acme/home") == ["early.md", "late.md"]
        assert plan.sim.count("get_block") == 1


# --- what never comes -----------------------------------------------------------------------------


async def test_what_stands_in_pages_that_are_not_shared_comes_to_the_top_in_the_end(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """With all that is below it, and not before it is certain."""
    plan = Plan()
    secret = plan.page("Secret", edited=9)
    shown = plan.page("Shown", secret, edited=0)
    plan.page("Below", shown, edited=0)
    open_ = plan.page("Open", edited=9)
    plan.filler(150, open_)
    plan.sim.connect(plan.sim.token, [shown, open_])
    async with filling(plan.sim, tmp_path) as desk:
        assert await desk.ls("acme") == []
        await until_whole(desk)
        assert await desk.ls("acme") == ["open", "open.md", "shown", "shown.md"]
        assert await desk.ls("acme/shown") == ["below.md"]
        assert plan.sim.count("search") == 2


async def test_a_folder_that_was_edited_during_a_long_listing_is_found(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """It went to the front of the search, behind which the listing had come: nothing of it is
    shown at the top.
    """
    plan = Plan()
    home = plan.page("Home", edited=9)
    plan.filler(320, home)
    async with open_desk(plan.sim, tmp_path, refreshed=False, latency=18.0) as desk:
        await desk.engine.refresher.ensure_begun()
        plan.sim.edit_title(home, "House")
        await until_whole(desk)
        assert await desk.ls("acme") == ["house", "house.md"]
        assert len(await desk.ls("acme/house")) == 320


# --- interruptions --------------------------------------------------------------------------------


async def test_what_came_before_an_interruption_is_there_and_the_rest_follows(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Also in a new process: it shows at once what is known, and asks for the rest only."""
    plan = Plan()
    home = plan.page("Home", edited=9)
    plan.filler(120, home)
    plan.filler(100)
    plan.sim.fail_next(operation="search", hang=True, skip=1)
    async with filling(plan.sim, tmp_path) as desk:
        before = await desk.ls("acme")
        assert len(before) == 100
    plan.sim.heal()
    plan.sim.fail_next(operation="search", drop=True, times=4)
    async with filling(plan.sim, tmp_path) as desk:
        assert await desk.ls("acme") == before
        assert (await desk.ask("status"))["first_listing"]["pages"] == 100
        await trio.sleep(100)
        assert len(await desk.ls("acme")) == 102
        assert len(await desk.ls("acme/home")) == 120
        assert plan.sim.count("search") == 4 + 2


async def test_a_listing_that_cannot_begin_says_so(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """An empty directory would be a lie."""
    plan = Plan()
    plan.filler(3)
    plan.sim.fail_next(operation="search", status=500, times=40)
    async with open_desk(plan.sim, tmp_path, refreshed=False) as desk:
        with pytest.raises(RemoteError):
            await desk.ls("acme")


async def test_a_listing_that_begins_anew_days_later_is_compared_with_notion(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """What went away in between was not missed by the listing, but by the comparison after it."""
    plan = Plan()
    plan.filler(150)
    gone = plan.page("Gone", edited=0)
    plan.sim.fail_next(operation="search", hang=True, skip=1)
    async with filling(plan.sim, tmp_path) as desk:
        assert "gone.md" in await desk.ls("acme")
    plan.sim.heal()
    await trio.sleep(2 * DAY)
    plan.sim.trash(gone)
    async with open_desk(plan.sim, tmp_path, poll=30.0) as desk:
        assert "gone.md" in await desk.ls("acme")
        await trio.sleep(60)
        assert "gone.md" not in await desk.ls("acme")


# --- what has to wait -----------------------------------------------------------------------------


async def test_nothing_is_made_or_removed_before_all_names_are_known(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """`>>` into a page that was not read yet must not make a second one; pages that were read can
    be edited, and side files are nobody else's.
    """
    plan = Plan()
    home = plan.page("Home", edited=0)
    plan.page("Log", home, edited=9)
    plan.page("Known", home, edited=0)
    plan.filler(150)
    async with filling(plan.sim, tmp_path) as desk:
        with pytest.raises(NoSuchEntry):
            desk.ino("acme/home/log.md")
        folder = desk.ino("acme/home")
        with pytest.raises(StillListing):
            await desk.entries.create(folder, "log.md", 0o600, os.O_WRONLY)
        with pytest.raises(StillListing):
            desk.rm("acme/home/known.md")
        await desk.write("acme/home/known.md", "# Known\n\nEdited.\n")
        await desk.write("acme/home/.known.md.swp", "side")
        await desk.sent()
        assert "Edited." in plan.sim.markdown(plan.sim.find("Known"))
        await until_whole(desk)
        desk.rm("acme/home/known.md")
