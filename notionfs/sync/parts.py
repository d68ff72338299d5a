"""Reads what Notion leaves out of a very long page: each part by itself, up to a bound."""

from __future__ import annotations

import logging
from collections import deque

import trio

from notionfs.api.client import Client
from notionfs.errors import RemoteError
from notionfs.markdown.bodies import canonical_body
from notionfs.model import Body, PageId

log = logging.getLogger(__name__)

MOST_PARTS = 20
"""How many parts of one page are read; the others stay `<unknown … />`."""

_PATIENCE = 15.0  # of the 30 seconds that an open waits by default


async def fetch_parts(client: Client, body: Body) -> dict[str, str]:
    """Return the texts of blocks that *body* leaves out, by id without dashes.

    One call each. What cannot be read, or not soon enough, is missing; the page is there anyway.
    """
    parts: dict[str, str] = {}
    queue = deque(body.unknown_ids)
    asked: set[str] = set()
    left = (trio.current_effective_deadline() - trio.current_time()) / 2
    with trio.move_on_after(max(0.0, min(_PATIENCE, left))):
        while queue and len(asked) < MOST_PARTS:
            block_id = queue.popleft()
            if block_id in asked:
                continue
            asked.add(block_id)
            try:
                part = await client.fetch_body(PageId(block_id))
            except RemoteError as exc:
                log.info("block %s of a long page cannot be read: %s", block_id, exc)
                continue
            parts[block_id.replace("-", "")] = canonical_body(part.markdown)
            queue.extend(part.unknown_ids)
    return parts
