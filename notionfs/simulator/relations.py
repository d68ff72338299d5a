"""Two-way relations: a property on each side, and this is the one place that keeps both in step."""

from __future__ import annotations

from notionfs.simulator.call import Call
from notionfs.simulator.records import DataSource, Prop, plain


def settle_relations(call: Call, source: DataSource, trial: DataSource) -> None:
    """Make the other sides of new two-way relations, and loosen those whose partner is gone."""
    workspace = call.world.workspace
    for prop in list(trial.properties.values()):
        dual = prop.config.get("dual_property")
        if dual is None or "wanted" not in dual:
            continue
        target_id = prop.config["data_source_id"]
        target = trial if target_id == source.id else workspace.data_sources[target_id]
        mirror = _mirror(call, source, target, prop, dual["wanted"])
        prop.config["dual_property"] = {
            "synced_property_id": mirror.id,
            "synced_property_name": mirror.name,
        }
    for before in source.properties.values():
        after = trial.properties.get(before.id)
        if _partner(before) and (after is None or _partner(after) != _partner(before)):
            _loosen_mirror(call, source, trial, before)
        elif after is not None and after.name != before.name:
            _rename_in_mirror(call, source, trial, after)


def _mirror(
    call: Call, source: DataSource, target: DataSource, prop: Prop, name: str | None
) -> Prop:
    database = call.world.workspace.databases[source.database_id]
    title = plain(source.title) or plain(call.world.workspace.database_title(database))
    wanted = name or f"Related to {title or 'Untitled'} ({prop.name})"
    mirror = Prop(call.world.ids.property(), wanted, "relation")
    mirror.config = {
        "database_id": source.database_id,
        "data_source_id": source.id,
        "type": "dual_property",
        "dual_property": {"synced_property_id": prop.id, "synced_property_name": prop.name},
    }
    target.properties[mirror.id] = mirror
    return mirror


def _partner(prop: Prop) -> tuple[str, str] | None:
    dual = prop.config.get("dual_property")
    if not dual or "synced_property_id" not in dual:
        return None
    return prop.config["data_source_id"], dual["synced_property_id"]


def partner_of(call: Call, prop: Prop) -> Prop | None:
    """Return the property on the other side of a two-way relation."""
    partner = _partner(prop)
    source = call.world.workspace.data_sources.get(partner[0]) if partner else None
    return source.properties.get(partner[1]) if source and partner else None


def _other_side(
    call: Call, source: DataSource, trial: DataSource, prop: Prop
) -> tuple[DataSource, Prop] | None:
    partner = _partner(prop)
    if partner is None:
        return None
    holder = trial if partner[0] == source.id else call.world.workspace.data_sources.get(partner[0])
    mirror = holder.properties.get(partner[1]) if holder else None
    return (holder, mirror) if holder and mirror else None


def _loosen_mirror(call: Call, source: DataSource, trial: DataSource, prop: Prop) -> None:
    """Make the other side one-way; it stays until somebody removes it (seen in real exchanges)."""
    found = _other_side(call, source, trial, prop)
    if found is None:
        return
    mirror = found[1]
    mirror.config = {key: value for key, value in mirror.config.items() if key != "dual_property"}
    mirror.config |= {"type": "single_property", "single_property": {}}


def _rename_in_mirror(call: Call, source: DataSource, trial: DataSource, prop: Prop) -> None:
    found = _other_side(call, source, trial, prop)
    if found is not None:
        found[1].config["dual_property"]["synced_property_name"] = prop.name
