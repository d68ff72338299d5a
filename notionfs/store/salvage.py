"""What the user wrote, out of a store that may be damaged: row by row, from a copy. Never waits.

SQLite refuses what it cannot read and answers the rest, so everything here is asked for one row
at a time, and a refusal costs that row only. Indexes are left alone: they may be what is damaged.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from notionfs.planning.states import PENDING
from notionfs.store.connection import STORE_NAME, Connection

_COMPANIONS = ("", "-wal")
_ROOT = 1
_PAGE_COUNT_AT = 28
_MOST_LEVELS = 64
_MOST_ROWS = 2_000_000


class Found(Struct, frozen=True):
    """One text: where its file stands in the mount, and whether Notion may not have it."""

    path: str
    data: bytes
    is_unsent: bool


class Salvaged(Struct):
    """What could be read, and how many rows could not."""

    found: list[Found] = field(default_factory=list)
    unreadable: int = 0


def list_stores(state_dir: Path) -> list[Path]:
    """Return the stores of every workspace in *state_dir*."""
    return sorted(state_dir.glob(f"*/{STORE_NAME}"))


def salvage(store: Path) -> Salvaged:
    """Return the texts of page files that Notion may not have, and all side files.

    The store itself is only read. Raises sqlite3.DatabaseError if SQLite cannot even open a copy.
    """
    with tempfile.TemporaryDirectory(prefix="notionfs-salvage-") as directory:
        copy = Path(directory) / STORE_NAME
        for companion in _COMPANIONS:
            source = store.with_name(store.name + companion)
            if source.exists():
                shutil.copyfile(source, copy.with_name(copy.name + companion))
        if not _is_understood(copy):
            _transplant_layout(copy, Path(directory) / "fresh")
        with closing(sqlite3.connect(copy, isolation_level=None)) as db:
            db.text_factory = bytes
            if db.execute("SELECT 1 FROM sqlite_schema WHERE name = 'docs'").fetchone() is None:
                raise sqlite3.DatabaseError("this is no store")
            return _Reader(db).read()


def _is_understood(copy: Path) -> bool:
    """Tell whether SQLite can read which tables there are."""
    with closing(sqlite3.connect(copy)) as db:
        try:
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except sqlite3.DatabaseError:
            return False
    return True


def _transplant_layout(copy: Path, directory: Path) -> None:
    """Give *copy* the pages of a new store that say which table begins where.

    A new store has no rows, so its pages are the first pages of its tables and, all others, the
    layout. Every store of this version was made alike and has them at the same places.
    """
    Connection(directory).close()
    fresh = (directory / STORE_NAME).read_bytes()
    with closing(sqlite3.connect(directory / STORE_NAME)) as db:
        (size,) = db.execute("PRAGMA page_size").fetchone()
        tables = {root for (root,) in db.execute("SELECT rootpage FROM sqlite_schema")}
    with copy.open("r+b") as stream:
        for number in set(range(1, len(fresh) // size + 1)) - tables:
            stream.seek((number - 1) * size)
            stream.write(fresh[(number - 1) * size : number * size])
        pages = stream.seek(0, os.SEEK_END) // size
        stream.seek(_PAGE_COUNT_AT)
        stream.write(pages.to_bytes(4, "big"))


class _Reader:
    """Reads the tables that hold what exists nowhere else."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._salvaged = Salvaged()
        self._names: dict[int, tuple[int, str]] = {}
        self._files: dict[int, int] = {}

    def read(self) -> Salvaged:
        for _, parent, name, ino in self._rows("dentries", "dentry_id", "parent_ino, name, ino"):
            self._names[ino] = (parent, _text(name))
        for ino, doc_id, kind in self._rows("inodes", "ino", "doc_id, kind"):
            if doc_id is not None and kind == b"page":
                self._files[doc_id] = ino
        settled: set[int] = set()  # texts that Notion has, or that are not the user's
        for doc_id, state, user, page in self._rows("docs", "doc_id", "state, user_text, page_id"):
            if not user or not (_text(state) in PENDING or page is None):
                settled.add(doc_id)
        for doc_id, text in self._rows("file_texts", "doc_id", "text"):
            if doc_id not in settled:
                self._take(doc_id, text)
        for ino, data in self._rows("scratch", "ino", "data"):
            self._salvaged.found.append(
                Found(self._path(ino) or f"side-file-{ino}", bytes(data or b""), is_unsent=False)
            )
        return self._salvaged

    def _take(self, doc_id: int, text: object) -> None:
        if not text:
            return
        ino = self._files.get(doc_id)
        path = None if ino is None else self._path(ino)
        data = text if isinstance(text, bytes) else str(text).encode()
        self._salvaged.found.append(Found(path or f"page-{doc_id}.md", data, is_unsent=True))

    def _path(self, ino: int) -> str | None:
        """Return where a file stood, as far as its names can be read."""
        parts: list[str] = []
        while ino != _ROOT and len(parts) < _MOST_LEVELS:
            if ino not in self._names:
                break
            ino, name = self._names[ino]
            parts.append(name)
        return "/".join(reversed(parts)) or None

    def _rows(self, table: str, key: str, columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield every row that can be read; count the others."""
        for number in self._numbers(table, key):
            query = f"SELECT {key}, {columns} FROM {table} NOT INDEXED WHERE {key} = ?"
            try:
                row = self._db.execute(query, (number,)).fetchone()
            except sqlite3.DatabaseError:
                self._salvaged.unreadable += 1
                continue
            if row is not None:
                yield row

    def _numbers(self, table: str, key: str) -> Iterator[int]:
        """Yield the keys in order; behind a damaged place every number up to the last is tried."""
        last = 0
        try:
            for (number,) in self._db.execute(
                f"SELECT {key} FROM {table} NOT INDEXED ORDER BY {key}"
            ):
                last = int(number)
                yield last
        except sqlite3.DatabaseError:
            yield from range(last + 1, min(self._newest(table, key), last + _MOST_ROWS) + 1)

    def _newest(self, table: str, key: str) -> int:
        numbered = "docs" if key == "doc_id" else table
        for query in (
            f"SELECT {key} FROM {table} NOT INDEXED ORDER BY {key} DESC LIMIT 1",
            f"SELECT seq FROM sqlite_sequence WHERE name = '{numbered}'",
        ):
            try:
                row = self._db.execute(query).fetchone()
            except sqlite3.DatabaseError:
                continue
            if row is not None:
                return int(row[0])
        return 0


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
