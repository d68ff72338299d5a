"""Single flight: any number of waiters share one request."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

import trio
from msgspec import Struct, field

from notionfs.errors import NotionFSError


class _Flight(Struct):
    landed: trio.Event = field(default_factory=trio.Event)
    error: NotionFSError | None = None
    done: bool = False


class Flights:
    """Requests under way by key.

    The first caller flies; the others wait for the same outcome. If the flier is cancelled, one of
    the waiters takes over.
    """

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}

    def is_flying(self, key: Hashable) -> bool:
        """Tell whether a request for *key* is under way."""
        return key in self._flights

    async def share(self, key: Hashable, fly: Callable[[], Awaitable[None]]) -> None:
        """Run *fly* unless it already runs for *key*; raise its NotionFSError for everyone."""
        while (flight := self._flights.get(key)) is not None:
            await flight.landed.wait()
            if flight.error is not None:
                raise flight.error
            if flight.done:
                return
        flight = self._flights[key] = _Flight()
        try:
            await fly()
            flight.done = True
        except NotionFSError as exc:
            flight.error = exc
            raise
        finally:
            del self._flights[key]
            flight.landed.set()
