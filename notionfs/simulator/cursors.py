"""Listings in pages: opaque cursors that belong to one listing, and may expire.

A cursor remembers the listing as it was when it began, so that a long loop sees neither doubles nor
gaps, and that nothing is sorted again for each page of results.
"""

from __future__ import annotations

import uuid
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from notionfs.simulator.errors import body_invalid, invalid

T = TypeVar("T")
OPEN_LISTINGS = 512


@dataclass(slots=True)
class Listing:
    """A listing that was begun: its items, how to show one, and whether it was cut at the cap."""

    items: Sequence[Any]
    incomplete: bool = False


@dataclass(slots=True)
class Cursors:
    """Open listings by cursor; the oldest are forgotten first."""

    open: OrderedDict[str, tuple[Listing, int]] = field(default_factory=OrderedDict)

    def keep(self, listing: Listing, offset: int) -> str:
        """Return a cursor that continues *listing* at *offset*."""
        cursor = f"s:{uuid.uuid4()}:{uuid.uuid4()}"
        self.open[cursor] = (listing, offset)
        while len(self.open) > OPEN_LISTINGS:
            self.open.popitem(last=False)
        return cursor

    def resume(self, cursor: Any, where: str = "body.start_cursor") -> tuple[Listing, int]:
        """Return the listing and the offset a cursor stands for; raises a validation error."""
        if not isinstance(cursor, str):
            raise body_invalid(where, "a string", cursor)
        found = self.open.get(cursor)
        if found is None:
            raise invalid(
                f"The start_cursor provided is invalid: {cursor[:90]}. "
                "It may have expired; restart the listing without start_cursor."
            )
        return found

    def expire(self) -> None:
        """Forget all open listings: every cursor given out so far is refused from now on."""
        self.open.clear()


def page_of(
    cursors: Cursors,
    listing: Listing,
    offset: int,
    size: int,
    show: Callable[[Any], dict[str, Any] | None],
) -> tuple[list[dict[str, Any]], str | None]:
    """Return one page of results and the cursor of the next.

    Items that vanished since the listing began (*show* gives None) are left out, so that a page may
    be shorter than asked for.
    """
    end = min(offset + size, len(listing.items))
    results = [shown for item in listing.items[offset:end] if (shown := show(item)) is not None]
    following = cursors.keep(listing, end) if end < len(listing.items) else None
    return results, following


def list_object(
    kind: str, results: list[dict[str, Any]], following: str | None, **extra: Any
) -> dict[str, Any]:
    """Return the list envelope around *results*."""
    answer: dict[str, Any] = {
        "object": "list",
        "results": results,
        "next_cursor": following,
        "has_more": following is not None,
        "type": kind,
    }
    answer[kind] = {}
    answer.update(extra)
    return answer
