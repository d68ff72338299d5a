"""One set of answers for a mount of several connections.

A question about a path goes to the connection that shows it. One about everything goes to all, and
the answers are put together; one about an id to the first that knows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from notionfs.control import Handler
from notionfs.errors import NoSuchEntry, NotPermitted

Answer = Mapping[str, Any]
_EVERYWHERE = frozenset({"conflicts", "drain", "recent", "reload", "search", "sync"})
"""Commands that without a path are about everything."""

_SOMEWHERE = frozenset({"info", "restore"})
"""Commands that without a path are about an id."""


def joined(tables: Mapping[str, Mapping[str, Handler]]) -> Mapping[str, Handler]:
    """Return the answers of several connections as one table.

    *tables* has theirs by the directory that each adds to the top of the mount, the mount's own
    first, by "".
    """
    own = next(iter(tables.values()))
    if len(tables) == 1:
        return own
    return {command: _joined(command, tables) for command in own}


def _joined(command: str, tables: Mapping[str, Mapping[str, Handler]]) -> Handler:
    def table_of(path: str) -> Mapping[str, Handler]:
        top = next(iter(PurePosixPath(path).parts), "")
        return tables.get(top) or tables[""]

    async def answer(arguments: Mapping[str, Any]) -> Answer:
        path, target = str(arguments.get("path") or ""), arguments.get("target")
        if target is not None and table_of(path) is not table_of(str(target)):
            raise NotPermitted(
                "Notion cannot move a page from one connection to another; copy it, then remove it."
            )
        if path or command not in _EVERYWHERE | _SOMEWHERE:
            return await table_of(path)[command](arguments)
        if command in _SOMEWHERE:
            return await _first([table[command] for table in tables.values()], arguments)
        together: Answer = {}
        for table in tables.values():
            together = _together(together, await table[command](arguments))
        return together

    return answer


async def _first(handlers: list[Handler], arguments: Mapping[str, Any]) -> Answer:
    """Return the answer of the first that knows what is meant; if none does, raise its sentence."""
    unknown: NoSuchEntry | None = None
    for handler in handlers:
        try:
            return await handler(arguments)
        except NoSuchEntry as exc:
            unknown = unknown or exc
    raise unknown or NoSuchEntry("There is no such page.")


def _together(one: Answer, other: Answer) -> Answer:
    """Return two answers as one: lists follow each other, numbers are added."""
    found = dict(one)
    for key, value in other.items():
        if found.get(key) is None:
            found[key] = value
        elif isinstance(value, list):
            found[key] = [*found[key], *(item for item in value if item not in found[key])]
        elif isinstance(value, int | float) and not isinstance(value, bool) and key != "schema":
            found[key] += value
        elif isinstance(value, dict):
            found[key] = _together(found[key], value)
    return found
