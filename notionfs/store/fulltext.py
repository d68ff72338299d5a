"""The words of titles and page files, for `notionfs search`: a file of its own beside the store.

It is made from the store and can be made again, so it costs saves and listings nothing: every
search first takes in what the store's documents have become since the last one, by their version
numbers, and then answers. It reads the store through a connection of its own and is used from one
worker thread at a time, never from the event loop.
"""

from __future__ import annotations

import logging
import os
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from notionfs.errors import StoreError
from notionfs.patterns import late
from notionfs.store.wording import Wording

log = logging.getLogger(__name__)

INDEX_NAME = "search.sqlite"
_LAYOUT = 1
_CHUNK = 2000
_BEGIN, _END = "\x02", "\x03"
_EXCERPT_WORDS = 18
_AROUND = 60  # characters on each side of a piece that is shown

_TABLES = f"""
-- rowid: the document's number, or minus the number of a database.
CREATE VIRTUAL TABLE texts USING fts5(
    title, properties, body, tokenize = 'porter unicode61 remove_diacritics 2'
);
-- What `texts` was made from.
CREATE TABLE seen_docs (doc_id INTEGER PRIMARY KEY, version INTEGER, title TEXT);
CREATE TABLE seen_databases (number INTEGER PRIMARY KEY, database_id TEXT UNIQUE, title TEXT);
PRAGMA user_version = {_LAYOUT};
"""

_CHANGED_DOCS = """
SELECT docs.doc_id FROM store.docs LEFT JOIN store.pages USING (page_id)
LEFT JOIN seen_docs ON seen_docs.doc_id = docs.doc_id
WHERE coalesce(pages.in_trash, 0) = 0 AND (seen_docs.version IS NOT docs.version
    OR seen_docs.title IS NOT coalesce(docs.wanted_title, pages.title, ''))
"""
_GONE_DOCS = """
SELECT doc_id FROM seen_docs WHERE NOT EXISTS (
    SELECT 1 FROM store.docs LEFT JOIN store.pages USING (page_id)
    WHERE docs.doc_id = seen_docs.doc_id AND coalesce(pages.in_trash, 0) = 0)
"""
_DOC = """
SELECT version, coalesce(docs.wanted_title, pages.title, '') AS title, text
FROM store.docs LEFT JOIN store.pages USING (page_id)
LEFT JOIN store.file_texts USING (doc_id) WHERE doc_id = ?
"""
_CHANGED_DATABASES = """
SELECT database_id, databases.title, number FROM store.databases
LEFT JOIN seen_databases USING (database_id)
WHERE in_trash = 0 AND seen_databases.title IS NOT databases.title
"""
_GONE_DATABASES = """
SELECT number FROM seen_databases WHERE NOT EXISTS (
    SELECT 1 FROM store.databases
    WHERE databases.database_id = seen_databases.database_id AND in_trash = 0)
"""


class Found(Struct, frozen=True):
    """A document (*doc_id*) or a database that has the words; a smaller *score* is better."""

    number: int
    score: float
    title: str
    database_id: str | None = None


class Excerpt(Struct, frozen=True):
    """A piece of a text on one line, and where in it the words begin and end."""

    text: str
    matches: tuple[tuple[int, int], ...]


class FullText:
    """The index of one store. Methods take as long as they take: call them from a thread."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._path = store.with_name(INDEX_NAME)
        self._stamp: object = None

    def find(self, wording: Wording, *, stamp: object = None) -> list[Found]:
        """Take in what changed, then return everything with the words, best first.

        The same *stamp* as last time says that the store did not change. An index that cannot be
        used is made anew; StoreError if the disk does not let us.
        """
        try:
            return self._find(wording, stamp)
        except sqlite3.OperationalError as exc:
            raise StoreError(f"The search index {self._path} cannot be used: {exc}.") from exc
        except sqlite3.DatabaseError as exc:
            log.warning("the search index is made anew: %s", exc)
            self.forget()
            return self._find(wording, stamp)

    def forget(self) -> None:
        """Remove the index; the next search makes it again."""
        self._stamp = None
        for suffix in ("", "-wal", "-shm", "-journal"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def excerpts(self, wording: Wording, numbers: Sequence[int]) -> dict[int, Excerpt]:
        """Return for each of *numbers* the place where the words stand."""
        with self._open() as db:
            return {number: _excerpt(db, wording, number) for number in numbers}

    # --- inside -----------------------------------------------------------------------------------

    def _find(self, wording: Wording, stamp: object) -> list[Found]:
        with self._open() as db:
            if stamp is None or stamp != self._stamp:
                _take_in(db)
                self._stamp = stamp
            where, values = _condition(wording)
            score = "bm25(texts, 10, 2, 1)" if wording.match else "0.0"
            rows = db.execute(
                f"SELECT texts.rowid, {score} AS score, texts.title, database_id FROM texts"
                " LEFT JOIN seen_databases ON number = -texts.rowid"
                f" WHERE {where} ORDER BY score, texts.rowid",
                values,
            )
            return [Found(*row) for row in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        with closing(sqlite3.connect(self._path, isolation_level=None, uri=True)) as db:
            (layout,) = db.execute("PRAGMA user_version").fetchone()
            if layout not in (0, _LAYOUT):
                raise sqlite3.DatabaseError(f"it has layout {layout}")
            db.execute("PRAGMA synchronous=OFF")  # it can be made again
            db.execute("PRAGMA cache_size=-32000")
            db.execute("ATTACH ? AS store", (self._store.as_uri() + "?mode=ro",))
            if layout == 0:
                db.executescript(_TABLES)
            yield db


def _take_in(db: sqlite3.Connection) -> None:
    """Bring the index in step, a chunk a transaction: a long one would hold the store's WAL."""
    for change, numbers in (
        (_drop_doc, [(number,) for (number,) in db.execute(_GONE_DOCS)]),
        (_take_doc, [(number,) for (number,) in db.execute(_CHANGED_DOCS)]),
        (_drop_database, db.execute(_GONE_DATABASES).fetchall()),
        (_take_database, db.execute(_CHANGED_DATABASES).fetchall()),
    ):
        for start in range(0, len(numbers), _CHUNK):
            with db:
                db.execute("BEGIN")
                for row in numbers[start : start + _CHUNK]:
                    change(db, *row)


