"""Where a crash can make a difference, counted: no more is needed than to count to one and die.

What survives a crash changes only when a transaction of the store begins or commits, and what
Notion knows only when a request is applied. So the points are: before each BEGIN, before each
COMMIT, before a request reaches Notion, and after it was applied but before anybody heard.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator import Simulator
from tests.desk import Desk

DIED = 137


@dataclass
class Points:
    """Counts the points; the process ends, as by kill -9, at number *last*."""

    last: int | None = None
    passed: list[str] = field(default_factory=list)

    def passing(self, what: str) -> None:
        if len(self.passed) == self.last:
            os._exit(DIED)
        self.passed.append(what)

    def watch_store(self, desk: Desk) -> None:
        """See every transaction of the desk's store, before its statement runs."""

        def trace(statement: str) -> None:
            if statement.startswith(("BEGIN", "COMMIT")):
                self.passing(statement)

        desk.engine.store._connection.db.set_trace_callback(trace)

    def watch_notion(self, sim: Simulator) -> None:
        """See every request before it is applied, and after that before it is answered."""
        sim.app = _Watched(sim.app, self)  # type: ignore[assignment]


class _Watched:
    """The simulator's application, with a point on either side."""

    def __init__(self, app: Any, points: Points) -> None:
        self._app = app
        self._points = points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        what = f"{scope.get('method')} {scope.get('path')}"
        self._points.passing(f"request {what}")
        answer: list[Any] = []

        async def hold(message: Any) -> None:
            answer.append(message)

        await self._app(scope, receive, hold)
        self._points.passing(f"applied {what}")
        for message in answer:
            await send(message)
