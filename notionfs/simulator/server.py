"""The loopback door.

The simulator as a real HTTP server, for clients that cannot be given an application.
"""

from __future__ import annotations

import logging
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import trio
from hypercorn.config import Config
from hypercorn.trio import serve as serve_app

from notionfs.simulator.admin import Admin
from notionfs.simulator.app import Receive, Scope, Send
from notionfs.simulator.errors import ConnectionDropped
from notionfs.simulator.signing import SERVED
from notionfs.simulator.simulator import Simulator

LOG = logging.getLogger(__name__)


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The base URL for clients."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


async def serve(
    simulator: Simulator,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    task_status: trio.TaskStatus[Address] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer on a socket until cancelled; reports the bound `Address`.

    Only loopback addresses are served: the simulator has no secrets and no defences.
    """
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError(f"the simulator listens on loopback only, not on {host}")
    simulator.app.admin = Admin(simulator)
    config = Config()
    config.bind = [f"[{host}]:{port}" if ":" in host else f"{host}:{port}"]
    config.accesslog = None
    config.errorlog = LOG
    config.graceful_timeout = 0.2
    config.include_date_header = False  # the answer says what time it is in the workspace
    async with trio.open_nursery() as nursery:
        binds = await nursery.start(_run, simulator, config)
        bound = urlsplit(binds[0])
        address = Address(bound.hostname or host, bound.port or port)
        simulator.world.signer.base = f"{address.url}{SERVED}"  # hosted files are fetched from here
        simulator.world.origin = address.url
        task_status.started(address)


async def _run(
    simulator: Simulator,
    config: Config,
    *,
    task_status: trio.TaskStatus[list[str]] = trio.TASK_STATUS_IGNORED,
) -> None:
    app: Any = _Droppable(simulator)  # Hypercorn declares narrower scopes than it needs
    await serve_app(app, config, task_status=task_status, mode="asgi")


class _Droppable:
    """Turns a dropped connection into what a socket shows.

    An answer that ends before it is complete.
    """

    def __init__(self, simulator: Simulator) -> None:
        self.app = simulator.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except ConnectionDropped:
            headers = [(b"content-length", b"1000000")]
            start: dict[str, Any] = {
                "type": "http.response.start",
                "status": 200,
                "headers": headers,
            }
            await send(start)
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            LOG.debug("a connection was dropped on purpose")
