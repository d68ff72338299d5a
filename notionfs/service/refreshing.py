"""Answers to `notionfs sync`: ask Notion now, for everything or for one page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionfs.control import Handler
from notionfs.errors import NoSuchEntry
from notionfs.service.rooms import Rooms

_SETTLE_SECONDS = 20.0


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `sync`."""

    async def sync(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        path = arguments.get("path")
        before = sum(rooms.engine.context.client.calls.values())
        if path:
            report = await _sync_page(rooms, str(path))
        else:
            report = (await rooms.engine.refresher.reconcile(at_once=True)).as_dict()
        calls = sum(rooms.engine.context.client.calls.values()) - before
        return {**report, "calls": calls}

    return {"sync": sync}


async def _sync_page(rooms: Rooms, path: str) -> dict[str, int]:
    try:
        doc_id = rooms.document_at(path)
    except NoSuchEntry as exc:
        raise NoSuchEntry(f"{path} is not a page; sync the whole mount instead.") from exc
    await rooms.engine.uploader.settled(doc_id, _SETTLE_SECONDS)
    return (await rooms.engine.refresher.refresh_page(doc_id)).as_dict()
