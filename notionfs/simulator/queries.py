"""Querying a data source: filter, sort, cap, and the rows page by page."""

from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key
from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.filters import compile_filter
from notionfs.simulator.objects import data_source_object, page_object, property_object
from notionfs.simulator.pages import wanted_properties
from notionfs.simulator.records import DataSource, Page
from notionfs.simulator.schema import find_property
from notionfs.simulator.sorting import sort_key

QUERY_KEYS = (
    "filter", "sorts", "page_size", "start_cursor", "is_archived", "in_trash", "archived",
    "result_type", "filter_properties",
)  # fmt: skip
TIMESTAMPS = ("created_time", "last_edited_time")


def query_data_source(call: Call) -> dict[str, Any]:
    """Answer with the rows of a data source."""
    body = call.object_body(QUERY_KEYS)
    source = call.source(call.uuid())
    only = wanted_properties(call, source.properties)
    if body.get("result_type") not in (None, "page", "data_source"):
        raise body_invalid("body.result_type", '"page" or "data_source"', body["result_type"])
    archived = call.flag("is_archived")
    test = compile_filter(call, source, body.get("filter"))
    order = _order(call, source, body.get("sorts"))

    def rows() -> Listing:
        if body.get("result_type") == "data_source":
            return Listing(_child_sources(call, source))
        found = order([page for page in _candidates(call, source, archived=archived) if test(page)])
        most = call.world.limits.query_results
        listing: list[str] = [page.id for page in found[:most]]
        if body.get("result_type") is None:
            listing.extend(_child_sources(call, source))
        return Listing(listing, incomplete=len(found) > most)

    return call.listing("page_or_data_source", rows, _shower(call, only))


def matching_rows(call: Call, source: DataSource, filters: Any, sorts: Any) -> list[str]:
    """Return the ids of the rows that a filter lets pass, in order."""
    test = compile_filter(call, source, filters)
    rows = [page for page in _candidates(call, source, archived=False) if test(page)]
    return [page.id for page in _order(call, source, sorts)(rows)]


def _child_sources(call: Call, source: DataSource) -> list[str]:
    """Return the data sources that stand in a wiki, as its query shows them."""
    workspace = call.world.workspace
    return [
        child
        for database in workspace.databases.values()
        if database.parent == ("database_id", source.database_id)
        for child in database.sources
    ]


def _candidates(call: Call, source: DataSource, *, archived: bool) -> list[Page]:
    world = call.world
    if world.workspace.in_trash(source.id):
        return []
    found = []
    for page_id in reversed(world.workspace.rows.get(source.id, {})):  # newest first, as seen
        page = world.workspace.pages[page_id]
        if _listed(call, page) and page.is_archived == archived:
            found.append(page)
    return found


def _listed(call: Call, page: Page) -> bool:
    if page.id in call.world.index.former:
        former = call.world.index.seen(page.id, call.world.now)
        if former is not None:
            return former.rendering is not None and not former.rendering["in_trash"]
    return not page.in_trash and call.sees(page.id)


def _shower(call: Call, only: set[str] | None) -> Callable[[str], dict[str, Any] | None]:
    world = call.world

    def show(thing_id: str) -> dict[str, Any] | None:
        if source := world.workspace.data_sources.get(thing_id):
            return data_source_object(world, source)
        page = world.workspace.pages.get(thing_id)
        if page is None:
            return None
        former = world.index.seen(thing_id, world.now) if thing_id in world.index.former else None
        if former is not None:
            return former.rendering
        return None if page.in_trash else page_object(world, page, only)

    return show


Order = Callable[[list[Page]], list[Page]]


def _order(call: Call, source: DataSource, sorts: Any) -> Order:
    if sorts is None or sorts == []:
        return lambda pages: pages
    if not isinstance(sorts, list):
        raise body_invalid("body.sorts", "an array", sorts)
    keys = [_one_sort(call, source, item, f"body.sorts[{i}]") for i, item in enumerate(sorts)]

    def order(pages: list[Page]) -> list[Page]:
        for key, descending in reversed(keys):
            pages = _sorted(pages, key, descending=descending)
        return pages

    return order


def _sorted(pages: list[Page], key: Callable[[Page], Any], *, descending: bool) -> list[Page]:
    """Sort stably; empty values come last in both directions."""
    keyed = [(key(page), page) for page in pages]
    filled = [pair for pair in keyed if pair[0] is not None]
    empty = [page for value, page in keyed if value is None]
    filled.sort(key=cmp_to_key(_compare), reverse=descending)
    return [page for _, page in filled] + empty


def _compare(left: tuple[Any, Page], right: tuple[Any, Page]) -> int:
    one, other = left[0], right[0]
    if one == other:
        return 0
    try:
        return -1 if one < other else 1
    except TypeError:  # a formula may give text here and a number there
        return -1 if str(one) < str(other) else 1


def _one_sort(
    call: Call, source: DataSource, item: Any, where: str
) -> tuple[Callable[[Page], Any], bool]:
    if not isinstance(item, dict):
        raise body_invalid(where, "an object", item)
    for key in item:
        if key not in ("property", "timestamp", "direction"):
            raise body_invalid(f"{where}.{key}", "not present", item[key])
    direction = item.get("direction", "ascending")
    if direction not in ("ascending", "descending"):
        raise body_invalid(f"{where}.direction", '"ascending" or "descending"', direction)
    if (stamp := item.get("timestamp")) is not None:
        if stamp not in TIMESTAMPS:
            raise body_invalid(f"{where}.timestamp", '"created_time" or "last_edited_time"', stamp)
        name = "created" if stamp == "created_time" else "edited"
        return (lambda page: getattr(page, name)), direction == "descending"
    prop = find_property(source, str(item.get("property")))
    if prop is None:
        raise invalid(f"Could not find sort property with name or id: {item.get('property')}")

    def value(page: Page) -> Any:
        stored = call.world.workspace.values(page).get(prop.id)
        return sort_key(prop, property_object(call.world, page, prop, stored))

    return value, direction == "descending"
