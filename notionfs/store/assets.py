"""Files that Notion hosts: which page shows them, and under which name. Never waits."""

from __future__ import annotations

import sqlite3

from msgspec import Struct

from notionfs.store.connection import Connection


class Asset(Struct, frozen=True):
    """A row of `assets`."""

    ino: int
    doc_id: int
    name: str
    url: str
    source: str


class Assets:
    """The table `assets`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def add(self, asset: Asset) -> None:
        """Note a file that a page shows for the first time."""
        self._db.execute(
            "INSERT INTO assets (ino, doc_id, name, url, source) VALUES (?,?,?,?,?)",
            (asset.ino, asset.doc_id, asset.name, asset.url, asset.source),
        )

    def load(self, ino: int) -> Asset | None:
        """Return the file behind an inode."""
        row = self._db.execute("SELECT * FROM assets WHERE ino = ?", (ino,)).fetchone()
        return None if row is None else _asset(row)

    def find_url(self, doc_id: int, url: str) -> Asset | None:
        """Return what a document calls the file at *url*."""
        row = self._db.execute(
            "SELECT * FROM assets WHERE doc_id = ? AND url = ?", (doc_id, url)
        ).fetchone()
        return None if row is None else _asset(row)

    def find_name(self, doc_id: int, name: str) -> Asset | None:
        """Return what a document shows, or once showed, under *name*."""
        row = self._db.execute(
            "SELECT * FROM assets WHERE doc_id = ? AND name = ?", (doc_id, name)
        ).fetchone()
        return None if row is None else _asset(row)

    def list_of(self, doc_id: int) -> list[Asset]:
        """Return everything that a document shows or once showed."""
        rows = self._db.execute("SELECT * FROM assets WHERE doc_id = ? ORDER BY ino", (doc_id,))
        return [_asset(row) for row in rows]


def _asset(row: sqlite3.Row) -> Asset:
    return Asset(row["ino"], row["doc_id"], row["name"], row["url"], row["source"])
