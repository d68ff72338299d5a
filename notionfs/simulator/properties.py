"""The table of property types: how a value is stored, read, written, emptied and compared.

A stored value is what identifies it and nothing more: option ids, user ids, page ids, rich text in
response form. Names and colours are looked up when a value is read, so that renaming an option
changes every page. Computed types store nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from notionfs.simulator import formulas, rollups
from notionfs.simulator.clock import minute_time
from notionfs.simulator.records import Page, Prop
from notionfs.simulator.shown import file_object, mentions_refreshed, partial_user, user_object
from notionfs.simulator.values import (
    Writer,
    write_checkbox,
    write_date,
    write_files,
    write_multi_select,
    write_number,
    write_people,
    write_place,
    write_relation,
    write_rich_text,
    write_select,
    write_status,
    write_string,
    write_verification,
)
from notionfs.simulator.world import World

Read = Callable[[World, Page, Prop, Any], Any]
Write = Callable[[Writer, Prop, Any, str], Any]


@dataclass(frozen=True, slots=True)
class PropertyType:
    """One row of the table. *write* is None for what only the service computes."""

    read: Read
    write: Write | None = None
    empty: Callable[[], Any] = lambda: None
    family: str = ""  # which filter conditions apply; empty: none
    listed: bool = False  # the property-item endpoint answers with a list
    creatable: bool = True
    cut: Callable[[dict[str, Any], int], None] | None = None  # shortens a value on a page object


def cut_relation(shown: dict[str, Any], most: int) -> None:
    """Keep the first *most* relations and say that there are more."""
    shown["has_more"] = len(shown["relation"]) > most
    shown["relation"] = shown["relation"][:most]


def cut_people(shown: dict[str, Any], most: int) -> None:
    """Keep the first *most* people."""
    shown["people"] = shown["people"][:most]


def cut_mentions(shown: dict[str, Any], most: int) -> None:
    """Keep rich text up to where it mentions more than *most* different things."""
    kind = shown["type"]
    items = shown[kind]
    if len(items) <= most:
        return
    mentioned: set[str] = set()
    for index, item in enumerate(items):
        if item["type"] == "mention":
            mention = item["mention"]
            target = mention[mention["type"]]
            mentioned.add(str(target.get("id", target)))
        if len(mentioned) > most:
            shown[kind] = items[:index]
            return


def read_as_stored(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return a value whose stored form is its shown form."""
    return stored


def read_rich_text(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return rich text with the present names of what it mentions."""
    if not stored:
        return []
    for item in stored:
        if item["type"] == "mention":
            return mentions_refreshed(world, stored)
    return stored


def read_checkbox(world: World, page: Page, prop: Prop, stored: Any) -> bool:
    """Return a checkbox; one that nobody touched is off."""
    return bool(stored)


def shown_option(prop: Prop, option_id: str) -> dict[str, Any] | None:
    """Return an option as it stands in a value."""
    for option in prop.config.get("options", ()):
        if option["id"] == option_id:
            return {"id": option["id"], "name": option["name"], "color": option["color"]}
    return None


def read_option(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return the chosen option, or null."""
    return shown_option(prop, stored) if stored else None


def read_options(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return the chosen options."""
    return [shown for option in stored or () if (shown := shown_option(prop, option))]


def read_people(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return the chosen people, whole."""
    return [_person(world, user_id) for user_id in stored or ()]


def _person(world: World, user_id: str) -> dict[str, Any]:
    user = world.workspace.records.users.get(user_id)
    return user_object(world, user, whole=False) if user else partial_user(user_id)


def read_files(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return the files, hosted ones signed anew."""
    return [file_object(world, entry) for entry in stored or ()]


def read_relation(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return references to related pages that are not in the trash."""
    pages = world.workspace.pages
    return [
        {"id": one}
        for one in stored or ()
        if (other := pages.get(one)) is None or not other.in_trash
    ]


def read_unique_id(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return the number with the prefix of this moment."""
    return {"prefix": prop.config.get("prefix"), "number": stored}


def read_verification(world: World, page: Page, prop: Prop, stored: Any) -> Any:
    """Return the verification of a wiki page; a date in the past makes it expired."""
    if not stored:
        return {"state": "unverified", "date": None, "verified_by": None}
    verified_by = stored.get("verified_by")
    shown = _person(world, verified_by) if verified_by else None
    return {"state": stored["state"], "date": stored.get("date"), "verified_by": shown}


def _no_list() -> list[Any]:
    return []


TYPES: Mapping[str, PropertyType] = {
    "title": PropertyType(
        read_rich_text, write_rich_text, _no_list, "text", True, cut=cut_mentions
    ),
    "rich_text": PropertyType(
        read_rich_text, write_rich_text, _no_list, "text", True, cut=cut_mentions
    ),
    "number": PropertyType(read_as_stored, write_number, family="number"),
    "select": PropertyType(read_option, write_select, family="option"),
    "multi_select": PropertyType(read_options, write_multi_select, _no_list, "options"),
    "status": PropertyType(read_option, write_status, family="option"),
    "date": PropertyType(read_as_stored, write_date, family="date"),
    "people": PropertyType(read_people, write_people, _no_list, "references", True, cut=cut_people),
    "files": PropertyType(read_files, write_files, _no_list, "files"),
    "checkbox": PropertyType(read_checkbox, write_checkbox, lambda: False, "checkbox"),
    "url": PropertyType(read_as_stored, write_string, family="text"),
    "email": PropertyType(read_as_stored, write_string, family="text"),
    "phone_number": PropertyType(read_as_stored, write_string, family="text"),
    "formula": PropertyType(formulas.read_formula, family="formula"),
    "relation": PropertyType(
        read_relation, write_relation, _no_list, "references", True, cut=cut_relation
    ),
    "rollup": PropertyType(rollups.read_rollup, family="rollup", listed=True),
    "unique_id": PropertyType(read_unique_id, family="number"),
    "created_time": PropertyType(
        lambda world, page, prop, stored: minute_time(page.created), family="date"
    ),
    "last_edited_time": PropertyType(
        lambda world, page, prop, stored: minute_time(page.edited), family="date"
    ),
    "created_by": PropertyType(
        lambda world, page, prop, stored: _person(world, page.created_by), family="references"
    ),
    "last_edited_by": PropertyType(
        lambda world, page, prop, stored: _person(world, page.edited_by), family="references"
    ),
    "button": PropertyType(lambda world, page, prop, stored: {}, creatable=False),
    "place": PropertyType(read_as_stored, write_place),
    "verification": PropertyType(
        read_verification, write_verification, family="verification", creatable=False
    ),
}

# A type this simulator does not compute (a future one, or one loaded from a recording) is shown as
# stored.
OPAQUE = PropertyType(read_as_stored, creatable=False)


def type_of(prop: Prop) -> PropertyType:
    """Return the row of the table for *prop*."""
    return TYPES.get(prop.type, OPAQUE)
