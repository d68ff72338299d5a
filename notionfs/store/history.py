"""Earlier texts of page files, for `history` and `undo`. Never waits."""

from __future__ import annotations

import zlib

from msgspec import Struct

from notionfs.model import PageId
from notionfs.store.connection import Connection

KEPT_NS = 90 * 24 * 3600 * 1_000_000_000
"""No text is kept longer than 90 days."""

_NEVER_THINNED = 3


class Past(Struct, frozen=True):
    """An earlier text: when it was replaced, and by what (*why*); see the table `history`."""

    text_id: int
    at_ns: int
    why: str
    size: int


class History:
    """The table `history`: bounded in number for each page, and in age."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def keep(
        self, doc_id: int, page_id: PageId | None, text: bytes, *, why: str, at_ns: int, most: int
    ) -> None:
        """Keep *text*, which is about to be replaced, and at most *most* texts of the page.

        Of more than that the one goes that stood for the shortest time, so that a burst of saves
        does not push out everything before it; the newest ones and the oldest stay.
        """
        self._db.execute(
            "INSERT INTO history (doc_id, page_id, at_ns, why, size, text) VALUES (?,?,?,?,?,?)",
            (doc_id, page_id, at_ns, why, len(text), zlib.compress(text, level=1)),
        )
        self._db.execute(
            "DELETE FROM history WHERE text_id IN (SELECT text_id FROM ("
            " SELECT text_id, at_ns - lag(at_ns, 1, 0) OVER (ORDER BY text_id) AS life,"
            " row_number() OVER (ORDER BY text_id DESC) AS age"
            " FROM history WHERE doc_id = ?1 OR page_id = ?2)"
            " WHERE age > ?3 ORDER BY life, text_id LIMIT max(0,"
            " (SELECT count(*) FROM history WHERE doc_id = ?1 OR page_id = ?2) - ?4))",
            (doc_id, page_id, min(_NEVER_THINNED, most), most),
        )

    def list_of(self, doc_id: int, page_id: PageId | None) -> list[Past]:
        """Return the earlier texts of a page, also from before its file was removed; newest
        first.
        """
        rows = self._db.execute(
            "SELECT text_id, at_ns, why, size FROM history WHERE doc_id = ? OR page_id = ?"
            " ORDER BY text_id DESC",
            (doc_id, page_id),
        )
        return [Past(*row) for row in rows]

    def newest(self, doc_id: int) -> bytes | None:
        """Return the text that was kept last for a document."""
        row = self._db.execute(
            "SELECT text FROM history WHERE doc_id = ? ORDER BY text_id DESC LIMIT 1", (doc_id,)
        ).fetchone()
        return None if row is None else zlib.decompress(row[0])

    def load(self, text_id: int) -> bytes:
        """Return an earlier text; LookupError if it is no longer kept."""
        row = self._db.execute("SELECT text FROM history WHERE text_id = ?", (text_id,)).fetchone()
        if row is None:
            raise LookupError(f"no earlier text {text_id}")
        return zlib.decompress(row[0])

    def forget_old(self) -> None:
        """Remove what is much older than the newest text: no clock is asked, it may be wrong."""
        self._db.execute(
            "DELETE FROM history WHERE at_ns < (SELECT max(at_ns) FROM history) - ?", (KEPT_NS,)
        )
