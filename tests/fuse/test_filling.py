"""The kernel and a tree that fills: what it cached of a directory hides nothing new."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import trio

from notionfs.simulator import Simulator
from tests.fuse.mounting import mounted

HERE = Path(__file__).parent


def _held_after(sim: Simulator, parts: int) -> trio.Event:
    """Let the search answer *parts* times, and again once the event is set."""
    go_on = trio.Event()
    serve = sim.app._serve
    asked = 0

    async def held(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        if asked > parts + 1:  # the first question is who we are
            await go_on.wait()
        return await serve(*arguments)

    sim.app._serve = held  # type: ignore[method-assign]
    return go_on


async def test_names_that_come_later_appear_in_directories_that_were_read() -> None:
    """By `ls` and by name; until then a new page is refused, and what is there can be read."""
    sim = Simulator()
    home = sim.add_page("Home", parent="workspace", created=0.0, edited=0.0)
    early = sim.add_page("Early", parent="workspace", markdown="Here.\n")
    for number in range(150):
        sim.add_page(f"Page {number:03}", parent="workspace", edited=1000.0 * number)
    sim.add_page("Below", parent=early)
    sim.add_page("Late", parent=home, created=0.0, edited=0.0)
    async with mounted(sim, start=False) as mount:
        go_on = _held_after(sim, 1)
        words = ("mount", *mount.flags, "--prefetch", "off", "--poll", "off", str(mount.path))
        started = await mount.run(sys.executable, HERE / "early.py", *words, cwd=mount.home)
        assert started.code == 0, started.err
        assert "It fills while you use it" in started.out
        before = (await mount.sh("ls acme")).split()
        assert "page-149.md" in before
        assert "home.md" not in before
        refused = await mount.run("bash", "-c", "cat acme/home.md; touch acme/early/new.md")
        assert "No such file" in refused.err
        assert "resource busy" in refused.err
        go_on.set()
        assert "Here." in await mount.read("acme/early.md")
        assert (await mount.notionfs("sync", str(mount.path))).code == 0  # waits for it
        names = (await mount.sh("ls acme")).split()
        assert len(names) == 152 + 2
        assert await mount.sh("ls acme/home; touch acme/early/new.md") == "late.md\n"
