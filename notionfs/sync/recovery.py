"""After a lost answer to a create: did it arrive? A create is never repeated blindly."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from notionfs.api.client import Client
from notionfs.errors import RemoteMissing
from notionfs.model import DataSourceId, Page, PageId

_MINUTE = 60


async def find_created(
    client: Client, journal: Mapping[str, Any], is_known: Callable[[PageId], bool]
) -> Page | None:
    """Return the page that the journaled attempt created, None if it did not arrive.

    It has the id that Notion named (`committed_id`), or stands in the parent of the attempt, was
    created by this connection since then, has that title, and belongs to no other file.
    """
    committed = journal.get("committed_id")
    if committed:
        return await client.fetch_page(PageId(committed))
    parent, title = journal.get("parent"), journal.get("title")
    if parent is None or title is None:
        return None
    since = _minute_before(int(journal.get("attempt_ns", 0)))
    me = await client.fetch_me()
    async for page in _candidates(client, parent, title, since):
        fits = page.title == title and page.created >= since and page.created_by == me.user_id
        if fits and not page.in_trash and not is_known(page.id):
            return page
    return None


async def _candidates(client: Client, parent: str, title: str, since: str) -> AsyncIterator[Page]:
    try:
        cursor: str | None = None
        while True:
            rows = await client.query(DataSourceId(parent), cursor=cursor, created_from=since)
            for page in rows.results:
                yield page
            cursor = rows.next_cursor
            if cursor is None:
                return
    except RemoteMissing:
        pass  # the parent is a page
    cursor = None
    while True:
        children, cursor = await client.fetch_child_pages(parent, cursor)
        for child in children:
            if child.title == title and child.created >= since:
                yield await client.fetch_page(PageId(child.id))
        if cursor is None:
            return


def _minute_before(attempt_ns: int) -> str:
    """Return the ISO time of the minute before, since Notion rounds times down to the minute."""
    seconds = attempt_ns // 1_000_000_000 // _MINUTE * _MINUTE - _MINUTE
    return datetime.fromtimestamp(max(0, seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
