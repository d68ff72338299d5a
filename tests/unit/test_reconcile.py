"""Where Notion's objects belong in the tree."""

from __future__ import annotations

from dataclasses import dataclass, field

from notionfs.model import BlockId, DatabaseId, DataSourceId, PageId, Parent, ParentType
from notionfs.planning.reconcile import Container, Place, container_of, unknown_block

TOP = Container(Place.SPACE, "acme")


@dataclass
class World:
    claims: dict[str, str] = field(default_factory=dict)
    pages: set[str] = field(default_factory=set)
    databases: set[str] = field(default_factory=set)
    sources: dict[str, str] = field(default_factory=dict)
    blocks: dict[str, Parent] = field(default_factory=dict)

    def claimed_by(self, object_id: str) -> str | None:
        return self.claims.get(object_id)

    def has_page(self, page_id: PageId) -> bool:
        return page_id in self.pages

    def has_database(self, database_id: DatabaseId) -> bool:
        return database_id in self.databases

    def database_of(self, source_id: DataSourceId) -> DatabaseId | None:
        found = self.sources.get(source_id)
        return DatabaseId(found) if found else None

    def block_parent(self, block_id: BlockId) -> Parent | None:
        return self.blocks.get(block_id)


def place(parent: Parent, world: World) -> Container:
    return container_of("me", parent, world, "acme")


def test_a_top_level_page_stands_in_the_workspace() -> None:
    assert place(Parent(ParentType.WORKSPACE), World()) == TOP


def test_a_teamspace_claims_its_roots_wherever_they_hang() -> None:
    world = World(claims={"me": "engineering"}, pages={"p"})
    assert place(Parent(ParentType.PAGE, "p"), world) == Container(Place.SPACE, "engineering")


def test_a_sub_page_stands_below_its_parent() -> None:
    world = World(pages={"p"})
    assert place(Parent(ParentType.PAGE, "p"), world) == Container(Place.PAGE, "p")


def test_a_page_whose_parent_is_not_shared_stands_at_the_top() -> None:
    assert place(Parent(ParentType.PAGE, "hidden"), World()) == TOP


def test_rows_of_every_data_source_stand_in_their_database() -> None:
    world = World(databases={"d"}, sources={"s2": "d"})
    with_id = Parent(ParentType.DATA_SOURCE, "s1", DatabaseId("d"))
    without = Parent(ParentType.DATA_SOURCE, "s2")
    assert place(with_id, world) == place(without, world) == Container(Place.DATABASE, "d")


def test_a_page_inside_a_column_belongs_to_the_page_around_it() -> None:
    column = Parent(ParentType.BLOCK, "column")
    world = World(
        pages={"p"},
        blocks={
            "column": Parent(ParentType.BLOCK, "columns"),
            "columns": Parent(ParentType.PAGE, "p"),
        },
    )
    assert place(column, world) == Container(Place.PAGE, "p")
    assert unknown_block(column, world) is None


def test_the_climb_says_which_block_nobody_looked_up_yet() -> None:
    column = Parent(ParentType.BLOCK, "column")
    world = World(blocks={"column": Parent(ParentType.BLOCK, "columns")})
    assert unknown_block(column, world) == "columns"
    assert place(column, world) == TOP


def test_blocks_that_hang_in_a_circle_end_the_climb() -> None:
    world = World(blocks={"a": Parent(ParentType.BLOCK, "b"), "b": Parent(ParentType.BLOCK, "a")})
    assert place(Parent(ParentType.BLOCK, "a"), world) == TOP
