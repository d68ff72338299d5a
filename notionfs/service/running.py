"""Answers about the mount itself: is it there, what is it doing, is everything sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from notionfs.control import Handler
from notionfs.service.rooms import Rooms


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `ping`, `status` and `drain`."""

    async def ping(_arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"pid": os.getpid()}

    async def status(_arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return rooms.status.facts()

    async def drain(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        left = await rooms.engine.uploader.drain(float(arguments.get("timeout", 10)))
        changes = rooms.engine.store.outbox.list_changes()
        pages = dict.fromkeys(change.doc_id for change in changes)  # one may have two changes
        return {"queued": left, "paths": [rooms.status.path_of(doc_id) for doc_id in pages]}

    return {"ping": ping, "status": status, "drain": drain}
