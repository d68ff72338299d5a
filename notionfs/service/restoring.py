"""Answers to `notionfs restore`: a page comes back from Notion's trash."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from notionfs.api.pacing import Priority
from notionfs.control import Handler
from notionfs.errors import READ_ONLY_MOUNT, InvalidArgument, NoSuchEntry, NotPermitted, ReadOnly
from notionfs.fs.virtual import Made
from notionfs.model import Page, PageId, normalize_id
from notionfs.planning.states import PENDING
from notionfs.service.rooms import Rooms

Answer = Mapping[str, Any]

_ANSWER_SECONDS = 30.0


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `restore`."""

    async def restore(arguments: Mapping[str, Any]) -> Answer:
        if rooms.engine.context.settings.read_only:
            raise ReadOnly(READ_ONLY_MOUNT)
        path = str(arguments.get("path") or "")
        if path and _take_back(rooms, path):
            return {"state": "restored", "path": path}
        if path:
            page = _page_at(rooms, path)
        else:
            page = await _page_of(rooms, str(arguments.get("reference") or ""))
        with rooms.engine.store.transaction():
            doc_id = rooms.engine.restoring.queue(page)
        rooms.engine.uploader.wake()
        return await _outcome(rooms, doc_id)

    return {"restore": restore}


def _take_back(rooms: Rooms, path: str) -> bool:
    """Give a name back whose page did not leave yet: it was removed seconds ago."""
    parent, name = posixpath.split(path)
    try:
        parent_ino = rooms.inode_at(parent)
    except NoSuchEntry:
        return False
    with rooms.engine.store.transaction():
        held = rooms.entries.take_back(parent_ino, name)
        if held is not None:
            rooms.engine.show_again(held)
    return held is not None


def _page_at(rooms: Rooms, path: str) -> Page:
    """Return the page of a file in `.trash`, of a file that stands there without its page, or of a
    file that stood there.
    """
    try:
        ino = rooms.inode_at(path)
    except NoSuchEntry:
        page = rooms.tree.virtual.trash.names().get(posixpath.basename(path))
        if page is None:
            raise NoSuchEntry(f"{path} is not in the trash, as far as this mount knows.") from None
        return page
    if rooms.tree.virtual.made_from(ino) is Made.TRASHED:
        return rooms.tree.virtual.trashed(ino)
    doc = rooms.engine.store.docs.load(rooms.document_at(path))
    page = None if doc.page_id is None else rooms.engine.store.snapshots.load_page(doc.page_id)
    if page is None or doc.state not in PENDING:
        raise NotPermitted(f"{path} is not in the trash.")
    return page


async def _page_of(rooms: Rooms, reference: str) -> Page:
    page_id = normalize_id(reference)
    if page_id is None:
        raise InvalidArgument(f"{reference} is no Notion id and no URL that ends in one.")
    page = await rooms.engine.context.client.at(Priority.PROMPT).fetch_page(PageId(page_id))
    if not page.in_trash:
        raise NotPermitted(f"Page {page_id} is not in the trash.")
    with rooms.engine.store.transaction():
        rooms.engine.store.snapshots.save_page(page)
    return page


async def _outcome(rooms: Rooms, doc_id: int) -> Answer:
    await rooms.engine.uploader.settled(doc_id, _ANSWER_SECONDS)
    waits = rooms.engine.store.outbox.list_changes(doc_id)
    if waits:
        return {"state": "queued", "reason": waits[0].reason}
    doc = rooms.engine.store.docs.load(doc_id)
    if doc.reason is not None:
        if doc.state not in PENDING:  # the page left the tree: nobody could put it away later
            with rooms.engine.store.transaction():
                rooms.engine.store.docs.explain(doc_id, None)
        raise NotPermitted(doc.reason)
    return {"state": "restored", "path": rooms.status.path_of(doc_id)}
