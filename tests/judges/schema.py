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
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

API = Path(__file__).resolve().parents[3] / "shared" / "notion-api"
DESCRIPTION = API / "openapi-2026-03-11.schema-only.json"
ROOT = "urn:notion"
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


def _resolved(schema: Any) -> Any:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = _definition(schema["$ref"])
    return schema


@cache
def _definition(reference: str) -> Any:
    found = description()
    for part in reference.split("#/", 1)[1].split("/"):
        found = found[part]
    return found


def _constants(schema: Any) -> dict[str, Any]:
    """Return the keys whose value *schema* fixes, such as `object` and `type`."""
    schema = _resolved(schema)
    fixed: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        fixed.update(_constants(part))
    for name, rule in schema.get("properties", {}).items():
        if "const" in rule:
            fixed[name] = rule["const"]
    return fixed


def _is_stub(branch: Mapping[str, Any]) -> bool:
    return bool(re.search(r"/partial\w+ObjectResponse$", branch.get("$ref", "")))


def _branches(branches: list[Any]) -> Iterator[Any]:
    """Yield all alternatives, also of alternatives that are nothing but alternatives."""
    for branch in branches:
        resolved = _resolved(branch)
        inner = resolved.get("anyOf", resolved.get("oneOf"))
        if inner is None or "properties" in resolved or "allOf" in resolved:
            yield branch
        else:
            yield from _branches(inner)


def _fits(validator: Validator, branch: Any, instance: Any) -> bool:
    kind = _resolved(branch).get("type")
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
    whole = isinstance(instance, dict) and not instance.keys() <= STUB_KEYS
    meant = [one for one in _branches(branches) if _fits(validator, one, instance)]
    if whole:
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


def opened(schema: Any) -> Any:
    """Return *schema* without `additionalProperties: false`."""
    if isinstance(schema, list):
        return [opened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: opened(value)
        for name, value in schema.items()
        if not (name == "additionalProperties" and value is False)
    }


@lru_cache(maxsize=1)
def description() -> dict[str, Any]:
    """Return Notion's description with open objects."""
    return opened(json.loads(DESCRIPTION.read_text()))


@lru_cache(maxsize=1)
def _registry() -> Registry[Any]:
    return Registry().with_resource(ROOT, Resource.from_contents(description(), DRAFT202012))


@cache
def _judge(pointer: str) -> Validator:
    return Judge({"$ref": f"{ROOT}#{pointer}"}, registry=_registry(), format_checker=checker)


def pointer_to(*parts: str) -> str:
    """Return a JSON pointer."""
    return "".join("/" + part.replace("~", "~0").replace("/", "~1") for part in parts)


@lru_cache(maxsize=1)
def _templates() -> list[tuple[re.Pattern[str], str]]:
    paths = sorted(description()["paths"], key=lambda path: path.count("{"))
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)), path) for path in paths]


def template_of(path: str) -> str | None:
    """Return the path of the description that *path* belongs to, fixed words first."""
    return next((path_ for pattern, path_ in _templates() if pattern.fullmatch(path)), None)


def complaints_about(value: Any, pointer: str) -> Iterator[str]:
    """Yield what is wrong with *value*, with its place; list indexes are left out."""
    for error in _judge(pointer).iter_errors(value):
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
    pointer = pointer_to(
        "paths", template, exchange.method.lower(), "responses", status, "content",
        "application/json", "schema",
    )  # fmt: skip
    for complaint in complaints_about(exchange.response, pointer):
        yield f"{label} {complaint}"
