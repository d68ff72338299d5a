"""Answers to `notionfs search`: which pages and databases have these words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import trio

from notionfs.api.pacing import Priority
from notionfs.control import Handler
from notionfs.errors import InvalidArgument, RemoteError
from notionfs.model import Database, DatabaseId, Page, PageId
from notionfs.service.rooms import Rooms
from notionfs.store.fulltext import Excerpt, Found, FullText
from notionfs.store.wording import Wording, parse_wording
from notionfs.sync.status import iso

_USUAL = 20
_MOST = 1000


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `search`."""
    searching = _Searching(rooms)
    return {"search": searching.answer}


class _Searching:
    """Searches the local index, after asking Notion if that is wanted."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._store = rooms.engine.store
        self._index = FullText(self._store.path)
        self._turn = trio.Lock()

    async def answer(self, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the best hits for `words`, below `path`, at most `limit`; `fresh` asks Notion."""
        words = str(arguments.get("words") or "")
        wording = parse_wording(words)
        if wording.is_empty:
            raise InvalidArgument("There is no word to search for; name at least one.")
        limit = max(1, min(int(arguments.get("limit") or _USUAL), _MOST))
        scope = self._scope(str(arguments.get("path") or ""))
        named: tuple[PageId, ...] = ()
        problem: str | None = None
        if arguments.get("fresh"):
            named, problem = await self._ask_notion(words)
        async with self._turn:  # one thread at a time
            stamp = self._store.changes()
            found = await trio.to_thread.run_sync(lambda: self._index.find(wording, stamp=stamp))
            found += _by_notion_alone(found, named, self._store.docs.find)
            placed = [(hit, path) for hit in found if (path := self._path(hit, scope)) is not None]
            shown = placed[:limit]
            excerpts = await self._excerpts(wording, [hit for hit, _ in shown])
        return {
            "schema": 1,
            "words": words,
            "hits": [self._hit(hit, path, excerpts.get(hit.number)) for hit, path in shown],
            "total": len(placed),
            "unread": self._store.snapshots.count_unread(),
            "as_of": iso(self._rooms.engine.refresher.last_refresh_ns),
            "asked_notion": bool(arguments.get("fresh")) and problem is None,
            "problem": problem,
        }

    async def _excerpts(self, wording: Wording, hits: Sequence[Found]) -> dict[int, Excerpt]:
        numbers = [hit.number for hit in hits]
        return await trio.to_thread.run_sync(self._index.excerpts, wording, numbers)

    def _scope(self, path: str) -> str:
        if path:
            self._rooms.inode_at(path)  # raises NoSuchEntry
        return f"{path.strip('/')}/" if path else ""

    def _path(self, hit: Found, scope: str) -> str | None:
        """Return where a hit stands, None if it is elsewhere than in *scope*, or nowhere."""
        dentries = self._store.dentries
        if hit.database_id is not None:
            ino = dentries.find_database_inode(DatabaseId(hit.database_id))
            path = None if ino is None else dentries.path_of(ino)
        else:
            path = self._rooms.status.path_of(hit.number).lstrip("/")
            path = None if path.startswith("(") else path
        return path if path is not None and f"{path}/".startswith(scope) else None

    def _hit(self, hit: Found, path: str, excerpt: Excerpt | None) -> Mapping[str, Any]:
        thing, is_read = self._behind(hit)
        has_excerpt = excerpt is not None and excerpt.text not in ("", hit.title)
        return {
            "kind": "page" if hit.database_id is None else "database",
            "path": path,
            "title": hit.title or (thing.title if thing else ""),
            "id": None if thing is None else thing.id,
            "url": None if thing is None else thing.url,
            "last_edited": None if thing is None else thing.last_edited,
            "is_read": is_read,
            "score": round(-hit.score, 4),
            "excerpt": excerpt.text if excerpt and has_excerpt else None,
            "matches": [list(match) for match in excerpt.matches]
            if excerpt and has_excerpt
            else [],
        }

    def _behind(self, hit: Found) -> tuple[Page | Database | None, bool]:
        """Return what Notion has of a hit, and whether its text is here."""
        if hit.database_id is not None:
            return self._store.snapshots.load_database(DatabaseId(hit.database_id)), True
        doc = self._store.docs.load(hit.number)
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        return page, doc.has_text

    async def _ask_notion(self, words: str) -> tuple[tuple[PageId, ...], str | None]:
        """Take in what changed and what Notion finds by title; return its pages, or why not."""
        engine = self._rooms.engine
        try:
            await engine.refresher.poll()
            asked = engine.context.moment()
            client = engine.context.client.at(Priority.PROMPT)
            listing = await client.search(query=words.replace('"', " ").replace("*", " ").strip())
        except RemoteError as exc:
            return (), str(exc)
        pages = [found for found in listing.results if isinstance(found, Page)]
        async for _ in engine.absorber.absorb_pages(pages, asked):
            pass
        return tuple(page.id for page in pages), None


def _by_notion_alone(found: Sequence[Found], named: Sequence[PageId], find: Any) -> list[Found]:
    """Return the pages that Notion names and the index does not: its search is not word by word."""
    known = {hit.number for hit in found}
    docs = [doc for page_id in named if (doc := find(page_id)) is not None]
    return [Found(doc.doc_id, 0.0, "") for doc in docs if doc.doc_id not in known]
