"""The table of property types: how each value is shown, read back, and emptied.

`render` takes the payload of a property value (`value[type]`), as read or as sent, and returns
what stands in the frontmatter. `parse` takes what people wrote and returns the payload to send,
or raises `ProblemError` with the end of a sentence that begins with the property's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from notionfs.markdown.choices import parse_option, parse_options, render_option, render_options
from notionfs.markdown.dates import InvalidDateError, parse_date, render_date
from notionfs.markdown.fields import Context, ProblemError, as_text, short
from notionfs.markdown.links import (
    parse_files,
    parse_people,
    parse_relation,
    render_files,
    render_people,
    render_relation,
)
from notionfs.markdown.richtext import parse_rich_text, render_rich_text
from notionfs.model import JSON, References, UserId

MAX_RUNS = 100
_MAX_LENGTHS: Mapping[str, int] = {"url": 2000, "email": 200, "phone_number": 200}


class PropertyType(Struct, frozen=True):
    """One row of the table. *parse* is None for what Notion computes."""

    render: Callable[[JSON, References], Any]
    parse: Callable[[Any, Context], JSON] | None
    empty: JSON = None

    @property
    def writable(self) -> bool:
        """Whether a person can set it."""
        return self.parse is not None


# --- scalars --------------------------------------------------------------------------------------


def _same(payload: JSON, refs: References) -> Any:
    return payload


def _parse_number(value: Any, context: Context) -> JSON:
    if isinstance(value, int | float) and not isinstance(value, bool):
        # The subclasses remember their spelling; Notion gets the number alone.
        return int(value) if isinstance(value, int) else _finite(float(value))
    try:
        return _finite(float(as_text(value)))
    except ValueError:
        raise ProblemError(f"must be a number, not “{short(value)}”") from None


def _finite(number: float) -> int | float:
    if not math.isfinite(number):
        raise ProblemError("must be a finite number")
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


_BOOLEANS: Mapping[str, bool] = {
    **dict.fromkeys(("true", "yes", "on", "1", "x"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}


def _parse_checkbox(value: Any, context: Context) -> JSON:
    found = _BOOLEANS.get(as_text(value).strip().casefold())
    if found is None:
        raise ProblemError(f"must be true or false, not “{short(value)}”")
    return found


def _parse_string(value: Any, context: Context) -> JSON:
    text = as_text(value)
    limit = _MAX_LENGTHS[context.schema.type]
    if len(text) > limit:
        raise ProblemError(f"is longer than the {limit} characters Notion allows")
    return text or None


def _render_text(payload: JSON, refs: References) -> Any:
    return render_rich_text(payload or ()) or None


def _parse_text(value: Any, context: Context) -> JSON:
    runs = parse_rich_text(as_text(value))
    if len(runs) > MAX_RUNS:
        raise ProblemError(f"has more than the {MAX_RUNS} pieces of text Notion allows")
    return runs


def _render_date(payload: JSON, refs: References) -> Any:
    return render_date(payload)


def _parse_date(value: Any, context: Context) -> JSON:
    try:
        return parse_date(as_text(value))
    except InvalidDateError as exc:
        raise ProblemError(f"is not a date Notion understands: {exc}") from exc


# --- places, verification -------------------------------------------------------------------------

_PLACE_KEYS = ("name", "address", "lat", "lon")


def _render_place(payload: JSON, refs: References) -> Any:
    return {key: payload.get(key) for key in _PLACE_KEYS} if payload else None


def _parse_place(value: Any, context: Context) -> JSON:
    if not isinstance(value, Mapping):
        raise ProblemError("must have the lines name, address, lat and lon")
    unknown = [key for key in value if key not in _PLACE_KEYS]
    if unknown:
        raise ProblemError(f"has no “{short(unknown[0])}”; it has name, address, lat and lon")
    if not all(_is_number(value.get(key)) for key in ("lat", "lon")):
        raise ProblemError("needs numbers for lat and lon")
    place: dict[str, JSON] = {key: float(value[key]) for key in ("lat", "lon")}
    for key in ("name", "address"):
        text = value.get(key)
        place[key] = None if text is None else as_text(text)
    base = context.base or {}
    if all(base.get(key) == place[key] for key in ("lat", "lon")):
        # The same spot under another name keeps the ids that map services gave it.
        services = ("aws_place_id", "google_place_id")
        place |= {key: base[key] for key in services if base.get(key)}
    return place


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _render_verification(payload: JSON, refs: References) -> Any:
    if not payload:
        return None
    end = (payload.get("date") or {}).get("end")
    return f"{payload['state']}/{str(end)[:10]}" if end else payload["state"]


def _parse_verification(value: Any, context: Context) -> JSON:
    state, slash, until = as_text(value).strip().partition("/")
    if state not in ("verified", "unverified") or (slash and state == "unverified"):
        raise ProblemError("must be verified, verified/2026-12-31 or unverified")
    if not slash:
        return {"state": state}
    context_date = _parse_date(until, context)
    if "T" in context_date["start"] or context_date["end"]:
        raise ProblemError("must end on one day, as in verified/2026-12-31")
    end = f"{context_date['start']}T00:00:00.000Z"
    start = ((context.base or {}).get("date") or {}).get("start")
    return {"state": state, "date": {"start": start or end, "end": end}}


# --- computed -------------------------------------------------------------------------------------


def _render_unique_id(payload: JSON, refs: References) -> Any:
    if not payload or payload.get("number") is None:
        return None
    prefix = payload.get("prefix")
    return f"{prefix}-{payload['number']}" if prefix else payload["number"]


def _render_moment(payload: JSON, refs: References) -> Any:
    return render_date({"start": payload}) if isinstance(payload, str) else None


def _render_author(payload: JSON, refs: References) -> Any:
    if not payload:
        return None
    return refs.user_label(UserId(payload["id"])) or payload.get("name") or payload["id"]


def _render_result(payload: JSON, refs: References) -> Any:
    """Show a formula's or rollup's result, whose type stands beside it."""
    kind = (payload or {}).get("type")
    if kind == "array":
        return [entry for item in payload["array"] or () for entry in _flatten(item, refs)]
    if kind == "date":
        return render_date(payload.get("date"))
    return payload.get(kind) if kind in ("string", "number", "boolean") else HIDDEN


def _flatten(item: Mapping[str, JSON], refs: References) -> list[Any]:
    shown = render_value(item, refs)
    if shown is HIDDEN or shown is None:
        return []
    return shown if isinstance(shown, list) else [shown]


def _render_title(payload: JSON, refs: References) -> Any:
    return render_rich_text(payload or ())


HIDDEN = object()
"""What `render_value` returns for a value that has no form in a file."""


PROPERTY_TYPES: Mapping[str, PropertyType] = {
    "rich_text": PropertyType(_render_text, _parse_text, empty=[]),
    "number": PropertyType(_same, _parse_number),
    "select": PropertyType(render_option, parse_option),
    "multi_select": PropertyType(render_options, parse_options, empty=[]),
    "status": PropertyType(render_option, parse_option),
    "date": PropertyType(_render_date, _parse_date),
    "people": PropertyType(render_people, parse_people, empty=[]),
    "files": PropertyType(render_files, parse_files, empty=[]),
    "checkbox": PropertyType(_same, _parse_checkbox, empty=False),
    "url": PropertyType(_same, _parse_string),
    "email": PropertyType(_same, _parse_string),
    "phone_number": PropertyType(_same, _parse_string),
    "relation": PropertyType(render_relation, parse_relation, empty=[]),
    "place": PropertyType(_render_place, _parse_place),
    "verification": PropertyType(
        _render_verification, _parse_verification, empty={"state": "unverified"}
    ),
    "formula": PropertyType(_render_result, None),
    "rollup": PropertyType(_render_result, None),
    "unique_id": PropertyType(_render_unique_id, None),
    "created_time": PropertyType(_render_moment, None),
    "last_edited_time": PropertyType(_render_moment, None),
    "last_visited_time": PropertyType(_render_moment, None),
    "created_by": PropertyType(_render_author, None),
    "last_edited_by": PropertyType(_render_author, None),
}
"""Not here, and so neither shown nor ever sent: title (the heading), button, and what Notion may
add after this was written."""

_IN_ROLLUPS: Mapping[str, Callable[[JSON, References], Any]] = {"title": _render_title}


def render_value(value: Mapping[str, JSON], refs: References) -> Any:
    """Show a typed value, or HIDDEN if its type has no form in a file."""
    kind = str(value.get("type"))
    if kind in _IN_ROLLUPS:
        return _IN_ROLLUPS[kind](value.get(kind), refs)
    row = PROPERTY_TYPES.get(kind)
    return row.render(value.get(kind), refs) if row is not None else HIDDEN
