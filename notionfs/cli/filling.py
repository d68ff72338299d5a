"""How far the first listing of a workspace is: a line that moves, without a terminal some lines."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from notionfs.cli.screen import amount, duration

if TYPE_CHECKING:
    from rich.status import Status

PAUSE = 10.0
"""Seconds between two lines where nothing can move."""


class Filling:
    """Hears of each step of the first listing and shows it on *stream* while the block runs.

    A *quiet* one shows nothing, and still knows how far it is.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._quiet = quiet
        self._moving: Status | None = None
        self._began: tuple[float, int] | None = None
        self._facts: Mapping[str, int] = {}
        self._said = 0.0
        self.is_complete = False

    @property
    def was_seen(self) -> bool:
        """Whether there was a first listing to tell of."""
        return self._began is not None

    def hear(self, facts: Mapping[str, int] | None) -> None:
        """Show `pages` and `calls` so far; None: it is complete."""
        if facts is None:
            self.is_complete = True
            self._stop()
            return
        now = time.monotonic()
        if self._began is None:
            self._began, self._said = (now, facts["pages"]), now
        self._facts = facts
        if not self._quiet:
            self._show(now)

    def sentence(self) -> str:
        """Return how far it is, in words."""
        pages, calls = self._facts.get("pages", 0), self._facts.get("calls", 0)
        so_far = "" if self.is_complete else " so far"
        words = f"first listing: {amount(pages, 'page')}{so_far}, {amount(calls, 'call')}"
        began, before = self._began or (0.0, 0)
        span = time.monotonic() - began
        if self.is_complete:
            return f"{words}, in {duration(span)}"
        return words + (f", {(pages - before) / span:,.0f} pages a second" if span >= 1 else "")

    def _show(self, now: float) -> None:
        if self._stream.isatty():
            self._move()
        elif now - self._said >= PAUSE:
            self._said = now
            print(self.sentence(), file=self._stream, flush=True)

    def _move(self) -> None:
        if self._moving is None:
            from rich.console import Console

            console = Console(file=self._stream, highlight=False, markup=False, emoji=False)
            self._moving = console.status(self.sentence())
            self._moving.start()
        self._moving.update(self.sentence())

    def _stop(self) -> None:
        if self._moving is not None:
            self._moving.stop()
            self._moving = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._stop()
