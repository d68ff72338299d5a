"""What the store knows of the workspace, for whoever places pages. Nothing here waits."""

from __future__ import annotations

from notionfs.model import (
    BlockId,
    Database,
    DatabaseId,
    DataSourceId,
    Page,
    PageId,
    Parent,
    ParentType,
    normalize_id,
)
from notionfs.planning.reconcile import climb
from notionfs.sync.context import Context


class StoreWorld:
    """What the store knows of the workspace; implements `reconcile.World`."""

    def __init__(self, context: Context) -> None:
        self._store = context.store
        self._snapshots = context.store.snapshots
        self.claims = {
            normalize_id(root) or root: space.name
            for space in context.settings.teamspaces.values()
            for root in space.roots
        }

    def claimed_by(self, object_id: str) -> str | None:
        """Return the teamspace that lists *object_id* among its roots."""
        return self.claims.get(object_id)

    def has_page(self, page_id: PageId) -> bool:
        """Tell whether a live page of that id is known."""
        return self._snapshots.is_live(page_id)

    def has_database(self, database_id: DatabaseId) -> bool:
        """Tell whether a live database of that id is known."""
        database = self._snapshots.load_database(database_id)
        return database is not None and not database.in_trash

    def database_of(self, source_id: DataSourceId) -> DatabaseId | None:
        """Return the database of a known data source."""
        source = self._snapshots.load_source(source_id)
        return None if source is None else source.database_id

    def block_parent(self, block_id: BlockId) -> Parent | None:
        """Return where a block hangs, None if nobody looked yet."""
        return self._snapshots.load_block_parent(block_id)

    def claimed_id(self, database: Database) -> str:
        """Return the id by which a teamspace claims a database: its own, or a data source's."""
        ids = (database.id, *(ref.id for ref in database.sources))
        return next((i for i in ids if self.claimed_by(i) is not None), database.id)

    def missing_above(self, thing: Page | Database) -> str | None:
        """Return the id of what has to be placed before a page or database can be; None: nothing.

        It may never come: a page whose parent is not shared stands at the top in the end.
        """
        object_id = thing.id if isinstance(thing, Page) else self.claimed_id(thing)
        if self.claimed_by(object_id) is not None:
            return None
        return self.missing_parent(thing.parent)

    def missing_parent(self, parent: Parent) -> str | None:
        """As `missing_above`, for what no teamspace claims by its own id."""
        around = climb(parent, self.block_parent)
        if around.type is ParentType.PAGE:
            is_there = self._store.docs.find(PageId(around.id or "")) is not None
            return None if is_there else around.id
        if around.type in (ParentType.DATA_SOURCE, ParentType.DATABASE):
            return self._missing_database(around)
        return around.id if around.type is ParentType.BLOCK else None

    def _missing_database(self, parent: Parent) -> str | None:
        database_id = parent.database_id or self.database_of(DataSourceId(parent.id or ""))
        if parent.type is ParentType.DATABASE:
            database_id = DatabaseId(parent.id or "")
        if database_id is None:
            return parent.id
        if self._store.dentries.find_database_inode(database_id) is not None:
            return None
        database = self._snapshots.load_database(database_id)
        is_ready = database is not None and self.missing_above(database) is None
        return None if is_ready else database_id
