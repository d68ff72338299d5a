"""Files that exist only in memory: `.notionfs/`, `.schema.yaml`, `.rows.*`, `*.error`, and so on.

Their inode numbers are made from the inode they belong to, so nothing has to be stored.
"""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum

from notionfs.config import NameStyle
from notionfs.errors import NoSuchEntry
from notionfs.fs.attributes import Access, Attributes
from notionfs.fs.comments import CommentFiles
from notionfs.fs.guide import GUIDE
from notionfs.fs.schema_file import render_schema
from notionfs.fs.tables import Tables
from notionfs.fs.trash import Trash
from notionfs.model import DatabaseId, DataSourceId, Page, PageId, normalize_id
from notionfs.naming import (
    COMMENTS_SUFFIX,
    ERROR_SUFFIX,
    META_NAME,
    PAGE_SUFFIX,
    REMOTE_SUFFIX,
    SCHEMA_NAME,
    TRASH_NAME,
)
from notionfs.planning.states import DocState
from notionfs.store.dentries import ROOT_INO, Dentry, Inode, NodeKind
from notionfs.store.documents import Doc
from notionfs.store.store import Store
from notionfs.sync.renditions import Renditions

META, GUIDE_FILE, STATUS_FILE, BY_ID, TRASH = 2, 3, 4, 5, 6
_SHIFT = 48
_BASE_MASK = (1 << _SHIFT) - 1
_PART = 500
_LINK_SECONDS = 1.0

_META_FILES: Mapping[str, int] = {"README.md": GUIDE_FILE, "status.json": STATUS_FILE}


class Made(IntEnum):
    """What is made from another inode; the high bits of the number."""

    SCHEMA = 1  # from a database folder
    ERROR = 2  # from a page file
    REMOTE = 3  # from a page file
    LINK = 4  # from a page file: an entry of by-id
    ROWS_CSV = 5  # from a database folder; found by name, but not listed
    ROWS_JSONL = 6  # the same
    TRASHED = 7  # from a page in the trash: an entry of .trash
    COMMENTS = 8  # from a page file; found by name, and listed once some were read


_ROWS: Mapping[str, Made] = {".rows.csv": Made.ROWS_CSV, ".rows.jsonl": Made.ROWS_JSONL}
_ROWS_NAMES: Mapping[Made, str] = {made: name for name, made in _ROWS.items()}


def made_ino(what: Made, base: int) -> int:
    """Return the inode number of something made from inode *base*."""
    return what << _SHIFT | base


