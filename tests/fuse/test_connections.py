"""Teamspaces with connections of their own: one tree, and otherwise nothing in common."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from notionfs.simulator import Simulator
from notionfs.simulator.server import serve
from tests.fuse.mounting import Mount, mounted

CONFIG = """
[teamspaces.client]
connection = "client"
"""
FLAGS = ("--poll", "off", "--prefetch", "off")


def _two() -> tuple[Simulator, Simulator]:
    own, other = Simulator(), Simulator()
    own.add_page("Wiki", parent="workspace", markdown="Of our own.")
    other.add_page("Shelf", parent="workspace")  # the ids of simulators are the same in turn
    plan = other.add_page("Plan", parent="workspace", markdown="Of the client.")
    other.add_page("Part", parent=plan, markdown="A part of the plan.")
    return own, other


@asynccontextmanager
async def _beside(own: Simulator, other: Simulator, *, start: bool = True) -> AsyncIterator[Mount]:
    """Mount *own*, and *other* as a teamspace of another connection."""
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, other)
        async with mounted(own, start=False, config=CONFIG) as mount:
            server = f"http://127.0.0.1:{address.port}"
            words = ("notionfs", "login", "--connection", "client", "--base-url", server)
            done = await mount.run(
                sys.executable, "-m", *words, cwd=mount.home, stdin="demo-token\n"
            )
            assert done.code == 0, done.err
            if start:
                await _start(mount)
            yield mount
        nursery.cancel_scope.cancel()


async def _start(mount: Mount) -> int:
    done = await mount.notionfs("mount", *mount.flags, *FLAGS, str(mount.path))
    assert done.code == 0, done.err
    return int((await mount.status())["pid"])


async def test_two_connections_share_a_mount_and_nothing_else() -> None:
    """Each page is read and saved with the token of its own connection, by its own budget."""
    own, other = _two()
    async with _beside(own, other) as mount:
        assert (await mount.sh("ls")).split() == ["acme", "client"]
        assert "Of our own." in await mount.read("acme/wiki.md")
        assert "Of the client." in await mount.read("client/plan.md")
        assert "A part" in await mount.read("client/plan/part.md")
        own.reset_counts()
        other.reset_counts()
        await mount.sh("echo; for f in acme/wiki.md client/plan.md; do echo More. >>$f; done")
        await mount.sh("printf 'New.' >client/plan/new.md; mkdir client/plan/area")
        await mount.sent()
        assert own.markdown(own.find("Wiki")).split()[-1] == "More."
        assert "\nMore." in other.markdown(other.find("Plan"))
        assert "New." in other.markdown(other.find("new"))
        assert own.count() == own.count("patch_markdown") == 1
        assert other.count("create_page") == 2
        numbers = (await mount.sh("find . ! -name .. -printf '%i %p\\n'")).splitlines()
        assert len({line.split()[0] for line in numbers}) == len(numbers)
        status = await mount.status()
        (space,) = status["teamspaces"]
        assert (space["teamspace"], space["pages"]) == ("client", 5)
        assert "create_page" in space["calls"]
        assert "create_page" not in status["calls"]


async def test_commands_find_the_connection_of_a_page() -> None:
    """By its path, by its id, or in all of them."""
    own, other = _two()
    async with _beside(own, other) as mount:
        plan = other.find("Plan")
        assert "Of the client." in await mount.read("client/plan.md")
        for words, answer in (
            (("info", str(mount.path / "client/plan.md")), plan),
            (("path", plan), "client/plan.md"),
            (("search", "plan"), "client/plan.md"),
            (("search", "wiki"), "acme/wiki.md"),
            (("sync",), "seen:"),
            (("sync", str(mount.path / "client/plan.md")), "failed: 0"),
            (("log", str(mount.path / "client/plan.md")), "fetched"),
            (("status",), "Teamspace client, by a connection of its own"),
        ):
            done = await mount.notionfs(*words)
            assert done.code == 0, (words, done.err)
            assert answer in done.out, words


async def test_a_page_cannot_leave_its_connection_but_a_side_file_can() -> None:
    """Notion has no such move; and the directory of a connection is not the user's to rename."""
    own, other = _two()
    async with _beside(own, other) as mount:
        await mount.sh("touch client/.notes.swp; mv client/.notes.swp acme/; rm acme/.notes.swp")
        for refused in (
            "mv client/plan/part.md acme/",
            "mv acme/wiki.md client/",
            "mv client somewhere",
            "mv acme/wiki.md client",
            "rmdir client",
            "mkdir client",
        ):
            done = await mount.run("bash", "-c", refused)
            assert done.code != 0, refused
        done = await mount.notionfs(
            "mv", str(mount.path / "client/plan.md"), str(mount.path / "acme")
        )
        assert "from one connection to another" in done.err
        assert (await mount.sh("find client acme -name '*.md'")).split() == [
            "client/plan/part.md", "client/shelf.md", "client/plan.md", "acme/wiki.md",
        ]  # fmt: skip


async def test_a_refused_token_stops_its_own_teamspace_alone() -> None:
    """Also when the mount is made: the pages that are known stay, and status says what is wrong."""
    own, other = _two()
    async with _beside(own, other) as mount:
        assert "Of the client." in await mount.read("client/plan.md")
        other.revoke()
        await mount.sh("echo; echo More. >>client/plan.md; echo More. >>acme/wiki.md")
        await mount.notionfs("sync", str(mount.path / "acme/wiki.md"))  # after it was sent
        await mount.notionfs("sync")
        assert own.markdown(own.find("Wiki")).split()[-1] == "More."
        status = await mount.status()
        assert "token" in status["teamspaces"][0]["problem"]
        assert status["online"]
        assert status["problem"] is None
        (waiting,) = status["teamspaces"][0]["queue"]
        assert waiting["path"] == "client/plan.md"
        done = await mount.notionfs("umount", "--wait", "0", str(mount.path))
        assert (done.code, "client/plan.md" in done.err) == (6, True)
        await _start(mount)
        assert "Of the client." in await mount.read("client/plan.md")
        assert "Of our own." in await mount.read("acme/wiki.md")
        await mount.notionfs("umount", "--wait", "0", str(mount.path))


async def test_a_draft_waits_for_its_own_connection_over_a_crash() -> None:
    """It is sent once, there, when that connection is back."""
    own, other = _two()
    async with _beside(own, other) as mount:
        pid = (await mount.status())["pid"]
        assert "Of the client." in await mount.read("client/plan.md")
        other.fail_next(status=503, times=100_000)
        await mount.sh("echo; echo Kept. >>client/plan.md")
        os.kill(pid, signal.SIGKILL)
        own.reset_counts()
        other.heal()
        done = await mount.notionfs(
            "mount", "--force-unmount", *mount.flags, *FLAGS, str(mount.path)
        )
        assert done.code == 0, done.err
        assert (await mount.read("client/plan.md")).endswith("Kept.\n")
        await mount.notionfs("retry", str(mount.path / "client/plan.md"))
        await mount.sent()
        assert other.markdown(other.find("Plan")).count("Kept.") == 1
        assert own.count("patch_markdown") == own.count("create_page") == 0
