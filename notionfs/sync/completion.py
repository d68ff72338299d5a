"""Reads values to their end that a page object shows only in part.

That happens when a page is opened or fetched, never in a commit: close does not wait. A value that
was once read to its end may be edited; if the page was edited since, it is read again before it is
sent.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

import msgspec

from notionfs.api.client import Client
from notionfs.errors import RemoteError
from notionfs.markdown.whole import cut_values, has_cut, sent_whole
from notionfs.model import JSON, Page, PageId
from notionfs.store.store import Store
from notionfs.sync.people import named_users

log = logging.getLogger(__name__)


def missing_values(store: Store, page_id: PageId) -> frozenset[str]:
    """Return the ids of the properties of which the store has only a part."""
    page = store.snapshots.load_page(page_id)
    if page is None or not has_cut(page.properties):
        return frozenset()
    return cut_values(msgspec.json.decode(page.properties))


def doubtful_values(store: Store, page_id: PageId) -> frozenset[str]:
    """Return the ids of the properties that are cut, or may have changed behind what is shown."""
    return missing_values(store, page_id) | store.snapshots.whole.list_outgrown(page_id)


async def fetch_values(
    client: Client, page_id: PageId, wanted: Iterable[str]
) -> dict[str, tuple[JSON, ...]]:
    """Return whole values by property id, one call for each hundred entries."""
    return {key: await client.fetch_entries(page_id, key) for key in sorted(wanted)}


async def try_fetch_values(
    client: Client, page_id: PageId, wanted: Iterable[str]
) -> dict[str, tuple[JSON, ...]]:
    """As `fetch_values`; what Notion does not tell stays in part and cannot be edited."""
    try:
        return await fetch_values(client, page_id, wanted)
    except RemoteError as exc:
        log.info("page %s: a long property is known only in part: %s", page_id, exc)
        return {}


def keep_values(store: Store, page_id: PageId, values: Mapping[str, tuple[JSON, ...]]) -> None:
    """Store whole values; the caller holds the transaction."""
    page = store.snapshots.load_page(page_id)
    if page is not None and values:
        store.snapshots.save_page(store.snapshots.whole.keep(page, values))
        store.snapshots.save_users([u for entries in values.values() for u in named_users(entries)])


def with_sent(store: Store, page: Page, patch: Mapping[str, JSON]) -> Page:
    """Return Notion's answer to *patch* with the whole of what was sent; nothing need be read.

    The caller holds the transaction and saves the page.
    """
    values = msgspec.json.decode(page.properties)
    return store.snapshots.whole.keep(page, sent_whole(values, patch))
