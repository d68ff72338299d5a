"""Statements about many rows at once. Never waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from notionfs.model import PageId
from notionfs.store.connection import Connection

T = TypeVar("T")

_AT_ONCE = 500
"""Values in one statement; SQLite allows more."""


def parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Yield *values* in lists that fit into one statement."""
    rest = iter(values)
    while some := list(islice(rest, _AT_ONCE)):
        yield some


def marks(values: Sequence[object]) -> str:
    """Return the place holders for *values*."""
    return ",".join("?" * len(values))


def pages_in(connection: Connection, table: str, page_ids: Iterable[PageId]) -> set[PageId]:
    """Return those of *page_ids* that have a row in a table."""
    found: set[PageId] = set()
    for some in parts(page_ids):
        rows = connection.db.execute(
            f"SELECT page_id FROM {table} WHERE page_id IN ({marks(some)})", some
        )
        found |= {PageId(row[0]) for row in rows}
    return found


def next_number(connection: Connection, table: str) -> int:
    """Return the number that the next row of an AUTOINCREMENT table gets.

    A row that is inserted with that number, or a higher one, counts like any other.
    """
    row = connection.db.execute(
        "SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)
    ).fetchone()
    return 1 if row is None else int(row[0]) + 1
