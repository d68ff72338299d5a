"""Programs written by others judge the simulator, each in a process of its own.

They live in a directory that `NOTIONFS_JUDGES` names, because not everybody has Node:

    npm install --prefix DIR @notionhq/client@5.26.0 @notionhq/notion-mcp-server@2.5.2 \\
        notion-to-md@3.1.9 @tryfabric/martian@1.2.4 ntn@0.4.0
    python -m venv DIR/python && DIR/python/bin/pip install ultimate-notion==0.10.1
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import trio

from notionfs.simulator import Simulator
from notionfs.simulator.server import Address, serve

HERE = Path(__file__).parent / "judges"
JUDGES = Path(os.environ.get("NOTIONFS_JUDGES", "/nonexistent"))
NODE = shutil.which("node")
PATIENCE = 60

needs_node = pytest.mark.skipif(
    NODE is None or not (JUDGES / "node_modules").is_dir(),
    reason="NOTIONFS_JUDGES names no directory with the Node judges, or Node is missing",
)
needs_python = pytest.mark.skipif(
    not (JUDGES / "python" / "bin" / "python").exists(),
    reason="NOTIONFS_JUDGES names no directory with ultimate-notion",
)


@pytest.fixture
async def address(sim: Simulator) -> AsyncIterator[Address]:
    """The simulator on a loopback socket."""
    async with trio.open_nursery() as nursery:
        yield await nursery.start(serve, sim)
        nursery.cancel_scope.cancel()


async def run(*command: object, **environment: str) -> str:
    """Return what a judge prints."""
    with trio.fail_after(PATIENCE):
        done = await trio.run_process(
            [str(part) for part in command],
            capture_stdout=True,
            capture_stderr=True,
            check=False,
            env={**os.environ, "JUDGE_MODULES": str(JUDGES), **environment},
        )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return done.stdout.decode()


async def node(script: str, *arguments: str) -> Any:
    return json.loads(await run(NODE, HERE / script, *arguments))


@needs_node
async def test_the_official_javascript_client(sim: Simulator, address: Address) -> None:
    """Both versions: create, query, update, append, markdown, upload, comment, trash, errors."""
    root = sim.add_page("Root")
    for seen in await node("client.mjs", address.url, root):
        assert seen["long"] == 2
        assert seen["shown"] == ["Pages"]
        assert seen["number"] == 7
        assert seen["full"] is True
        assert seen["blocks"] == ["paragraph", "divider"]
        assert seen["edited"].startswith("Other words.")
        assert (seen["title"], seen["comment"]) == ("Book 0", "Well said.")
        assert (seen["upload"], seen["left"]) == ("uploaded", 2)
        assert (seen["found"], seen["code"]) == (True, "object_not_found")


@needs_node
async def test_converters_read_and_write_blocks(address: Address, sim: Simulator) -> None:
    """notion-to-md reads the torture pages; what martian makes is taken and comes back."""
    hurt = Simulator(seed="torture")
    sim.world.workspace = hurt.world.workspace
    root = sim.add_page("Root")
    titles = ("Types", "Colors", "Inline", "Unknown to any dialect", "Hostile texts", "Deep")
    pages = [sim.find(title) for title in titles]
    judged = await node("converters.mjs", address.url, root, *pages)
    assert "A bulleted_list_item." in judged["read"][pages[0]]
    assert "Level 30" in judged["read"][pages[5]]
    assert judged["sent"] > 10
    for part in ("*emphasis*", "```python", "- [x] done", "| a", "x^2", "a.png"):
        assert part in judged["back"].replace("_emphasis_", "*emphasis*")
    assert "Made by martian" in sim.titles()


@needs_node
async def test_the_official_mcp_server(address: Address, sim: Simulator) -> None:
    """Its tools call the simulator and get what they expect."""
    root = sim.add_page("Root")
    judged = await node("mcp.mjs", address.url, root)
    results = judged["results"]
    assert results["self"]["type"] == "bot"
    assert results["search"]["results"][0]["id"] == root
    made = results["retrieved"]["id"]
    assert sim.title(made) == "Made by MCP"
    assert sim.markdown(made) == "By a tool."
    assert "By a tool." in results["markdown"]["markdown"]


@needs_node
async def test_the_official_command_line(address: Address, sim: Simulator, tmp_path: Path) -> None:
    """`ntn api` reads, creates and changes."""
    root = sim.add_page("Root")
    environment = {
        "NOTION_API_BASE_URL": address.url,
        "NOTION_API_TOKEN": "demo-token",
        "NOTION_API_VERSION": "2026-03-11",
        "NOTION_HOME": str(tmp_path),
        "HOME": str(tmp_path),
    }
    command = JUDGES / "node_modules" / ".bin" / "ntn"

    async def ntn(*arguments: str) -> Any:
        return json.loads(await run(command, "api", *arguments, **environment))

    assert (await ntn("v1/users/me"))["type"] == "bot"
    body = json.dumps({"parent": {"page_id": root}, "markdown": "# By hand\n\ntext"})
    made = await ntn("v1/pages", "--data", body)
    assert sim.title(made["id"]) == "By hand"
    assert (await ntn(f"v1/pages/{made['id']}"))["parent"]["page_id"] == root


@needs_python
async def test_ultimate_notion(address: Address, sim: Simulator, tmp_path: Path) -> None:
    """A client with a model of its own: schema, rows, queries, blocks, markdown, trash."""
    root = sim.add_page("Root")
    python = JUDGES / "python" / "bin" / "python"
    environment = {"HOME": str(tmp_path), "NOTION_TOKEN": "demo-token"}
    shown = json.loads(await run(python, HERE / "ultimate.py", address.url, root, **environment))
    assert shown["whoami"] == "Simulated connection"
    assert shown["long"] == ["Book 1", "Book 2"]
    assert (shown["pages"], shown["left"]) == (7, 2)
    assert shown["blocks"] == ["Heading1", "Paragraph"]
    assert shown["markdown"] == "# Book 0\n\n## Chapter\nFirst words."
    assert (shown["found"], shown["subpages"]) == (["A page"], ["A page"])
