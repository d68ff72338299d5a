"""Options of select, multi_select and status: made, found by name or id, and replaced."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from notionfs.simulator.errors import body_invalid, invalid

COLORS = ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
OPTION_COLORS = frozenset({"default", *COLORS})
GROUPS = (("To-do", "gray"), ("In progress", "blue"), ("Complete", "green"))
STATUS_DEFAULTS = (
    ("Not started", "default", "To-do"),
    ("In progress", "blue", "In progress"),
    ("Done", "green", "Complete"),
)
# What a schema says nothing about; an option that a value creates gets a colour of its own.
UNCOLOURED = {"color": "default"}
Option = dict[str, Any]
NewId = Callable[[], str]


def new_option(request: dict[str, Any], known: list[Option], new_id: NewId) -> Option:
    """Return a new option for *request*, in a colour of its own if none is asked for."""
    color = request.get("color") or COLORS[len(known) % len(COLORS)]
    return {
        "id": request.get("id") or new_id(),
        "name": request["name"],
        "color": color,
        "description": request.get("description"),
    }


def find_option(options: list[Option], wanted: dict[str, Any]) -> Option | None:
    """Return the option *wanted* names by id or (whatever its case) by name."""
    if (option_id := wanted.get("id")) is not None:
        return next((option for option in options if option["id"] == option_id), None)
    name = str(wanted.get("name", "")).casefold()
    return next((option for option in options if option["name"].casefold() == name), None)


def check_option(request: Any, where: str) -> dict[str, Any]:
    """Check one requested option."""
    if not isinstance(request, dict):
        raise body_invalid(where, "an object", request)
    name = request.get("name")
    if name is None and request.get("id") is None:
        raise body_invalid(f"{where}.name", "defined", missing=True)
    if name is not None and (not isinstance(name, str) or not name):
        raise body_invalid(f"{where}.name", "a non-empty string", name)
    if name is not None and "," in name:
        raise invalid(f"Invalid select option, commas not allowed: {name}")
    if request.get("color", "default") not in OPTION_COLORS:
        raise body_invalid(f"{where}.color", "a select color", request.get("color"))
    return request


def replaced_options(requests: Any, known: list[Option], new_id: NewId, where: str) -> list[Option]:
    """Return the options after a schema change.

    The list given, known ones keeping id and colour.
    """
    if not isinstance(requests, list):
        raise body_invalid(f"{where}.options", "an array", requests)
    result: list[Option] = []
    for index, item in enumerate(requests):
        request = check_option(item, f"{where}.options[{index}]")
        before = find_option(known, request) or _by_name(known, request)
        if before is None:
            if request.get("name") is None:
                raise invalid(f"Select option with ID {request['id']} does not exist.")
            option = new_option(UNCOLOURED | request, [*known, *result], new_id)
        else:
            option = before | {
                key: request[key] for key in ("name", "description") if key in request
            }
        if any(option["name"].casefold() == other["name"].casefold() for other in result):
            raise invalid(f"Select option names must be unique: {option['name']}")
        result.append(option)
    return result


def _by_name(known: list[Option], request: dict[str, Any]) -> Option | None:
    name = request.get("name")
    return find_option(known, {"name": name}) if name is not None else None


def status_config(request: Any, known: dict[str, Any], new_id: NewId, where: str) -> dict[str, Any]:
    """Return the configuration of a status property: options in three groups.

    Requested options are added or updated; none is removed.
    """
    config = (
        known
        if known.get("groups")
        else _default_status(new_id, with_options=not request.get("options"))
    )
    requests = request.get("options") or []
    if not isinstance(requests, list):
        raise body_invalid(f"{where}.options", "an array", requests)
    for index, item in enumerate(requests):
        _put_status_option(config, check_option(item, f"{where}.options[{index}]"), new_id)
    return config


def _default_status(new_id: NewId, *, with_options: bool) -> dict[str, Any]:
    groups: list[dict[str, Any]] = [
        {"id": new_id(), "name": name, "color": color, "option_ids": []} for name, color in GROUPS
    ]
    config: dict[str, Any] = {"options": [], "groups": groups}
    for name, color, group in STATUS_DEFAULTS if with_options else ():
        _put_status_option(config, {"name": name, "color": color, "group": group}, new_id)
    return config


def _put_status_option(config: dict[str, Any], request: dict[str, Any], new_id: NewId) -> None:
    option = find_option(config["options"], request) or _by_name(config["options"], request)
    if option is None:
        option = new_option(UNCOLOURED | request, config["options"], new_id)
        config["options"].append(option)
        _group(config, request.get("group") or "To-do")["option_ids"].append(option["id"])
        return
    option.update({key: request[key] for key in ("name", "description") if key in request})


def _group(config: dict[str, Any], name: str) -> dict[str, Any]:
    for group in config["groups"]:
        if name.casefold() in (group["name"].casefold(), group["id"]):
            return group  # type: ignore[no-any-return]
    raise invalid(f"Status group {name} does not exist.")


def default_status(config: dict[str, Any]) -> str | None:
    """Return the id of the option a status has when nobody chose one."""
    for group in config.get("groups", ()):
        if group["option_ids"]:
            return str(group["option_ids"][0])
    return None
