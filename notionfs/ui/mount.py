"""The mount that is looked at, as the pages see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import trio

from notionfs import control, registry


class Mount(Protocol):
    """What can be asked of a mount; paths are relative to its top."""

    async def ask(self, command: str, **arguments: object) -> dict[str, Any]:
        """Return its answer; raises ControlError with its sentence, MountError if it is gone."""

    async def save(self, path: str, text: bytes) -> None:
        """Write the file as an editor would; raises OSError when the text is refused."""


class RunningMount:
    """A mount in another process. It is looked up each time, so that it may come and go."""

    def __init__(self, mountpoint: Path) -> None:
        self._mountpoint = mountpoint

    async def ask(self, command: str, **arguments: object) -> dict[str, Any]:
        """Ask through its control socket, off the event loop."""

        def call() -> dict[str, Any]:
            serving = registry.find_mount(self._mountpoint)
            patience = None if arguments else control.PATIENCE  # what is decided may take long
            return control.call(serving.socket, command, arguments, timeout=patience)

        return await trio.to_thread.run_sync(call, abandon_on_cancel=True)

    async def save(self, path: str, text: bytes) -> None:
        """Write through the kernel, off the event loop."""
        await trio.to_thread.run_sync((self._mountpoint / path).write_bytes, text)
