"""After a lost answer to a create: did it arrive? A create is never repeated blindly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from notionfs.api.client import Client
from notionfs.errors import RemoteMissing
from notionfs.markdown.document import shown_title
from notionfs.model import DataSourceId, Page, PageId, ParentType
from notionfs.planning.merge import alike

# Clocks differ, and Notion's is known to a second. Title, text and creator tell the page; this can
# be generous.
_SLACK = 3600


async def find_created(
    client: Client, journal: Mapping[str, Any], is_anothers: Callable[[PageId], bool]
) -> Page | None:
    """Return the page that the journaled attempt created, None if it is not to be seen.

    It has the id that Notion named (`committed_id`), or stands in the parent of the attempt, was
    created by this connection about then, has that title and text, and belongs to no other file.
    """
    committed = await _fetch_committed(client, journal)
    if committed is not None:
        return committed
    if journal.get("parent") is None or journal.get("title") is None:
        return None  # nothing was sent yet
    me = await client.fetch_me()
    for page in await _candidates(client, journal):
        is_ours = page.created_by == me.user_id and not page.in_trash
        if is_ours and not is_anothers(page.id) and await _has_text(client, page, journal):
            return page
    return None


async def _fetch_committed(client: Client, journal: Mapping[str, Any]) -> Page | None:
    page_id = journal.get("committed_id")
    if not page_id:
        return None
    try:
        return await client.fetch_page(PageId(page_id))
    except RemoteMissing:
        return None


async def _has_text(client: Client, page: Page, journal: Mapping[str, Any]) -> bool:
    if journal.get("template"):
        return True  # Notion fills it, sooner or later
    body = await client.fetch_body(page.id)
    return alike(body.markdown, journal.get("body") or "")


async def _candidates(client: Client, journal: Mapping[str, Any]) -> list[Page]:
    """Return the pages of the parent that are about that old and have that title."""
    since = _some_time_before(int(journal.get("since_ns", journal.get("attempt_ns", 0))))
    title = shown_title(journal["title"])
    if journal.get("parent_type") == ParentType.DATA_SOURCE:
        found = await _rows(client, DataSourceId(journal["parent"]), since)
    else:
        found = await _children(client, journal["parent"], title, since)
    return [page for page in found if shown_title(page.title) == title and page.created >= since]


async def _rows(client: Client, source: DataSourceId, since: str) -> list[Page]:
    found: list[Page] = []
    cursor: str | None = None
    while True:
        rows = await client.query(source, cursor=cursor, created_from=since)
        found += rows.results
        cursor = rows.next_cursor
        if cursor is None:
            return found


async def _children(client: Client, parent: str, title: str, since: str) -> list[Page]:
    found: list[Page] = []
    cursor: str | None = None
    while True:
        children, cursor = await client.fetch_child_pages(parent, cursor)
        for child in children:
            if shown_title(child.title) == title and child.created >= since:
                found.append(await client.fetch_page(PageId(child.id)))
        if cursor is None:
            return found


def _some_time_before(attempt_ns: int) -> str:
    seconds = attempt_ns // 1_000_000_000 - _SLACK
    return datetime.fromtimestamp(max(0, seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