class Virtual:
    """Answers for every inode that is not in the store."""

    def __init__(
        self,
        store: Store,
        renditions: Renditions,
        access: Access,
        status: Callable[[], bytes],
        started_ns: int,
        style: NameStyle,
        comments: CommentFiles,
    ) -> None:
        self._store = store
        self._renditions = renditions
        self._access = access
        self._status = status
        self._started_ns = started_ns
        self._status_size = 0
        self._paths: tuple[int, dict[int, str]] = (0, {})
        self._tables = Tables(store)
        self.comments = comments
        self.trash = Trash(store, renditions, style)
        self._contents: Mapping[Made, Callable[[int], bytes]] = {
            Made.SCHEMA: self._schema,
            Made.ERROR: self._error,
            Made.REMOTE: self._remote,
            Made.LINK: self._link,
            Made.TRASHED: self.trash.content,
        }

    @staticmethod
    def owns(ino: int) -> bool:
        """Tell whether an inode number is one of ours."""
        return ino >> _SHIFT != 0 or META <= ino <= TRASH

    @staticmethod
    def made_from(ino: int) -> Made | None:
        """Return what an inode number was made as; None for stored and fixed ones."""
        return Made(ino >> _SHIFT) if ino >> _SHIFT else None

    def trashed(self, ino: int) -> Page:
        """Return the page of an entry of `.trash`."""
        return self.trash.page(ino & _BASE_MASK)

    # --- names ------------------------------------------------------------------------------------

    def lookup(self, parent: Inode | int, name: str) -> int | None:
        """Return the inode behind a virtual name in a stored (Inode) or virtual (int) directory."""
        if isinstance(parent, Inode):
            return self._lookup_beside(parent, name)
        if parent == META:
            return BY_ID if name == "by-id" else _META_FILES.get(name)
        if parent == BY_ID:
            return self._lookup_id(name)
        if parent == TRASH:
            page = self.trash.names().get(name)
            return None if page is None else made_ino(Made.TRASHED, self.trash.number(page))
        return None

    def _lookup_beside(self, parent: Inode, name: str) -> int | None:
        if parent.ino == ROOT_INO and name == META_NAME:
            return META
        if parent.ino == ROOT_INO and name == TRASH_NAME:
            return TRASH  # not listed: a search of the mount is not one of the trash
        if parent.database_id is not None and name == SCHEMA_NAME:
            return made_ino(Made.SCHEMA, parent.ino)
        if parent.database_id is not None and name in _ROWS:
            return made_ino(_ROWS[name], parent.ino)
        if name.endswith(COMMENTS_SUFFIX):
            return self._lookup_comments(parent.ino, name)
        for suffix, what in ((ERROR_SUFFIX, Made.ERROR), (REMOTE_SUFFIX, Made.REMOTE)):
            if not name.endswith(suffix):
                continue
            page_name = name.removesuffix(suffix)
            page_name += PAGE_SUFFIX if what is Made.REMOTE else ""
            dentry = self._store.dentries.find(parent.ino, page_name)
            if dentry is not None and what in self._siblings(dentry.ino):
                return made_ino(what, dentry.ino)
        return None

    def _lookup_comments(self, parent_ino: int, name: str) -> int | None:
        page_name = name.removesuffix(COMMENTS_SUFFIX) + PAGE_SUFFIX
        dentry = self._store.dentries.find(parent_ino, page_name)
        node = None if dentry is None else self._store.dentries.load_inode(dentry.ino)
        if node is None or node.kind is not NodeKind.PAGE or node.doc_id is None:
            return None
        is_there = self._store.docs.load(node.doc_id).page_id is not None
        return made_ino(Made.COMMENTS, node.ino) if is_there else None

    def comments_of(self, ino: int) -> int | None:
        """Return the document whose comments an inode holds; None for all others."""
        return self.doc_of(ino).doc_id if self.made_from(ino) is Made.COMMENTS else None

    def _lookup_id(self, name: str) -> int | None:
        page_id = normalize_id(name)
        doc = None if page_id != name else self._store.docs.find(PageId(name))
        ino = (
            None if doc is None else self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
        )
        if ino is None or self._store.dentries.find_by_ino(ino) is None:
            return None
        return made_ino(Made.LINK, ino)

    def entries(self, ino: int) -> Iterator[tuple[str, Attributes]]:
        """Yield the names of a virtual directory with their attributes."""
        if ino == META:
            for name, below in (*_META_FILES.items(), ("by-id", BY_ID)):
                yield name, self.attributes(below)
        elif ino == BY_ID:
            yield from self._links()
        elif ino == TRASH:
            for name, page in self.trash.names().items():
                number = made_ino(Made.TRASHED, self.trash.number(page))
                yield name, self.attributes(number)

    def names(self, parent: Inode) -> Iterator[tuple[str, int]]:
        """Yield the virtual names of a stored directory with their inodes."""
        if parent.ino == ROOT_INO:
            yield META_NAME, META
        if parent.database_id is not None:
            yield SCHEMA_NAME, made_ino(Made.SCHEMA, parent.ino)
        for dentry, _ in self._store.dentries.list_troubled(parent.ino):
            yield from self._beside(dentry)
        for name, page_ino in self._store.comments.list_shown(parent.ino):
            stem = name.removesuffix(PAGE_SUFFIX)
            yield stem + COMMENTS_SUFFIX, made_ino(Made.COMMENTS, page_ino)

    def _links(self) -> Iterator[tuple[str, Attributes]]:
        """Yield the links to all pages; the next part is looked up when it is asked for."""
        last = ""
        while part := self._store.records.list_files_behind(last, _PART):
            for file in part:
                above = self._path(file.parent_ino)
                if above is not None:
                    size = len(_target(above, file.name))
                    yield file.page_id, _link_attributes(file.ino, size, file.mtime_ns)
            last = part[-1].page_id

    def _beside(self, dentry: Dentry) -> Iterator[tuple[str, int]]:
        siblings = self._siblings(dentry.ino)
        if Made.ERROR in siblings:
            yield dentry.name + ERROR_SUFFIX, made_ino(Made.ERROR, dentry.ino)
        if Made.REMOTE in siblings:
            stem = dentry.name.removesuffix(PAGE_SUFFIX)
            yield stem + REMOTE_SUFFIX, made_ino(Made.REMOTE, dentry.ino)

    def _siblings(self, ino: int) -> set[Made]:
        """Return what stands beside a page file: a reason to look, Notion's side of a conflict."""
        node = self._store.dentries.load_inode(ino)
        if node is None or node.kind is not NodeKind.PAGE or node.doc_id is None:
            return set()
        doc = self._store.docs.load(node.doc_id)
        found = {Made.ERROR} if doc.reason is not None else set()
        return found | {Made.REMOTE} if doc.state is DocState.CONFLICT else found

    # --- attributes and bytes ---------------------------------------------------------------------

    def attributes(self, ino: int) -> Attributes:
        """Return the attributes; NoSuchEntry if it has gone."""
        if ino in (META, BY_ID, TRASH):  # mv takes names out of the trash
            mode = stat.S_IFDIR | self._access.bits(0o700 if ino == TRASH else 0o500)
            return Attributes(ino, mode, 4096, self._started_ns, nlink=2)
        if self.made_from(ino) is Made.COMMENTS:
            return self._comments(ino)
        if ino >> _SHIFT == Made.LINK:
            return _link_attributes(ino & _BASE_MASK, len(self.content(ino)), self._mtime(ino))
        size, mode = self._size(ino), stat.S_IFREG | self._access.bits(0o400)
        return Attributes(ino, mode, size, self._mtime(ino), attr_timeout=0.0, entry_timeout=0.0)

    def _size(self, ino: int) -> int:
        if self.table_of(ino) is not None:
            return self._table_size(ino)
        if ino != STATUS_FILE:
            return len(self.content(ino))
        # Who opens it reads to the end, whatever was said; making it costs too much for a `stat`.
        return self._status_size or len(self.content(ino))

    def _comments(self, ino: int) -> Attributes:
        doc_id = self.doc_of(ino).doc_id
        known = self._store.comments.load(doc_id)
        mtime_ns = self._mtime(ino) if known is None else known.mtime_ns
        mode = stat.S_IFREG | self._access.bits(0o600)
        size = self.comments.size(doc_id)
        return Attributes(ino, mode, size, mtime_ns, attr_timeout=0.0, entry_timeout=0.0)

    def content(self, ino: int) -> bytes:
        """Return the bytes, or the target of a link; NoSuchEntry if it has gone."""
        if ino == GUIDE_FILE:
            return GUIDE.encode()
        if ino == STATUS_FILE:
            status = self._status()
            self._status_size = len(status)
            return status
        return self._contents[Made(ino >> _SHIFT)](ino & _BASE_MASK)

    @staticmethod
    def table_of(ino: int) -> int | None:
        """Return the database folder of a table that must be made before it can be read."""
        return ino & _BASE_MASK if ino >> _SHIFT in _ROWS_NAMES else None

    async def table(self, ino: int) -> bytes:
        """Return the bytes of a table."""
        return await self._tables.render(ino & _BASE_MASK, _ROWS_NAMES[Made(ino >> _SHIFT)])

    def _table_size(self, ino: int) -> int:
        return self._tables.size(ino & _BASE_MASK, _ROWS_NAMES[Made(ino >> _SHIFT)])

    def is_volatile(self, ino: int) -> bool:
        """Tell whether the size may differ between `stat` and `open`."""
        return ino == STATUS_FILE

    def doc_of(self, ino: int) -> Doc:
        """Return the document that an error or remote sibling belongs to."""
        node = self._store.dentries.load_inode(ino & _BASE_MASK)
        if node is None or node.doc_id is None:
            raise NoSuchEntry("The page beside this file has gone.")
        return self._store.docs.load(node.doc_id)

    def _mtime(self, ino: int) -> int:
        if ino < 1 << _SHIFT:
            return self._started_ns
        if self.made_from(ino) is Made.TRASHED:
            return self.trash.mtime_ns(ino & _BASE_MASK)
        node = self._store.dentries.load_inode(ino & _BASE_MASK)
        return self._started_ns if node is None else node.mtime_ns

    def _schema(self, base: int) -> bytes:
        node = self._store.dentries.load_inode(base)
        database_id = None if node is None else node.database_id
        database = None if database_id is None else self._store.snapshots.load_database(database_id)
        if database is None:
            raise NoSuchEntry("The database has gone.")
        sources = self._store.snapshots.list_sources(database.id)
        if node is not None and node.source_id is not None:
            sources = [source for source in sources if source.id == node.source_id]
        return render_schema(database, sources, self._source_name)

    def _source_name(self, object_id: str) -> str | None:
        """Return the name of a data source, or of the database that an old relation leads to."""
        source = self._store.snapshots.load_source(DataSourceId(object_id))
        if source is not None:
            return source.name
        database = self._store.snapshots.load_database(DatabaseId(object_id))
        return None if database is None else database.title

    def _error(self, base: int) -> bytes:
        reason = self.doc_of(base).reason
        if reason is None:
            raise NoSuchEntry("There is nothing wrong any more.")
        return f"{reason}\n".encode()

    def _remote(self, base: int) -> bytes:
        doc = self.doc_of(base)
        page = None if doc.page_id is None else self._store.snapshots.load_page(doc.page_id)
        body = None if page is None else self._store.snapshots.load_body(page.id)
        if page is None or body is None:
            raise NoSuchEntry("There is no conflict any more.")
        return self._renditions.render(doc.doc_id, page, body.body)

    def _link(self, base: int) -> bytes:
        dentry = self._store.dentries.find_by_ino(base)
        above = None if dentry is None else self._path(dentry.parent_ino)
        if dentry is None or above is None:
            raise NoSuchEntry("The page has gone.")
        return _target(above, dentry.name)

    def _path(self, ino: int) -> str | None:
        """Return the path of a directory; many links lead into the same one."""
        changes, known = self._paths
        if changes != self._store.changes() or len(known) > _PART:
            known = {}
        path = known.get(ino) or self._store.dentries.path_of(ino)
        if path is not None:
            known[ino] = path
        self._paths = self._store.changes(), known
        return path


def _link_attributes(page_ino: int, size: int, mtime_ns: int) -> Attributes:
    ino = made_ino(Made.LINK, page_ino)
    return Attributes(
        ino,
        stat.S_IFLNK | 0o777,
        size,
        mtime_ns,
        attr_timeout=_LINK_SECONDS,  # what it leads to is asked for each time
        entry_timeout=_LINK_SECONDS,
    )


def _target(directory: str, name: str) -> bytes:
    """Return what a link of `by-id` says, for a file in a *directory* of the mount."""
    return posixpath.join("..", "..", directory, name).encode()
