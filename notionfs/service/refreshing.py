"""Answers to `notionfs sync`: ask Notion now, for everything, a directory or one page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from notionfs.control import Handler
from notionfs.errors import InvalidPageFile, NoSuchEntry, RemoteError
from notionfs.service.rooms import Rooms
from notionfs.store.dentries import ROOT_INO
from notionfs.store.outbox import Action
from notionfs.sync.report import Report

_SETTLE_SECONDS = 20.0
_MOST_LINES = 100  # of each list in the answer


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `sync`."""

    async def sync(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        path = str(arguments.get("path") or "")
        before = sum(rooms.engine.context.client.calls.values())
        try:
            if arguments.get("wait"):
                await _all_sent(rooms, path)
            report = await (_sync_below(rooms, path) if path else _sync_all(rooms))
            found = {**report.as_dict(), **_details(rooms, report)}
        except RemoteError as exc:  # Notion is away altogether, or refuses the token
            found = {"failed": 1, "failures": [str(exc)]}
        return {**found, "calls": sum(rooms.engine.context.client.calls.values()) - before}

    return {"sync": sync}


async def _all_sent(rooms: Rooms, path: str) -> None:
    """Return once Notion has all that was saved at *path* and below, however long it takes.

    Raises InvalidPageFile with each page that waits for a person, after the others were sent.
    """
    store = rooms.engine.store
    # A removal has its time of grace, in which it can be taken back.
    saved = [c.doc_id for c in store.outbox.list_changes() if c.action is not Action.TRASH]
    waiting = [doc.doc_id for doc in store.docs.list_explained()]
    refused = []
    for doc_id in dict.fromkeys((*saved, *waiting)):
        place = rooms.status.path_of(doc_id)
        if not PurePosixPath(place).is_relative_to(path):
            continue
        try:
            await rooms.engine.uploader.settled(doc_id, math.inf)
        except InvalidPageFile as exc:
            refused.append(f"{place} is not in Notion: {exc}")
    if refused:
        raise InvalidPageFile(refused)


async def _sync_all(rooms: Rooms) -> Report:
    refresher = rooms.engine.refresher
    return await refresher.repeat() or await refresher.reconcile(at_once=True)


async def _sync_below(rooms: Rooms, path: str) -> Report:
    ino = rooms.inode_at(path)
    inode = None if rooms.tree.virtual.owns(ino) else rooms.tree.inode(ino)
    if ino == ROOT_INO:
        return await _sync_all(rooms)
    if inode is not None and inode.is_directory:
        return await rooms.engine.refresher.refresh_below(ino)
    if inode is None or inode.doc_id is None:
        raise NoSuchEntry(f"{path} is no page and no directory of pages; there is nothing to ask.")
    await rooms.engine.uploader.settled(inode.doc_id, _SETTLE_SECONDS)
    return await rooms.engine.refresher.refresh_page(inode.doc_id)


def _details(rooms: Rooms, report: Report) -> dict[str, Any]:
    """Return what changed, as lines of a word and a path, and why some questions failed."""
    changes = [f"{news.value} {_path(rooms, page_id)}" for page_id, news in report.news.items()]
    reasons = dict.fromkeys(failure.reason for failure in report.failed.values())
    return {
        "repeated": report.repeated,
        "changes": sorted(changes)[:_MOST_LINES],
        "failures": list(reasons)[:_MOST_LINES],
    }


def _path(rooms: Rooms, page_id: Any) -> str:
    doc = rooms.engine.store.docs.find(page_id)
    path = None if doc is None else rooms.status.path_of(doc.doc_id)
    if path is not None and not path.startswith("("):
        return path.lstrip("/")
    page = rooms.engine.store.snapshots.load_page(page_id)
    return f"page {page_id}" if page is None else repr(page.title)
