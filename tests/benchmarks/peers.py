"""Other programs that show Notion as files, on the same simulated Notion.

They live in environments of their own, made by the user of this benchmark:
`python -m venv DIR/mirage && DIR/mirage/bin/pip install 'mirage-ai[fuse]==0.0.7'`, and the same
with `DIR/notionfs` and `notionfs==0.4.0`. The second knows only one host; its requests are led
here.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from notionfs.fuse.session import is_mounted
from notionfs.simulator.seeds.bulk import bulk_id
from tests.benchmarks.notion import TOKEN, Notion
from tests.benchmarks.report import say
from tests.benchmarks.stage import directory, environment, mount, notion, wait_for
from tests.benchmarks.tables import table

PAGES = 40
PATIENCE = 150.0
WORD = "harbor candle"

_MIRAGE = """
import sys, time
from mirage import MountMode, Workspace
from mirage.core.notion.config import NotionConfig
from mirage.vfs.notion import NotionVFS
from mirage.workspace.fuse import FuseManager
url, mountpoint = sys.argv[1:]
config = NotionConfig(api_key="demo-token", base_url=url + "/v1")
workspace = Workspace({"/notion": (NotionVFS(config), MountMode.WRITE)})
FuseManager().setup(workspace.vfs, "/notion", mountpoint)
time.sleep(3600)
"""

_LED_HERE = """
import os
import httpx
here, send = httpx.URL(os.environ["PEER_URL"]), httpx.AsyncClient.send
async def led_here(self, request, **options):
    if request.url.host == "api.notion.com":
        request.url = request.url.copy_with(scheme=here.scheme, host=here.host, port=here.port)
        request.headers["host"] = f"{here.host}:{here.port}"
        request.headers["notion-version"] = "2025-09-03"  # the oldest that is spoken here
    return await send(self, request, **options)
httpx.AsyncClient.send = led_here
"""

Steps = dict[str, Callable[[], object]]


@dataclass
class Condition:
    """What the network is like."""

    name: str
    latency: float = 0.0
    limit: int | None = None


CONDITIONS = (
    Condition("no latency"),
    Condition("200 ms", latency=0.2),
    Condition("200 ms, 180 a minute", latency=0.2, limit=180),
)


def run(environments: Path) -> None:
    """Do the same things with each program that is installed below *environments*."""
    say(f"\n## Side by side: a folder of {PAGES} pages, calls and seconds\n")
    for condition in CONDITIONS:
        say(f"\n### {condition.name}\n")
        found = {name: _try(condition, program) for name, program in _programs(environments)}
        works = list(dict.fromkeys(work for column in found.values() for work in column))
        rows = [(work, *(column.get(work, "–") for column in found.values())) for work in works]
        say(table(["", *found], rows))


def _programs(environments: Path) -> list[tuple[str, Callable[..., Iterator[Steps]]]]:
    found: list[tuple[str, Callable[..., Iterator[Steps]]]] = [("this notionfs", _ours)]
    for name, program in (("mirage", _mirage), ("notionfs", _cloning)):
        python = environments / name / "bin" / "python"
        if python.exists():
            what = {"mirage": "mirage-ai 0.0.7", "notionfs": "notionfs 0.4.0"}[name]
            found.append((what, partial(program, python.parent)))
    return found


def _try(condition: Condition, program: Callable[..., Iterator[Steps]]) -> dict[str, str]:
    figures: dict[str, str] = {}
    with (
        directory() as home,
        notion(pages=PAGES, blocks=10, latency=condition.latency) as served,
    ):
        served.settings(rate_limit=condition.limit)
        try:
            with contextmanager(program)(home, served) as steps:
                for work, do in steps.items():
                    figures[work] = _measure(served, do)
        except (OSError, subprocess.SubprocessError, TimeoutError) as exc:
            figures["failed"] = type(exc).__name__
    return figures


def _measure(served: Notion, do: Callable[[], object]) -> str:
    served.reset()
    started = time.perf_counter()
    try:
        do()
    except subprocess.TimeoutExpired:
        return f"{served.calls()} calls, not done in {PATIENCE:.0f} s"
    spent = time.perf_counter() - started
    return f"{served.calls()} calls, {spent:.1f} s"


def _shell(script: str, at: Path, env: dict[str, str] | None = None) -> None:
    subprocess.run(
        ["bash", "-c", script],
        cwd=at,
        env=env,
        timeout=PATIENCE,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _reading(root: Path, kind: str) -> Steps:
    return {
        "cold listing": lambda: _shell("find . -path ./.notionfs -prune -o -print", root),
        "cold read of a page": lambda: _shell(
            f"find . -name '{kind}' ! -path './.*' ! -path './folder*.md' | sort | head -n 1 "
            "| xargs -d '\\n' cat",
            root,
        ),
        "cold grep": lambda: _shell(f"grep -r '{WORD}' . --exclude-dir=.notionfs", root),
        "grep again": lambda: _shell(f"grep -r '{WORD}' . --exclude-dir=.notionfs", root),
    }


def _ours(home: Path, served: Notion) -> Iterator[Steps]:
    with mount(home, served, "--prefetch", "off", "--poll", "off") as mounted:
        mounted.await_tree()
        env = environment(home)
        command = f"{sys.executable} -m notionfs sync"
        folder = mounted.space / "folder-000000"
        yield {
            **_reading(mounted.path, "*.md"),
            "save one line": lambda: _shell(
                f"echo more >> {folder}/page-000001.md; {command} {folder}/page-000001.md",
                home,
                env,
            ),
            "look for changes, there are none": lambda: _shell(
                f"{command} {mounted.path}", home, env
            ),
        }


def _mirage(programs: Path, home: Path, served: Notion) -> Iterator[Steps]:
    path = home / "mirage"
    path.mkdir()
    words = [programs / "python", "-c", _MIRAGE, served.url, path]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: is_mounted(path), "mirage", 60)
        yield _reading(path, "*.md")
    finally:
        subprocess.run(["fusermount3", "-uz", path], check=False)
        process.kill()
        process.wait()


def _cloning(programs: Path, home: Path, served: Notion) -> Iterator[Steps]:
    site = home / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(_LED_HERE)
    env = environment(home) | {
        "PYTHONPATH": os.fspath(site),
        "PEER_URL": served.url,
        "NOTION_TOKEN": TOKEN,
    }
    program, clone = programs / "notionfs", home / "clone"
    some = "$(find . -name '*.md' | sort | tail -n 1)"
    yield {
        "cold grep": lambda: _shell(
            f"{program} clone {bulk_id(0, 0)} -p clone && grep -r '{WORD}' clone", home, env
        ),
        "grep again": lambda: _shell(f"grep -r '{WORD}' clone", home, env),
        "save one line": lambda: _shell(f'echo more >> "{some}"; {program} push', clone, env),
        "look for changes, there are none": lambda: _shell(f"{program} pull", clone, env),
    }
