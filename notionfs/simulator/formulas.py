"""Formulas: the part of Notion's formula language that people use most, computed for real.

What this does not understand reads as `unsupported`, as the service itself answers for formulas it
cannot compute. References by name are stored as the service stores them, so that renaming a
property does not break them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from notionfs.simulator.formula_parser import FormulaError, Node, parse_formula
from notionfs.simulator.formula_values import FUNCTIONS, OPERATORS, Day, truthy
from notionfs.simulator.ids import same_property_id
from notionfs.simulator.records import DataSource, Page, Prop, plain

if TYPE_CHECKING:
    from notionfs.simulator.world import World

REFERENCE = re.compile(r"\{\{notion:block_property:([^:}]+):[^}]*\}\}")
NAMED = re.compile(r'prop\(\s*"((?:[^"\\]|\\.)*)"\s*\)')
MOST_DEPTH = 8
NO_DATE = object()  # a date that is not there
DATES = frozenset({"dateAdd", "dateSubtract", "dateStart", "dateEnd", "parseDate", "fromTimestamp"})
FAILURES = (
    FormulaError, ArithmeticError, AttributeError, ValueError, TypeError, LookupError,
    RecursionError,
)  # fmt: skip


def stored_expression(expression: str, source: DataSource, workspace_id: str) -> str:
    """Return *expression* with `prop("Name")` replaced by references to property ids."""

    def reference(match: re.Match[str]) -> str:
        prop = next((p for p in source.properties.values() if p.name == match[1]), None)
        if prop is None:
            return match[0]
        return "{{notion:block_property:" + f"{prop.id}:{source.id}:{workspace_id}" + "}}"

    return NAMED.sub(reference, expression)


def read_formula(world: World, page: Page, prop: Prop, stored: Any) -> dict[str, Any]:
    """Return the computed value of a formula, with its type."""
    if stored is not None:
        return stored if isinstance(stored, dict) else {"type": "unsupported", "unsupported": {}}
    return shown_result(evaluate(world, page, prop))


def evaluate(world: World, page: Page, prop: Prop, depth: int = 0) -> Any:
    """Return the value of a formula as a Python value; `FormulaError` itself if it has none."""
    try:
        tree = parse_formula(REFERENCE.sub(r'prop("\1")', prop.config.get("expression", "")))
        return _Evaluation(world, page, depth).value(tree)
    except FAILURES:
        return FormulaError


def shown_result(value: Any) -> dict[str, Any]:
    """Return a computed value in the API's form."""
    if value is FormulaError:
        return {"type": "unsupported", "unsupported": {}}
    if isinstance(value, bool):
        return {"type": "boolean", "boolean": value}
    if isinstance(value, int | float):
        whole = isinstance(value, float) and value.is_integer()
        return {"type": "number", "number": int(value) if whole else value}
    if isinstance(value, Day):
        return {"type": "date", "date": value.shown()}
    if value is NO_DATE:
        return {"type": "date", "date": None}
    if value is None:
        return {"type": "string", "string": None}
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return {"type": "string", "string": str(value)}


class _Evaluation:
    """One formula of one page being computed."""

    def __init__(self, world: World, page: Page, depth: int) -> None:
        self.world = world
        self.page = page
        self.depth = depth

    def value(self, node: Node) -> Any:
        kind, *parts = node
        return getattr(self, f"_{kind}")(*parts)

    def _constant(self, value: Any) -> Any:
        return value

    def _list(self, *items: Node) -> Any:
        return [self.value(item) for item in items]

    def _not(self, operand: Node) -> bool:
        return not truthy(self.value(operand))

    def _negative(self, operand: Node) -> Any:
        return -self.value(operand)

    def _choice(self, condition: Node, then: Node, otherwise: Node) -> Any:
        return self.value(then if truthy(self.value(condition)) else otherwise)

    def _and(self, left: Node, right: Node) -> bool:
        return truthy(self.value(left)) and truthy(self.value(right))

    def _or(self, left: Node, right: Node) -> bool:
        return truthy(self.value(left)) or truthy(self.value(right))

    def _binary(self, operator: str, left: Node, right: Node) -> Any:
        return OPERATORS[operator](self.value(left), self.value(right))

    def _call(self, name: str, *arguments: Node) -> Any:
        if name == "prop":
            return self._property(str(self.value(arguments[0])))
        if name == "if":
            return self._choice(arguments[0], arguments[1], arguments[2])
        if name == "ifs":
            return self._ifs(arguments)
        if name == "now":
            return Day.at(self.world.now)
        if name == "today":
            return Day.at(self.world.now).midnight()
        function = FUNCTIONS.get(name)
        if function is None:
            raise FormulaError(f"unknown function {name}")
        values = [self.value(argument) for argument in arguments]
        if name in DATES and values and values[0] in (None, NO_DATE):
            return NO_DATE
        return function(*values)

    def _ifs(self, arguments: tuple[Node, ...]) -> Any:
        pairs = len(arguments) // 2
        for index in range(pairs):
            if truthy(self.value(arguments[2 * index])):
                return self.value(arguments[2 * index + 1])
        return self.value(arguments[-1]) if len(arguments) % 2 else None

    def _property(self, wanted: str) -> Any:
        schema = self.world.workspace.schema(self.page)
        for prop in schema.values():
            if prop.name == wanted or same_property_id(prop.id, wanted):
                return self._read(prop)
        raise FormulaError(f"unknown property {wanted}")

    def _read(self, prop: Prop) -> Any:
        from notionfs.simulator.properties import type_of

        stored = self.world.workspace.values(self.page).get(prop.id)
        if prop.type == "formula" and stored is None:
            if self.depth >= MOST_DEPTH:
                raise FormulaError("formulas refer to each other too deeply")
            return evaluate(self.world, self.page, prop, self.depth + 1)
        return _plain_value(type_of(prop).read(self.world, self.page, prop, stored), prop.type)


def _plain_value(shown: Any, kind: str) -> Any:
    """Return an API value as what formulas compute with."""
    if kind in ("title", "rich_text"):
        return plain(shown)
    if kind in ("created_time", "last_edited_time"):
        return Day.of(shown)
    if isinstance(shown, list):
        return [_plain_value(item, "") for item in shown]
    if not isinstance(shown, dict):
        return shown
    if "start" in shown:
        return Day.of(shown["start"], shown.get("end"))
    if kind == "unique_id":
        prefix = shown.get("prefix")
        return f"{prefix}-{shown['number']}" if prefix else shown["number"]
    if "function" in shown or kind == "formula":
        return _plain_value(shown.get(shown["type"]), "")
    return shown.get("name", shown.get("id"))
