"""Answers to `notionfs reload` and SIGHUP: do by the settings file as it is now."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from notionfs.control import Handler
from notionfs.errors import NotionFSError
from notionfs.reloading import Reloader
from notionfs.service.rooms import Rooms

log = logging.getLogger(__name__)


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `reload`."""
    context = rooms.engine.context
    reloader = Reloader(context.settings)

    async def reload(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if not reloader.reads(arguments.get("file")):
            return {}  # somebody edited the settings of another mount
        before, reread = context.settings, reloader.again(context.settings)
        context.settings = reread.settings
        context.client.pace.limit = reread.settings.requests_a_minute
        if reread.settings.log_level != before.log_level:
            logging.getLogger().setLevel(reread.settings.log_level.upper())
        if reread.changed:
            rooms.engine.follow_settings()
        log.info("read the settings again: %s changed", ", ".join(reread.changed) or "nothing")
        return {
            "changed": list(reread.changed),
            "waiting": list(reread.waiting),
            "overruled": list(reread.overruled),
        }

    return {"reload": reload}


async def reload_at_signal(commands: Mapping[str, Handler]) -> None:
    """Reload as the command does; nobody waits for the answer, so what is wrong is logged."""
    try:
        done = await commands["reload"]({})
    except NotionFSError as exc:
        log.error("the settings stay as they were: %s", exc)
        return
    if done.get("waiting"):
        log.warning("%s: changes with the next mount", ", ".join(done["waiting"]))
