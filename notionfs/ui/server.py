"""The loopback door of the pages."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import trio
from hypercorn.config import Config
from hypercorn.trio import serve as serve_app

from notionfs.ui.app import Application
from notionfs.ui.guard import Guard
from notionfs.ui.mount import Mount

_log = logging.getLogger(__name__)


async def serve(
    mount: Mount, port: int = 0, *, task_status: trio.TaskStatus[Guard] = trio.TASK_STATUS_IGNORED
) -> None:
    """Show *mount* on 127.0.0.1 until cancelled; reports the guard, which knows the address."""
    guard = Guard(port)
    app: Any = Application(mount, guard)  # Hypercorn declares narrower scopes than it needs
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.accesslog = None  # addresses hold the token
    config.errorlog = _log
    config.include_server_header = False
    config.graceful_timeout = 0.2
    async with trio.open_nursery() as nursery:

        async def run(task_status: trio.TaskStatus[list[str]]) -> None:
            await serve_app(app, config, task_status=task_status, mode="asgi")

        binds = await nursery.start(run)
        guard.port = urlsplit(binds[0]).port or port
        task_status.started(guard)
