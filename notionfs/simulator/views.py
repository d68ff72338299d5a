"""Views: saved ways to look at a data source, and the queries that run them."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.clock import minute_time, zulu_time
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.records import Database, DataSource, View
from notionfs.simulator.shown import database_url, partial_user
from notionfs.simulator.world import World

TYPES = (
    "table", "board", "list", "calendar", "timeline", "gallery", "form", "chart", "map",
    "dashboard",
)  # fmt: skip
SETTINGS = ("filter", "sorts", "quick_filters", "configuration")
CREATE_KEYS = (
    "data_source_id", "name", "type", "database_id", "view_id", "create_database", *SETTINGS,
    "position", "placement",
)  # fmt: skip
UPDATE_KEYS = ("name", *SETTINGS)
QUERY_SECONDS = 900


def first_view(world: World, database: Database, source: DataSource, actor: str) -> None:
    """Give a new data source the table view every data source begins with."""
    view = View(
        world.ids.record(world.now), database.id, source.id, "Default view", "table",
        world.now, world.now, actor, actor,
    )  # fmt: skip
    world.workspace.records.views[view.id] = view


def view_object(call: Call, view: View) -> dict[str, Any]:
    """Return a view as clients see it."""
    return {
        "object": "view",
        "id": view.id,
        "parent": {"type": "database_id", "database_id": view.database_id},
        "name": view.name,
        "type": view.type,
        "created_time": minute_time(view.created),
        "last_edited_time": minute_time(view.edited),
        "created_by": partial_user(view.created_by),
        "last_edited_by": partial_user(view.edited_by),
        "data_source_id": view.data_source_id,
        **{key: view.settings.get(key) for key in SETTINGS},
        "url": f"{database_url(call.world, view.database_id)}?v={view.id.replace('-', '')}",
    }


def list_views(call: Call) -> dict[str, Any]:
    """List the views of a database or of a data source."""
    arguments = {key: call.argument(key) for key in ("database_id", "data_source_id")}
    given = {key: value for key, value in arguments.items() if value}
    if len(given) != 1:
        raise invalid(
            "query failed validation: exactly one of database_id, data_source_id is needed."
        )
    (key, value), *_ = given.items()
    thing_id = dashed(value) or ""
    if key == "database_id":
        call.database(thing_id)
    else:
        call.source(thing_id)
    views = call.world.workspace.records.views.values()
    found = [view for view in views if getattr(view, key) == thing_id]
    return call.listing("view", lambda: Listing(found), lambda v: {"object": "view", "id": v.id})


def _view(call: Call) -> View:
    view_id = call.uuid()
    view = call.world.workspace.records.views.get(view_id)
    if view is None or not call.sees(view.database_id):
        raise call.missing("view", view_id)
    return view


def get_view(call: Call) -> dict[str, Any]:
    """Answer with one view."""
    return view_object(call, _view(call))


def create_view(call: Call) -> dict[str, Any]:
    """Add a view to a database."""
    body = call.object_body(CREATE_KEYS)
    source = call.source(dashed(str(body.get("data_source_id"))) or "")
    kind = body.get("type", "table")
    if kind not in TYPES:
        raise body_invalid("body.type", ", ".join(TYPES), kind)
    name = body.get("name")
    if not isinstance(name, str):
        raise body_invalid("body.name", "a string", name, missing="name" not in body)
    world = call.world
    view = View(
        world.ids.record(world.now), source.database_id, source.id, name, kind,
        world.now, world.now, call.actor, call.actor,
        {key: body[key] for key in SETTINGS if key in body},
    )  # fmt: skip
    world.workspace.records.views[view.id] = view
    world.workspace.version += 1
    return view_object(call, view)


def update_view(call: Call) -> dict[str, Any]:
    """Change the name or the settings of a view."""
    body = call.object_body(UPDATE_KEYS)
    view = _view(call)
    view.name = body.get("name", view.name)
    view.settings |= {key: body[key] for key in SETTINGS if key in body}
    view.edited, view.edited_by = call.world.now, call.actor
    call.world.workspace.version += 1
    return view_object(call, view)


def delete_view(call: Call) -> dict[str, Any]:
    """Remove a view; the last one of a data source stays."""
    view = _view(call)
    views = call.world.workspace.records.views
    if sum(other.data_source_id == view.data_source_id for other in views.values()) == 1:
        raise invalid("The last view of a data source cannot be deleted.")
    shown = view_object(call, view)
    del views[view.id]
    call.world.workspace.version += 1
    return shown


# --- running a view ------------------------------------------------------------------------------


def create_view_query(call: Call) -> dict[str, Any]:
    """Run a view and keep its result for a quarter of an hour."""
    from notionfs.simulator.queries import matching_rows

    call.object_body(("page_size",))
    view = _view(call)
    source = call.source(view.data_source_id)
    rows = matching_rows(call, source, view.settings.get("filter"), view.settings.get("sorts"))
    query_id = call.world.ids.free()
    call.world.view_queries[query_id] = (view.id, rows, call.world.now + QUERY_SECONDS)
    return _query_object(call, query_id, rows)


def _query_object(call: Call, query_id: str, rows: list[str]) -> dict[str, Any]:
    view_id, _, expires = call.world.view_queries[query_id]
    shown = call.listing("page", lambda: Listing(rows), lambda one: {"object": "page", "id": one})
    return {
        "object": "view_query",
        "id": query_id,
        "view_id": view_id,
        "expires_at": zulu_time(expires),
        "total_count": len(rows),
        "results": shown["results"],
        "next_cursor": shown["next_cursor"],
        "has_more": shown["has_more"],
    }


def get_view_query(call: Call) -> dict[str, Any]:
    """Answer with (more of) the result of a view that was run."""
    query_id = call.uuid(1)
    kept = call.world.view_queries.get(query_id)
    if kept is None or kept[2] <= call.world.now:
        raise call.missing("view_query", query_id)
    return _query_object(call, query_id, kept[1])


def delete_view_query(call: Call) -> dict[str, Any]:
    """Forget the result of a view that was run."""
    query_id = call.uuid(1)
    if call.world.view_queries.pop(query_id, None) is None:
        raise call.missing("view_query", query_id)
    return {"object": "view_query", "id": query_id, "deleted": True}
