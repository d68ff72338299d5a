"""Page files: the user's text, what it grew from, and how far Notion has it. Never waits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from msgspec import Struct

from notionfs.model import PageId
from notionfs.planning.states import DocEvent, DocState, next_state
from notionfs.store.bases import SavedBase, decode_base, encode_base
from notionfs.store.connection import Connection

__all__ = ["Doc", "Documents", "SavedBase"]


class Doc(Struct, frozen=True):
    """A row of `docs` without its text and base."""

    doc_id: int
    page_id: PageId | None
    state: DocState
    size: int
    mtime_ns: int
    version: int
    user_text: bool
    bare: int
    outdated: bool
    folder: bool
    wanted_title: str | None
    reason: str | None
    since_ns: int | None
    has_text: bool


_DOC = (
    "SELECT doc_id, page_id, state, size, mtime_ns, version, user_text, bare, outdated, folder,"
    " wanted_title, reason, since_ns, has_text FROM docs"
)

_SETTLED = (
    "SELECT pages.properties FROM docs JOIN pages ON pages.page_id = docs.page_id"
    " JOIN bodies ON bodies.page_id = docs.page_id WHERE doc_id = ? AND state = 'clean'"
    " AND bare = 0 AND outdated = 0 AND has_text = 1 AND stale = 0"
)


class Documents:
    """The table `docs`. The only way to change a state is through the table of transitions."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def add(self, page_id: PageId | None, *, mtime_ns: int, size: int = 0) -> int:
        """Create an unread document."""
        cursor = self._db.execute(
            "INSERT INTO docs (page_id, state, mtime_ns, size) VALUES (?,?,?,?)",
            (page_id, DocState.UNREAD.value, mtime_ns, size),
        )
        return int(cursor.lastrowid or 0)

    def remove(self, doc_id: int) -> None:
        """Forget a document; its page stays where it is."""
        for table in ("docs", "file_texts", "grown_from", "bases"):
            self._db.execute(f"DELETE FROM {table} WHERE doc_id = ?", (doc_id,))

    def load(self, doc_id: int) -> Doc:
        """Return the document; LookupError if there is none."""
        doc = self.get(doc_id)
        if doc is None:
            raise LookupError(f"no document {doc_id}")
        return doc

    def get(self, doc_id: int) -> Doc | None:
        """Return the document, None if it is no more."""
        row = self._db.execute(f"{_DOC} WHERE doc_id = ?", (doc_id,)).fetchone()
        return None if row is None else _doc(row)

    def newest_id(self) -> int:
        """Return the highest number that any document has; later ones are higher."""
        (newest,) = self._db.execute("SELECT coalesce(max(doc_id), 0) FROM docs").fetchone()
        return int(newest)

    def find(self, page_id: PageId) -> Doc | None:
        """Return the document of a page."""
        row = self._db.execute(f"{_DOC} WHERE page_id = ?", (page_id,)).fetchone()
        return None if row is None else _doc(row)

    def list_in(self, *states: DocState) -> list[Doc]:
        """Return the documents in any of *states*."""
        marks = ",".join("?" * len(states))
        rows = self._db.execute(f"{_DOC} WHERE state IN ({marks}) ORDER BY doc_id", states)
        return [_doc(row) for row in rows]

    def find_settled(self, doc_id: int) -> bytes | None:
        """Return the properties of a page whose text, by what is known, needs nothing: it is what
        Notion has, whole, and has our frontmatter. None for any other.
        """
        row = self._db.execute(_SETTLED, (doc_id,)).fetchone()
        return None if row is None else bytes(row[0])

    def load_text(self, doc_id: int) -> bytes | None:
        """Return the file's bytes, None while unread."""
        row = self._db.execute("SELECT text FROM file_texts WHERE doc_id = ?", (doc_id,)).fetchone()
        return None if row is None else bytes(row[0])

    def load_base(self, doc_id: int) -> SavedBase | None:
        """Return what the text grew from, None when that is the present snapshot."""
        row = self._db.execute("SELECT base FROM grown_from WHERE doc_id = ?", (doc_id,)).fetchone()
        return None if row is None else decode_base(row[0])

    def save_base(self, doc_id: int, saved: SavedBase | None) -> None:
        """Keep what the text grew from; None: the present snapshot."""
        if saved is None:
            self._db.execute("DELETE FROM grown_from WHERE doc_id = ?", (doc_id,))
        else:
            self._db.execute(
                "INSERT OR REPLACE INTO grown_from VALUES (?,?)", (doc_id, encode_base(saved))
            )

    def save_text(self, doc_id: int, text: bytes, *, mtime_ns: int, by_user: bool) -> None:
        """Replace the bytes; the version grows and the mtime is newer than any before it."""
        self._db.execute(
            "UPDATE docs SET has_text = 1, size = ?, mtime_ns = max(mtime_ns + 1000000, ?),"
            " version = version + 1, user_text = ?, folder = 0 WHERE doc_id = ?",
            (len(text), mtime_ns, by_user, doc_id),
        )
        self._db.execute("INSERT OR REPLACE INTO file_texts VALUES (?,?)", (doc_id, text))

    def set_mtime(self, doc_id: int, mtime_ns: int) -> None:
        """Set the modification time, as `touch` does."""
        self._db.execute("UPDATE docs SET mtime_ns = ? WHERE doc_id = ?", (mtime_ns, doc_id))

    def set_page(self, doc_id: int, page_id: PageId | None) -> None:
        """Note which page Notion created for the document; None: it has none after all."""
        self._db.execute("UPDATE docs SET page_id = ? WHERE doc_id = ?", (page_id, doc_id))

    def mark(self, doc_id: int, **columns: int | str | None) -> None:
        """Set simple columns: bare, outdated, folder, wanted_title."""
        for column, value in columns.items():
            if column not in _MARKS:
                raise LookupError(column)
            self._db.execute(f"UPDATE docs SET {column} = ? WHERE doc_id = ?", (value, doc_id))

    def explain(self, doc_id: int, reason: str | None, *, now_ns: int | None = None) -> None:
        """Say (since *now_ns*), or no longer say, why a person should look, whatever the state."""
        self._explain(doc_id, self.load(doc_id).state, reason, now_ns)

    def list_explained(self) -> list[Doc]:
        """Return the documents that a person should look at."""
        return [_doc(row) for row in self._db.execute(f"{_DOC} WHERE reason IS NOT NULL")]

    def note(self, doc_id: int, notes: Sequence[str]) -> None:
        """Keep what Notion holds differently from the user's text, instead of what was noted."""
        text = json.dumps(list(notes)) if notes else None
        self._db.execute("UPDATE docs SET notes = ? WHERE doc_id = ?", (text, doc_id))

    def load_notes(self, doc_id: int) -> tuple[str, ...]:
        """Return what was noted about the document's text."""
        row = self._db.execute("SELECT notes FROM docs WHERE doc_id = ?", (doc_id,)).fetchone()
        return () if row is None or row[0] is None else tuple(json.loads(row[0]))

    def list_noted(self) -> list[tuple[int, tuple[str, ...]]]:
        """Return the documents about whose texts something was noted, with that."""
        rows = self._db.execute(
            "SELECT doc_id, notes FROM docs WHERE notes IS NOT NULL ORDER BY doc_id"
        )
        return [(row["doc_id"], tuple(json.loads(row["notes"]))) for row in rows]

    def move(
        self,
        doc_id: int,
        event: DocEvent,
        *,
        reason: str | None = None,
        now_ns: int | None = None,
    ) -> DocState:
        """Apply *event*; *reason* says why when a person must look, and is cleared otherwise.

        It stands there since *now_ns*, or for longer if somebody should have looked before.
        """
        state = next_state(self.load(doc_id).state, event)
        self._explain(doc_id, state, reason, now_ns)
        return state

    def _explain(
        self, doc_id: int, state: DocState, reason: str | None, now_ns: int | None
    ) -> None:
        waits = reason is not None or state is DocState.CONFLICT
        self._db.execute(
            "UPDATE docs SET state = ?, reason = ?, since_ns = iif(?, ifnull(since_ns, ?), NULL)"
            " WHERE doc_id = ?",
            (state.value, reason, waits, now_ns, doc_id),
        )

    def recover(self) -> None:
        """After a start: whatever was on the wire is unsure, and bare files may be completed."""
        for doc in self.list_in(DocState.UPLOADING, DocState.RESAVED):
            self.move(doc.doc_id, DocEvent.RESTART)
        self._db.execute("UPDATE docs SET bare = 2 WHERE bare = 1")


_MARKS = frozenset({"bare", "outdated", "folder", "wanted_title"})


def _doc(row: sqlite3.Row) -> Doc:
    return Doc(
        doc_id=row["doc_id"],
        page_id=row["page_id"],
        state=DocState(row["state"]),
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        version=row["version"],
        user_text=bool(row["user_text"]),
        bare=row["bare"],
        outdated=bool(row["outdated"]),
        folder=bool(row["folder"]),
        wanted_title=row["wanted_title"],
        reason=row["reason"],
        since_ns=row["since_ns"],
        has_text=bool(row["has_text"]),
    )
