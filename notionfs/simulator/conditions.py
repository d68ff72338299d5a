"""The conditions of query filters, one table per family of property types.

A maker checks the argument of a condition and returns the test on a shown value.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.clock import day_after, is_day, moment_of
from notionfs.simulator.errors import body_invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.records import plain

Condition = Callable[[Any], bool]
Maker = Callable[[Call, Any, str], Condition]


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def _emptiness(wanted: bool) -> Maker:
    def make(call: Call, argument: Any, where: str) -> Condition:
        if argument is not True:
            raise body_invalid(where, "`true`", argument)
        return lambda value: _is_empty(value) == wanted

    return make


EMPTINESS: Mapping[str, Maker] = {"is_empty": _emptiness(True), "is_not_empty": _emptiness(False)}


# --- text ----------------------------------------------------------------------------------------


def _as_text(value: Any) -> str:
    return (plain(value) if isinstance(value, list) else value or "").casefold()


def _text(test: Callable[[str, str], bool]) -> Maker:
    def make(call: Call, argument: Any, where: str) -> Condition:
        if not isinstance(argument, str):
            raise body_invalid(where, "a string", argument)
        wanted = argument.casefold()
        return lambda value: test(_as_text(value), wanted)

    return make


TEXT: Mapping[str, Maker] = {
    "equals": _text(lambda value, wanted: value == wanted),
    "does_not_equal": _text(lambda value, wanted: value != wanted),
    "contains": _text(lambda value, wanted: wanted in value),
    "does_not_contain": _text(lambda value, wanted: wanted not in value),
    "starts_with": _text(str.startswith),
    "ends_with": _text(str.endswith),
    **EMPTINESS,
}


# --- numbers and checkboxes ----------------------------------------------------------------------


def _number(test: Callable[[float, float], bool], *, empty: bool = False) -> Maker:
    def make(call: Call, argument: Any, where: str) -> Condition:
        if isinstance(argument, bool) or not isinstance(argument, int | float):
            raise body_invalid(where, "a number", argument)

        def passes(value: Any) -> bool:
            number = value.get("number") if isinstance(value, dict) else value
            return empty if number is None else test(number, argument)

        return passes

    return make


NUMBER: Mapping[str, Maker] = {
    "equals": _number(lambda value, wanted: value == wanted),
    "does_not_equal": _number(lambda value, wanted: value != wanted, empty=True),
    "greater_than": _number(lambda value, wanted: value > wanted),
    "less_than": _number(lambda value, wanted: value < wanted),
    "greater_than_or_equal_to": _number(lambda value, wanted: value >= wanted),
    "less_than_or_equal_to": _number(lambda value, wanted: value <= wanted),
    **EMPTINESS,
}


def _checkbox(negated: bool) -> Maker:
    def make(call: Call, argument: Any, where: str) -> Condition:
        if not isinstance(argument, bool):
            raise body_invalid(where, "a boolean", argument)
        return lambda value: (bool(value) == argument) != negated

    return make


CHECKBOX: Mapping[str, Maker] = {"equals": _checkbox(False), "does_not_equal": _checkbox(True)}


# --- options, people and relations ---------------------------------------------------------------


def _wanted_names(argument: Any, where: str) -> set[str]:
    names = argument if isinstance(argument, list) else [argument]
    if not names or not all(isinstance(name, str) for name in names):
        raise body_invalid(where, "a string or an array of strings", argument)
    return {name.casefold() for name in names}


def _named(option: Any) -> set[str]:
    return {option["name"].casefold(), option["id"]} if option else set()


def _option(negated: bool) -> Maker:
    def make(call: Call, argument: Any, where: str) -> Condition:
        wanted = _wanted_names(argument, where)
        return lambda value: bool(_named(value) & wanted) != negated

    return make


OPTION: Mapping[str, Maker] = {
    "equals": _option(False),
    "does_not_equal": _option(True),
    **EMPTINESS,
}


def _options(negated: bool) -> Maker:
    def make(call: Call, argument: Any, where: str) -> Condition:
        wanted = _wanted_names(argument, where)
        return lambda value: any(_named(option) & wanted for option in value) != negated

    return make


OPTIONS: Mapping[str, Maker] = {
    "contains": _options(False),
    "does_not_contain": _options(True),
    **EMPTINESS,
}


def _reference(negated: bool) -> Maker:
    def make(call: Call, argument: Any, where: str) -> Condition:
        wanted = call.actor if argument == "me" else dashed(str(argument))
        if wanted is None:
            raise body_invalid(where, "a valid uuid", argument)

        def passes(value: Any) -> bool:
            entries = value if isinstance(value, list) else [value]
            return any(entry and entry["id"] == wanted for entry in entries) != negated

        return passes

    return make


REFERENCES: Mapping[str, Maker] = {
    "contains": _reference(False),
    "does_not_contain": _reference(True),
    **EMPTINESS,
}


# --- dates ---------------------------------------------------------------------------------------

RELATIVE: Mapping[str, Callable[[date], date]] = {
    "today": lambda day: day,
    "tomorrow": lambda day: day_after(day, days=1),
    "yesterday": lambda day: day_after(day, days=-1),
    "one_week_ago": lambda day: day_after(day, days=-7),
    "one_week_from_now": lambda day: day_after(day, days=7),
    "one_month_ago": lambda day: day_after(day, months=-1),
    "one_month_from_now": lambda day: day_after(day, months=1),
}


def _today(call: Call) -> date:
    return datetime.fromtimestamp(call.world.now, UTC).date()


def _start(value: Any) -> str | None:
    return value.get("start") if isinstance(value, dict) else value


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _date(test: Callable[[Any, Any], bool]) -> Maker:
    """Compare by day if the argument is a day, by minute if it is a moment."""

    def make(call: Call, argument: Any, where: str) -> Condition:
        if argument in RELATIVE:
            return _by_day(test, RELATIVE[argument](_today(call)))
        moment = moment_of(argument) if isinstance(argument, str) else None
        if moment is None:
            raise body_invalid(where, "a valid ISO 8601 date string", argument)
        if is_day(argument):
            return _by_day(test, moment.date())
        wanted = _minute(moment)

        def passes(value: Any) -> bool:
            start = _start(value)
            found = moment_of(start) if start else None
            return found is not None and test(_minute(found), wanted)

        return passes

    return make


def _by_day(test: Callable[[Any, Any], bool], wanted: date) -> Condition:
    def passes(value: Any) -> bool:
        start = _start(value)
        found = moment_of(start) if start else None
        return found is not None and test(found.date(), wanted)

    return passes


def _window(bounds: Callable[[date], tuple[date, date]]) -> Maker:
    """Match days from the first to the last bound, both included."""

    def make(call: Call, argument: Any, where: str) -> Condition:
        if argument != {}:
            raise body_invalid(where, "an empty object", argument)
        first, last = bounds(_today(call))
        return _by_day(lambda found, _: first <= found <= last, first)

    return make


def _week(day: date) -> tuple[date, date]:
    sunday = day - timedelta(days=day.isoweekday() % 7)
    return sunday, sunday + timedelta(days=6)


DATE: Mapping[str, Maker] = {
    "equals": _date(lambda found, wanted: found == wanted),
    "before": _date(lambda found, wanted: found < wanted),
    "after": _date(lambda found, wanted: found > wanted),
    "on_or_before": _date(lambda found, wanted: found <= wanted),
    "on_or_after": _date(lambda found, wanted: found >= wanted),
    "this_week": _window(_week),
    "past_week": _window(lambda day: (day_after(day, days=-7), day)),
    "past_month": _window(lambda day: (day_after(day, months=-1), day)),
    "past_year": _window(lambda day: (day_after(day, years=-1), day)),
    "next_week": _window(lambda day: (day, day_after(day, days=7))),
    "next_month": _window(lambda day: (day, day_after(day, months=1))),
    "next_year": _window(lambda day: (day, day_after(day, years=1))),
    **EMPTINESS,
}

FAMILIES: Mapping[str, Mapping[str, Maker]] = {
    "text": TEXT,
    "number": NUMBER,
    "checkbox": CHECKBOX,
    "option": OPTION,
    "options": OPTIONS,
    "references": REFERENCES,
    "date": DATE,
    "files": EMPTINESS,
}