def _drop_doc(db: sqlite3.Connection, doc_id: int) -> None:
    db.execute("DELETE FROM texts WHERE rowid = ?", (doc_id,))
    db.execute("DELETE FROM seen_docs WHERE doc_id = ?", (doc_id,))


def _take_doc(db: sqlite3.Connection, doc_id: int) -> None:
    row = db.execute(_DOC, (doc_id,)).fetchone()
    _drop_doc(db, doc_id)
    if row is None:
        return
    version, title, data = row
    properties, body = _parted((data or b"").decode("utf-8", "replace"))
    db.execute(
        "INSERT INTO texts (rowid, title, properties, body) VALUES (?,?,?,?)",
        (doc_id, title, properties, body),
    )
    db.execute("INSERT INTO seen_docs VALUES (?,?,?)", (doc_id, version, title))


def _drop_database(db: sqlite3.Connection, number: int) -> None:
    db.execute("DELETE FROM texts WHERE rowid = ?", (-number,))
    db.execute("DELETE FROM seen_databases WHERE number = ?", (number,))


def _take_database(
    db: sqlite3.Connection, database_id: str, title: str, number: int | None
) -> None:
    if number is not None:
        _drop_database(db, number)
    cursor = db.execute(
        "INSERT INTO seen_databases (database_id, title) VALUES (?,?)", (database_id, title)
    )
    db.execute(
        "INSERT INTO texts (rowid, title, properties, body) VALUES (?,?,'','')",
        (-int(cursor.lastrowid or 0), title),
    )


_FRONT = late(r"\ufeff?---\r?\n(.*?)^---[ \t]*\r?(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_IDENTITY = late(r"^(?:notion_\w+|last_edited):.*\n?", re.MULTILINE)


def _parted(text: str) -> tuple[str, str]:
    """Return the lines of properties, without identity keys, and the rest.

    It takes any text, also one that no page file may have: people look for those as well.
    """
    front = _FRONT.match(text)
    if front is None:
        return "", text
    return _IDENTITY.sub("", front[1]), text[front.end() :]


# --- questions ------------------------------------------------------------------------------------

_EVERYTHING = "texts.title || ' ' || texts.properties || ' ' || texts.body"


def _condition(wording: Wording) -> tuple[str, list[object]]:
    where = [f"instr(lower({_EVERYTHING}), lower(?))"] * len(wording.pieces)
    values: list[object] = list(wording.pieces)
    if wording.match:
        where.insert(0, "texts MATCH ?")
        values.insert(0, wording.match)
    return " AND ".join(where), values


def _excerpt(db: sqlite3.Connection, wording: Wording, number: int) -> Excerpt:
    if not wording.match:
        row = db.execute(f"SELECT {_EVERYTHING} FROM texts WHERE rowid = ?", (number,)).fetchone()
        return _around("" if row is None else row[0], wording.pieces[0])
    row = db.execute(
        "SELECT snippet(texts, -1, ?, ?, '…', ?) FROM texts WHERE texts MATCH ? AND rowid = ?",
        (_BEGIN, _END, _EXCERPT_WORDS, wording.match, number),
    ).fetchone()
    return _unmarked("" if row is None else row[0])


def _around(text: str, piece: str) -> Excerpt:
    at = text.lower().find(piece.lower())
    if at < 0:
        return Excerpt("", ())
    start, end = max(0, at - _AROUND), at + len(piece) + _AROUND
    marked = (
        f"{text[start:at]}{_BEGIN}{text[at : at + len(piece)]}{_END}{text[at + len(piece) : end]}"
    )
    return _unmarked(("…" if start else "") + marked + ("…" if end < len(text) else ""))


def _unmarked(marked: str) -> Excerpt:
    """Return the line without its marks, which become positions."""
    line, shown, matches = " ".join(marked.split()), "", []
    for n, part in enumerate(re.split(f"[{_BEGIN}{_END}]", line)):
        if n % 2:
            matches.append((len(shown), len(shown) + len(part)))
        shown += part
    return Excerpt(shown, tuple(matches))
