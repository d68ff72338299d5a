"""Parents in requests: which page, data source or workspace a new or moved object goes to."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.errors import ApiError, body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.records import WORKSPACE, Parent

PAGE_PARENTS = ("page_id", "data_source_id", "database_id", "workspace")


def requested_parent(
    call: Call, value: Any, allowed: tuple[str, ...] = PAGE_PARENTS, where: str = "body.parent"
) -> Parent:
    """Return the parent a request names, checked to exist, be visible and be of an allowed kind.

    A database with one data source stands for that data source.
    """
    if not isinstance(value, dict):
        raise body_invalid(where, "an object", value, missing=value is None)
    kinds = [
        key for key in value if key != "type" and not (key == "database_id" and len(value) > 2)
    ]
    kind = value.get("type") or (kinds[0] if kinds else None)
    if kind not in allowed:
        expected = " or ".join(f"`{where}.{name}`" for name in allowed)
        raise invalid(f"body failed validation. Fix one: {expected} should be defined.")
    if kind == "workspace":
        return WORKSPACE
    wanted = value.get(kind)
    thing_id = dashed(wanted) if isinstance(wanted, str) else None
    if thing_id is None:
        raise body_invalid(f"{where}.{kind}", "a valid uuid", wanted, missing=kind not in value)
    return FINDERS[kind](call, thing_id)


def _page(call: Call, thing_id: str) -> Parent:
    if thing_id in call.world.workspace.databases and thing_id not in call.world.workspace.pages:
        return _database(call, thing_id)  # tolerated by the service for one data source
    page = call.page(thing_id)
    _refuse_trashed(call, page.id)
    return Parent("page_id", page.id)


def _data_source(call: Call, thing_id: str) -> Parent:
    if thing_id in call.world.workspace.databases:
        return _database(call, thing_id)
    source = call.source(thing_id)
    _refuse_trashed(call, source.id)
    return Parent("data_source_id", source.id)


def _database(call: Call, thing_id: str) -> Parent:
    database = call.database(thing_id)
    live = [one for one in database.sources if not call.world.workspace.data_sources[one].in_trash]
    if len(live) != 1:
        raise ApiError(
            400,
            "validation_error",
            "Databases with multiple data sources are not supported in this API version: "
            "name one of the data sources as the parent.",
            additional_data={
                "error_type": "multiple_data_sources_for_database",
                "child_data_source_ids": live,
            },
        )
    return _data_source(call, live[0])


def _block(call: Call, thing_id: str) -> Parent:
    owner = call.world.workspace.owners.get(thing_id)
    if owner is None or not call.sees(owner):
        raise call.missing("block", thing_id)
    return Parent("block_id", thing_id)


FINDERS = {
    "page_id": _page,
    "data_source_id": _data_source,
    "database_id": _database,
    "block_id": _block,
}


def _refuse_trashed(call: Call, thing_id: str) -> None:
    if call.world.workspace.in_trash(thing_id):
        raise invalid(TRASHED)


TRASHED = "Can't edit block that is archived. You must unarchive the block before editing."
