"""One run of rich text as markdown, without its styles: literal text, code, equations, mentions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notionfs.simulator.dialects.escapes import (
    LINE_BREAK,
    code_span,
    equation_span,
    escape_text,
)
from notionfs.simulator.dialects.names import Names
from notionfs.simulator.dialects.tags import attribute_text, void_tag


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds the text: who knows names, how a line breaks, whether `]` would end a link."""

    names: Names
    line_break: str = LINE_BREAK
    bracketed: bool = False


def run_markdown(item: Mapping[str, Any], setting: Setting, *, in_link: bool) -> str:
    """Return one run without its styles."""
    kind = item["type"]
    if kind == "text":
        return _text(item, setting, bracketed=in_link or setting.bracketed)
    if kind == "equation":
        expression = item["equation"]["expression"]
        return equation_span(expression) if expression else ""
    mention = item["mention"]
    render = MENTIONS.get(mention["type"])
    if render is not None:
        return render(mention[mention["type"]], setting.names)
    shown = item["plain_text"]
    if mention["type"] == "link_mention":
        shown = mention["link_mention"].get("title") or shown
    return _escaped(shown, setting, bracketed=True)


def _text(item: Mapping[str, Any], setting: Setting, *, bracketed: bool) -> str:
    content = item["text"]["content"]
    if not item["annotations"]["code"]:
        return _escaped(content, setting, bracketed=bracketed)
    lines = content.split("\n")
    return setting.line_break.join(code_span(line) if line else "" for line in lines)


def _escaped(text: str, setting: Setting, *, bracketed: bool) -> str:
    return escape_text(
        text, setting.names.custom_emoji, bracketed=bracketed, line_break=setting.line_break
    )


_BREAKS = re.compile(r"[\r\n]+")


def _mention(address: str, label: str, kind: str | None = None) -> str:
    """Return a mention. Its label is for people: it is never read back and nothing is escaped."""
    shown = _BREAKS.sub(" ", label).replace("</mention", "&lt;/mention")
    return f"<mention{attribute_text({'url': address, 'type': kind})}>{shown}</mention>"


def _user(payload: Mapping[str, Any], names: Names) -> str:
    return _mention(f"user://{payload['id']}", names.user_name(payload["id"]) or "Anonymous")


def _page(payload: Mapping[str, Any], names: Names) -> str:
    return _mention(names.page_url(payload["id"]), names.page_title(payload["id"]) or "Untitled")


def _database(payload: Mapping[str, Any], names: Names) -> str:
    facts = names.database_facts(payload["id"]) or {}
    return _mention(names.page_url(payload["id"]), facts.get("title") or "Untitled", "database")


def _data_source(payload: Mapping[str, Any], names: Names) -> str:
    facts = names.database_facts(payload["id"]) or {}
    return _mention(f"collection://{payload['id']}", facts.get("title") or "Untitled")


def _agent(payload: Mapping[str, Any], names: Names) -> str:
    return _mention(f"agent://{payload['id']}", names.user_name(payload["id"]) or "Agent")


def _date(payload: Mapping[str, Any], names: Names) -> str:
    return void_tag("date", date_attributes(payload))


def date_attributes(payload: Mapping[str, Any]) -> dict[str, str | None]:
    """Return a date as the attributes of its tag. A time without a zone's name shows its offset."""
    day, clock, offset = _moment(payload["start"])
    end_day, end_clock, _ = _moment(payload["end"] or "")
    zone = payload["time_zone"] or offset
    return {
        "start": day,
        "end": end_day or None,
        "start-time": clock or None,
        "end-time": end_clock or None,
        "time-zone": zone or None,
    }


_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d)(:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)?)?")


def _moment(value: str) -> tuple[str, str, str]:
    """Return day, clock (seconds only if there are any) and offset of an ISO time."""
    found = _MOMENT.fullmatch(value)
    if found is None:
        return value, "", ""
    day, clock, seconds, fraction, offset = found.groups(default="")
    exact = seconds + fraction.rstrip("0").rstrip(".")
    shown = clock if exact in ("", ":00") else clock + exact
    return day, shown, "UTC" if offset in ("Z", "+00:00") else offset


def _custom_emoji(payload: Mapping[str, Any], names: Names) -> str:
    return f":{payload['name']}:"


MENTIONS = {
    "user": _user,
    "page": _page,
    "database": _database,
    "data_source": _data_source,
    "agent": _agent,
    "date": _date,
    "custom_emoji": _custom_emoji,
}
