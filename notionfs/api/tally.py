"""How many requests left when, for the last hour: what a plot of the budget is drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor


class Tally:
    """Departures counted in *slots* slots of *seconds* each; older ones are forgotten.

    Times are those of one clock, in seconds; a departure may be noted late.
    """

    def __init__(self, seconds: float = 10.0, slots: int = 360) -> None:
        self.seconds = seconds
        self._slots = slots
        self._counts: dict[int, int] = {}  # by number of slot on the clock

    def note(self, moments: Iterable[float]) -> None:
        """Count requests that left at *moments*."""
        for moment in moments:
            slot = floor(moment / self.seconds)
            if slot not in self._counts:
                self._forget(slot - self._slots)
            self._counts[slot] = self._counts.get(slot, 0) + 1

    def counts(self, now: float) -> list[int]:
        """Return the count of every slot, the oldest first; the last one is still going on."""
        last = floor(now / self.seconds)
        return [self._counts.get(slot, 0) for slot in range(last - self._slots + 1, last + 1)]

    def _forget(self, until: int) -> None:
        for slot in [slot for slot in self._counts if slot <= until]:
            del self._counts[slot]
