"""A Notion in a process of its own: `python -m tests.benchmarks.notion --rows 10000`.

Prints its port once it answers. Edits and counts go through the simulator's back door.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from typing import Any

import httpx
import trio

from notionfs.simulator import Simulator
from notionfs.simulator.server import serve
from tests.benchmarks.planted import plant, thirds

TOKEN = "demo-token"
BIG = "A large page"
BIG_BLOCKS = 6000


class Notion:
    """The simulator as another process sees it."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._http = httpx.Client(base_url=self.url, timeout=600)

    def reset(self) -> None:
        """Begin to count calls anew."""
        self._post("reset", {})

    def calls(self) -> int:
        """Return how many calls were made since `reset`."""
        counts: dict[str, int] = self._http.get("/_admin/counts").raise_for_status().json()
        return sum(counts.values())

    def settings(self, **values: object) -> None:
        """Change limits and switches."""
        self._post("settings", values)

    def edit(self, page_id: str, title: str) -> None:
        """Change a page as somebody else."""
        self._post("do", {"call": "edit_title", "args": [page_id, title]})

    def advance(self, seconds: float) -> None:
        """Turn the clock."""
        self._post("clock", {"advance": seconds})

    def _post(self, action: str, body: object) -> Any:
        return self._http.post(f"/_admin/{action}", json=body).raise_for_status().json()


def main() -> None:
    """Build the workspace and serve it until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", default="empty")
    parser.add_argument("--pages", type=int, default=0)
    parser.add_argument("--rows", type=int, default=0)
    parser.add_argument("--blocks", type=int, default=10)
    parser.add_argument("--databases", type=int, default=1)
    parser.add_argument("--table", type=int, default=0, help="rows of one of three data sources")
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    wanted = parser.parse_args()
    simulator = Simulator(token=TOKEN, seed=wanted.seed)
    simulator.bulk(wanted.pages, wanted.rows, wanted.blocks, databases=wanted.databases)
    if wanted.table:
        plant(simulator, thirds(wanted.table))
    if wanted.big:
        words = " ".join(["sentence"] * 20)
        text = "\n".join(f"Paragraph {n}: {words}." for n in range(BIG_BLOCKS))
        simulator.add_page(BIG, markdown=text)
    if wanted.latency:
        _delay(simulator, wanted.latency)
    gc.collect()
    gc.freeze()  # what was just built stays: a look through it all would be a pause for everybody
    trio.run(_serve, simulator)


def _delay(simulator: Simulator, seconds: float) -> None:
    serve = simulator.app._serve

    async def late(*arguments: Any) -> Any:
        await trio.sleep(seconds)
        return await serve(*arguments)

    simulator.app._serve = late


async def _serve(simulator: Simulator) -> None:
    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, simulator)
        sys.stdout.write(json.dumps({"port": address.port}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
