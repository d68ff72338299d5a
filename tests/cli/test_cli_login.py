"""Logging in and out: tokens are looked at before they are kept, and kept from other eyes."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trio

from notionfs.cli.exits import Exit
from notionfs.simulator import Simulator
from tests.fuse.mounting import Finished, Mount, mounted

PORT = 18765


@asynccontextmanager
async def opened(sim: Simulator) -> AsyncIterator[Mount]:
    """A home in which no token stands in the environment."""
    async with mounted(sim, start=False) as mount:
        del mount.environment["NOTION_TOKEN"]
        yield mount


async def login(mount: Mount, *flags: str, typed: str = "demo-token\n") -> Finished:
    command = [sys.executable, "-m", "notionfs", "login", *flags]
    return await mount.run(*command, cwd=mount.home, stdin=typed)


def here(mount: Mount) -> tuple[str, str]:
    return "--base-url", f"http://127.0.0.1:{mount.port}"


def kept(mount: Mount, name: str = "default") -> Path:
    return mount.home / "config" / "notionfs" / "connections" / f"{name}.json"


async def test_a_token_is_looked_at_kept_and_used() -> None:
    """Who it is and what it sees is told; only its owner reads it; the mount needs nothing else."""
    async with opened(Simulator(seed="demo")) as mount:
        done = await login(mount, *here(mount))
        assert done.code == Exit.OK, done.err
        assert "Connected to Acme as Simulated connection." in done.out
        assert "It sees 87 pages and data sources." in done.out
        assert "demo-token" not in done.out + done.err
        assert stat.S_IMODE(kept(mount).stat().st_mode) == 0o600
        started = await mount.notionfs("mount", "--rate-limit", "off", str(mount.path))
        assert started.code == Exit.OK, started.err
        assert "acme" in await mount.sh("ls")


async def test_a_token_that_does_not_work_is_not_kept() -> None:
    """Nor does it replace one that did."""
    async with opened(Simulator()) as mount:
        await login(mount, *here(mount))
        done = await login(mount, *here(mount), typed="wrong\n")
        assert done.code == Exit.NOTION
        assert "does not accept the token" in done.err
        assert json.loads(kept(mount).read_text())["token"] == "demo-token"


@pytest.mark.parametrize("typed", ["", "two words\n", "näive\n"])
async def test_what_is_no_token_is_never_sent(typed: str) -> None:
    """A slip of the clipboard stays on this machine."""
    sim = Simulator()
    async with opened(sim) as mount:
        done = await login(mount, *here(mount), typed=typed)
        assert done.code == Exit.USAGE
        assert "does not hold a Notion token" in done.err
    assert not sim.app.requests


async def test_a_connection_that_nothing_is_shared_with_hears_how_to_share() -> None:
    """The most frequent mistake of the first minute."""
    sim = Simulator(seed="demo")
    sim.connect("lonely", [])
    async with opened(sim) as mount:
        done = await login(mount, *here(mount), typed="lonely\n")
        assert "Nothing is shared with it yet" in done.out


async def test_missing_capabilities_are_told() -> None:
    """Better now than at the first save."""
    sim = Simulator(seed="demo")
    sim.capabilities.discard("user_info")
    async with opened(sim) as mount:
        done = await login(mount, *here(mount))
        assert "It may not list people" in done.out


async def test_several_connections_have_names() -> None:
    """Each is mounted by its own; an unknown one is refused with those that there are."""
    sim = Simulator(seed="demo")
    sim.tokens["second"] = None
    async with opened(sim) as mount:
        assert (await login(mount, *here(mount), "--connection", "work")).code == Exit.OK
        done = await mount.notionfs("mount", "--connection", "home", str(mount.path))
        assert done.code == Exit.USAGE
        assert "There is no connection home (work)" in done.err
        done = await mount.notionfs("mount", "--connection", "work", str(mount.path))
        assert done.code == Exit.OK, done.err


async def test_logging_out_forgets_the_token() -> None:
    """A second time there is nothing to forget, which is said."""
    async with opened(Simulator()) as mount:
        await login(mount, *here(mount))
        assert (await mount.notionfs("logout")).code == Exit.OK
        assert not kept(mount).exists()
        again = await mount.notionfs("logout")
        assert again.code == Exit.USAGE
        assert "none is kept" in again.err


async def test_a_kept_token_that_others_can_read_is_not_used() -> None:
    """Somebody changed its mode: say so before anything is sent."""
    async with opened(Simulator()) as mount:
        await login(mount, *here(mount))
        kept(mount).chmod(0o644)
        done = await mount.notionfs("mount", str(mount.path))
        assert done.code == Exit.USAGE
        assert "chmod 600" in done.err


async def test_a_name_cannot_lead_out_of_the_directory() -> None:
    """It becomes a file name."""
    async with opened(Simulator()) as mount:
        done = await login(mount, *here(mount), "--connection", "../x")
        assert done.code == Exit.USAGE
        assert "cannot name a connection" in done.err


# --- public connections ---------------------------------------------------------------------------


async def in_the_browser(mount: Mount) -> Finished:
    """Log in through the browser, which agrees at once."""
    secrets = {"NOTION_CLIENT_ID": "client", "NOTION_CLIENT_SECRET": "secret", "DISPLAY": ""}
    process = await trio.lowlevel.open_process(
        [sys.executable, "-m", "notionfs", "login", "--oauth", *here(mount), "--port", str(PORT)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**mount.environment, **secrets, "WAYLAND_DISPLAY": "", "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    printed = b""
    with trio.fail_after(30):
        async with process.stdout:
            while not (address := re.search(rb"http\S+/v1/oauth/authorize\S+\n", printed)):
                printed += await process.stdout.receive_some()
            async with httpx.AsyncClient(trust_env=False, follow_redirects=True) as browser:
                page = await browser.get(address[0].decode().strip())
            assert "go back to the terminal" in page.text
            async for chunk in process.stdout:
                printed += chunk
        code = await process.wait()
    return Finished(code, printed.decode(), "")


async def test_a_public_connection_asks_in_the_browser() -> None:
    """The person decides there; the tokens come back to this machine."""
    sim = Simulator(seed="demo")
    sim.add_public_connection("client", "secret")
    async with opened(sim) as mount:
        done = await in_the_browser(mount)
        assert done.code == Exit.OK, done.out
        assert "Connected to Acme" in done.out
        found = json.loads(kept(mount).read_text())
        assert found["token"].startswith("ntn_")
        assert found["refresh_token"]
        assert "secret" not in done.out


async def test_an_ended_token_is_renewed_once_and_kept() -> None:
    """Everybody who met its end goes on with the new one; the refresh token is used only once."""
    sim = Simulator(seed="demo")
    sim.add_public_connection("client", "secret")
    async with opened(sim) as mount:
        await in_the_browser(mount)
        before = json.loads(kept(mount).read_text())
        started = await mount.notionfs("mount", "--rate-limit", "off", str(mount.path))
        assert started.code == Exit.OK, started.err
        sim.revoke(before["token"])
        asked = sim.app.counts["oauth"]
        await mount.write("acme/product.md", "# Product\n\nWritten with a new token.\n")
        await mount.sent()
        after = json.loads(kept(mount).read_text())
        assert after["token"] != before["token"]
        assert after["refresh_token"] != before["refresh_token"]
        assert sim.app.counts["oauth"] == asked + 1
        assert any("new token" in str(request.body) for request in sim.app.requests)
