"""Comments as files, and those of ours that are on their way. Never waits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from msgspec import Struct

from notionfs.model import JSON
from notionfs.store.connection import Connection


class CommentFile(Struct, frozen=True):
    """A row of `comment_files`."""

    doc_id: int
    text: bytes
    saved: bytes | None
    threads: int
    fetched_ns: int
    mtime_ns: int


class OwnRemark(Struct, frozen=True):
    """A row of `remarks`."""

    remark_id: int
    doc_id: int
    discussion: str | None
    rich_text: Sequence[JSON]
    claimed_ns: int | None


class Comments:
    """The tables `comment_files` and `remarks`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    # --- files ------------------------------------------------------------------------------------

    def load(self, doc_id: int) -> CommentFile | None:
        """Return the comments of a document, if anybody ever asked for them."""
        row = self._db.execute("SELECT * FROM comment_files WHERE doc_id = ?", (doc_id,)).fetchone()
        return None if row is None else CommentFile(**dict(row))

    def save(self, file: CommentFile) -> None:
        """Replace the comments of a document."""
        self._db.execute(
            "INSERT OR REPLACE INTO comment_files VALUES (?,?,?,?,?,?)",
            (file.doc_id, file.text, file.saved, file.threads, file.fetched_ns, file.mtime_ns),
        )

    def list_shown(self, parent_ino: int) -> list[tuple[str, int]]:
        """Return names and inodes of the page files of a directory that have comments."""
        rows = self._db.execute(
            "SELECT dentries.name, dentries.ino FROM comment_files"
            " JOIN inodes ON inodes.doc_id = comment_files.doc_id AND kind = 'page'"
            " JOIN dentries ON dentries.ino = inodes.ino"
            " WHERE threads > 0 AND parent_ino = ?",
            (parent_ino,),
        )
        return [(str(row[0]), int(row[1])) for row in rows]

    # --- ours -------------------------------------------------------------------------------------

    def add(self, doc_id: int, discussion: str | None, rich_text: Sequence[JSON]) -> None:
        """Note a comment to be sent."""
        self._db.execute(
            "INSERT INTO remarks (doc_id, discussion, rich_text) VALUES (?,?,?)",
            (doc_id, discussion, json.dumps(list(rich_text))),
        )

    def list_waiting(self, doc_id: int) -> list[OwnRemark]:
        """Return what is not in Notion yet, oldest first."""
        rows = self._db.execute(
            "SELECT * FROM remarks WHERE doc_id = ? AND comment_id IS NULL ORDER BY remark_id",
            (doc_id,),
        )
        return [_remark(row) for row in rows]

    def claim(self, remark_id: int, now_ns: int) -> None:
        """Note that a comment is about to be sent."""
        self._db.execute(
            "UPDATE remarks SET claimed_ns = ? WHERE remark_id = ?", (now_ns, remark_id)
        )

    def finish(self, remark_id: int, comment_id: str) -> None:
        """Note what a comment is called in Notion."""
        self._db.execute(
            "UPDATE remarks SET comment_id = ? WHERE remark_id = ?", (comment_id, remark_id)
        )

    def known_ids(self, doc_id: int) -> set[str]:
        """Return the comments in Notion that are known to be ours."""
        rows = self._db.execute(
            "SELECT comment_id FROM remarks WHERE doc_id = ? AND comment_id IS NOT NULL", (doc_id,)
        )
        return {str(row[0]) for row in rows}


def _remark(row: sqlite3.Row) -> OwnRemark:
    return OwnRemark(
        row["remark_id"],
        row["doc_id"],
        row["discussion"],
        json.loads(row["rich_text"]),
        row["claimed_ns"],
    )
