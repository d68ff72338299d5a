"""Property values of pages: read from requests, checked as a whole, then written."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.ids import same_property_id
from notionfs.simulator.options import default_status
from notionfs.simulator.properties import type_of
from notionfs.simulator.records import DataSource, Page, Prop
from notionfs.simulator.relations import partner_of
from notionfs.simulator.values import Writer

VALUE_KEYS = frozenset({"id", "type", "has_more", "object", "name"})


class Changes:
    """Checked values that wait to be written to a page."""

    def __init__(self, writer: Writer, values: dict[str, tuple[Prop, Any]]) -> None:
        self.writer = writer
        self.values = values

    def apply(self, call: Call, page: Page) -> None:
        """Write the values to *page*, and what they imply elsewhere."""
        self.writer.carry_out()
        stored = call.world.workspace.own_values(page)
        for prop, value in self.values.values():
            before = stored.get(prop.id)
            stored[prop.id] = value
            if prop.type == "relation":
                mirror_relation(call, page, prop, before or (), value)


def checked_values(
    call: Call, source: DataSource | None, requests: Any, schema: dict[str, Prop]
) -> Changes:
    """Check the `properties` of a request against *schema*; nothing is changed yet."""
    if not isinstance(requests, dict):
        raise body_invalid("body.properties", "an object", requests)
    pairs: list[tuple[Prop, Any]] = []
    for name, request in requests.items():
        prop = _find(schema, name)
        if prop is None:
            raise invalid(f"{name} is not a property that exists.")
        pairs.append((prop, request))
    return checked_pairs(call, source, pairs)


def checked_pairs(
    call: Call, source: DataSource | None, pairs: Iterable[tuple[Prop, Any]]
) -> Changes:
    """Check requested values of known properties; nothing is changed yet."""
    writer = Writer(call.world, call.actor, source)
    found = {
        prop.id: (prop, checked_value(writer, prop, request, prop.name)) for prop, request in pairs
    }
    return Changes(writer, found)


def _find(schema: dict[str, Prop], name: str) -> Prop | None:
    by_name = next((prop for prop in schema.values() if prop.name == name), None)
    if by_name is not None:
        return by_name
    return next((prop for prop in schema.values() if same_property_id(prop.id, name)), None)


def checked_value(writer: Writer, prop: Prop, request: Any, name: str) -> Any:
    """Return one requested value in stored form."""
    where = f"body.properties.{name}"
    kind = type_of(prop)
    if kind.write is None:
        raise invalid(f"{name} is a read-only property of type {prop.type} and cannot be updated.")
    if isinstance(request, list) and prop.type == "title":
        request = {"title": request}
    if not isinstance(request, dict):
        raise body_invalid(where, "an object", request)
    for key in request:
        if key != prop.type and key not in VALUE_KEYS:
            raise invalid(f"{name} is expected to be {prop.type}.")
    if request.get("type", prop.type) != prop.type:
        raise invalid(f"{name} is expected to be {prop.type}.")
    if prop.type not in request:
        raise body_invalid(f"{where}.{prop.type}", "defined", missing=True)
    return kind.write(writer, prop, request[prop.type], f"{where}.{prop.type}")


def initial_values(source: DataSource) -> dict[str, Any]:
    """Return the values of a new row: empty ones, the default status, the next number."""
    values: dict[str, Any] = {}
    for prop in source.properties.values():
        if prop.type == "status":
            values[prop.id] = default_status(prop.config)
        elif prop.type == "unique_id":
            values[prop.id] = source.next_number
        else:
            values[prop.id] = type_of(prop).empty()
    source.next_number += 1
    return values


def mirror_relation(call: Call, page: Page, prop: Prop, before: Any, after: Any) -> None:
    """Keep the other side of a two-way relation in step."""
    mirror = partner_of(call, prop)
    if mirror is None:
        return
    workspace = call.world.workspace
    for other_id in {*before, *after}:
        other = workspace.pages.get(other_id)
        if other is None:
            continue
        related = workspace.own_values(other).setdefault(mirror.id, [])
        if other_id in after and page.id not in related:
            related.append(page.id)
        elif other_id not in after and page.id in related:
            related.remove(page.id)
