"""Property values one at a time: whole lists where a page object shows only the first 25."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import invalid
from notionfs.simulator.ids import same_property_id
from notionfs.simulator.properties import type_of
from notionfs.simulator.records import Page, Prop
from notionfs.simulator.rollups import rolled_values

UNSUPPORTED = ("show_unique", "unique", "median", "count_per_group", "percent_per_group")


def get_property(call: Call) -> dict[str, Any]:
    """Answer with one value, or with one page of a list of values."""
    page = call.page(call.uuid())
    prop = _find(call, page, call.ids[1])
    kind = type_of(prop)
    stored = call.world.workspace.values(page).get(prop.id)
    value = kind.read(call.world, page, prop, stored)
    if not kind.listed:
        return {"object": "property_item", "id": prop.id, "type": prop.type, prop.type: value}
    if prop.type == "rollup":
        return _rollup(call, page, prop, value)
    return _listing(call, page, prop, prop.type, value, {})


def _find(call: Call, page: Page, wanted: str) -> Prop:
    for prop in call.world.workspace.schema(page).values():
        if same_property_id(prop.id, wanted) or prop.name == wanted:
            return prop
    raise invalid(f"Could not find property with ID: {wanted}")


def _listing(
    call: Call, page: Page, prop: Prop, kind: str, values: list[Any], envelope: Any
) -> dict[str, Any]:
    def show(value: Any) -> dict[str, Any]:
        return {"object": "property_item", "id": prop.id, "type": kind, kind: value}

    return _with_envelope(
        call, page, prop, call.listing("property_item", lambda: Listing(values), show), envelope
    )


def _with_envelope(
    call: Call, page: Page, prop: Prop, shown: dict[str, Any], envelope: Any
) -> dict[str, Any]:
    following = shown["next_cursor"]
    base = f"{call.world.origin}/v1/pages/{page.id}/properties/{prop.id}"
    shown["property_item"] = {
        "id": prop.id,
        "next_url": f"{base}?start_cursor={following}" if following else None,
        "type": prop.type,
        prop.type: envelope,
    }
    return shown


def _rollup(call: Call, page: Page, prop: Prop, value: dict[str, Any]) -> dict[str, Any]:
    function = value["function"]

    def show(item: dict[str, Any]) -> dict[str, Any]:
        return {"object": "property_item", "id": prop.id, **item}

    items = rolled_values(call.world, page, prop) if function == "show_original" else []
    shown = call.listing("property_item", lambda: Listing(items), show)
    if function in UNSUPPORTED:
        envelope: dict[str, Any] = {"type": "unsupported", "unsupported": {}, "function": function}
    elif shown["has_more"]:
        envelope = {"type": "incomplete", "incomplete": {}, "function": function}
    elif function == "show_original":
        envelope = {"type": "array", "array": [], "function": function}
    else:
        envelope = value
    return _with_envelope(call, page, prop, shown, envelope)
