"""An index that lags: what search and query still show of things that changed a moment ago."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Former(NamedTuple):
    """How a thing looked until *changed*; *rendering* is None if it did not exist."""

    changed: float
    rendering: dict[str, Any] | None
    edited: float


@dataclass(slots=True)
class LaggingIndex:
    """Remembers former states for *lag* seconds.

    With no lag it remembers nothing and costs nothing.
    """

    lag: float = 0.0
    former: dict[str, list[Former]] = field(default_factory=dict)

    def remember(
        self, thing_id: str, now: float, rendering: dict[str, Any] | None, edited: float
    ) -> None:
        """Keep the state a thing has before it changes at *now*."""
        self.former.setdefault(thing_id, []).append(Former(now, rendering, edited))

    def seen(self, thing_id: str, now: float) -> Former | None:
        """Return the former state that a search at *now* still shows; None is the present one."""
        entries = self.former.get(thing_id)
        if not entries:
            return None
        horizon = now - self.lag
        fresh = [entry for entry in entries if entry.changed > horizon]
        if not fresh:
            del self.former[thing_id]
            return None
        self.former[thing_id] = fresh
        return fresh[0]
