"""Names and inodes: the tree as it stands on disk. Never waits."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from msgspec import Struct

from notionfs.model import DatabaseId, DataSourceId
from notionfs.naming import fold
from notionfs.store.connection import Connection
from notionfs.store.many import marks
from notionfs.store.renamed import NOTE_RENAMED
from notionfs.store.shown import Shown

ROOT_INO = 1
FIRST_FREE_INO = 64
"""Lower numbers belong to the root and to files that exist only in memory."""


class NodeKind(StrEnum):
    """What an inode is."""

    ROOT = "root"
    SPACE = "space"  # a teamspace, or the workspace itself
    PAGE = "page"  # a page's file
    FOLDER = "folder"  # the directory of a page's children
    DATABASE = "database"  # the directory of a database's rows
    SOURCE = "source"  # inside it, with `layout = "by-source"`: those of one data source
    FILE = "file"  # a side file
    DIRECTORY = "directory"  # a side directory
    SYMLINK = "symlink"  # a side symbolic link
    ASSET = "asset"  # a file that Notion hosts


DIRECTORY_KINDS = frozenset(
    {
        NodeKind.ROOT,
        NodeKind.SPACE,
        NodeKind.FOLDER,
        NodeKind.DATABASE,
        NodeKind.SOURCE,
        NodeKind.DIRECTORY,
    }
)
LOCAL_KINDS = frozenset({NodeKind.FILE, NodeKind.DIRECTORY, NodeKind.SYMLINK})


class Inode(NamedTuple):
    """A row of `inodes`; for pages, size and mtime come from the document.

    *is_unread*: a page or attachment that was not fetched yet, so that its size is nominal.
    *version* grows with every change of a page's text. A tuple, because listings make them by the
    ten thousand.
    """

    ino: int
    kind: NodeKind
    mode: int
    size: int
    mtime_ns: int
    nlink: int
    doc_id: int | None = None
    database_id: DatabaseId | None = None
    is_unread: bool = False
    source_id: DataSourceId | None = None
    version: int = 0

    @property
    def is_directory(self) -> bool:
        """Whether entries can be looked up in it."""
        return self.kind in DIRECTORY_KINDS


class Dentry(NamedTuple):
    """A name in a directory."""

    dentry_id: int
    parent_ino: int
    name: str
    ino: int
    chosen: bool


class Holder(NamedTuple):
    """An entry that has a name: of a page, its folder or a database, if there is an id."""

    dentry: Dentry
    kind: NodeKind
    object_id: str | None
    title: str
    created: str


class Held(Struct, frozen=True):
    """A page whose name went away moments ago; see the table `held`."""

    parent_ino: int
    name: str
    doc_id: int
    until_ns: int
    outcome: str
    chosen: bool


NOMINAL_SIZE = 32 * 1024
"""What an unread page or attachment reports; never 0, since tar and git believe a 0."""

_INODE = (
    "SELECT inodes.ino, kind, mode,"
    " ifnull(CASE WHEN kind = 'page' THEN docs.size ELSE inodes.size END, 0),"
    " ifnull(CASE WHEN kind = 'page' THEN docs.mtime_ns ELSE inodes.mtime_ns END, 0),"
    " nlink, inodes.doc_id, database_id, docs.page_id IS NOT NULL AND docs.has_text = 0,"
    " source_id, ifnull(docs.version, 0)"
)


class Dentries:
    """The tables `inodes`, `dentries`, `scratch` and `held`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db
        self.on_move: Callable[[], None] = lambda: None
        self.removals = 0
        """Grows whenever a name or an inode goes away, or moves."""
        self.shown = Shown(self._db)

    # --- inodes -----------------------------------------------------------------------------------

    def load_inode(self, ino: int) -> Inode | None:
        """Return the inode, or None if it was deleted."""
        row = self._db.execute(
            f"{_INODE} FROM inodes LEFT JOIN docs USING (doc_id) WHERE inodes.ino = ?", (ino,)
        ).fetchone()
        return None if row is None else _inode(row)

    def add_inode(
        self,
        kind: NodeKind,
        *,
        mode: int,
        mtime_ns: int,
        doc_id: int | None = None,
        database_id: DatabaseId | None = None,
        source_id: DataSourceId | None = None,
    ) -> int:
        """Create an inode and return its number, which is never used again."""
        cursor = self._db.execute(
            "INSERT INTO inodes (kind, doc_id, database_id, source_id, mode, mtime_ns)"
            " VALUES (?,?,?,?,?,?)",
            (kind.value, doc_id, database_id, source_id, mode, mtime_ns),
        )
        return int(cursor.lastrowid or 0)

    def remove_inode(self, ino: int) -> None:
        """Delete the inode and its side-file bytes."""
        self.removals += 1
        self._db.execute("DELETE FROM inodes WHERE ino = ?", (ino,))
        self._db.execute("DELETE FROM scratch WHERE ino = ?", (ino,))

    def turn_inode(self, ino: int, kind: NodeKind, doc_id: int | None) -> None:
        """Let an inode stand for something else: a side file becomes a page, or the reverse.

        The bytes of a side file are the page's text from then on and are not kept twice.
        """
        self.removals += 1
        if kind is NodeKind.PAGE:
            self._db.execute("DELETE FROM scratch WHERE ino = ?", (ino,))
        self._db.execute(
            "UPDATE inodes SET kind = ?, doc_id = ? WHERE ino = ?", (kind.value, doc_id, ino)
        )

    def set_mode(self, ino: int, mode: int) -> None:
        """Change the permission bits."""
        self._db.execute("UPDATE inodes SET mode = ? WHERE ino = ?", (mode, ino))

    def set_size(self, ino: int, size: int) -> None:
        """Note the size of anything but a page file; -1: unknown."""
        self._db.execute("UPDATE inodes SET size = ? WHERE ino = ?", (size, ino))

    def set_mtime(self, ino: int, mtime_ns: int) -> None:
        """Change the modification time of anything but a page file."""
        self._db.execute("UPDATE inodes SET mtime_ns = ? WHERE ino = ?", (mtime_ns, ino))

    def touch_directory(self, ino: int, mtime_ns: int) -> None:
        """Give a directory, and the mount's root, the newest of the times seen below it."""
        self._db.execute(
            "UPDATE inodes SET mtime_ns = max(mtime_ns + (ino = ?1), ?2) WHERE ino IN (?1, ?3)",
            (ino, mtime_ns, ROOT_INO),
        )

    def find_doc_inode(self, doc_id: int, kind: NodeKind) -> int | None:
        """Return the inode of a document's file or folder."""
        row = self._db.execute(
            "SELECT ino FROM inodes WHERE doc_id = ? AND kind = ? ORDER BY ino DESC LIMIT 1",
            (doc_id, kind.value),
        ).fetchone()
        return None if row is None else int(row[0])

    def find_database_inode(self, database_id: DatabaseId) -> int | None:
        """Return the inode of a database's folder."""
        row = self._db.execute(
            "SELECT ino FROM inodes WHERE database_id = ? AND source_id IS NULL", (database_id,)
        ).fetchone()
        return None if row is None else int(row[0])

    def find_source_inode(self, source_id: DataSourceId) -> int | None:
        """Return the inode of a data source's directory."""
        row = self._db.execute(
            "SELECT ino FROM inodes WHERE source_id = ?", (source_id,)
        ).fetchone()
        return None if row is None else int(row[0])

    def list_orphans(self) -> list[int]:
        """Return inodes without a name: unlinked files that the last run still had open."""
        rows = self._db.execute(
            "SELECT ino FROM inodes WHERE nlink = 0 AND kind IN ('file', 'symlink', 'page')"
        )
        return [int(row[0]) for row in rows]

    # --- names ------------------------------------------------------------------------------------

    def find(self, parent_ino: int, name: str) -> Dentry | None:
        """Return the entry of that exact name."""
        row = self._db.execute(
            "SELECT * FROM dentries WHERE parent_ino = ? AND name = ?", (parent_ino, name)
        ).fetchone()
        return None if row is None else _dentry(row)

    def find_by_ino(self, ino: int) -> Dentry | None:
        """Return the (only) name of an inode."""
        row = self._db.execute("SELECT * FROM dentries WHERE ino = ?", (ino,)).fetchone()
        return None if row is None else _dentry(row)

    def add(self, parent_ino: int, name: str, ino: int, *, chosen: bool = False) -> int:
        """Add a name; an existing one of that name is an error of the caller."""
        cursor = self._db.execute(
            "INSERT INTO dentries (parent_ino, name, folded, ino, chosen) VALUES (?,?,?,?,?)",
            (parent_ino, name, fold(name), ino, chosen),
        )
        self._db.execute("UPDATE inodes SET nlink = 1 WHERE ino = ? AND nlink = 0", (ino,))
        return int(cursor.lastrowid or 0)

    def remove(self, dentry_id: int) -> None:
        """Remove a name."""
        self.removals += 1
        self._db.execute(
            "UPDATE inodes SET nlink = 0"
            " WHERE ino = (SELECT ino FROM dentries WHERE dentry_id = ?)",
            (dentry_id,),
        )
        self._db.execute("DELETE FROM dentries WHERE dentry_id = ?", (dentry_id,))

    def move(self, dentry_id: int, parent_ino: int, name: str, *, chosen: bool) -> None:
        """Give an entry another place or name, and a new cookie; links to it are noted as old."""
        self.removals += 1
        self._db.execute(NOTE_RENAMED, (parent_ino, dentry_id, parent_ino, name))
        dentry = self._db.execute(
            "DELETE FROM dentries WHERE dentry_id = ? RETURNING ino", (dentry_id,)
        ).fetchone()
        self.add(parent_ino, name, int(dentry[0]), chosen=chosen)
        self.on_move()

    def correct(self, dentry_id: int, name: str) -> None:
        """Give another name to an entry that nobody was shown: no cookie or link leads to it."""
        self._db.execute(
            "UPDATE dentries SET name = ?, folded = ? WHERE dentry_id = ?",
            (name, fold(name), dentry_id),
        )

    def is_taken(self, parent_ino: int, folded_stem: str, *, but: frozenset[int]) -> bool:
        """Tell whether a page or folder could not be called *folded_stem*, inodes *but* aside."""
        rows = self._db.execute(
            "SELECT ino FROM dentries WHERE parent_ino = ? AND folded IN (?, ?)"
            " UNION ALL SELECT -1 FROM held WHERE parent_ino = ? AND name IN (?, ?)",
            (
                parent_ino,
                folded_stem,
                folded_stem + ".md",
                parent_ino,
                folded_stem,
                folded_stem + ".md",
            ),
        )
        return any(row[0] not in but for row in rows)

    def list_holders(self, parent_ino: int, folded: Sequence[str]) -> list[Holder]:
        """Return the entries that have one of some *folded* names, with what they stand for."""
        rows = self._db.execute(
            "SELECT dentry_id, parent_ino, name, dentries.ino, chosen, kind,"
            " coalesce(pages.page_id, databases.database_id) AS object_id,"
            " coalesce(pages.title, databases.title) AS title,"
            " coalesce(pages.created, databases.created) AS created"
            " FROM dentries JOIN inodes ON inodes.ino = dentries.ino LEFT JOIN docs USING (doc_id)"
            " LEFT JOIN pages ON pages.page_id = docs.page_id LEFT JOIN databases"
            " ON databases.database_id = inodes.database_id AND kind = 'database'"
            f" WHERE dentries.parent_ino = ? AND folded IN ({marks(folded)})",
            (parent_ino, *folded),
        )
        return [
            Holder(_dentry(r), _KINDS[r["kind"]], r["object_id"], r["title"], r["created"])
            for r in rows
        ]

    def has_entries(self, parent_ino: int) -> bool:
        """Tell whether a directory has any entry."""
        row = self._db.execute(
            "SELECT 1 FROM dentries WHERE parent_ino = ? LIMIT 1", (parent_ino,)
        ).fetchone()
        return row is not None

    def list_entries(self, parent_ino: int) -> Iterator[tuple[Dentry, Inode]]:
        """Yield the entries of a directory with their inodes, in the order of their cookies."""
        rows = self._db.execute(
            f"{_INODE}, dentry_id, parent_ino, name, inodes.ino, chosen FROM dentries"
            " JOIN inodes ON inodes.ino = dentries.ino LEFT JOIN docs USING (doc_id)"
            " WHERE parent_ino = ? ORDER BY dentry_id",
            (parent_ino,),
        )
        for row in rows:
            inode, dentry = row[:_WIDTH], row[_WIDTH:]
            yield Dentry._make(dentry), _inode(inode)

    def list_inodes(self, parent_ino: int) -> list[tuple[str, Inode]]:
        """Return the names in a directory and their inodes, in the order of their cookies."""
        rows = self._db.execute(
            f"{_INODE}, name FROM dentries JOIN inodes ON inodes.ino = dentries.ino"
            " LEFT JOIN docs USING (doc_id) WHERE parent_ino = ? ORDER BY dentry_id",
            (parent_ino,),
        )
        return [(row[_WIDTH], _inode(row[:_WIDTH])) for row in rows]

    def list_below(self, ino: int) -> list[Inode]:
        """Return a directory and everything below it."""
        rows = self._db.execute(
            "WITH RECURSIVE below(ino) AS (SELECT ? UNION SELECT dentries.ino FROM dentries"
            f" JOIN below ON dentries.parent_ino = below.ino) {_INODE} FROM inodes"
            " LEFT JOIN docs USING (doc_id) WHERE inodes.ino IN (SELECT ino FROM below)",
            (ino,),
        )
        return [_inode(row) for row in rows]

    def list_troubled(self, parent_ino: int) -> list[tuple[Dentry, int]]:
        """Return the page files of a directory that have a reason to show, with their documents."""
        rows = self._db.execute(  # CROSS: the few with a reason first, not all names
            "SELECT dentry_id, parent_ino, name, dentries.ino, chosen, docs.doc_id FROM docs"
            " CROSS JOIN inodes ON inodes.doc_id = docs.doc_id AND kind = 'page'"
            " CROSS JOIN dentries ON dentries.ino = inodes.ino"
            " WHERE docs.reason IS NOT NULL AND parent_ino = ?",
            (parent_ino,),
        )
        return [(_dentry(row), int(row["doc_id"])) for row in rows]

    def path_of(self, ino: int) -> str | None:
        """Return the path of an inode below the mount point, None if it has no name."""
        parts: list[str] = []
        while ino != ROOT_INO:
            row = self._db.execute(
                "SELECT parent_ino, name FROM dentries WHERE ino = ?", (ino,)
            ).fetchone()
            if row is None:
                return None
            parts.append(row[1])
            ino = row[0]
            self.shown.note(ino)
        return "/".join(reversed(parts))

    # --- the bytes of side files ------------------------------------------------------------------

    def load_scratch(self, ino: int) -> bytes:
        """Return a side file's bytes, empty if none were ever written."""
        row = self._db.execute("SELECT data FROM scratch WHERE ino = ?", (ino,)).fetchone()
        return b"" if row is None else bytes(row[0])

    def load_digest(self, ino: int) -> str | None:
        """Return what tells a side file's bytes from others; None if none were ever written."""
        row = self._db.execute("SELECT digest FROM scratch WHERE ino = ?", (ino,)).fetchone()
        return None if row is None else str(row[0])

    def load_part(self, ino: int, offset: int, size: int) -> bytes:
        """Return some of a side file's bytes, without loading the others."""
        with self._db.blobopen("scratch", "data", ino, readonly=True) as blob:
            blob.seek(min(offset, len(blob)))
            return bytes(blob.read(size))

    def save_scratch(self, ino: int, data: bytes, mtime_ns: int) -> None:
        """Replace a side file's bytes."""
        digest = hashlib.sha256(data).hexdigest()
        self._db.execute("INSERT OR REPLACE INTO scratch VALUES (?, ?, ?)", (ino, data, digest))
        self._db.execute(
            "UPDATE inodes SET size = ?, mtime_ns = ? WHERE ino = ?", (len(data), mtime_ns, ino)
        )

    # --- held names -------------------------------------------------------------------------------

    def hold(self, held: Held) -> None:
        """Remember that a page lost its name a moment ago."""
        self._db.execute(
            "INSERT OR REPLACE INTO held VALUES (?,?,?,?,?,?)",
            (
                held.parent_ino,
                held.name,
                held.doc_id,
                held.until_ns,
                held.outcome,
                held.chosen,
            ),
        )

    def release(self, parent_ino: int, name: str) -> Held | None:
        """Take back a held name, if it is held."""
        row = self._db.execute(
            "DELETE FROM held WHERE parent_ino = ? AND name = ? RETURNING *", (parent_ino, name)
        ).fetchone()
        return None if row is None else _held(row)

    def find_held(self, doc_id: int) -> Held | None:
        """Return the held name of a document."""
        row = self._db.execute("SELECT * FROM held WHERE doc_id = ?", (doc_id,)).fetchone()
        return None if row is None else _held(row)

    def list_held(self, before_ns: int) -> list[Held]:
        """Return the held names whose time is over."""
        rows = self._db.execute("SELECT * FROM held WHERE until_ns <= ?", (before_ns,))
        return [_held(row) for row in rows]

    def furthest_held_ns(self) -> int:
        """Return until when the last name is held, 0 if none is."""
        (latest,) = self._db.execute("SELECT coalesce(max(until_ns), 0) FROM held").fetchone()
        return int(latest)

    def shift_held(self, by_ns: int) -> None:
        """Let every held name's time be over earlier: the clock was turned back by so much."""
        self._db.execute("UPDATE held SET until_ns = until_ns - ?", (by_ns,))


_WIDTH = len(Inode._fields)
_KINDS = {kind.value: kind for kind in NodeKind}


def _inode(row: Sequence[Any]) -> Inode:
    ino, kind, mode, size, mtime_ns, nlink, doc_id, database_id, is_unread, source_id, version = row
    if size < 0:
        size, is_unread = NOMINAL_SIZE, True
    return Inode(
        ino,
        _KINDS[kind],
        mode,
        size,
        mtime_ns,
        nlink,
        doc_id,
        database_id,
        is_unread != 0,
        source_id,
        version,
    )


def _dentry(row: sqlite3.Row) -> Dentry:
    return Dentry(row["dentry_id"], row["parent_ino"], row["name"], row["ino"], bool(row["chosen"]))


def _held(row: sqlite3.Row) -> Held:
    return Held(
        row["parent_ino"],
        row["name"],
        row["doc_id"],
        row["until_ns"],
        row["outcome"],
        bool(row["chosen"]),
    )
