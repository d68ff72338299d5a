"""Databases (containers) and data sources (tables): create, retrieve, update."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.icons import checked_cover, checked_icon
from notionfs.simulator.ids import dashed
from notionfs.simulator.objects import data_source_object, database_object
from notionfs.simulator.parents import TRASHED, requested_parent
from notionfs.simulator.records import WORKSPACE, Database, DataSource, Parent, RichText, text
from notionfs.simulator.schema import change_schema
from notionfs.simulator.texts import checked_rich_text
from notionfs.simulator.trees import hang_in, put_back, take_out
from notionfs.simulator.views import first_view

CREATE_KEYS = (
    "parent", "title", "description", "is_inline", "icon", "cover", "initial_data_source",
    "database_type",
)  # fmt: skip
UPDATE_KEYS = (
    "parent", "title", "description", "is_inline", "icon", "cover", "is_locked", "in_trash",
    "archived",
)  # fmt: skip
SOURCE_CREATE_KEYS = ("parent", "properties", "title", "icon")
SOURCE_UPDATE_KEYS = ("title", "icon", "properties", "in_trash", "archived", "parent")
DATABASE_PARENTS = ("page_id", "workspace", "block_id")
TYPED: dict[str, dict[str, Any]] = {
    "tasks": {"Name": {"title": {}}, "Status": {"status": {}}, "Assignee": {"people": {}},
              "Due": {"date": {}}},
    "projects": {"Name": {"title": {}}, "Status": {"status": {}}, "Owner": {"people": {}}},
    "skills": {"Name": {"title": {}}, "Description": {"rich_text": {}}},
}  # fmt: skip


def rich_text_of(body: dict[str, Any], key: str) -> RichText:
    """Return a rich text field of a request in response form."""
    return checked_rich_text(body[key], f"body.{key}")


def get_database(call: Call) -> dict[str, Any]:
    """Answer with a database."""
    return database_object(call.world, call.database(call.uuid()))


def get_data_source(call: Call) -> dict[str, Any]:
    """Answer with a data source."""
    return data_source_object(call.world, call.source(call.uuid()))


def create_database(call: Call) -> dict[str, Any]:
    """Make a database with its first data source and a table view."""
    body = call.object_body(CREATE_KEYS)
    parent = requested_parent(call, body.get("parent"), DATABASE_PARENTS)
    world = call.world
    title = rich_text_of(body, "title") if body.get("title") else []
    description = rich_text_of(body, "description") if body.get("description") else []
    properties = _initial_properties(body)
    now = world.now
    database = Database(
        world.ids.free(), parent, title, now, now, call.actor, call.actor, description=description
    )
    database.icon = checked_icon(world, body.get("icon"))
    database.cover = checked_cover(world, body.get("cover"))
    database.is_inline = call.flag("is_inline")
    database.database_type = body.get("database_type")
    source = DataSource(world.ids.free(), database.id, title, {}, now, now, call.actor, call.actor)
    world.workspace.databases[database.id] = database  # the schema may refer to its own table
    world.workspace.data_sources[source.id] = source
    try:
        change_schema(call, source, properties, creating=True)
    except Exception:
        del world.workspace.databases[database.id], world.workspace.data_sources[source.id]
        raise
    _enter(call, database, source)
    call.committed["committed_resource_id"] = database.id
    return database_object(world, database)


def _initial_properties(body: dict[str, Any]) -> Any:
    kind = body.get("database_type")
    initial = body.get("initial_data_source")
    if kind is not None:
        if kind not in TYPED:
            raise body_invalid("body.database_type", '"tasks", "projects" or "skills"', kind)
        if initial is not None:
            raise invalid("body.database_type cannot be combined with body.initial_data_source.")
        return TYPED[kind]
    if initial is None:
        return {"Name": {"title": {}}}
    if not isinstance(initial, dict):
        raise body_invalid("body.initial_data_source", "an object", initial)
    for key in initial:
        if key != "properties":
            raise body_invalid(f"body.initial_data_source.{key}", "not present", initial[key])
    return initial.get("properties") or {"Name": {"title": {}}}


def _enter(call: Call, database: Database, source: DataSource) -> None:
    world = call.world
    database.sources.append(source.id)
    world.workspace.rows[source.id] = {}
    world.created(source)
    first_view(world, database, source, call.actor)
    hang_in(world, database, database.parent, call.actor)


def create_data_source(call: Call) -> dict[str, Any]:
    """Add a data source to a database."""
    body = call.object_body(SOURCE_CREATE_KEYS)
    database = _parent_database(call, body.get("parent"))
    world = call.world
    now = world.now
    title = rich_text_of(body, "title") if body.get("title") else text("New data source")
    source = DataSource(
        world.ids.record(now), database.id, title, {}, now, now, call.actor, call.actor
    )
    source.icon = checked_icon(world, body.get("icon"))
    world.workspace.data_sources[source.id] = source
    try:
        change_schema(call, source, body.get("properties") or {}, creating=True)
    except Exception:
        del world.workspace.data_sources[source.id]
        raise
    world.touch(database, call.actor)
    database.sources.append(source.id)
    world.workspace.rows[source.id] = {}
    world.created(source)
    first_view(world, database, source, call.actor)
    call.committed["committed_resource_id"] = source.id
    return data_source_object(world, source)


def _parent_database(call: Call, value: Any) -> Database:
    wanted = value.get("database_id") if isinstance(value, dict) else None
    if not isinstance(wanted, str):
        raise body_invalid("body.parent.database_id", "defined", missing=True)
    database_id = dashed(wanted)
    if database_id is None:
        raise body_invalid("body.parent.database_id", "a valid uuid", wanted)
    return call.database(database_id)


def update_database(call: Call) -> dict[str, Any]:
    """Change the container: title, description, icon, cover, lock, place; trash or restore."""
    body = call.object_body(UPDATE_KEYS)
    database = call.database(call.uuid())
    world = call.world
    trash = requested_trash(call, body)
    if trash is None and body and world.workspace.in_trash(database.id):
        raise invalid(TRASHED)
    parent = None
    if body.get("parent") is not None:
        parent = requested_parent(call, body["parent"], DATABASE_PARENTS)
    texts: dict[str, RichText] = {
        key: rich_text_of(body, key) for key in ("title", "description") if key in body
    }
    icon = checked_icon(world, body.get("icon"))
    cover = checked_cover(world, body.get("cover"))
    flags = {key: call.flag(key) for key in ("is_inline", "is_locked") if key in body}
    if body:
        world.touch(database, call.actor)
    _retitle(call, database, texts)
    for key, value in flags.items():
        setattr(database, key, value)
    if "icon" in body:
        database.icon = icon
    if "cover" in body:
        database.cover = cover
    if parent is not None:
        relocate_database(call, database, parent)
    if trash is not None:
        set_database_trashed(call, database, trashed=trash)
    return database_object(world, database)


def _retitle(call: Call, database: Database, texts: dict[str, RichText]) -> None:
    if "description" in texts:
        database.description = texts["description"]
    if "title" in texts:
        database.title = texts["title"]
        if len(database.sources) == 1:  # one table: container and table are one thing to people
            source = call.world.workspace.data_sources[database.sources[0]]
            call.world.touch(source, call.actor)
            source.title = texts["title"]


def relocate_database(call: Call, database: Database, parent: Parent) -> None:
    """Move *database* under *parent*."""
    take_out(call.world, database.id, keep=False)
    database.parent = parent
    if parent != WORKSPACE:
        hang_in(call.world, database, parent, call.actor)


def requested_trash(call: Call, body: dict[str, Any]) -> bool | None:
    """Return what a request says about the trash: in, out, or nothing."""
    for key in ("in_trash", "archived"):
        if body.get(key) is not None:
            return call.flag(key)
    return None


def set_database_trashed(call: Call, database: Database, *, trashed: bool) -> None:
    """Move *database* to the trash or back, with its block in its parent's body."""
    if database.in_trash == trashed:
        return
    world = call.world
    database.in_trash = trashed
    home = world.workspace.home_of(database.parent)
    world.workspace.version += 1
    if home is None:
        return
    world.touch(home, call.actor)
    if trashed:
        take_out(world, database.id, keep=True)
    elif put_back(world, database.id) is None:
        hang_in(world, database, database.parent, call.actor)


