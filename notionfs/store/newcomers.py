"""Page files that come in numbers: their documents, inodes and names at once. Never waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from notionfs.model import PageId
from notionfs.planning.states import DocState
from notionfs.store.connection import Connection
from notionfs.store.dentries import NOMINAL_SIZE, ROOT_INO, NodeKind
from notionfs.store.many import next_number, pages_in, parts

Spot = tuple[int, str]
"""A directory's inode and a folded name in it."""


class NewFile(Struct, frozen=True):
    """A page that gets its file, unread, under *name* (also as `fold` gives it) in a directory."""

    page_id: PageId
    parent_ino: int
    name: str
    folded: str
    mtime_ns: int


class Newcomers:
    """Rows of `docs`, `inodes` and `dentries` for pages that have none."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._db = connection.db

    def list_owned(self, page_ids: Iterable[PageId]) -> set[PageId]:
        """Return those of *page_ids* that have a document."""
        return pages_in(self._connection, "docs", page_ids)

    def list_taken(self, wanted: Iterable[Spot]) -> set[Spot]:
        """Return those of *wanted* that a directory has, or that are held in it."""
        found: set[Spot] = set()
        for some in parts(wanted):
            rows = self._db.execute(
                f"WITH wanted (ino, name) AS (VALUES {','.join(['(?,?)'] * len(some))})"
                " SELECT wanted.ino, wanted.name FROM wanted CROSS JOIN dentries"
                " ON parent_ino = wanted.ino AND folded = wanted.name UNION ALL"
                " SELECT wanted.ino, wanted.name FROM wanted CROSS JOIN held"
                " ON parent_ino = wanted.ino AND held.name = wanted.name",
                [value for spot in some for value in spot],
            )
            found |= {(int(row[0]), str(row[1])) for row in rows}
        return found

    def add(self, files: Sequence[NewFile], *, mode: int) -> None:
        """Add *files* in their order; a page that has a document is an error of the caller."""
        doc_id = next_number(self._connection, "docs")
        ino = next_number(self._connection, "inodes")
        unread, kind = DocState.UNREAD.value, NodeKind.PAGE.value
        self._db.executemany(
            "INSERT INTO docs (doc_id, page_id, state, mtime_ns, size) VALUES (?,?,?,?,?)",
            [
                (doc_id + n, file.page_id, unread, file.mtime_ns, NOMINAL_SIZE)
                for n, file in enumerate(files)
            ],
        )
        self._db.executemany(
            "INSERT INTO inodes (ino, kind, doc_id, mode, mtime_ns) VALUES (?,?,?,?,0)",
            [(ino + n, kind, doc_id + n, mode) for n in range(len(files))],
        )
        self._db.executemany(
            "INSERT INTO dentries (parent_ino, name, folded, ino) VALUES (?,?,?,?)",
            [(f.parent_ino, f.name, f.folded, ino + n) for n, f in enumerate(files)],
        )
        self._touch(files)

    def _touch(self, files: Sequence[NewFile]) -> None:
        """As `Dentries.touch_directory`, for the directories of all *files*."""
        newest: dict[int, int] = {}
        for file in files:
            newest[file.parent_ino] = max(file.mtime_ns, newest.get(file.parent_ino, 0))
        if newest:
            newest[ROOT_INO] = max(newest.values())
        self._db.executemany(
            "UPDATE inodes SET mtime_ns = max(mtime_ns + (ino <> ?3), ?2) WHERE ino = ?1",
            [(ino, mtime_ns, ROOT_INO) for ino, mtime_ns in newest.items()],
        )
