"""Query filters: a request's filter becomes a test on a row.

Conditions come from one table per family of property types (`properties.py` names the family). A
filter that does not fit its property is refused, as the service does, instead of matching nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.conditions import FAMILIES, Condition
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.objects import property_object
from notionfs.simulator.properties import type_of
from notionfs.simulator.records import DataSource, Page, Prop
from notionfs.simulator.rollups import rolled_values
from notionfs.simulator.schema import find_property

Test = Callable[[Page], bool]
TIMESTAMPS = ("created_time", "last_edited_time")
TEXT_KEYS = frozenset({"title", "rich_text", "url", "email", "phone_number"})
FORMULA_FAMILIES: Mapping[str, tuple[str, str]] = {
    "string": ("text", "string"),
    "checkbox": ("checkbox", "boolean"),
    "number": ("number", "number"),
    "date": ("date", "date"),
}


def compile_filter(call: Call, source: DataSource, request: Any) -> Test:
    """Return the test that *request* describes; no filter lets every row pass."""
    if request is None:
        return lambda page: True
    return _compile(call, source, request, "body.filter", 0)


def _compile(call: Call, source: DataSource, request: Any, where: str, depth: int) -> Test:
    if not isinstance(request, dict):
        raise body_invalid(where, "an object", request)
    for joint in ("and", "or"):
        if joint in request:
            return _compound(call, source, request, joint, where, depth)
    if "timestamp" in request:
        return _timestamp(call, request, where)
    if "property" not in request:
        expected = ", ".join(f"`{where}.{key}`" for key in ("or", "and", "property", "timestamp"))
        raise invalid(f"body failed validation. Fix one: {expected} should be defined.")
    return _property(call, source, request, where)


def _compound(
    call: Call, source: DataSource, request: dict[str, Any], joint: str, where: str, depth: int
) -> Test:
    parts = request[joint]
    if not isinstance(parts, list):
        raise body_invalid(f"{where}.{joint}", "an array", parts)
    if depth >= call.world.limits.filter_depth:
        raise invalid(
            f"body failed validation: {where}.{joint} is nested more than "
            f"{call.world.limits.filter_depth} levels deep."
        )
    tests = [
        _compile(call, source, part, f"{where}.{joint}[{i}]", depth + 1)
        for i, part in enumerate(parts)
    ]
    if joint == "and":
        return lambda page: all(test(page) for test in tests)
    return lambda page: not tests or any(test(page) for test in tests)


def _timestamp(call: Call, request: dict[str, Any], where: str) -> Test:
    kind = request["timestamp"]
    if kind not in TIMESTAMPS:
        raise body_invalid(f"{where}.timestamp", '"created_time" or "last_edited_time"', kind)
    condition = _condition(call, "date", request.get(kind), f"{where}.{kind}")
    prop = Prop(kind, kind, kind)
    return lambda page: condition(type_of(prop).read(call.world, page, prop, None))


def _property(call: Call, source: DataSource, request: dict[str, Any], where: str) -> Test:
    prop = find_property(source, str(request["property"]))
    if prop is None:
        raise invalid(f"Could not find property with name or id: {request['property']}")
    keys = [key for key in request if key not in ("property", "type")]
    if len(keys) != 1:
        raise invalid(f"body failed validation: {where} should have exactly one condition.")
    key = keys[0]
    family = type_of(prop).family
    fits = key == prop.type or (family == "text" and key in TEXT_KEYS)
    if not fits or not family:
        raise invalid(
            f"database property {prop.type} does not match filter {key}"
            if family
            else f"Property {prop.name} of type {prop.type} cannot be filtered."
        )
    place = f"{where}.{key}"
    test = SPECIAL.get(family, _plain)(call, prop, request[key], place)

    def passes(page: Page) -> bool:
        return test(page)

    return passes


def _value(call: Call, page: Page, prop: Prop) -> Any:
    stored = call.world.workspace.values(page).get(prop.id)
    return property_object(call.world, page, prop, stored)[prop.type]


def _plain(call: Call, prop: Prop, conditions: Any, where: str) -> Test:
    family = type_of(prop).family
    condition = _condition(call, family, conditions, where)
    if family == "references" and prop.type in ("relation", "people"):
        # The shown value is cut at 25; the stored one is whole.
        return lambda page: condition(
            [{"id": one} for one in call.world.workspace.values(page).get(prop.id) or ()]
        )
    return lambda page: condition(_value(call, page, prop))


def _condition(call: Call, family: str, request: Any, where: str) -> Condition:
    if not isinstance(request, dict) or not request:
        raise body_invalid(where, "an object with a condition", request)
    table = FAMILIES[family]
    made = []
    for name, argument in request.items():
        maker = table.get(name)
        if maker is None:
            raise body_invalid(f"{where}.{name}", "not present", argument)
        made.append(maker(call, argument, f"{where}.{name}"))
    return made[0] if len(made) == 1 else lambda value: all(test(value) for test in made)


def _formula(call: Call, prop: Prop, request: Any, where: str) -> Test:
    if not isinstance(request, dict) or len(request) != 1:
        raise body_invalid(where, "an object with one result type", request)
    (kind, conditions), *_ = request.items()
    if kind not in FORMULA_FAMILIES:
        raise body_invalid(f"{where}.{kind}", "not present", conditions)
    family, result = FORMULA_FAMILIES[kind]
    condition = _condition(call, family, conditions, f"{where}.{kind}")

    def passes(page: Page) -> bool:
        shown = _value(call, page, prop)
        return condition(shown[result]) if shown["type"] == result else False

    return passes


def _rollup(call: Call, prop: Prop, request: Any, where: str) -> Test:
    if not isinstance(request, dict) or len(request) != 1:
        raise body_invalid(where, "an object with one condition", request)
    (kind, conditions), *_ = request.items()
    if kind in ("number", "date"):
        condition = _condition(call, kind, conditions, f"{where}.{kind}")

        def computed(page: Page) -> bool:
            shown = _value(call, page, prop)
            return condition(shown[kind]) if shown["type"] == kind else False

        return computed
    if kind not in QUANTIFIERS or not isinstance(conditions, dict) or len(conditions) != 1:
        raise body_invalid(
            f"{where}.{kind}", "`any`, `every`, `none`, `number` or `date`", conditions
        )
    (inner, inner_conditions), *_ = conditions.items()
    family = "text" if inner in TEXT_KEYS else type_of(Prop("", "", inner)).family
    if family not in FAMILIES:
        raise body_invalid(f"{where}.{kind}.{inner}", "a property type", inner_conditions)
    test = _condition(call, family, inner_conditions, f"{where}.{kind}.{inner}")
    quantifier = QUANTIFIERS[kind]

    def items(page: Page) -> bool:
        values = rolled_values(call.world, page, prop)
        return quantifier([test(value[value["type"]]) for value in values])

    return items


QUANTIFIERS: Mapping[str, Callable[[list[bool]], bool]] = {
    "any": any,
    "every": all,
    "none": lambda results: not any(results),
}


def _verification(call: Call, prop: Prop, request: Any, where: str) -> Test:
    names = {"verified": "verified", "expired": "expired", "none": "unverified"}
    if not isinstance(request, dict) or len(request) != 1:
        raise body_invalid(where, "an object with a condition", request)
    (kind, argument), *_ = request.items()
    if kind not in ("status", "equals", "does_not_equal") or argument not in names:
        raise body_invalid(f"{where}.{kind}", "a verification status", argument)
    wanted, negated = names[argument], kind == "does_not_equal"
    return lambda page: (_value(call, page, prop)["state"] == wanted) != negated


SPECIAL: Mapping[str, Callable[[Call, Prop, Any, str], Test]] = {
    "formula": _formula,
    "rollup": _rollup,
    "verification": _verification,
}
