"""A simulator on loopback in a thread of its own, which keeps every exchange for the judges."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import trio

from notionfs.simulator import Simulator
from notionfs.simulator.app import Application, Receive, Scope, Send
from notionfs.simulator.server import serve

from .schema import Exchange

TOKEN = "demo-token"


class Listener:
    """An application around another one; it writes down what goes in and out below `/v1/`."""

    def __init__(self, app: Application, exchanges: list[Exchange]) -> None:
        self.app = app
        self.exchanges = exchanges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
            return
        heard = bytearray()
        said = bytearray()
        status = 0

        async def receive_heard() -> Any:
            message = await receive()
            heard.extend(message.get("body", b""))
            return message

        async def send_said(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            said.extend(message.get("body", b""))
            if message["type"].endswith(".body") and not message.get("more_body"):
                self._keep(scope, heard, status, said)  # before the client can look for it
            await send(message)

        await self.app(scope, receive_heard, send_said)

    def _keep(self, scope: Scope, heard: bytearray, status: int, said: bytearray) -> None:
        headers = dict(scope["headers"])
        version = headers.get(b"notion-version", b"").decode()
        is_json = b"json" in headers.get(b"content-type", b"json")
        self.exchanges.append(
            Exchange(
                scope["method"],
                scope["path"],
                version,
                _decoded(heard) if is_json else None,
                status,
                _decoded(said),
            )
        )


def _decoded(body: bytearray) -> Any:
    return json.loads(body) if body else None


class Served:
    """A simulator that answers at `url`; `exchanges` is everything that was said to it."""

    def __init__(self, simulator: Simulator) -> None:
        self.sim = simulator
        self.url = ""
        self.exchanges: list[Exchange] = []
        self._token: trio.lowlevel.TrioToken | None = None
        self._scope = trio.CancelScope()

    def refusals(self) -> list[str]:
        """Return the requests that were not answered with success."""
        return [
            f"{one.method} {one.path} {one.status}: {one.response.get('message')}"
            for one in self.exchanges
            if one.status >= 400
        ]

    def asked(self, method: str, part: str) -> int:
        """Return how many requests of *method* have *part* in their path."""
        return sum(one.method == method and part in one.path for one in self.exchanges)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Serve until the block ends."""
        self.sim.app = Listener(self.sim.app, self.exchanges)  # type: ignore[assignment]
        started = threading.Event()
        thread = threading.Thread(target=trio.run, args=(self._run, started))
        thread.start()
        try:
            if not started.wait(20):
                raise TimeoutError("the simulator did not start")
            yield
        finally:
            assert self._token is not None
            self._token.run_sync_soon(self._scope.cancel)
            thread.join(20)

    async def _run(self, started: threading.Event) -> None:
        self._token = trio.lowlevel.current_trio_token()
        with self._scope:
            async with trio.open_nursery() as nursery:
                address = await nursery.start(serve, self.sim)
                self.url = address.url
                started.set()
                await trio.sleep_forever()
