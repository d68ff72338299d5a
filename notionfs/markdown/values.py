"""The table of property types: how each value is shown, read back, and emptied.

`render` takes the payload of a property value (`value[type]`), as read or as sent, and returns
what stands in the frontmatter. `parse` takes what people wrote and returns the payload to send,
or raises `ProblemError` with the end of a sentence that begins with the property's name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process

from notionfs.markdown.bodies import canonical_url
from notionfs.markdown.dates import InvalidDateError, parse_date, render_date
from notionfs.markdown.frontmatter import PlainFloat, PlainInt
from notionfs.markdown.richtext import parse_rich_text, render_rich_text
from notionfs.model import JSON, PageId, PropertySchema, References, UserId

MAX_ENTRIES = 100
MAX_RELATIONS_SHOWN = 25
MAX_RUNS = 100
_MAX_LENGTHS: Mapping[str, int] = {"url": 2000, "email": 200, "phone_number": 200}
_NEAR_ENOUGH = 60


class ProblemError(ValueError):
    """A value cannot be sent; the message ends a sentence that names the property."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a value may need to know besides itself. *base* is the stored payload or None."""

    schema: PropertySchema
    refs: References
    base: JSON = None
    create_options: bool = False


@dataclass(frozen=True, slots=True)
class PropertyType:
    """One row of the table. *parse* is None for what Notion computes."""

    render: Callable[[JSON, References], Any]
    parse: Callable[[Any, Context], JSON] | None
    empty: JSON = None

    @property
    def writable(self) -> bool:
        """Whether a person can set it."""
        return self.parse is not None


def nearest(word: str, candidates: Sequence[str]) -> str | None:
    """Return the candidate that *word* was most likely meant to be, or None."""
    found = process.extractOne(
        word, candidates, scorer=fuzz.WRatio, processor=str.casefold, score_cutoff=_NEAR_ENOUGH
    )
    return str(found[0]) if found else None


def as_text(value: Any) -> str:
    """Return a scalar as its author wrote it."""
    if isinstance(value, PlainInt | PlainFloat):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ProblemError("must be a text, not a list or a group of lines")


def as_texts(value: Any, *, commas: bool = False) -> list[str]:
    """Return a list of texts; one text alone is a list of one, or of several with *commas*."""
    if isinstance(value, Mapping):
        raise ProblemError("must be a list like [one, two]")
    if not isinstance(value, list):
        text = as_text(value)
        items = text.split(",") if commas else [text]
        return [item.strip() for item in items if item.strip()]
    flat: list[str] = []
    for item in value:
        if isinstance(item, list):
            # `[[Design Notes]]` without quotes is a list in a list.
            flat += [as_text(inner) for inner in item if inner is not None]
        elif item is not None:
            flat.append(as_text(item))
    return flat


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
        raise ProblemError(f"must be a number, not “{_short(value)}”") from None


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
        raise ProblemError(f"must be true or false, not “{_short(value)}”")
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


# --- options --------------------------------------------------------------------------------------


def _render_option(payload: JSON, refs: References) -> Any:
    return payload.get("name") or payload.get("id") if payload else None


def _render_options(payload: JSON, refs: References) -> Any:
    return [_render_option(option, refs) for option in payload or ()]


def _parse_option(value: Any, context: Context) -> JSON:
    return _option(as_text(value).strip(), context) if value != "" else None


def _parse_options(value: Any, context: Context) -> JSON:
    names = as_texts(value, commas=True)
    _check_count(names)
    problems: list[str] = []
    options = []
    for name in dict.fromkeys(names):
        try:
            options.append(_option(name, context))
        except ProblemError as exc:
            problems.append(str(exc))
    if problems:
        raise ProblemError("; it ".join(problems))
    return options


def _option(name: str, context: Context) -> JSON:
    known = [*context.schema.options, *_base_names(context.base)]
    if name in known:
        return {"name": name}
    folded = [option for option in known if option.casefold() == name.casefold()]
    if folded:
        return {"name": folded[0]}
    if "," in name:
        raise ProblemError(f"has the option “{_short(name)}”, and options cannot contain a comma")
    if context.create_options and context.schema.type != "status":
        return {"name": name}
    raise ProblemError(f"has no option “{_short(name)}”{_suggestion(name, known)}")


def _base_names(base: JSON) -> list[str]:
    options = base if isinstance(base, list) else [base] if base else []
    return [option["name"] for option in options if option.get("name")]


def _suggestion(name: str, known: Sequence[str]) -> str:
    if not known:
        return "; it has no options at all"
    near = nearest(name, known)
    if near is not None:
        return f"; did you mean “{near}”?"
    return "; it may be " + ", ".join(f"“{option}”" for option in known[:8])


# --- references -----------------------------------------------------------------------------------


def _render_people(payload: JSON, refs: References) -> Any:
    return [_render_person(person, refs) for person in payload or ()]


def _render_person(person: JSON, refs: References) -> Any:
    return refs.user_label(UserId(person["id"])) or person["id"] if person else None


