"""What Notion said: pages, databases, data sources, bodies, users. Never waits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from notionfs.model import (
    BlockId,
    Body,
    Database,
    DatabaseId,
    DataSource,
    DataSourceId,
    Page,
    PageId,
    Parent,
    ParentType,
    PropertySchema,
    SourceRef,
    User,
    UserId,
)
from notionfs.store.connection import Connection
from notionfs.store.many import marks, pages_in, parts
from notionfs.store.whole import WholeValues


class StoredBody(Struct, frozen=True):
    """A body and how far it can be trusted; see the table `bodies`."""

    body: Body
    last_edited: str
    fetched_ns: int
    stale: bool
    guessed: bool
    ours: bool = False


class Snapshots:
    """The snapshot tables. Every method is a statement or two; writes join the open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._db = connection.db
        self.whole = WholeValues(connection)

    # --- single facts -----------------------------------------------------------------------------

    def load_fact(self, key: str) -> str | None:
        """Return the value of a row of `meta`, or None."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def save_fact(self, key: str, value: str) -> None:
        """Set a row of `meta`."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    # --- pages ------------------------------------------------------------------------------------

    def load_page(self, page_id: PageId) -> Page | None:
        """Return the page as last seen."""
        row = self._db.execute("SELECT * FROM pages WHERE page_id = ?", (page_id,)).fetchone()
        return None if row is None else _page(row)

    def is_live(self, page_id: PageId) -> bool:
        """Tell whether the page was seen, and not in the trash."""
        row = self._db.execute(
            "SELECT 1 FROM pages WHERE page_id = ? AND in_trash = 0", (page_id,)
        ).fetchone()
        return row is not None

    def list_known(self, page_ids: Iterable[PageId]) -> set[PageId]:
        """Return those of *page_ids* that were ever seen."""
        return pages_in(self._connection, "pages", page_ids)

    def save_page(self, page: Page) -> Page:
        """Insert or replace the page's row; return it with its long values as they are stored."""
        return self.save_pages([page])[0]

    def save_pages(self, pages: Iterable[Page]) -> list[Page]:
        """As `save_page`, for many."""
        whole = [self.whole.continued(page) for page in pages]
        self._db.executemany(
            "INSERT OR REPLACE INTO pages VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", map(_columns, whole)
        )
        return whole

    def list_pages_under(self, parent_ids: Iterable[str]) -> list[Page]:
        """Return the live pages whose direct parent is one of *parent_ids*, oldest first."""
        found: list[Page] = []
        for parent_id in parent_ids:
            rows = self._db.execute(
                "SELECT * FROM pages WHERE parent_id = ? AND in_trash = 0", (parent_id,)
            )
            found.extend(_page(row) for row in rows)
        return sorted(found, key=lambda page: (page.created, page.id))

    def list_placed_under(self, page_id: PageId) -> list[Page]:
        """Return the live pages directly below one that have a document, oldest first."""
        rows = self._db.execute(
            "SELECT pages.* FROM pages JOIN docs USING (page_id)"
            " WHERE parent_id = ? AND in_trash = 0 ORDER BY created, page_id",
            (page_id,),
        )
        return [_page(row) for row in rows]

    def list_pages_titled(self, title: str) -> list[PageId]:
        """Return the ids of the live pages with exactly that title."""
        rows = self._db.execute(
            "SELECT page_id FROM pages WHERE title = ? AND in_trash = 0", (title,)
        )
        return [PageId(row[0]) for row in rows]

    def list_sourceless(self) -> list[Page]:
        """Return the live pages that name a database as their parent, not a data source."""
        rows = self._db.execute(
            "SELECT * FROM pages WHERE parent_type = 'database_id' AND in_trash = 0"
        )
        return [_page(row) for row in rows]

    def list_trashed(self) -> list[Page]:
        """Return the pages that are in the trash, or that the token may no longer see."""
        rows = self._db.execute("SELECT * FROM pages WHERE in_trash = 1 ORDER BY created, page_id")
        return [_page(row) for row in rows]

    def list_trashed_under(self, page_id: PageId) -> list[Page]:
        """Return the pages directly below one that went to the trash, too."""
        rows = self._db.execute(
            "SELECT * FROM pages WHERE parent_id = ? AND in_trash = 1", (page_id,)
        )
        return [_page(row) for row in rows]

    def list_newest(self, limit: int) -> list[Page]:
        """Return the live pages that were edited last, the newest first."""
        rows = self._db.execute(
            "SELECT * FROM pages WHERE in_trash = 0"
            " ORDER BY last_edited DESC, page_id DESC LIMIT ?",
            (limit,),
        )
        return [_page(row) for row in rows]

    def list_parents_among(self, page_ids: Iterable[PageId]) -> set[PageId]:
        """Return those of *page_ids* below which a page that has a file, or a database, hangs."""
        found: set[PageId] = set()
        for some in parts(page_ids):
            rows = self._db.execute(
                "SELECT parent_id FROM pages CROSS JOIN docs USING (page_id)"
                f" WHERE parent_id IN ({marks(some)}) UNION"
                f" SELECT parent_id FROM databases WHERE parent_id IN ({marks(some)})",
                (*some, *some),
            )
            found |= {PageId(row[0]) for row in rows}
        return found

    def count_pages(self) -> int:
        """Return the number of live pages."""
        (count,) = self._db.execute("SELECT count(*) FROM pages WHERE in_trash = 0").fetchone()
        return int(count)

    # --- databases and data sources ---------------------------------------------------------------

    def load_database(self, database_id: DatabaseId) -> Database | None:
        """Return the database container as last seen."""
        row = self._db.execute(
            "SELECT * FROM databases WHERE database_id = ?", (database_id,)
        ).fetchone()
        return None if row is None else _database(row)

    def save_database(self, database: Database, *, synced_ns: int = 0) -> None:
        """Insert or replace the database's row; *synced_ns* is when Notion was asked about it."""
        sources = json.dumps([[s.id, s.name] for s in database.sources])
        self._db.execute(
            "INSERT OR REPLACE INTO databases VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                database.id,
                database.title,
                database.parent.type.value,
                database.parent.id,
                sources,
                database.created,
                database.last_edited,
                database.url,
                database.in_trash,
                database.is_inline,
                synced_ns,
            ),
        )

    def load_synced(self, database_id: DatabaseId) -> int | None:
        """Return when Notion was last asked about a database, None for never."""
        row = self._db.execute(
            "SELECT synced_ns FROM databases WHERE database_id = ?", (database_id,)
        ).fetchone()
        return int(row[0]) or None if row is not None else None

    def note_synced(self, database_id: DatabaseId, synced_ns: int) -> None:
        """Note when Notion was asked about a database; 0: what is known may be wrong."""
        self._db.execute(
            "UPDATE databases SET synced_ns = ? WHERE database_id = ?", (synced_ns, database_id)
        )

    def list_databases_under(self, page_id: PageId) -> list[Database]:
        """Return the live databases that stand directly on a page."""
        rows = self._db.execute(
            "SELECT * FROM databases WHERE parent_id = ? AND in_trash = 0", (page_id,)
        )
        return [_database(row) for row in rows]

    def list_databases(self) -> list[Database]:
        """Return all live databases."""
        rows = self._db.execute("SELECT * FROM databases WHERE in_trash = 0")
        return [_database(row) for row in rows]

    def load_source(self, source_id: DataSourceId) -> DataSource | None:
        """Return the data source as last seen."""
        row = self._db.execute(
            "SELECT * FROM data_sources WHERE data_source_id = ?", (source_id,)
        ).fetchone()
        return None if row is None else _source(row)

    def save_source(self, source: DataSource) -> None:
        """Insert or replace the data source's row."""
        columns = json.dumps(
            [[c.id, c.name, c.type, c.options, c.config.decode()] for c in source.schema]
        )
        self._db.execute(
            "INSERT OR REPLACE INTO data_sources VALUES (?,?,?,?,?,?,?,?,?,?)",
            (
                source.id,
                source.database_id,
                source.name,
                source.database_parent.type.value,
                source.database_parent.id,
                columns,
                source.created,
                source.last_edited,
                source.url,
                source.in_trash,
            ),
        )

    def list_sources(self, database_id: DatabaseId | None = None) -> list[DataSource]:
        """Return the live data sources, of one database in its own order if it is named.

        A database says itself which ones are its own; what it no longer names is gone.
        """
        if database_id is None:
            rows = self._db.execute("SELECT * FROM data_sources WHERE in_trash = 0")
            return [_source(row) for row in rows]
        rows = self._db.execute(
            "SELECT * FROM data_sources WHERE database_id = ? AND in_trash = 0", (database_id,)
        )
        sources = [_source(row) for row in rows]
        database = self.load_database(database_id)
        order = {ref.id: n for n, ref in enumerate(database.sources)} if database else {}
        own = [source for source in sources if source.id in order] if order else sources
        return sorted(own, key=lambda s: (order.get(s.id, 0), s.created, s.id))

    # --- bodies -----------------------------------------------------------------------------------

    def load_body(self, page_id: PageId) -> StoredBody | None:
        """Return the page's body as last fetched or confirmed."""
        row = self._db.execute("SELECT * FROM bodies WHERE page_id = ?", (page_id,)).fetchone()
        if row is None:
            return None
        body = Body(
            row["markdown"],
            bool(row["truncated"]),
            tuple(json.loads(row["unknown_ids"])),
            parts=json.loads(row["parts"]),
        )
        return StoredBody(
            body,
            row["last_edited"],
            row["fetched_ns"],
            bool(row["stale"]),
            bool(row["guessed"]),
            bool(row["ours"]),
        )

    def save_body(
        self,
        page_id: PageId,
        body: Body,
        *,
        last_edited: str,
        now_ns: int,
        guessed: bool = False,
        ours: bool = False,
    ) -> None:
        """Store a body that was just fetched, or (*ours*) answered to a write of ours.

        Parts that nobody asked for are those known so far: no write of ours can change them.
        """
        parts = {} if body.parts is None and not body.unknown_ids else body.parts
        self._db.execute(
            "INSERT OR REPLACE INTO bodies VALUES (?,?,?,?,?,0,?,?,?,"
            " coalesce(?, (SELECT parts FROM bodies WHERE page_id = ?), '{}'))",
            (
                page_id,
                body.truncated,
                json.dumps(body.unknown_ids),
                last_edited,
                now_ns,
                guessed,
                ours,
                body.markdown,
                None if parts is None else json.dumps(dict(parts)),
                page_id,
            ),
        )

    def mark_stale(self, page_id: PageId) -> None:
        """Note that Notion probably has a newer body than ours."""
        self._db.execute("UPDATE bodies SET stale = 1 WHERE page_id = ?", (page_id,))

    def mark_all_stale(self) -> None:
        """Note that no body is what Notion would send now."""
        self._db.execute("UPDATE bodies SET stale = 1")

    def disown_body_around(self, page: Page) -> None:
        """Note that a change of *page* gave the page above our name, without showing its body."""
        if page.parent.type is ParentType.PAGE:
            self._db.execute("UPDATE bodies SET ours = 0 WHERE page_id = ?", (page.parent.id,))

    def mark_doubtful(self, bot: str | None) -> None:
        """Note as stale whatever was read in the minute of its last edit by anybody but *bot*."""
        self._db.execute(
            "UPDATE bodies SET stale = 1 FROM pages WHERE pages.page_id = bodies.page_id"
            " AND (strftime('%s', pages.last_edited) + 60) * 1000000000 > bodies.fetched_ns"
            " AND NOT (bodies.ours AND pages.last_edited_by IS ?)",
            (bot,),
        )

    def mark_from_future(self, now_ns: int) -> None:
        """Note as stale what was fetched later than now, by a clock that was turned back since."""
        self._db.execute("UPDATE bodies SET stale = 1 WHERE fetched_ns > ?", (now_ns,))

    def list_unread(self, limit: int) -> list[PageId]:
        """Return up to *limit* live pages with a document whose body is missing or stale, newest
        edits first.
        """
        rows = self._db.execute(
            "SELECT pages.page_id FROM pages LEFT JOIN bodies USING (page_id)"
            " WHERE pages.in_trash = 0 AND (bodies.page_id IS NULL OR bodies.stale)"
            " AND EXISTS (SELECT 1 FROM docs WHERE docs.page_id = pages.page_id)"
            " ORDER BY pages.last_edited DESC LIMIT ?",
            (limit,),
        )
        return [PageId(row[0]) for row in rows]

    def list_unread_in(self, parent_ino: int, limit: int) -> list[PageId]:
        """Return up to *limit* unread or stale pages whose files stand in one directory."""
        rows = self._db.execute(
            "SELECT docs.page_id FROM dentries JOIN inodes ON inodes.ino = dentries.ino"
            " JOIN docs ON docs.doc_id = inodes.doc_id AND inodes.kind = 'page'"
            " LEFT JOIN bodies ON bodies.page_id = docs.page_id"
            " WHERE dentries.parent_ino = ? AND docs.page_id IS NOT NULL"
            " AND (bodies.page_id IS NULL OR bodies.stale) LIMIT ?",
            (parent_ino, limit),
        )
        return [PageId(row[0]) for row in rows]

    def list_unread_behind(self, parent_ino: int, entry: int | str, limit: int) -> list[int]:
        """Return the documents of up to *limit* unread pages of a directory behind an entry: in the
        order of the listing behind its number, or in that of the names behind its name.
        """
        order = "name" if isinstance(entry, str) else "dentry_id"
        rows = self._db.execute(
            "SELECT docs.doc_id FROM dentries JOIN inodes ON inodes.ino = dentries.ino"
            " JOIN docs ON docs.doc_id = inodes.doc_id AND inodes.kind = 'page'"
            " LEFT JOIN bodies ON bodies.page_id = docs.page_id"
            f" WHERE dentries.parent_ino = ? AND {order} > ? AND docs.page_id IS NOT NULL"
            f" AND (bodies.page_id IS NULL OR bodies.stale) ORDER BY {order} LIMIT ?",
            (parent_ino, entry, limit),
        )
        return [int(row[0]) for row in rows]

    def list_live_ids(self) -> list[PageId]:
        """Return the ids of all live pages."""
        rows = self._db.execute("SELECT page_id FROM pages WHERE in_trash = 0")
        return [PageId(row[0]) for row in rows]

    def count_unread(self) -> int:
        """Return how many live pages have no body in the store."""
        (count,) = self._db.execute(
            "SELECT (SELECT count(*) FROM docs WHERE state = 'unread')"
            " - (SELECT count(*) FROM docs WHERE state = 'unread' AND page_id IS NULL)"
            " - (SELECT count(*) FROM pages CROSS JOIN docs USING (page_id)"
            " WHERE in_trash = 1 AND state = 'unread')"  # few: the rest is read from an index
        ).fetchone()
        return int(count)

    # --- blocks and users -------------------------------------------------------------------------

    def load_block_parent(self, block_id: BlockId) -> Parent | None:
        """Return where a block hangs, if somebody climbed from it before."""
        row = self._db.execute(
            "SELECT parent_type, parent_id FROM block_parents WHERE block_id = ?", (block_id,)
        ).fetchone()
        return None if row is None else Parent(ParentType(row[0]), row[1])

    def save_block_parent(self, block_id: BlockId, parent: Parent) -> None:
        """Remember where a block hangs."""
        self._db.execute(
            "INSERT OR REPLACE INTO block_parents VALUES (?,?,?)",
            (block_id, parent.type.value, parent.id),
        )

    def save_users(self, users: Sequence[User]) -> None:
        """Insert or replace users."""
        self._db.executemany(
            "INSERT OR REPLACE INTO users VALUES (?,?,?,?)",
            [(u.id, u.name, u.email, u.is_bot) for u in users],
        )

    def has_column_of(self, kind: str) -> bool:
        """Tell whether any data source has a column of that type."""
        rows = self._db.execute("SELECT columns FROM data_sources WHERE in_trash = 0")
        return any(column[2] == kind for row in rows for column in json.loads(row[0]))

    def list_users(self) -> list[User]:
        """Return all known users."""
        rows = self._db.execute("SELECT user_id, name, email, is_bot FROM users")
        return [User(UserId(r[0]), r[1], r[2], bool(r[3])) for r in rows]


