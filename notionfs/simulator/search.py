"""Search.

The only way to enumerate what a token sees. Titles only, newest first, and perhaps late.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from notionfs.simulator.call import Call
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import body_invalid
from notionfs.simulator.objects import data_source_object, page_object
from notionfs.simulator.records import DataSource, Page, plain

SEARCH_KEYS = ("query", "filter", "sort", "start_cursor", "page_size")
FILTER_KEYS = ("property", "value", "in_trash")


def search(call: Call) -> dict[str, Any]:
    """Answer with pages and data sources whose titles contain the query."""
    body = call.object_body(SEARCH_KEYS)
    query = body.get("query", "")
    if not isinstance(query, str):
        raise body_invalid("body.query", "a string", query)
    kind, in_trash = _filter(body.get("filter"))
    ascending = _ascending(body.get("sort"))

    def found() -> Listing:
        all_of_it = _remembered(call, Wanted(query.casefold(), kind, in_trash, ascending))
        shown = all_of_it[: call.world.limits.search_results]
        return Listing(shown, incomplete=len(shown) < len(all_of_it))

    return call.listing("page_or_data_source", found, lambda thing_id: _show(call, thing_id))


def _filter(value: Any) -> tuple[str | None, bool]:
    if value is None or value == {}:
        return None, False
    if not isinstance(value, dict):
        raise body_invalid("body.filter", "an object", value)
    for key in value:
        if key not in FILTER_KEYS:
            raise body_invalid(f"body.filter.{key}", "not present", value[key])
    in_trash = value.get("in_trash", False)
    if not isinstance(in_trash, bool):
        raise body_invalid("body.filter.in_trash", "a boolean", in_trash)
    if "value" not in value and "property" not in value:
        return None, in_trash
    if value.get("property") != "object":
        raise body_invalid("body.filter.property", '`"object"`', value.get("property"))
    if value.get("value") not in ("page", "data_source"):
        raise body_invalid("body.filter.value", '`"page"` or `"data_source"`', value.get("value"))
    return value["value"], in_trash


def _ascending(value: Any) -> bool:
    if value is None or value == {}:
        return False
    if not isinstance(value, dict):
        raise body_invalid("body.sort", "an object", value)
    if value.get("property") == "relevance":
        return False
    if value.get("timestamp", "last_edited_time") != "last_edited_time":
        raise body_invalid("body.sort.timestamp", '`"last_edited_time"`', value.get("timestamp"))
    direction = value.get("direction", "descending")
    if direction not in ("ascending", "descending"):
        raise body_invalid("body.sort.direction", '`"ascending"` or `"descending"`', direction)
    return bool(direction == "ascending")


class Wanted(NamedTuple):
    """What a search asks for."""

    query: str
    kind: str | None
    in_trash: bool
    ascending: bool


def _remembered(call: Call, wanted: Wanted) -> list[str]:
    """Return what *wanted* finds; until something changes it is looked for once."""
    world = call.world
    if world.index.former:  # what a lagging index shows changes with time alone
        return _matches(call, wanted)
    key = (wanted, call.roots)
    if world.searches.get("version") != world.workspace.version:
        world.searches = {"version": world.workspace.version}
    if key not in world.searches:
        world.searches[key] = _matches(call, wanted)
    return list(world.searches[key])


def _matches(call: Call, wanted: Wanted) -> list[str]:
    workspace = call.world.workspace
    things: list[Match] = []
    if wanted.kind != "data_source":
        pages = [page for page in workspace.pages.values() if not page.is_template]
        _collect(call, pages, wanted, things)
    if wanted.kind != "page":
        _collect(call, list(workspace.data_sources.values()), wanted, things)
    things.sort(reverse=not wanted.ascending)
    return [thing_id for _, _, thing_id in things]


# Edit time, then the order in which things were made, so that equal times keep it.
Match = tuple[float, int, str]


def _collect(
    call: Call,
    candidates: list[Page] | list[DataSource],
    wanted: Wanted,
    into: list[Match],
) -> None:
    world = call.world
    former_states = world.index.former
    trashed = _Trash(call)
    for thing in candidates:
        number = len(into)
        former = world.index.seen(thing.id, world.now) if thing.id in former_states else None
        if former is not None:
            if former.rendering is not None and _former_matches(former.rendering, wanted):
                into.append((former.edited, number, thing.id))
            continue
        if trashed.holds(thing) != wanted.in_trash or not call.sees(thing.id):
            continue
        if not wanted.query or wanted.query in _title(call, thing).casefold():
            into.append((thing.edited, number, thing.id))


class _Trash:
    """Whether things are in the trash, asked for many at once.

    Each holder is looked at one time.
    """

    def __init__(self, call: Call) -> None:
        self.workspace = call.world.workspace
        self.known: dict[str, bool] = {}

    def holds(self, thing: Page | DataSource) -> bool:
        if thing.in_trash:
            return True
        holder = self.workspace.above(thing.id)
        return holder is not None and self._holder(holder)

    def _holder(self, holder: str) -> bool:
        known = self.known.get(holder)
        if known is None:
            known = self.known[holder] = self.workspace.in_trash(holder)
        return known


def _title(call: Call, thing: Page | DataSource) -> str:
    return plain(call.world.workspace.title(thing) if isinstance(thing, Page) else thing.title)


def _former_matches(rendering: dict[str, Any], wanted: Wanted) -> bool:
    if rendering["in_trash"] != wanted.in_trash:
        return False
    if rendering["object"] == "data_source":
        return wanted.query in plain(rendering["title"]).casefold()
    titles = [
        value["title"] for value in rendering["properties"].values() if value["type"] == "title"
    ]
    return wanted.query in "".join(plain(title) for title in titles).casefold()


def _show(call: Call, thing_id: str) -> dict[str, Any] | None:
    world = call.world
    if thing_id in world.index.former:
        former = world.index.seen(thing_id, world.now)
        if former is not None:
            return former.rendering
    page = world.workspace.pages.get(thing_id)
    if page is not None:
        return page_object(world, page)
    source = world.workspace.data_sources.get(thing_id)
    return data_source_object(world, source) if source else None
