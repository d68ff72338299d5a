"""Rollups: what a property of related pages adds up to."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from notionfs.simulator.clock import seconds_of
from notionfs.simulator.ids import same_property_id
from notionfs.simulator.records import Page, Prop

if TYPE_CHECKING:
    from notionfs.simulator.world import World

MOST_DEPTH = 3  # rollups of rollups: the service stops somewhere, and so do we


def read_rollup(world: World, page: Page, prop: Prop, stored: Any) -> dict[str, Any]:
    """Return the computed value of a rollup, its type and its function."""
    function = prop.config.get("function", "show_original")
    if stored is not None:
        return {**stored, "function": function}  # loaded as it was
    return {**_computed(function, rolled_values(world, page, prop)), "function": function}


def rolled_values(world: World, page: Page, prop: Prop) -> list[dict[str, Any]]:
    """Return the values a rollup looks at: one property object (without id) per related page."""
    from notionfs.simulator.objects import property_object

    workspace = world.workspace
    relation = _find(workspace.schema(page), prop.config.get("relation_property_id"))
    if relation is None:
        return []
    found: list[dict[str, Any]] = []
    for other_id in workspace.values(page).get(relation.id) or ():
        other = workspace.pages.get(other_id)
        target = (
            _find(workspace.schema(other), prop.config.get("rollup_property_id")) if other else None
        )
        if other is None or target is None or other.in_trash or target.type == "rollup":
            continue  # a rollup of a rollup is not computed
        shown = property_object(world, other, target, workspace.values(other).get(target.id))
        found.append({key: value for key, value in shown.items() if key not in ("id", "has_more")})
    return found


def _find(schema: Mapping[str, Prop], property_id: str | None) -> Prop | None:
    if not property_id:
        return None
    return next((p for p in schema.values() if same_property_id(p.id, property_id)), None)


def _computed(function: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    if function in ("show_original", "show_unique"):
        unique = list({repr(value): value for value in values}.values())
        return {"type": "array", "array": values if function == "show_original" else unique}
    dates = DATES.get(function)
    if dates is not None:
        return {"type": "date", "date": dates(values)}
    numbers = NUMBERS.get(function)
    if numbers is None:
        return {"type": "unsupported", "unsupported": {}}
    return {"type": "number", "number": numbers(values)}


def _empty(value: dict[str, Any]) -> bool:
    content = value[value["type"]]
    return content is None or content in ("", [], {}) or content is False


def _numbers(values: list[dict[str, Any]]) -> list[float]:
    found = []
    for value in values:
        content = value[value["type"]]
        if isinstance(content, dict) and content.get("type") == "number":
            content = content["number"]
        if isinstance(content, int | float) and not isinstance(content, bool):
            found.append(content)
    return found


def _days(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for value in values:
        content = value[value["type"]]
        if isinstance(content, str) and value["type"] in ("created_time", "last_edited_time"):
            content = {"start": content, "end": None, "time_zone": None}
        if isinstance(content, dict) and content.get("type") == "date":
            content = content["date"]
        if isinstance(content, dict) and content.get("start"):
            found.append(content)
    return found


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _over(compute: Callable[[list[float]], float]) -> Callable[[list[dict[str, Any]]], Any]:
    def number(values: list[dict[str, Any]]) -> float | None:
        numbers = _numbers(values)
        return compute(numbers) if numbers else None

    return number


def _count_values(values: list[dict[str, Any]]) -> int:
    total = 0
    for value in values:
        content = value[value["type"]]
        total += len(content) if isinstance(content, list) else not _empty(value)
    return total


def _filled(values: list[dict[str, Any]]) -> int:
    return sum(not _empty(value) for value in values)


NUMBERS: Mapping[str, Callable[[list[dict[str, Any]]], Any]] = {
    "count": len,
    "count_values": _count_values,
    "empty": lambda values: len(values) - _filled(values),
    "not_empty": _filled,
    "unique": lambda values: len({repr(value) for value in values if not _empty(value)}),
    "percent_empty": lambda values: _share(len(values) - _filled(values), len(values)),
    "percent_not_empty": lambda values: _share(_filled(values), len(values)),
    "checked": _filled,
    "unchecked": lambda values: len(values) - _filled(values),
    "percent_checked": lambda values: _share(_filled(values), len(values)),
    "percent_unchecked": lambda values: _share(len(values) - _filled(values), len(values)),
    "sum": lambda values: sum(_numbers(values)),
    "average": _over(statistics.fmean),
    "median": _over(statistics.median),
    "min": _over(min),
    "max": _over(max),
    "range": _over(lambda numbers: max(numbers) - min(numbers)),
}


def _extreme(pick: Callable[..., dict[str, Any]]) -> Callable[[list[dict[str, Any]]], Any]:
    def date(values: list[dict[str, Any]]) -> dict[str, Any] | None:
        days = _days(values)
        return pick(days, key=lambda day: seconds_of(day["start"])) if days else None

    return date


def _date_range(values: list[dict[str, Any]]) -> dict[str, Any] | None:
    days = _days(values)
    if not days:
        return None
    first = min(days, key=lambda day: seconds_of(day["start"]))
    last = max(days, key=lambda day: seconds_of(day["end"] or day["start"]))
    return {"start": first["start"], "end": last["end"] or last["start"], "time_zone": None}


DATES: Mapping[str, Callable[[list[dict[str, Any]]], Any]] = {
    "earliest_date": _extreme(min),
    "latest_date": _extreme(max),
    "date_range": _date_range,
}
