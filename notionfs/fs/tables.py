"""Makes `.rows.csv` and `.rows.jsonl` out of the store when somebody opens them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

import msgspec
import trio

from notionfs.errors import NoSuchEntry
from notionfs.fs.rows_file import FORMS, Row, property_names
from notionfs.markdown.properties import render_properties
from notionfs.model import DataSource
from notionfs.store.dentries import NOMINAL_SIZE
from notionfs.store.records import RowFile
from notionfs.store.store import Store
from notionfs.sync.references import StoreReferences

_BATCH = 50


class Tables:
    """The tables of database folders. The size of one is nominal until it was opened once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._sizes: dict[tuple[int, str], int] = {}

    def size(self, folder_ino: int, name: str) -> int:
        """Return how long the table was when it was last opened."""
        return self._sizes.get((folder_ino, name), NOMINAL_SIZE)

    async def render(self, folder_ino: int, name: str) -> bytes:
        """Return a table's bytes; others run meanwhile, so that ten thousand rows stop nobody."""
        sources = self._sources(folder_ino)
        form, names = FORMS[name], property_names(sources)
        parts = [form.head(names)]
        for number, row in enumerate(self._rows(folder_ino, sources), 1):
            parts.append(form.line(row, names))
            if number % _BATCH == 0:
                await trio.lowlevel.checkpoint()
        data = "".join(parts).encode()
        self._sizes[folder_ino, name] = len(data)
        return data

    def _sources(self, folder_ino: int) -> list[DataSource]:
        node = self._store.dentries.load_inode(folder_ino)
        if node is None or node.database_id is None:
            raise NoSuchEntry("The database has gone.")
        sources = self._store.snapshots.list_sources(node.database_id)
        return [source for source in sources if node.source_id in (None, source.id)]

    def _rows(self, folder_ino: int, sources: list[DataSource]) -> Iterator[Row]:
        references = StoreReferences(self._store, folder_ino)
        folder = self._store.dentries.path_of(folder_ino) or ""
        for source in sources:
            for file in self._store.records.list_files(source.id):
                page = self._store.snapshots.load_page(file.page_id)
                if page is None:
                    continue  # it went while we waited
                values = msgspec.json.decode(page.properties)
                writable, computed = render_properties(source, values, references)
                path = self._path(file, folder_ino, folder)
                yield Row(path, page, source, {**writable, **computed})

    def _path(self, file: RowFile, folder_ino: int, folder: str) -> str:
        """Return a file's path as seen from the folder; hardly any stands elsewhere."""
        if file.parent_ino == folder_ino:
            return file.name
        above = self._store.dentries.path_of(file.parent_ino) or ""
        return posixpath.relpath(posixpath.join("/", above, file.name), posixpath.join("/", folder))
