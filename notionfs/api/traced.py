"""The ids that Notion gave to requests, for whoever wants to say which ones an event took."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_collected: ContextVar[list[str] | None] = ContextVar("request_ids", default=None)


@contextmanager
def request_ids() -> Iterator[list[str]]:
    """Yield a list that grows by the id of every request made in the block, by tasks below too."""
    ids: list[str] = []
    outer = _collected.set(ids)
    try:
        yield ids
    finally:
        _collected.reset(outer)


def note_request(request_id: str | None) -> None:
    """Add the id of a request that was answered."""
    ids = _collected.get()
    if ids is not None and request_id:
        ids.append(request_id)
