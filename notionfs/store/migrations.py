"""From any older layout of the store to the present one, in one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from zlib import crc32

from notionfs.errors import StoreError, StoreTooNew
from notionfs.store.schema import TABLES


def _create(db: sqlite3.Connection) -> None:
    for statement in TABLES:
        db.execute(statement)
    db.execute(
        "INSERT INTO inodes (ino, kind, mode, mtime_ns, nlink) VALUES (1, 'root', 448, 0, 2)"
    )
    # Inodes below 64 belong to files that exist only in memory.
    db.execute("UPDATE sqlite_sequence SET seq = 63 WHERE name = 'inodes'")


MIGRATIONS: Sequence[Callable[[sqlite3.Connection], None]] = (_create,)
"""Step *n* leads from layout *n* to *n + 1*; the layout stands in `PRAGMA user_version`."""


FINGERPRINT = crc32("\n".join(TABLES).encode()) & 0x7FFFFFFF
"""Of the newest layout's text; stands in `PRAGMA application_id`."""


def _check_made_alike(db: sqlite3.Connection) -> None:
    """Refuse a store of the same number whose tables differ: an unreleased version made it."""
    (made_as,) = db.execute("PRAGMA application_id").fetchone()
    if made_as != FINGERPRINT:
        raise StoreError(
            "The local store was made by an unreleased version of notionfs; save what was not sent "
            "with notionfs doctor --salvage DIR, then move the store away and mount again."
        )


def migrate(db: sqlite3.Connection) -> None:
    """Bring *db* to the newest layout; StoreTooNew if a newer program wrote it."""
    (layout,) = db.execute("PRAGMA user_version").fetchone()
    if layout > len(MIGRATIONS):
        raise StoreTooNew(
            f"The local store has layout {layout}, newer than this program's {len(MIGRATIONS)}; "
            "upgrade notionfs."
        )
    if layout == len(MIGRATIONS):
        _check_made_alike(db)
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        for step in MIGRATIONS[layout:]:
            step(db)
        db.execute(f"PRAGMA user_version={len(MIGRATIONS)}")
        db.execute(f"PRAGMA application_id={FINGERPRINT}")
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
