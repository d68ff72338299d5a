"""Writing property values: a value as requested becomes a value as stored, or a validation error.

Nothing is changed while values are checked: a `Writer` collects what writing them implies (new
select options, the other side of two-way relations), and its owner carries that out once all of
them passed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator.clock import is_day, rounded_date
from notionfs.simulator.errors import ApiError, body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.limits import check_array, check_length
from notionfs.simulator.options import (
    Option,
    check_option,
    default_status,
    find_option,
    new_option,
)
from notionfs.simulator.records import DataSource, Prop
from notionfs.simulator.texts import checked_rich_text
from notionfs.simulator.uploads import attach
from notionfs.simulator.world import World


@dataclass(slots=True)
class Writer:
    """The context of one write: who writes where, and what it will imply."""

    world: World
    actor: str
    source: DataSource | None = None
    new_options: list[tuple[Prop, Option]] = field(default_factory=list)

    def options(self, prop: Prop) -> list[Option]:
        """Return the options of *prop*, those this write will add among them."""
        added = [option for owner, option in self.new_options if owner is prop]
        return [*prop.config.get("options", ()), *added]

    def carry_out(self) -> None:
        """Add the new options to their properties."""
        for prop, option in self.new_options:
            prop.config.setdefault("options", []).append(option)
        self.new_options.clear()


def write_rich_text(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept an array of rich text objects."""
    check_array(writer.world.limits, value, where)
    return checked_rich_text(value, where)


def write_number(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept a number or null."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise body_invalid(where, "a number or `null`", value)
    return value


def write_checkbox(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept a boolean."""
    if not isinstance(value, bool):
        raise body_invalid(where, "a boolean", value)
    return value


def write_string(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept a string or null; an empty one is stored as null."""
    if value is None:
        return None
    limits = writer.world.limits
    most = {"email": limits.email, "phone_number": limits.phone}.get(prop.type, limits.url)
    return check_length(value, most, where) or None


def write_select(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept an option by name or id, or null. An unknown name makes a new option."""
    return None if value is None else _option_id(writer, prop, value, where)


def write_multi_select(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept an array of options. Unknown names make new options, doubles count once."""
    check_array(writer.world.limits, value, where)
    chosen = [
        _option_id(writer, prop, item, f"{where}[{index}]") for index, item in enumerate(value)
    ]
    return list(dict.fromkeys(chosen))


def _option_id(writer: Writer, prop: Prop, value: Any, where: str) -> str:
    request = check_option(value, where)
    options = writer.options(prop)
    option = find_option(options, request)
    if option is None and request.get("name") is not None:
        option = find_option(options, {"name": request["name"]})
        if option is None:
            fresh: dict[str, Any] = {"name": request["name"], "color": request.get("color")}
            option = new_option(fresh, options, writer.world.ids.free)
            writer.new_options.append((prop, option))
    if option is None:
        raise invalid(f'Select option with ID "{request["id"]}" does not exist.')
    return str(option["id"])


def write_status(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept an existing option, or null for the default one."""
    if value is None:
        return default_status(prop.config)
    request = check_option(value, where)
    option = find_option(prop.config["options"], request)
    if option is None:
        raise invalid(
            f'Invalid status option. Status option "{request.get("name", request.get("id"))}" '
            "does not exist."
        )
    return option["id"]


def write_date(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept a date object or null.

    It reads back cut to the minute, with an offset instead of a zone.
    """
    if value is None:
        return None
    if not isinstance(value, dict):
        raise body_invalid(where, "an object or `null`", value)
    _only(value, ("start", "end", "time_zone"), where)
    zone = value.get("time_zone")
    start = _date_part(value.get("start"), zone, f"{where}.start", required=True)
    end = _date_part(value.get("end"), zone, f"{where}.end", required=False)
    if start and end and is_day(start) != is_day(end):
        raise invalid(f"{where}.start and {where}.end must both be dates, or both datetimes.")
    return {"start": start, "end": end, "time_zone": None}


def _date_part(value: Any, zone: Any, where: str, *, required: bool) -> str | None:
    if value is None and not required:
        return None
    if value is None:
        raise body_invalid(where, "defined", missing=True)
    rounded = rounded_date(value, zone) if isinstance(value, str) else None
    if rounded is None:
        raise body_invalid(where, "a valid ISO 8601 date string", value)
    return rounded


def write_people(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept an array of users of the workspace."""
    chosen: list[str] = []
    for place, user_id in _references(writer, value, where):
        if user_id not in writer.world.workspace.records.users:
            raise invalid(f"{place}.id: there is no user with ID {user_id} in this workspace.")
        chosen.append(user_id)
    return list(dict.fromkeys(chosen))


def write_relation(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept an array of pages of the related data source."""
    chosen: list[str] = []
    for _, page_id in _references(writer, value, where):
        page = writer.world.workspace.pages.get(page_id)
        if page is None:
            raise ApiError(404, "object_not_found", f"Could not find page with ID: {page_id}.")
        chosen.append(page_id)
    return list(dict.fromkeys(chosen))


def _references(writer: Writer, value: Any, where: str) -> list[tuple[str, str]]:
    """Return place and id of every entry of an array of `{"id": …}`."""
    check_array(writer.world.limits, value, where)
    found: list[tuple[str, str]] = []
    for index, item in enumerate(value):
        place = f"{where}[{index}]"
        if not isinstance(item, dict):
            raise body_invalid(place, "an object", item)
        wanted = item.get("id")
        entry = dashed(wanted) if isinstance(wanted, str) else None
        if entry is None:
            raise body_invalid(f"{place}.id", "a valid uuid", wanted, missing="id" not in item)
        found.append((place, entry))
    return found


def write_files(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept external files, uploads and hosted files that were read before."""
    check_array(writer.world.limits, value, where)
    return [
        attach(writer.world, item, f"{where}[{index}]", named=True)
        for index, item in enumerate(value)
    ]


def write_place(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept a place with coordinates, or null."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise body_invalid(where, "an object or `null`", value)
    _only(value, PLACE_KEYS, where)
    for key in ("lat", "lon"):
        number = value.get(key)
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise body_invalid(f"{where}.{key}", "a number", number, missing=key not in value)
    return {key: value.get(key) for key in PLACE_KEYS}


PLACE_KEYS = ("lat", "lon", "name", "address", "aws_place_id", "google_place_id")


def write_verification(writer: Writer, prop: Prop, value: Any, where: str) -> Any:
    """Accept `verified` (with a period, if any) or `unverified`."""
    state = value.get("state") if isinstance(value, dict) else None
    if state not in ("verified", "unverified"):
        raise body_invalid(f"{where}.state", '"verified" or "unverified"', state)
    if state == "unverified":
        return None
    date = write_date(writer, prop, value.get("date"), f"{where}.date")
    return {"state": "verified", "date": date, "verified_by": writer.actor}


def _only(value: dict[str, Any], allowed: tuple[str, ...], where: str) -> None:
    for key, given in value.items():
        if key not in allowed:
            raise body_invalid(f"{where}.{key}", "not present", given)
