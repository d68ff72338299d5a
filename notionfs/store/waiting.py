"""What the first listing has read and nobody can place yet. Never waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from notionfs.store.connection import Connection

_ORDER = "ORDER BY is_database DESC, created, object_id LIMIT ?"


class Unplaced(NamedTuple):
    """A page or database that waits for what it stands in; a row of `waiting`."""

    object_id: str
    is_database: bool
    behind: str
    created: str


class Waiting:
    """The table `waiting`. Databases come before pages, and the oldest first."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def put(self, objects: Iterable[Unplaced]) -> None:
        """Let *objects* wait, each behind what it stands in."""
        self._db.executemany("INSERT OR REPLACE INTO waiting VALUES (?,?,?,?)", objects)

    def drop(self, object_ids: Iterable[str]) -> None:
        """Some objects wait no longer."""
        self._db.executemany(
            "DELETE FROM waiting WHERE object_id = ?", [(object_id,) for object_id in object_ids]
        )

    def list_behind(self, holders: Sequence[str], limit: int) -> list[Unplaced]:
        """Return up to *limit* objects that wait for one of a few *holders*, one after another."""
        marks = ",".join("?" * len(holders))
        rows = self._db.execute(
            f"SELECT * FROM waiting WHERE behind IN ({marks})"
            " ORDER BY behind, is_database DESC, created, object_id LIMIT ?",
            (*holders, limit),
        )
        return [_unplaced(row) for row in rows]

    def list_tops(self, limit: int) -> list[Unplaced]:
        """Return up to *limit* objects that wait for what does not wait itself."""
        rows = self._db.execute(
            f"SELECT * FROM waiting WHERE behind NOT IN (SELECT object_id FROM waiting) {_ORDER}",
            (limit,),
        )
        return [_unplaced(row) for row in rows]

    def list_any(self, limit: int) -> list[Unplaced]:
        """Return up to *limit* objects."""
        rows = self._db.execute(f"SELECT * FROM waiting {_ORDER}", (limit,))
        return [_unplaced(row) for row in rows]

    def count_pages(self) -> int:
        """Return how many pages wait."""
        (count,) = self._db.execute("SELECT count(*) FROM waiting WHERE is_database = 0").fetchone()
        return int(count)


def _unplaced(row: Sequence[str]) -> Unplaced:
    return Unplaced(row[0], bool(row[1]), row[2], row[3])
