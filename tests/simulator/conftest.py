"""Working miniatures for the simulator's own tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from notionfs.simulator import Simulator

NOW = 1_781_000_000.0  # 2026-06-09T11:33:20Z


class Api:
    """A bare client: one method per verb, answers as decoded JSON with their status."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http

    async def ask(self, method: str, path: str, body: Any = None, **extra: Any) -> httpx.Response:
        return await self.http.request(method, f"/v1/{path}", json=body, **extra)

    async def ok(self, method: str, path: str, body: Any = None, **extra: Any) -> dict[str, Any]:
        answer = await self.ask(method, path, body, **extra)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    async def refused(self, method: str, path: str, body: Any = None, status: int = 400) -> str:
        answer = await self.ask(method, path, body)
        assert answer.status_code == status, answer.text
        shown = answer.json()
        assert shown["object"] == "error"
        assert shown["status"] == status
        return shown["message"]


@pytest.fixture
def sim() -> Simulator:
    """An empty workspace at a fixed moment."""
    return Simulator(clock=lambda: NOW)


@pytest.fixture
async def api(sim: Simulator) -> AsyncIterator[Api]:
    """A client of *sim* without a socket."""
    async with client_of(sim) as http:
        yield Api(http)


def client_of(
    sim: Simulator, version: str = "2026-03-11", token: str = "demo-token"
) -> httpx.AsyncClient:
    """Return an HTTP client whose requests end in *sim*."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(sim.app),
        base_url="https://api.notion.com",
        headers={"Authorization": f"Bearer {token}", "Notion-Version": version},
    )
