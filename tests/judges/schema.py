"""Notion's own description of its API as a judge of answers.

Objects of the description are closed in places where it combines them, so unknown keys are not
judged; and it allows a stub (`partial…`) wherever a whole object may stand, so a whole object is
held to the whole description only.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend

API = Path(__file__).resolve().parents[3] / "shared" / "notion-api"
DESCRIPTION = API / "openapi-2026-03-11.schema-only.json"
NAME, FIXED = "x-name", "x-fixed"  # notes in definitions, which validation does not see
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STUB_KEYS = frozenset({"object", "id", "type", "request_id"})

checker = FormatChecker(formats=())


@checker.checks("uuid")
def _is_uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(UUID.fullmatch(value))


@checker.checks("date-time")
def _is_time(value: object) -> bool:
    pattern = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return not isinstance(value, str) or bool(re.fullmatch(pattern, value))


@checker.checks("date")
def _is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as they were on the wire."""

    method: str
    path: str
    version: str
    request: Any
    status: int
    response: Any


def _constants(schema: Any) -> dict[str, Any]:
    """Return the keys whose value *schema* fixes, such as `object` and `type`."""
    known = schema.get(FIXED)
    if known is None:
        known = {}
        for part in schema.get("allOf", ()):
            known.update(_constants(part))
        for name, rule in schema.get("properties", {}).items():
            if "const" in rule:
                known[name] = rule["const"]
        schema[FIXED] = known
    return known


def _is_stub(branch: Mapping[str, Any]) -> bool:
    return bool(re.fullmatch(r"partial\w+ObjectResponse", branch.get(NAME, "")))


def _branches(branches: list[Any]) -> Iterator[Any]:
    """Yield all alternatives, also of alternatives that are nothing but alternatives."""
    for branch in branches:
        inner = branch.get("anyOf", branch.get("oneOf"))
        if inner is None or "properties" in branch or "allOf" in branch:
            yield branch
        else:
            yield from _branches(inner)


def _fits(validator: Validator, branch: Any, instance: Any) -> bool:
    kind = branch.get("type")
    if isinstance(kind, str) and not validator.is_type(instance, kind):
        return False
    if not isinstance(instance, dict):
        return True
    fixed = _constants(branch)
    return all(instance[name] == value for name, value in fixed.items() if name in instance)


def _alternatives(
    validator: Validator, branches: list[Any], instance: Any, schema: Any
) -> Iterator[ValidationError]:
    """Judge by the branches that are meant for *instance*: precise words instead of "none fits"."""
    every = list(_branches(branches))
    meant = [one for one in every if _fits(validator, one, instance)]
    stub = not isinstance(instance, dict) or instance.keys() <= STUB_KEYS
    if not stub and not all(_is_stub(one) or one.get("type") == "null" for one in every):
        meant = [one for one in meant if not _is_stub(one)]
    tried = [list(validator.descend(instance, branch)) for branch in meant]
    if not tried:
        yield ValidationError(f"no alternative is meant for {_kind(instance)}")
    elif all(tried):
        yield from min(tried, key=len)


def _kind(instance: Any) -> Any:
    if not isinstance(instance, dict):
        return instance
    return {name: instance[name] for name in ("object", "type") if name in instance}


Judge = extend(Draft202012Validator, {"anyOf": _alternatives, "oneOf": _alternatives})


def _opened(schema: Any, definitions: dict[str, Any]) -> Any:
    """Return *schema* without `additionalProperties: false`, and what it refers to in place.

    Following a reference a million times would take the judge minutes.
    """
    if isinstance(schema, list):
        return [_opened(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return definitions.get(schema["$ref"].rsplit("/", 1)[-1], {})  # {}: a parameter
    return {
        name: _opened(value, definitions)
        for name, value in schema.items()
        if not (name == "additionalProperties" and value is False)
    }


@cache
def description() -> dict[str, Any]:
    """Return Notion's description with open objects; its definitions may contain each other."""
    closed = json.loads(DESCRIPTION.read_text())
    definitions: dict[str, Any] = {name: {NAME: name} for name in closed["components"]["schemas"]}
    schemas = closed["components"]["schemas"].items()
    for name, schema in sorted(schemas, key=lambda one: "$ref" in one[1]):  # other names last
        definitions[name].update(_opened(schema, definitions))
    return {"paths": _opened(closed["paths"], definitions)}


@cache
def _templates() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted(description()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in paths]


def template_of(path: str) -> str | None:
    """Return the path of the description that *path* belongs to, fixed words first."""
    return next((path_ for pattern, path_ in _templates() if pattern.fullmatch(path)), None)


def complaints_about(value: Any, schema: Any) -> Iterator[str]:
    """Yield what is wrong with *value*, with its place; list indexes are left out."""
    for error in Judge(schema, format_checker=checker).iter_errors(value):
        place = "".join("[]" if isinstance(part, int) else f".{part}" for part in error.path)
        yield f"{place}: {error.message[:160]}"


def complaints(exchange: Exchange) -> Iterator[str]:
    """Yield what Notion's description has against one answer, nothing for what it does not know."""
    template = template_of(exchange.path)
    operation = description()["paths"].get(template, {}).get(exchange.method.lower())
    if template is None or operation is None:
        return
    status = str(exchange.status)
    label = f"{exchange.method} {template} {status}"
    if status not in operation["responses"]:
        yield f"{label}: the description has no such status"
        return
    schema = operation["responses"][status]["content"]["application/json"]["schema"]
    for complaint in complaints_about(exchange.response, schema):
        yield f"{label} {complaint}"
