"""Names that pages and databases had, and the files in which links still say them. Never waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from notionfs.store.connection import Connection

NOTE_RENAMED = """
INSERT INTO renamed (name, ino, moved)
SELECT name, ino, parent_ino <> ? FROM dentries JOIN inodes USING (ino)
WHERE dentry_id = ? AND (parent_ino <> ? OR name <> ?)
AND kind IN ('page', 'folder', 'database', 'source')
"""

_RENDERED = "state = 'clean' AND user_text = 0 AND has_text = 1"


class OldName(Struct, frozen=True):
    """A row of `renamed`."""

    renamed_id: int
    name: str
    ino: int
    moved: bool


class Renamed:
    """The table `renamed`, whose rows `Dentries.move` writes."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def list_first(self, limit: int) -> list[OldName]:
        """Return the oldest rows."""
        rows = self._db.execute("SELECT * FROM renamed ORDER BY renamed_id LIMIT ?", (limit,))
        return [OldName(r["renamed_id"], r["name"], r["ino"], bool(r["moved"])) for r in rows]

    def forget(self, names: Iterable[OldName]) -> None:
        """Remove rows whose links were seen to."""
        ids = [(name.renamed_id,) for name in names]
        self._db.executemany("DELETE FROM renamed WHERE renamed_id = ?", ids)

    def list_below(self, ino: int) -> list[int]:
        """Return the documents of the files at or below an inode that show our rendering."""
        rows = self._db.execute(
            "WITH RECURSIVE below (ino) AS (VALUES (?) UNION"
            " SELECT dentries.ino FROM dentries JOIN below ON parent_ino = below.ino)"
            " SELECT doc_id FROM inodes JOIN below USING (ino) JOIN docs USING (doc_id)"
            f" WHERE kind = 'page' AND {_RENDERED}",
            (ino,),
        )
        return [row[0] for row in rows]

    def list_saying(self, texts: Sequence[bytes], first: int, last: int) -> list[int]:
        """Return which documents from *first* to *last* show one of *texts* in our rendering."""
        says = " OR ".join(["instr(text, ?) > 0"] * len(texts))
        rows = self._db.execute(
            "SELECT doc_id FROM docs JOIN file_texts USING (doc_id)"
            f" WHERE doc_id BETWEEN ? AND ? AND {_RENDERED} AND ({says})",
            (first, last, *texts),
        )
        return [row[0] for row in rows]
