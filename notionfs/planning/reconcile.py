"""Where Notion's objects belong in the tree. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from notionfs.model import BlockId, DatabaseId, DataSourceId, PageId, Parent, ParentType

_MAX_CLIMB = 64


class Place(StrEnum):
    """What kind of directory holds an object."""

    SPACE = "space"
    PAGE = "page"
    DATABASE = "database"


class Container(Struct, frozen=True):
    """A directory by what it stands for: a space's name, a page's id or a database's id."""

    place: Place
    key: str


class World(Protocol):
    """What is known of the workspace."""

    def claimed_by(self, object_id: str) -> str | None:
        """Return the teamspace that lists *object_id* among its roots."""

    def has_page(self, page_id: PageId) -> bool:
        """Tell whether a live page of that id is known."""

    def has_database(self, database_id: DatabaseId) -> bool:
        """Tell whether a live database of that id is known."""

    def database_of(self, source_id: DataSourceId) -> DatabaseId | None:
        """Return the database of a known data source."""

    def block_parent(self, block_id: BlockId) -> Parent | None:
        """Return where a block hangs, None if nobody looked yet."""


def container_of(object_id: str, parent: Parent, world: World, workspace: str) -> Container:
    """Return the directory of an object: its teamspace, its parent, or the top of the workspace.

    An object whose parent is not shared, or whose enclosing block was not looked up yet, stands at
    the top of *workspace*.
    """
    space = world.claimed_by(object_id)
    if space is not None:
        return Container(Place.SPACE, space)
    around = climb(parent, world.block_parent)
    found = _RULES[around.type](around, world)
    return found or Container(Place.SPACE, workspace)


def unknown_block(parent: Parent, world: World) -> BlockId | None:
    """Return the enclosing block that must be looked up before an object can be placed."""
    around = climb(parent, world.block_parent)
    return BlockId(around.id) if around.type is ParentType.BLOCK and around.id else None


def climb(parent: Parent, block_parent: Callable[[BlockId], Parent | None]) -> Parent:
    """Return what the blocks around an object hang in, or the first block nobody looked up yet."""
    for _ in range(_MAX_CLIMB):
        if parent.type is not ParentType.BLOCK or parent.id is None:
            return parent
        above = block_parent(BlockId(parent.id))
        if above is None:
            return parent
        parent = above
    return Parent(ParentType.WORKSPACE)


def _under_page(parent: Parent, world: World) -> Container | None:
    page_id = PageId(parent.id or "")
    return Container(Place.PAGE, page_id) if world.has_page(page_id) else None


def _under_source(parent: Parent, world: World) -> Container | None:
    database_id = parent.database_id or world.database_of(DataSourceId(parent.id or ""))
    if database_id is None or not world.has_database(database_id):
        return None
    return Container(Place.DATABASE, database_id)


def _under_database(parent: Parent, world: World) -> Container | None:
    database_id = DatabaseId(parent.id or "")
    return Container(Place.DATABASE, database_id) if world.has_database(database_id) else None


def _at_top(_parent: Parent, _world: World) -> Container | None:
    return None


_RULES: Mapping[ParentType, Callable[[Parent, World], Container | None]] = {
    ParentType.WORKSPACE: _at_top,
    ParentType.AGENT: _at_top,
    ParentType.BLOCK: _at_top,
    ParentType.PAGE: _under_page,
    ParentType.DATA_SOURCE: _under_source,
    ParentType.DATABASE: _under_database,
}
