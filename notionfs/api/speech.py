"""Which Markdown the server speaks: v2, or for an older one its own, which it sends unasked.

The first text that is read in a mount tells. A server that refuses the parameter gets the same
request without it, and is never asked again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from notionfs.api.calls import MARKDOWN_VERSION, Call
from notionfs.errors import UnknownDialect

T = TypeVar("T")

V1 = "v1"
V2 = MARKDOWN_VERSION


class Speech:
    """*version* is what bodies are in, as far as we know; *on_settled* hears when that is sure."""

    def __init__(self) -> None:
        self.version = V2
        self.is_settled = False
        self.on_settled: Callable[[str], None] = _nobody

    async def say(
        self,
        make: Callable[[str | None], Call],
        ask: Callable[[Call], Awaitable[T]],
        *,
        is_read: bool = False,
    ) -> T:
        """Return the answer to the call that *make* makes for a version; None is the server's."""
        asks_v2 = self.version == V2 or (is_read and not self.is_settled)
        if asks_v2:
            try:
                answer = await ask(make(V2))
            except UnknownDialect:
                self._settle(V1)
            else:
                self._settle(V2)
                return answer
        return await ask(make(None))

    def _settle(self, version: str) -> None:
        if not self.is_settled or version != self.version:
            self.version, self.is_settled = version, True
            self.on_settled(version)


def _nobody(version: str) -> None:
    return None
