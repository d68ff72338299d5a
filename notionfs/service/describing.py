"""Answers to `notionfs info`: what the store knows of a page or database. No call is made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import to_builtins

from notionfs.control import Handler
from notionfs.errors import InvalidArgument, NoSuchEntry
from notionfs.model import DatabaseId, DataSourceId, PageId, normalize_id
from notionfs.service.rooms import Rooms
from notionfs.store.dentries import LOCAL_KINDS
from notionfs.sync.status import iso

Answer = Mapping[str, Any]


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `info`."""

    async def info(arguments: Mapping[str, Any]) -> Answer:
        if arguments.get("path"):
            return _at_path(rooms, str(arguments["path"]))
        return _by_reference(rooms, str(arguments.get("reference") or ""))

    return {"info": info}


def _at_path(rooms: Rooms, path: str) -> Answer:
    ino = rooms.inode_at(path)
    if rooms.tree.virtual.owns(ino):
        raise InvalidArgument(f"{path} is made by notionfs; ask about the page or folder it shows.")
    inode = rooms.tree.inode(ino)
    if inode.database_id is not None:
        return _database(rooms, inode.database_id)
    if inode.kind in LOCAL_KINDS:
        raise InvalidArgument(f"{path} is a local file; Notion does not know it.")
    if inode.doc_id is None:
        raise InvalidArgument(f"{path} is a teamspace; ask about a page or database in it.")
    page_id = rooms.engine.store.docs.load(inode.doc_id).page_id
    if page_id is None:
        raise NoSuchEntry(f"{path} is not in Notion yet; notionfs status shows what waits.")
    return _page(rooms, page_id)


def _by_reference(rooms: Rooms, reference: str) -> Answer:
    """Find an id or URL among pages, databases and data sources, in this order."""
    found = normalize_id(reference)
    if found is None:
        raise InvalidArgument(f"{reference} is no Notion id and no URL that ends in one.")
    store = rooms.engine.store
    if store.records.load_page(PageId(found)) is not None:
        return _page(rooms, PageId(found))
    source = store.snapshots.load_source(DataSourceId(found))
    return _database(rooms, DatabaseId((source and source.database_id) or found))


def _page(rooms: Rooms, page_id: PageId) -> Answer:
    store = rooms.engine.store
    record, page = store.records.load_page(page_id), store.snapshots.load_page(page_id)
    if record is None or page is None:
        raise _unknown(rooms, page_id)
    doc = store.docs.find(page_id)
    more = {
        "url": page.url,
        "created": page.created,
        "state": None if doc is None else doc.state.value,
        "error": None if doc is None else doc.reason,
    }
    return {"record": to_builtins(record), "more": more}


def _database(rooms: Rooms, database_id: DatabaseId) -> Answer:
    store = rooms.engine.store
    record = store.records.load_database(database_id)
    database = store.snapshots.load_database(database_id)
    if record is None or database is None:
        raise _unknown(rooms, database_id)
    more = {"url": database.url, "created": database.created}
    return {"record": {**to_builtins(record), "last_synced": iso(record.last_synced)}, "more": more}


def _unknown(rooms: Rooms, object_id: str) -> NoSuchEntry:
    if not rooms.engine.refresher.is_listed:
        return NoSuchEntry(
            f"No page or database {object_id} was listed so far; notionfs status says when the "
            "first listing is complete."
        )
    return NoSuchEntry(
        f"No page or database {object_id} is known here; share it with the connection, then run "
        "notionfs sync."
    )
