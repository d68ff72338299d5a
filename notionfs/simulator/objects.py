"""API objects as clients see them: pages, databases, data sources and blocks.

Pure rendering of `workspace.py` records; key sets and nulls follow real exchanges. What depends on
the API version (`archived`, `transcription`) is added at the door (`versions.py`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from notionfs.simulator.blocks import Block, to_response
from notionfs.simulator.clock import exact_time, minute_time
from notionfs.simulator.properties import OPAQUE, TYPES
from notionfs.simulator.records import Database, DataSource, Page, Parent, Prop, plain, text
from notionfs.simulator.shown import (
    database_url,
    file_object,
    icon_object,
    mentions_refreshed,
    page_url,
    parent_object,
    partial_user,
)
from notionfs.simulator.world import World

FILE_BLOCKS = frozenset({"image", "video", "file", "pdf", "audio"})


def page_object(world: World, page: Page, only: Collection[str] | None = None) -> dict[str, Any]:
    """Return *page* with its properties, or with those whose ids are in *only*."""
    return {
        "object": "page",
        "id": page.id,
        "created_time": minute_time(page.created),
        "last_edited_time": minute_time(page.edited),
        "created_by": partial_user(page.created_by),
        "last_edited_by": partial_user(page.edited_by),
        "cover": icon_object(world, page.cover),
        "icon": icon_object(world, page.icon),
        "parent": parent_object(world, page.parent),
        "in_trash": page.in_trash or world.workspace.in_trash(page.id),
        "is_archived": page.is_archived,
        "is_locked": page.is_locked,
        "properties": property_objects(world, page, only),
        "url": page_url(world, page),
        "public_url": None,
    }


def property_objects(
    world: World, page: Page, only: Collection[str] | None = None
) -> dict[str, Any]:
    """Return the property values of *page* by name."""
    values, most = world.workspace.values(page), world.limits.references
    shown: dict[str, Any] = {}
    for prop in world.workspace.schema(page).values():  # listings spend most of their time here
        if only is None or prop.id in only:
            kind, word = TYPES.get(prop.type, OPAQUE), prop.type
            value = kind.read(world, page, prop, values.get(prop.id))
            entry = shown[prop.name] = {"id": prop.id, "type": word, word: value}
            if kind.cut is not None:
                kind.cut(entry, most)
    return shown


def property_object(world: World, page: Page, prop: Prop, stored: Any) -> dict[str, Any]:
    """Return one property value as it stands on a page object."""
    kind, word = TYPES.get(prop.type, OPAQUE), prop.type
    shown = {"id": prop.id, "type": word, word: kind.read(world, page, prop, stored)}
    if kind.cut is not None:
        kind.cut(shown, world.limits.references)
    return shown


def schema_objects(source: DataSource) -> dict[str, Any]:
    """Return the schema of *source* by property name."""
    return {prop.name: schema_object(prop) for prop in source.properties.values()}


def schema_object(prop: Prop) -> dict[str, Any]:
    """Return one property of a schema."""
    return {
        "id": prop.id,
        "name": prop.name,
        "description": prop.description,
        "type": prop.type,
        prop.type: prop.config,
    }


def database_object(world: World, database: Database) -> dict[str, Any]:
    """Return *database*, the container."""
    workspace = world.workspace
    sources = [workspace.data_sources[source] for source in database.sources]
    title = workspace.database_title(database) or text("New database")
    shown: dict[str, Any] = {
        "object": "database",
        "id": database.id,
        "title": title,
        "description": database.description,
        "parent": parent_object(world, database.parent),
        "is_inline": database.is_inline,
        "in_trash": database.in_trash or workspace.in_trash(database.id),
        "is_locked": database.is_locked,
        "created_time": exact_time(database.created),
        "last_edited_time": exact_time(database.edited),
        "data_sources": [
            {"id": source.id, "name": plain(source.title) or plain(title)}
            for source in sources
            if not source.in_trash
        ],
        "icon": icon_object(world, database.icon),
        "cover": icon_object(world, database.cover),
        "url": database_url(world, database.id),
        "public_url": None,
    }
    if database.database_type:
        shown["database_type"] = database.database_type
    return shown


def data_source_object(world: World, source: DataSource) -> dict[str, Any]:
    """Return *source*, the table with its schema."""
    database = world.workspace.databases[source.database_id]
    return {
        "object": "data_source",
        "id": source.id,
        "title": source.title,
        "description": database.description,
        "parent": {"type": "database_id", "database_id": source.database_id},
        "database_parent": parent_object(world, database.parent),
        "is_inline": database.is_inline,
        "in_trash": source.in_trash or world.workspace.in_trash(source.id),
        "created_time": minute_time(source.created),
        "last_edited_time": minute_time(source.edited),
        "created_by": partial_user(source.created_by),
        "last_edited_by": partial_user(source.edited_by),
        "properties": schema_objects(source),
        "icon": icon_object(world, source.icon or database.icon),
        "cover": icon_object(world, source.cover or database.cover),
        "url": database_url(world, source.database_id),
        "public_url": None,
    }


def block_object(
    world: World, block: Block, parent: Parent, *, in_trash: bool = False
) -> dict[str, Any]:
    """Return *block* without its children, as lists and single reads show it."""
    shown: dict[str, Any] = {
        "object": "block",
        "id": block.id,
        "parent": parent_object(world, parent),
        "created_time": block.created_time,
        "last_edited_time": block.last_edited_time,
        "created_by": partial_user(block.created_by),
        "last_edited_by": partial_user(block.last_edited_by),
        "has_children": has_children(world, block),
        "in_trash": in_trash or block.in_trash,
        "type": block.type,
    }
    shown.update(to_response(block))
    shown[block.type] = refreshed(world, block.type, shown[block.type], block)
    return shown


def page_as_block(world: World, thing: Page | Database) -> dict[str, Any]:
    """Return a page or database in the form of its block, for those that stand in no body."""
    kind = "child_page" if isinstance(thing, Page) else "child_database"
    block = Block(id=thing.id, type=kind, data={"title": ""}, children=[])
    block.created_time, block.last_edited_time = (
        minute_time(thing.created),
        minute_time(thing.edited),
    )
    block.created_by, block.last_edited_by = thing.created_by, thing.edited_by
    return block_object(world, block, thing.parent, in_trash=world.workspace.in_trash(thing.id))


def has_children(world: World, block: Block) -> bool:
    """Say whether listing the children of *block* gives any."""
    if block.type == "child_page":
        page = world.workspace.pages.get(block.id)
        return bool(page and world.workspace.body(page))
    if block.type == "synced_block" and block.data.get("synced_from"):
        return True  # a copy lists the children of its original
    return bool(block.children)


def refreshed(world: World, kind: str, data: dict[str, Any], block: Block) -> dict[str, Any]:
    """Return the type object of a block with titles, names and signatures of this moment."""
    if kind == "child_page":
        page = world.workspace.pages.get(block.id)
        return {**data, "title": plain(world.workspace.title(page))} if page else data
    if kind == "child_database":
        database = world.workspace.databases.get(block.id)
        title = plain(world.workspace.database_title(database)) if database else ""
        return {**data, "title": title or "New database"} if database else data
    if kind in FILE_BLOCKS and data.get("type") == "file":
        data = file_object(world, data)
    icon = data.get("icon")
    if icon and icon.get("type") == "file":
        data = {**data, "icon": file_object(world, icon)}
    for key in ("rich_text", "caption"):
        if any(item["type"] == "mention" for item in data.get(key) or ()):
            data = {**data, key: mentions_refreshed(world, data[key])}
    return data
