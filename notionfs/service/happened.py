"""Answers to `notionfs log`: what happened to a page, below a directory, or to everything."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import trio

from notionfs.control import Handler
from notionfs.errors import NoSuchEntry
from notionfs.model import PageId
from notionfs.service.rooms import Rooms
from notionfs.sync.activity import Entry

_USUAL = 50
_MOST = 1000

Wanted = Callable[[Mapping[str, Any]], bool]


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `log`."""
    activity = rooms.engine.context.activity

    async def log(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the newest `limit` events about `path`, or those after the number `after`."""
        wanted = _about(rooms, str(arguments.get("path") or ""))
        number = activity.number
        if arguments.get("after") is not None:
            found = _named(rooms, activity.after(int(arguments["after"])), wanted, _MOST)
        else:
            limit = max(1, min(int(arguments.get("limit") or _USUAL), _MOST))
            entries = await trio.to_thread.run_sync(lambda: list(activity.read()))
            found = _named(rooms, entries, wanted, limit)
        return {"schema": 1, "entries": found, "next": number}

    return {"log": log}


def _named(
    rooms: Rooms, entries: Iterable[Entry], wanted: Wanted, limit: int
) -> list[Mapping[str, Any]]:
    """Return the newest *limit* entries that are *wanted*, each with the path of its page now."""
    paths: dict[tuple[Any, Any], str | None] = {}
    kept: deque[Mapping[str, Any]] = deque(maxlen=limit)
    for entry in entries:
        subject = (entry.get("document"), entry.get("page"))
        if subject not in paths:
            paths[subject] = _path(rooms, *subject)
        named = {**entry, "path": paths[subject]}
        if wanted(named):
            kept.append(named)
    return list(kept)


def _path(rooms: Rooms, doc_id: int | None, page_id: str | None) -> str | None:
    """Return where a page stands now, None if it is no longer there."""
    docs = rooms.engine.store.docs
    doc = docs.get(doc_id) if doc_id is not None else None
    if doc is None and page_id is not None:
        doc = docs.find(PageId(page_id))
    if doc is None:
        return None
    path = rooms.status.path_of(doc.doc_id).lstrip("/")
    return None if path.startswith("(") else path


def _about(rooms: Rooms, path: str) -> Wanted:
    """Return the test for an entry about *path*, a page or a directory; raises NoSuchEntry."""
    if not path:
        return lambda entry: True
    ino = rooms.inode_at(path)
    if rooms.tree.virtual.owns(ino):
        raise NoSuchEntry(f"{path} is no page and no directory of pages; nothing happens to it.")
    if rooms.tree.inode(ino).is_directory:
        return lambda entry: f"{entry['path']}".startswith(f"{path.strip('/')}/")
    doc = rooms.engine.store.docs.load(rooms.document_at(path))

    def is_about_page(entry: Mapping[str, Any]) -> bool:
        if doc.page_id is not None and entry.get("page") == doc.page_id:
            return True
        return bool(entry.get("document") == doc.doc_id)

    return is_about_page
