"""Every command that a running mount answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from notionfs.control import Handler
from notionfs.service import (
    deciding,
    describing,
    happened,
    moving,
    refreshing,
    reloading,
    restoring,
    running,
    searching,
    watching,
)
from notionfs.service.rooms import Rooms

SUBJECTS: tuple[Callable[[Rooms], Mapping[str, Handler]], ...] = (
    running.answers,
    refreshing.answers,
    describing.answers,
    happened.answers,
    deciding.answers,
    moving.answers,
    restoring.answers,
    searching.answers,
    watching.answers,
    reloading.answers,
)


def handlers(rooms: Rooms) -> dict[str, Handler]:
    """Return the answers of all subjects by command name."""
    table: dict[str, Handler] = {}
    for subject in SUBJECTS:
        table |= subject(rooms)
    return table
