"""Answers for whoever watches a mount: calls over time, pages edited last. No call is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionfs.control import Handler
from notionfs.model import Page
from notionfs.service.rooms import Rooms

Answer = Mapping[str, Any]

_MOST_PAGES = 100


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `pace` and `recent`."""

    async def pace(_arguments: Mapping[str, Any]) -> Answer:
        client = rooms.engine.context.client
        seconds, counts = client.pace.history()
        return {"seconds": seconds, "counts": counts, "limit": client.pace.limit}

    async def recent(arguments: Mapping[str, Any]) -> Answer:
        limit = min(int(arguments.get("limit") or 15), _MOST_PAGES)
        pages = rooms.engine.store.snapshots.list_newest(limit)
        return {"pages": [_entry(rooms, page) for page in pages]}

    return {"pace": pace, "recent": recent}


def _entry(rooms: Rooms, page: Page) -> Answer:
    """Describe a page; `path` is None for one that has no place in the tree yet."""
    doc = rooms.engine.store.docs.find(page.id)
    path = None if doc is None else rooms.status.path_of(doc.doc_id)
    return {
        "path": None if path is None or path.startswith("(") else path,
        "title": page.title,
        "edited": page.last_edited,
        "url": page.url,
    }
