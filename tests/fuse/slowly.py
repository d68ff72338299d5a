"""The command with handlers that take their time, while the kernel holds its locks for them."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any

import trio

from notionfs.cli.main import main
from notionfs.fuse.operations import Operations

PAUSE = 0.1


def slow_down(name: str) -> None:
    """Let a handler wait before it does anything: what it answers is still true afterwards."""
    quick: Callable[..., Coroutine[Any, Any, Any]] = getattr(Operations, name)

    async def slow(self: Any, *args: Any, **kwargs: Any) -> Any:
        await trio.sleep(PAUSE)
        return await quick(self, *args, **kwargs)

    setattr(Operations, name, slow)


if __name__ == "__main__":
    for handler in ("lookup", "read", "readdir", "open", "getattr", "create", "unlink", "rename"):
        slow_down(handler)
    raise SystemExit(main(sys.argv[1:]))
