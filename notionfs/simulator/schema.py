"""Changing the schema of a data source: properties added, changed, renamed and removed.

Nothing changes before everything passed: a trial copy of the schema is changed first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote

import msgspec

from notionfs.simulator.call import Call
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.formulas import stored_expression
from notionfs.simulator.ids import dashed, same_property_id
from notionfs.simulator.options import replaced_options, status_config
from notionfs.simulator.properties import TYPES
from notionfs.simulator.records import DataSource, Prop
from notionfs.simulator.relations import settle_relations
from notionfs.simulator.retyping import convert_values

Config = dict[str, Any]
ENTRY_KEYS = frozenset({"id", "name", "description", "type"})
ROLLUP_FUNCTIONS = frozenset(
    [
        "count",
        "count_values",
        "empty",
        "not_empty",
        "unique",
        "show_unique",
        "percent_empty",
        "percent_not_empty",
        "sum",
        "average",
        "median",
        "min",
        "max",
        "range",
        "earliest_date",
        "latest_date",
        "date_range",
        "checked",
        "unchecked",
        "percent_checked",
        "percent_unchecked",
        "count_per_group",
        "percent_per_group",
        "show_original",
    ]
)


def find_property(source: DataSource, wanted: str) -> Prop | None:
    """Return the property with this name or id."""
    by_name = next((p for p in source.properties.values() if p.name == wanted), None)
    if by_name is not None:
        return by_name
    return next((p for p in source.properties.values() if same_property_id(p.id, wanted)), None)


def change_schema(call: Call, source: DataSource, requests: Any, *, creating: bool = False) -> None:
    """Apply the `properties` of a request to *source*; raises before anything changed."""
    where = "body.initial_data_source.properties" if creating else "body.properties"
    if not isinstance(requests, dict):
        raise body_invalid(where, "an object", requests)
    checked = [(name, _check_entry(name, entry, where)) for name, entry in requests.items()]
    _check_titles(source, checked, creating=creating)
    draft = {key: _copy(prop) for key, prop in source.properties.items()}
    trial = _trial(source, draft)
    # Rollups name relations, so relations come first whatever their order in the request.
    for name, entry in sorted(checked, key=lambda item: _kind(item[1]) in ("rollup", "formula")):
        _apply(call, trial, name, entry, creating=creating)
    _check_size(call, trial)
    settle_relations(call, source, trial)
    order = {name: index for index, (name, _) in enumerate(checked)} if creating else {}
    ordered = sorted(trial.properties.values(), key=lambda prop: order.get(prop.name, 0))
    before = {prop.id: prop.type for prop in source.properties.values()}
    source.properties = {prop.id: prop for prop in ordered}
    convert_values(call.world.workspace, source, before)


def _copy(prop: Prop) -> Prop:
    config = msgspec.json.decode(msgspec.json.encode(prop.config))
    return Prop(prop.id, prop.name, prop.type, config, prop.description)


def _trial(source: DataSource, properties: dict[str, Prop]) -> DataSource:
    return DataSource(
        source.id, source.database_id, source.title, properties, source.created, source.edited,
        source.created_by, source.edited_by,
    )  # fmt: skip


def _check_entry(name: str, entry: Any, where: str) -> dict[str, Any] | None:
    place = f"{where}.{name}"
    if entry is None:
        return None
    if not isinstance(entry, dict):
        raise body_invalid(place, "an object or `null`", entry)
    kinds = [key for key in entry if key not in ENTRY_KEYS]
    kind = entry.get("type") or (kinds[0] if kinds else None)
    for key in kinds:
        if key != kind:
            raise body_invalid(f"{place}.{key}", "not present", entry[key])
    if kind is not None and kind not in TYPES:
        raise body_invalid(f"{place}.{kind}", "a property type", kind)
    if kind is not None and kind in entry and not isinstance(entry[kind], dict):
        raise body_invalid(f"{place}.{kind}", "an object", entry[kind])
    return entry


def _kind(entry: dict[str, Any] | None) -> str | None:
    if entry is None:
        return None
    return entry.get("type") or next((key for key in entry if key not in ENTRY_KEYS), None)


def _check_titles(
    source: DataSource, checked: list[tuple[str, dict[str, Any] | None]], *, creating: bool
) -> None:
    titles = [name for name, entry in checked if _kind(entry) == "title"]
    if creating and len(titles) != 1:
        raise invalid("A data source must have exactly one title property.")
    if creating:
        return
    for name, entry in checked:
        prop = find_property(source, name)
        if prop is not None and prop.type == "title":
            if entry is None:
                raise invalid(f"Cannot delete the title property {prop.name}.")
            if _kind(entry) not in (None, "title"):
                raise invalid(f"Cannot change the type of the title property {prop.name}.")
        elif _kind(entry) == "title":
            raise invalid("A data source can only have one title property.")


def _apply(
    call: Call, source: DataSource, name: str, entry: dict[str, Any] | None, *, creating: bool
) -> None:
    # In a new schema a key is a name, even "title"; in a change it may be an id.
    prop = None if creating else find_property(source, name)
    if entry is None:
        if prop is None:
            raise invalid(f"{name} is not a property that exists.")
        del source.properties[prop.id]
        return
    kind = _kind(entry)
    if prop is None:
        if kind is None:
            raise invalid(f"{name} is not a property that exists.")
        _add(call, source, name, kind, entry)
        return
    _change(call, source, prop, kind, entry)


def _add(call: Call, source: DataSource, name: str, kind: str, entry: dict[str, Any]) -> None:
    if not TYPES[kind].creatable:
        raise invalid(f"Property {name}: type {kind} cannot be created by the API.")
    wanted = entry.get("name") or name
    _check_name(source, wanted, None)
    property_id = "title" if kind == "title" else call.world.ids.property()
    config = _config(call, source, kind, entry.get(kind) or {}, {}, name)
    source.properties[property_id] = Prop(
        property_id, wanted, kind, config, entry.get("description")
    )


def _change(
    call: Call, source: DataSource, prop: Prop, kind: str | None, entry: dict[str, Any]
) -> None:
    if "name" in entry:
        _check_name(source, entry["name"], prop)
        prop.name = entry["name"]
    if "description" in entry:
        prop.description = entry["description"]
    if kind is None:
        return
    if kind != prop.type and not TYPES[kind].creatable:
        raise invalid(f"Property {prop.name} cannot be converted to {kind}.")
    known = prop.config if kind == prop.type else {}
    if kind in entry:
        prop.config = _config(call, source, kind, entry[kind], known, prop.name)
    prop.type = kind


def _check_name(source: DataSource, name: Any, own: Prop | None) -> None:
    if not isinstance(name, str) or not name:
        raise body_invalid("body.properties.name", "a non-empty string", name)
    for prop in source.properties.values():
        if prop is not own and prop.name == name:
            raise invalid(f"Property names must be unique: {name}")


def _check_size(call: Call, source: DataSource) -> None:
    sizes = {
        p.name: len(msgspec.json.encode(p.config)) + len(p.name) for p in source.properties.values()
    }
    if sum(sizes.values()) > call.world.limits.schema_bytes:
        largest = max(sizes, key=lambda name: sizes[name])
        raise invalid(
            f"The schema of this data source is too large. Its largest property is {largest}."
        )


# --- configurations ------------------------------------------------------------------------------


def _config(
    call: Call, source: DataSource, kind: str, request: Config, known: Config, name: str
) -> Config:
    where = f"body.properties.{name}.{kind}"
    make = CONFIGS.get(kind)
    if make is not None:
        return make(call, source, request, known, where)
    if request:
        raise body_invalid(f"{where}.{next(iter(request))}", "not present", request)
    return {}


def _number(call: Call, source: DataSource, request: Config, known: Config, where: str) -> Config:
    return {"format": request.get("format") or known.get("format", "number")}


def _options(call: Call, source: DataSource, request: Config, known: Config, where: str) -> Config:
    before = known.get("options", [])
    if "options" not in request:
        return {"options": before}
    return {"options": replaced_options(request["options"], before, call.world.ids.free, where)}


def _status(call: Call, source: DataSource, request: Config, known: Config, where: str) -> Config:
    return status_config(request, known, call.world.ids.free, where)


def _formula(call: Call, source: DataSource, request: Config, known: Config, where: str) -> Config:
    expression = request.get("expression", known.get("expression"))
    if not isinstance(expression, str):
        raise body_invalid(
            f"{where}.expression", "a string", expression, missing=expression is None
        )
    records = call.world.workspace.records
    return {"expression": stored_expression(expression, source, records.id)}


def _unique_id(
    call: Call, source: DataSource, request: Config, known: Config, where: str
) -> Config:
    return {"prefix": request.get("prefix", known.get("prefix"))}


def _relation(call: Call, source: DataSource, request: Config, known: Config, where: str) -> Config:
    wanted = request.get("data_source_id", known.get("data_source_id"))
    target_id = dashed(wanted) if isinstance(wanted, str) else None
    if target_id is None:
        raise body_invalid(
            f"{where}.data_source_id", "a valid uuid", wanted, missing=wanted is None
        )
    target = source if target_id == source.id else call.source(target_id)
    style = request.get("type") or next(
        (key for key in ("dual_property", "single_property") if key in request), "single_property"
    )
    config: Config = {
        "database_id": target.database_id,
        "data_source_id": target.id,
        "type": style,
        style: {},
    }
    if (
        style == "dual_property"
        and known.get("type") == style
        and known["data_source_id"] == target.id
    ):
        config[style] = known[style]
    elif style == "dual_property":
        config[style] = {"wanted": (request.get(style) or {}).get("synced_property_name")}
    return config


def _rollup(call: Call, source: DataSource, request: Config, known: Config, where: str) -> Config:
    wanted = request.get("relation_property_name") or request.get("relation_property_id")
    wanted = wanted or known.get("relation_property_id")
    relation = find_property(source, str(wanted)) if wanted else None
    if relation is None or relation.type != "relation":
        raise invalid(f"{where}: {wanted} is not a relation property of this data source.")
    target_id = relation.config["data_source_id"]
    target = source if target_id == source.id else call.world.workspace.data_sources[target_id]
    name = request.get("rollup_property_name") or request.get("rollup_property_id")
    name = name or known.get("rollup_property_id")
    rolled = find_property(target, str(name)) if name else None
    if rolled is None:
        raise invalid(f"{where}: {name} is not a property of the related data source.")
    function = request.get("function", known.get("function", "show_original"))
    if function not in ROLLUP_FUNCTIONS:
        raise body_invalid(f"{where}.function", "a rollup function", function)
    return {
        "relation_property_id": unquote(relation.id),
        "relation_property_name": relation.name,
        "rollup_property_id": unquote(rolled.id),
        "rollup_property_name": rolled.name,
        "function": function,
    }


ConfigMaker = Callable[[Call, DataSource, Config, Config, str], Config]
CONFIGS: Mapping[str, ConfigMaker] = {
    "number": _number,
    "select": _options,
    "multi_select": _options,
    "status": _status,
    "formula": _formula,
    "unique_id": _unique_id,
    "relation": _relation,
    "rollup": _rollup,
}
