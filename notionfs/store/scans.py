"""How far a listing has come, so that an interrupted one goes on where it stopped. Never waits."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from notionfs.model import Page, PageId
from notionfs.store.connection import Connection


class Progress(msgspec.Struct, frozen=True):
    """Where an unfinished listing stands; *cursor* leads to its next part.

    *run* tells which process began it and *asked* is that process's moment before the first
    request; *until_ns* is how far back it wants to read, None for everything; *seen* counts pages.
    """

    run: str
    asked: int
    began_ns: int
    until_ns: int | None
    cursor: str
    newest: str
    databases: list[str]
    sources: list[str]
    seen: int = 0


class Scans:
    """The table `scan_parts`, and one row of `meta` for each unfinished listing."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def load(self, name: str) -> Progress | None:
        """Return how far the listing *name* has come, None if it is not under way."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (_key(name),)).fetchone()
        if row is None:
            return None
        try:
            return msgspec.json.decode(row[0], type=Progress)
        except msgspec.DecodeError:  # of another version: it begins again
            return None

    def list_pages(self, name: str) -> list[Page]:
        """Return the pages that the listing has read so far."""
        rows = self._db.execute(
            "SELECT pages FROM scan_parts WHERE scan = ? ORDER BY part", (name,)
        )
        return [page for row in rows for page in msgspec.msgpack.decode(row[0], type=list[Page])]

    def list_settled(self, name: str) -> list[PageId]:
        """Return the ids of the pages that the listing has read and that are taken in."""
        rows = self._db.execute("SELECT settled FROM scan_parts WHERE scan = ?", (name,))
        return [i for row in rows for i in msgspec.msgpack.decode(row[0], type=list[PageId])]

    def keep(
        self, name: str, pages: Sequence[Page], settled: Sequence[PageId], progress: Progress
    ) -> None:
        """Add the pages of one more part and the ids of its others, and where the next one is."""
        self._db.execute(
            "INSERT INTO scan_parts (scan, pages, settled) VALUES (?, ?, ?)",
            (name, msgspec.msgpack.encode(pages), msgspec.msgpack.encode(settled)),
        )
        self.note(name, progress)

    def note(self, name: str, progress: Progress) -> None:
        """Keep where the next part is; the pages of the parts so far are taken in."""
        text = msgspec.json.encode(progress).decode()
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_key(name), text))

    def drop(self, name: str) -> None:
        """The listing is complete, or of no use any more."""
        self._db.execute("DELETE FROM scan_parts WHERE scan = ?", (name,))
        self._db.execute("DELETE FROM meta WHERE key = ?", (_key(name),))


def _key(name: str) -> str:
    return f"scan {name}"