def _columns(page: Page) -> tuple[Any, ...]:
    return (
        page.id,
        page.title,
        page.parent.type.value,
        page.parent.id,
        page.parent.database_id,
        page.created,
        page.last_edited,
        page.url,
        page.in_trash,
        page.created_by,
        page.last_edited_by,
        page.icon,
        page.properties,
    )


_PARENT_TYPES = {kind.value: kind for kind in ParentType}


def _page(row: sqlite3.Row) -> Page:
    """Return the page of a row with all columns, in their order."""
    (page_id, title, kind, parent_id, database_id, created, last_edited, url, in_trash,
     created_by, last_edited_by, icon, properties) = row  # fmt: skip
    parent = Parent(_PARENT_TYPES[kind], parent_id, database_id)
    return Page(
        page_id, title, parent, created, last_edited, url, properties,
        bool(in_trash), created_by, last_edited_by, icon,
    )  # fmt: skip


def _database(row: sqlite3.Row) -> Database:
    refs = tuple(SourceRef(DataSourceId(i), name) for i, name in json.loads(row["sources"]))
    return Database(
        id=DatabaseId(row["database_id"]),
        title=row["title"],
        parent=Parent(ParentType(row["parent_type"]), row["parent_id"]),
        sources=refs,
        created=row["created"],
        last_edited=row["last_edited"],
        url=row["url"],
        in_trash=bool(row["in_trash"]),
        is_inline=bool(row["is_inline"]),
    )


def _source(row: sqlite3.Row) -> DataSource:
    schema = tuple(
        PropertySchema(i, name, kind, tuple(options), config.encode())
        for i, name, kind, options, config in json.loads(row["columns"])
    )
    return DataSource(
        id=DataSourceId(row["data_source_id"]),
        name=row["name"],
        database_id=row["database_id"],
        database_parent=Parent(ParentType(row["parent_type"]), row["parent_id"]),
        schema=schema,
        last_edited=row["last_edited"],
        created=row["created"],
        url=row["url"],
        in_trash=bool(row["in_trash"]),
    )
