"""Pages and databases as flat records: what stands where, and which data source it belongs to."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

from notionfs.model import DatabaseId, DataSourceId, PageId, ParentType, SourceRef
from notionfs.store.connection import Connection
from notionfs.store.dentries import Dentries, NodeKind
from notionfs.store.snapshots import Snapshots

SPACE = "space_id"
"""The fact that holds the id of the workspace."""


class PageRecord(Struct, frozen=True):
    """A page and its file. *database_id* and *data_source_id* are None unless it is a row."""

    id: PageId
    space_id: str | None
    file_path: str | None
    title: str
    last_edited: str
    parent_type: str
    parent_id: str | None
    database_id: DatabaseId | None
    data_source_id: DataSourceId | None


class PageFile(NamedTuple):
    """A page's file and where it stands."""

    page_id: PageId
    ino: int
    mtime_ns: int
    parent_ino: int
    name: str


class RowFile(Struct, frozen=True):
    """A row's page file and the directory it stands in."""

    page_id: PageId
    name: str
    parent_ino: int


class SourceRecord(Struct, frozen=True):
    """A data source of a database; *page_count* is the number of files it contributes."""

    id: DataSourceId
    name: str
    is_default: bool
    page_count: int


class DatabaseRecord(Struct, frozen=True):
    """A database and its folder. The first data source, in Notion's order, is the default."""

    id: DatabaseId
    title: str
    directory: str | None
    data_sources: tuple[SourceRecord, ...]
    last_synced: int | None
    """When Notion was last asked about it, in nanoseconds; None for never."""


_FILES = (
    "FROM pages JOIN docs USING (page_id)"
    f" JOIN inodes ON inodes.doc_id = docs.doc_id AND inodes.kind = '{NodeKind.PAGE.value}'"
    " JOIN dentries ON dentries.ino = inodes.ino WHERE pages.parent_id = ?"
)


class Records:
    """Reads records out of several tables; None for what is not known, or in the trash."""

    def __init__(self, connection: Connection, snapshots: Snapshots, dentries: Dentries) -> None:
        self._db = connection.db
        self._snapshots = snapshots
        self._dentries = dentries

    def load_page(self, page_id: PageId) -> PageRecord | None:
        """Return the record of a page."""
        page = self._snapshots.load_page(page_id)
        if page is None or page.in_trash:
            return None
        parent = page.parent
        is_row = parent.type is ParentType.DATA_SOURCE
        database_id = parent.database_id
        if parent.type is ParentType.DATABASE and parent.id is not None:
            database_id = DatabaseId(parent.id)
        return PageRecord(
            id=page.id,
            space_id=self._snapshots.load_fact(SPACE),
            file_path=self._path_of_page(page.id),
            title=page.title,
            last_edited=page.last_edited,
            parent_type=parent.type.value,
            parent_id=parent.id,
            database_id=database_id,
            data_source_id=DataSourceId(parent.id) if is_row and parent.id else None,
        )

    def load_database(self, database_id: DatabaseId) -> DatabaseRecord | None:
        """Return the record of a database, its data sources in Notion's order."""
        database = self._snapshots.load_database(database_id)
        if database is None or database.in_trash:
            return None
        ino = self._dentries.find_database_inode(database_id)
        sources = tuple(self._source(ref, n == 0) for n, ref in enumerate(database.sources))
        directory = None if ino is None else self._dentries.path_of(ino)
        synced = self._snapshots.load_synced(database_id)
        return DatabaseRecord(database_id, database.title, directory, sources, synced)

    def _source(self, ref: SourceRef, is_default: bool) -> SourceRecord:
        known = self._snapshots.load_source(ref.id)  # polls see its name before the database's
        name = ref.name if known is None else known.name
        return SourceRecord(ref.id, name, is_default, self.count_files(ref.id))

    def count_files(self, source_id: DataSourceId) -> int:
        """Return how many page files of the tree are rows of a data source."""
        (count,) = self._db.execute(f"SELECT count(*) {_FILES}", (source_id,)).fetchone()
        return int(count)

    def list_files_behind(self, page_id: str, limit: int) -> list[PageFile]:
        """Return up to *limit* files of live pages, in the order of the pages' ids."""
        rows = self._db.execute(
            "SELECT docs.page_id, inodes.ino, docs.mtime_ns, parent_ino, name"
            " FROM docs JOIN pages USING (page_id)"
            f" JOIN inodes ON inodes.doc_id = docs.doc_id AND kind = '{NodeKind.PAGE.value}'"
            " JOIN dentries ON dentries.ino = inodes.ino"
            " WHERE docs.page_id > ? AND in_trash = 0 ORDER BY docs.page_id LIMIT ?",
            (page_id, limit),
        )
        return [PageFile(*row) for row in rows]

    def list_files(self, source_id: DataSourceId) -> list[RowFile]:
        """Return the page files of a data source, the oldest page first."""
        rows = self._db.execute(
            f"SELECT pages.page_id, dentries.name, dentries.parent_ino {_FILES}"
            " ORDER BY pages.created, pages.page_id",
            (source_id,),
        )
        return [RowFile(PageId(row[0]), row[1], int(row[2])) for row in rows]

    def _path_of_page(self, page_id: PageId) -> str | None:
        row = self._db.execute(
            "SELECT ino FROM inodes JOIN docs USING (doc_id) WHERE docs.page_id = ? AND kind = ?"
            " ORDER BY ino DESC LIMIT 1",
            (page_id, NodeKind.PAGE.value),
        ).fetchone()
        return None if row is None else self._dentries.path_of(int(row[0]))