def _parse_people(value: Any, context: Context) -> JSON:
    def find(name: str) -> list[UserId]:
        return context.refs.find_users(name)

    return _references(as_texts(value), _render_people, find, "nobody", "people", context)


def _render_relation(payload: JSON, refs: References) -> Any:
    ids = (PageId(entry["id"]) for entry in payload or ())
    return [refs.page_path(page_id) or str(page_id) for page_id in ids]


_WIKI_LINK = re.compile(r"\[\[(.*?)(?:\|.*)?\]\]")


def _parse_relation(value: Any, context: Context) -> JSON:
    def find(reference: str) -> list[PageId]:
        link = _WIKI_LINK.fullmatch(reference)
        return context.refs.find_pages(link[1] if link else reference)

    return _references(as_texts(value), _render_relation, find, "no page", "pages", context)


def _references(
    names: list[str],
    render: Callable[[JSON, References], Any],
    find: Callable[[str], Sequence[str]],
    nothing: str,
    several: str,
    context: Context,
) -> JSON:
    _check_count(names)
    stored: dict[str, list[str]] = {}
    for entry, label in zip(context.base or (), render(context.base, context.refs), strict=True):
        stored.setdefault(label, []).append(entry["id"])
    problems: list[str] = []
    found: list[str] = []
    for name in names:
        # What was shown for an entry keeps meaning that entry, even if the name is ambiguous now.
        kept = stored.get(name)
        candidates = [kept.pop(0)] if kept else list(dict.fromkeys(find(name)))
        if len(candidates) == 1:
            found.append(str(candidates[0]))
        elif not candidates:
            problems.append(f"names “{_short(name)}”, but there is {nothing} of that name")
        else:
            problems.append(f"names “{_short(name)}”, which may be {len(candidates)} {several}")
    if problems:
        raise ProblemError("; it ".join(problems))
    return [{"id": entry} for entry in dict.fromkeys(found)]


def _check_count(names: Sequence[object]) -> None:
    if len(names) > MAX_ENTRIES:
        raise ProblemError(f"has {len(names)} entries, and Notion allows {MAX_ENTRIES}")


# --- files, places, verification ------------------------------------------------------------------


def _render_files(payload: JSON, refs: References) -> Any:
    return [canonical_url(_file_url(entry)) or entry.get("name", "") for entry in payload or ()]


def _file_url(entry: Mapping[str, JSON]) -> str:
    holder = entry.get("external") or entry.get("file") or {}
    return str(holder.get("url", ""))


def _parse_files(value: Any, context: Context) -> JSON:
    names = as_texts(value)
    _check_count(names)
    stored: dict[str, list[JSON]] = {}
    for entry, url in zip(
        context.base or (), _render_files(context.base, context.refs), strict=True
    ):
        stored.setdefault(url, []).append(entry)
    entries = []
    for url in names:
        kept = stored.get(url)
        entries.append(_kept_file(kept.pop(0)) if kept else _new_file(url))
    return entries


def _kept_file(entry: Mapping[str, JSON]) -> JSON:
    kind = "file" if "file" in entry else "external"
    return {"name": entry.get("name", ""), "type": kind, kind: {"url": _file_url(entry)}}


def _new_file(url: str) -> JSON:
    if not re.match(r"https?://", url):
        raise ProblemError(f"names “{_short(url)}”; only web addresses can be added here")
    name = url.split("?", 1)[0].rstrip("/").rpartition("/")[2] or url
    return {"name": name[:100], "type": "external", "external": {"url": url}}


_PLACE_KEYS = ("name", "address", "lat", "lon")


def _render_place(payload: JSON, refs: References) -> Any:
    return {key: payload.get(key) for key in _PLACE_KEYS} if payload else None


def _parse_place(value: Any, context: Context) -> JSON:
    if not isinstance(value, Mapping):
        raise ProblemError("must have the lines name, address, lat and lon")
    unknown = [key for key in value if key not in _PLACE_KEYS]
    if unknown:
        raise ProblemError(f"has no “{_short(unknown[0])}”; it has name, address, lat and lon")
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


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


HIDDEN = object()
"""What `render_value` returns for a value that has no form in a file."""


PROPERTY_TYPES: Mapping[str, PropertyType] = {
    "rich_text": PropertyType(_render_text, _parse_text, empty=[]),
    "number": PropertyType(_same, _parse_number),
    "select": PropertyType(_render_option, _parse_option),
    "multi_select": PropertyType(_render_options, _parse_options, empty=[]),
    "status": PropertyType(_render_option, _parse_option),
    "date": PropertyType(_render_date, _parse_date),
    "people": PropertyType(_render_people, _parse_people, empty=[]),
    "files": PropertyType(_render_files, _parse_files, empty=[]),
    "checkbox": PropertyType(_same, _parse_checkbox, empty=False),
    "url": PropertyType(_same, _parse_string),
    "email": PropertyType(_same, _parse_string),
    "phone_number": PropertyType(_same, _parse_string),
    "relation": PropertyType(_render_relation, _parse_relation, empty=[]),
    "place": PropertyType(_render_place, _parse_place),
    "verification": PropertyType(_render_verification, _parse_verification),
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
