"""How long one may work while others wait: nobody at a prompt must notice."""

from __future__ import annotations

import time

STRETCH = 0.002
"""Seconds without an await; a commit may follow."""


class Turn:
    """A stretch of work in pieces; none is begun that would probably last too long."""

    def __init__(self) -> None:
        self._began = self._before = time.perf_counter()

    def fits(self) -> bool:
        """Tell whether a piece as long as the last one ends in time; the first one always does."""
        now = time.perf_counter()
        last, self._before = now - self._before, now
        return now + last <= self._began + STRETCH
