"""A mount without a kernel, and its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import httpx
import pytest

from notionfs.errors import ControlError, InvalidPageFile, NotionFSError
from notionfs.simulator import Simulator
from notionfs.ui.app import Application
from notionfs.ui.guard import Guard
from tests.desk import Desk, open_desk, wall

BODY = "First paragraph.\n\n## Plan\n\n- one\n- two\n\nLast paragraph.\n"


class DeskMount:
    """The mount of the pages, without a kernel and a socket."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def ask(self, command: str, **arguments: object) -> dict[str, Any]:
        try:
            return dict(await self.desk.ask(command, **arguments))
        except NotionFSError as exc:
            raise ControlError(str(exc)) from exc

    async def save(self, path: str, text: bytes) -> None:
        try:
            await self.desk.write(path, text)
        except InvalidPageFile as exc:
            raise OSError(22, "Invalid argument") from exc


class _Forms(HTMLParser):
    """The fields of the forms of a page, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {key: value or "" for key, value in attrs}
        is_chosen = found.get("type") != "radio" or "checked" in found
        if tag == "input" and is_chosen:
            self.fields[found["name"]] = found.get("value", "")
        if tag == "textarea":
            self._area = found["name"]
            self.fields[self._area] = ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            text = self.fields[self._area].removeprefix("\n")
            self.fields[self._area] = text.replace("\n", "\r\n")
            self._area = None


@dataclass
class Visitor:
    """A browser without a screen: it follows links and sends forms."""

    desk: Desk
    guard: Guard
    web: httpx.AsyncClient
    page: str = ""
    fields: dict[str, str] = field(default_factory=dict)

    async def open(self, place: str = "", **query: str) -> httpx.Response:
        return self._seen(await self.web.get(self.url(place), params=query))

    async def send(self, place: str, *, origin: str | None = None, **fields: str) -> httpx.Response:
        own = f"http://127.0.0.1:{self.guard.port}" if origin is None else origin
        filled = {**self.fields, **fields}
        return self._seen(
            await self.web.post(self.url(place), data=filled, headers={"origin": own})
        )

    def url(self, place: str) -> str:
        return urljoin(self.guard.url, place)

    def _seen(self, answer: httpx.Response) -> httpx.Response:
        forms = _Forms()
        forms.feed(answer.text)
        self.page, self.fields = answer.text, forms.fields
        return answer


@pytest.fixture
def sim() -> Simulator:
    """A wiki, and a page with a hostile title."""
    sim = Simulator(clock=wall)
    sim.add_page("Wiki", parent="workspace", markdown=BODY)
    sim.add_page("<script>alert(1)</script>", parent="workspace", markdown="Nothing.\n")
    return sim


@pytest.fixture
async def desk(sim: Simulator, tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(sim, tmp_path) as desk:
        yield desk


@pytest.fixture
async def visitor(desk: Desk) -> AsyncIterator[Visitor]:
    guard = Guard(8099)
    transport = httpx.ASGITransport(Application(DeskMount(desk), guard))
    async with httpx.AsyncClient(transport=transport) as web:
        visitor = Visitor(desk, guard, web)
        await visitor.open()
        yield visitor
