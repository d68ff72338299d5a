"""Page files that come in numbers: their documents, inodes and names at once. Never waits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from notionfs.model import PageId
from notionfs.naming import fold
from notionfs.planning.states import DocState
from notionfs.store.connection import Connection
from notionfs.store.dentries import NOMINAL_SIZE, NodeKind
from notionfs.store.many import marks, next_number, parts


@dataclass(frozen=True, slots=True)
class NewFile:
    """A page that gets its file, unread, under *name* in a directory."""

    page_id: PageId
    parent_ino: int
    name: str
    mtime_ns: int


class Newcomers:
    """Rows of `docs`, `inodes` and `dentries` for pages that have none."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._db = connection.db

    def list_owned(self, page_ids: Iterable[PageId]) -> set[PageId]:
        """Return those of *page_ids* that have a document."""
        found: set[PageId] = set()
        for some in parts(page_ids):
            rows = self._db.execute(
                f"SELECT page_id FROM docs WHERE page_id IN ({marks(some)})", some
            )
            found |= {PageId(row[0]) for row in rows}
        return found

    def list_taken(self, parent_ino: int, folded: Iterable[str]) -> set[str]:
        """Return those of *folded* names that a directory has, or that are held in it."""
        found: set[str] = set()
        for some in parts(folded):
            these = marks(some)
            rows = self._db.execute(
                f"SELECT folded FROM dentries WHERE parent_ino = ? AND folded IN ({these})"
                f" UNION ALL SELECT name FROM held WHERE parent_ino = ? AND name IN ({these})",
                (parent_ino, *some, parent_ino, *some),
            )
            found |= {str(row[0]) for row in rows}
        return found

    def add(self, files: Sequence[NewFile], *, mode: int) -> None:
        """Add *files* in their order; a page that has a document is an error of the caller."""
        doc_id = next_number(self._connection, "docs")
        ino = next_number(self._connection, "inodes")
        self._db.executemany(
            "INSERT INTO docs (doc_id, page_id, state, mtime_ns, size) VALUES (?,?,?,?,?)",
            [
                (doc_id + n, file.page_id, DocState.UNREAD.value, file.mtime_ns, NOMINAL_SIZE)
                for n, file in enumerate(files)
            ],
        )
        self._db.executemany(
            "INSERT INTO inodes (ino, kind, doc_id, mode, mtime_ns) VALUES (?,?,?,?,0)",
            [(ino + n, NodeKind.PAGE.value, doc_id + n, mode) for n in range(len(files))],
        )
        self._db.executemany(
            "INSERT INTO dentries (parent_ino, name, folded, ino) VALUES (?,?,?,?)",
            [(f.parent_ino, f.name, fold(f.name), ino + n) for n, f in enumerate(files)],
        )
