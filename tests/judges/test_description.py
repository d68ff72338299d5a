"""Notion's own description of its API judges every answer.

Each judge's exchanges are held to it when its test ends (`conftest.py`). Here it is first shown to
agree with real answers, then everything that can be read is read.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from notionfs.simulator import Simulator
from notionfs.simulator.records import plain
from tests.simulator.replay import RECORDINGS

from .differences import EXPLAINED, reason_for, unexplained
from .schema import DESCRIPTION, Exchange, complaints

pytestmark = pytest.mark.skipif(
    not DESCRIPTION.is_file(),
    reason="Notion's description is not there (../shared/notion-api/openapi-2026-03-11…)",
)
VERSION = "2026-03-11"


@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="../shared/recordings is not there")
def test_real_answers_are_described_with_the_same_exceptions():
    """What the judge has against real answers is what it is forgiven here, and nothing else."""
    real = [
        Exchange(one["method"], one["path"].split("?")[0], VERSION, None, one["status"], answer)
        for path in sorted(RECORDINGS.glob("*.jsonl"))
        for one in map(json.loads, path.read_text().splitlines())
        if (answer := one["response"]) is not None
    ]
    assert len(real) > 800
    found = {line: reason_for(line) for one in real for line in complaints(one)}
    assert not [line for line, reason in found.items() if reason is None]
    assert set(found.values()) == {why for why in EXPLAINED.values() if "real answers" in why}


class Reader:
    """Asks an application, and remembers the exchanges."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.exchanges: list[Exchange] = []
        self.tables: set[str] = set()

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.http.request(method, f"/v1/{path}", json=body)
        place = f"/v1/{path}".split("?")[0]
        exchange = Exchange(method, place, VERSION, body, answer.status_code, answer.json())
        self.exchanges.append(exchange)
        return exchange.response


@pytest.fixture(params=["demo", "torture"])
async def reader(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Reader, Simulator]]:
    sim = Simulator(seed=request.param)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(sim.app),
        base_url="https://api.notion.com",
        headers={"Authorization": "Bearer demo-token", "Notion-Version": VERSION},
    ) as http:
        yield Reader(http), sim


async def test_everything_that_can_be_read_is_as_described(reader: tuple[Reader, Simulator]):
    """Users, search, tables, rows, property items, markdown, blocks, comments, uploads."""
    judge, sim = reader
    for path in ("users", "users/me", "file_uploads"):
        await judge.ask("GET", path)
    await judge.ask("POST", "search", {})
    for user in sim.workspace.records.users:
        await judge.ask("GET", f"users/{user}")
    for database in sim.workspace.databases:
        await judge.ask("GET", f"databases/{database}")
    for source in sim.workspace.data_sources:
        await judge.ask("GET", f"data_sources/{source}")
        await judge.ask("POST", f"data_sources/{source}/query", {})
        await judge.ask("GET", f"data_sources/{source}/templates")
    for page in list(sim.workspace.pages.values()):
        if not plain(sim.workspace.title(page)).startswith(("Sub-page", "Longer than")):
            await _read_page(judge, page.id)
    assert not unexplained(judge.exchanges)
    refused = [one for one in judge.exchanges if one.status != 200]
    assert not refused


async def _read_page(judge: Reader, page_id: str) -> None:
    shown = await judge.ask("GET", f"pages/{page_id}")
    await judge.ask("GET", f"pages/{page_id}/markdown?markdown_version=v2")
    await judge.ask("GET", f"blocks/{page_id}")
    await judge.ask("GET", f"blocks/{page_id}/children")
    await judge.ask("GET", f"comments?block_id={page_id}")
    kind = shown["parent"]["type"]
    if kind == "data_source_id" and shown["parent"][kind] not in judge.tables:
        judge.tables.add(shown["parent"][kind])  # one row of each table, property by property
        for value in shown["properties"].values():
            await judge.ask("GET", f"pages/{page_id}/properties/{value['id']}")
