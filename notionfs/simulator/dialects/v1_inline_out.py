"""Rich text as inline text of the older dialect ("enhanced markdown", v1).

Marks toggle: a style begins at its mark and ends at the next one, wherever that stands. So every
rich text has one spelling, and CommonMark's rules about spaces and punctuation play no part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator.dialects.escapes import code_span
from notionfs.simulator.dialects.names import Names
from notionfs.simulator.dialects.runs_out import date_attributes
from notionfs.simulator.dialects.tags import attribute_text, short_color

MARKS: Mapping[str, str] = {"bold": "**", "italic": "*", "strikethrough": "~~"}
_TO_ESCAPE = re.compile(r"[\\*~`$\[\]<>{}|^]|\n|:[\w+-]+:")


def inline_v1(items: Sequence[Mapping[str, Any]], names: Names) -> str:
    """Return rich text on one line, as v1 writes it."""
    writer = Writer(names)
    for item in items:
        writer.write(item)
    return writer.finish()


@dataclass(slots=True)
class Writer:
    """Writes runs one after another and marks only where a style changes."""

    names: Names
    parts: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)  # styles that are on
    span: tuple[str | None, bool] = (None, False)
    link: str | None = None

    def write(self, item: Mapping[str, Any]) -> None:
        """Add one run."""
        annotations = item["annotations"]
        span = (short_color(annotations["color"]), annotations["underline"])
        link = item["href"] if item["type"] == "text" else None
        wanted = [flag for flag in MARKS if annotations[flag]]
        if link != self.link or span != self.span:
            self._change([], (None, False), None)
        self._change(wanted, span, link)
        self.parts.append(self._leaf(item))

    def finish(self) -> str:
        """Return the text with every style ended."""
        self._change([], (None, False), None)
        return "".join(self.parts)

    def _change(self, marks: list[str], span: tuple[str | None, bool], link: str | None) -> None:
        if link is None and self.link is None and span == self.span:
            self._toggle(marks)
            return
        if (link, span) != (self.link, self.span):
            self._toggle([])
            self._leave()
            self._enter(span, link)
        self._toggle(marks)

    def _toggle(self, wanted: list[str]) -> None:
        changed = [flag for flag in MARKS if (flag in wanted) != (flag in self.marks)]
        self.parts.extend(MARKS[flag] for flag in changed)
        self.marks = wanted

    def _leave(self) -> None:
        if self.span != (None, False):
            self.parts.append("</span>")
        if self.link is not None:
            self.parts.append(f"]({_target(self.link)})")
        self.span, self.link = (None, False), None

    def _enter(self, span: tuple[str | None, bool], link: str | None) -> None:
        if link is not None:
            self.parts.append("[")
        if span != (None, False):
            color, underlined = span
            attributes = {"color": color, "underline": "true" if underlined else None}
            self.parts.append(f"<span{attribute_text(attributes)}>")
        self.span, self.link = span, link

    def _leaf(self, item: Mapping[str, Any]) -> str:
        if item["type"] == "text":
            content = item["text"]["content"]
            if item["annotations"]["code"]:
                return "<br>".join(code_span(line) for line in content.split("\n") if line)
            return escaped_v1(content, self.names)
        if item["type"] == "equation":
            return _equation(item["equation"]["expression"])
        mention = item["mention"]
        write = MENTIONS.get(mention["type"])
        if write is None:
            return escaped_v1(item["plain_text"], self.names)
        return write(mention[mention["type"]], self.names)


def escaped_v1(text: str, names: Names) -> str:
    """Return literal text with a backslash before whatever means something in v1."""

    def escape(found: re.Match[str]) -> str:
        part = found[0]
        if part == "\n":
            return "<br>"
        if len(part) > 1:
            return f"\\{part}" if names.custom_emoji(part[1:-1]) else part
        return f"\\{part}"

    return _TO_ESCAPE.sub(escape, text)


def _target(address: str) -> str:
    return re.sub(r"[\\()]", r"\\\g<0>", address.replace("\n", "%0A"))


def _equation(expression: str) -> str:
    flat = expression.replace("\n", " ")
    plain = re.fullmatch(r"(?![\s`])(?:[^$\\]|\\.)+(?<!\s)", flat)
    return f"${flat}$" if plain else f"${code_span(flat)}$"


def _tag(name: str, address: str, label: str) -> str:
    shown = re.sub(r"[\r\n]+", " ", label).replace("</mention", "&lt;/mention")
    return f"<{name}{attribute_text({'url': address})}>{shown}</{name}>"


def _user(payload: Mapping[str, Any], names: Names) -> str:
    label = names.user_name(payload["id"]) or "Anonymous"
    return _tag("mention-user", f"user://{payload['id']}", label)


def _page(payload: Mapping[str, Any], names: Names) -> str:
    label = names.page_title(payload["id"]) or "Untitled"
    return _tag("mention-page", names.page_url(payload["id"]), label)


def _database(payload: Mapping[str, Any], names: Names) -> str:
    facts = names.database_facts(payload["id"]) or {}
    label = facts.get("title") or "Untitled"
    return _tag("mention-database", names.page_url(payload["id"]), label)


def _data_source(payload: Mapping[str, Any], names: Names) -> str:
    facts = names.database_facts(payload["id"]) or {}
    label = facts.get("title") or "Untitled"
    return _tag("mention-data-source", f"collection://{payload['id']}", label)


def _agent(payload: Mapping[str, Any], names: Names) -> str:
    label = names.user_name(payload["id"]) or "Agent"
    return _tag("mention-agent", f"agent://{payload['id']}", label)


_CAMEL: Mapping[str, str] = {
    "start-time": "startTime",
    "end-time": "endTime",
    "time-zone": "timeZone",
}


def _date(payload: Mapping[str, Any], names: Names) -> str:
    attributes = {_CAMEL.get(k, k): v for k, v in date_attributes(payload).items()}
    return f"<mention-date{attribute_text(attributes)}/>"


def _emoji(payload: Mapping[str, Any], names: Names) -> str:
    return f":{payload['name']}:"


MENTIONS: Mapping[str, Callable[[Mapping[str, Any], Names], str]] = {
    "user": _user,
    "page": _page,
    "database": _database,
    "data_source": _data_source,
    "agent": _agent,
    "date": _date,
    "custom_emoji": _emoji,
}