def update_data_source(call: Call) -> dict[str, Any]:
    """Change the table: title, icon, schema, container; trash or restore."""
    body = call.object_body(SOURCE_UPDATE_KEYS)
    source = call.source(call.uuid())
    world = call.world
    trash = requested_trash(call, body)
    if trash is None and body and world.workspace.in_trash(source.id):
        raise invalid(TRASHED)
    title = rich_text_of(body, "title") if "title" in body else None
    icon = checked_icon(world, body.get("icon"))
    target = _parent_database(call, body["parent"]) if body.get("parent") is not None else None
    if body.get("properties") is not None:
        # Renders the old form for a lagging index before anything changes.
        world.touch(source, call.actor)
        change_schema(call, source, body["properties"])
    elif body:
        world.touch(source, call.actor)
    if title is not None:
        source.title = title
    if "icon" in body:
        source.icon = icon
    if target is not None:
        _move_source(call, source, target)
    if trash is not None:
        source.in_trash = trash
    return data_source_object(world, source)


def _move_source(call: Call, source: DataSource, target: Database) -> None:
    old = call.world.workspace.databases[source.database_id]
    if old.id == target.id:
        return
    old.sources.remove(source.id)
    target.sources.append(source.id)
    source.database_id = target.id
    for holder in (old, target):
        call.world.touch(holder, call.actor)
