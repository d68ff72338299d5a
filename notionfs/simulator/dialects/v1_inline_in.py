"""Inline text of the older dialect ("enhanced markdown", v1) as rich text."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator import richtext
from notionfs.simulator.dialects.inline_in import date_payload, mention_of
from notionfs.simulator.dialects.names import Names
from notionfs.simulator.dialects.tags import api_color, attributes_of
from notionfs.simulator.richtext import PLAIN, RichText, equation_item, mention_item, text_item

_ATTRIBUTES = r"""(?:\s+[\w-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'))?)*\s*"""
_TOKEN = re.compile(
    r"\\(?P<escaped>[^\w\n])"
    r"|\$(?P<fence>`+)(?!`)(?P<code_sum>.*?)(?<!`)(?P=fence)\$"
    r"|(?P<ticks>`+)(?P<code>(?!`).*?[^`]|`*?)(?P=ticks)(?!`)"
    r"|\$(?![\s$`])(?P<sum>(?:[^$\\]|\\.)+)(?<!\s)\$(?!\d)"
    r"|(?P<mark>\*\*\*|\*\*|\*|~~)"
    r"|(?P<break><br\s*/?>)"
    rf"|<span(?P<span>{_ATTRIBUTES})>"
    r"|(?P<unspan></span>)"
    rf"|<mention-(?P<kind>user|page|database|data-source|agent)(?P<mention>{_ATTRIBUTES})"
    r"(?:/>|>(?P<label>.*?)</mention-(?P=kind)>)"
    rf"|<mention-date(?P<date>{_ATTRIBUTES})(?:/>|></mention-date>)"
    r"|(?P<open>\[)(?!\^)"
    r"|\]\((?P<target>(?:\\.|[^()\\]|\([^()]*\))*)\)"
    r"|:(?P<emoji>[\w+-]+):",
    re.DOTALL,
)


@dataclass(slots=True)
class Part:
    """One token: what it is, its text as written, and what was found in it."""

    kind: str
    source: str
    found: re.Match[str] | None = None


def read_v1(source: str, names: Names) -> RichText:
    """Return the rich text that one line of v1 says."""
    parts = _parts(source, names)
    _settle(parts)
    reader = Reader(names)
    for part in parts:
        reader.add(part)
    return richtext.merge_runs(reader.items)


def _parts(source: str, names: Names) -> list[Part]:
    parts: list[Part] = []
    position = 0
    for found in _TOKEN.finditer(source):
        kind = str(found.lastgroup)
        if kind == "emoji" and names.custom_emoji(found["emoji"]) is None:
            continue
        if found.start() > position:
            parts.append(Part("text", source[position : found.start()]))
        parts.append(Part(_KIND.get(kind, kind), found[0], found))
        position = found.end()
    if position < len(source):
        parts.append(Part("text", source[position:]))
    return parts


_KIND: Mapping[str, str] = {"code_sum": "sum", "label": "mention", "kind": "mention"}


def _settle(parts: list[Part]) -> None:
    """Turn marks, spans and brackets without a partner into text."""
    opened: dict[str, list[Part]] = {}
    for index, part in enumerate(parts):
        if part.kind == "mark":
            if _between_spaces(parts, index):
                part.kind = "text"
            else:
                _pair(opened, part, part.source)
        elif part.kind in ("span", "open"):
            opened.setdefault(part.kind, []).append(part)
        elif part.kind in ("unspan", "target"):
            waiting = opened.get("span" if part.kind == "unspan" else "open")
            if waiting:
                waiting.pop()
            else:
                part.kind = "text"
    for waiting in opened.values():
        for part in waiting:
            part.kind = "text"


def _pair(opened: dict[str, list[Part]], part: Part, mark: str) -> None:
    """Note a mark; `***` counts as both of its parts."""
    for piece in ("**", "*") if mark == "***" else (mark,):
        waiting = opened.setdefault(piece, [])
        if waiting:
            waiting.pop()
        else:
            waiting.append(part)


def _between_spaces(parts: list[Part], index: int) -> bool:
    before = parts[index - 1].source[-1:] if index else " "
    after = parts[index + 1].source[:1] if index + 1 < len(parts) else " "
    return before in " \t" and after in " \t"


@dataclass(slots=True)
class Reader:
    """Collects items while styles are switched on and off."""

    names: Names
    items: list[dict[str, Any]] = field(default_factory=list)
    on: set[str] = field(default_factory=set)
    spans: list[tuple[str, bool]] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)  # where the text of an open link begins

    def add(self, part: Part) -> None:
        """Take one part in."""
        READERS[part.kind](self, part)

    def style(self, *, code: bool = False) -> dict[str, Any]:
        """Return the annotations that hold at this point."""
        color, underlined = self.spans[-1] if self.spans else ("default", False)
        flags = dict.fromkeys(self.on, True)
        return {**PLAIN, **flags, "underline": underlined, "code": code, "color": color}

    def text(self, content: str, *, code: bool = False) -> None:
        """Add literal text."""
        self.items.append(text_item(content, self.style(code=code)))


def _found(part: Part) -> re.Match[str]:
    assert part.found is not None
    return part.found


def _text(reader: Reader, part: Part) -> None:
    reader.text(part.source)


def _escape(reader: Reader, part: Part) -> None:
    reader.text(_found(part)["escaped"])


def _code(reader: Reader, part: Part) -> None:
    reader.text(_unpadded(_found(part)["code"]), code=True)


def _unpadded(content: str) -> str:
    if content[:1] == " " and content[-1:] == " " and content.strip(" "):
        return content[1:-1]
    return content


def _sum(reader: Reader, part: Part) -> None:
    found = _found(part)
    expression = found["sum"] if found["sum"] is not None else _unpadded(found["code_sum"])
    reader.items.append(equation_item(expression, reader.style()))


_FLAGS_OF: Mapping[str, tuple[str, ...]] = {
    "***": ("bold", "italic"),
    "**": ("bold",),
    "*": ("italic",),
    "~~": ("strikethrough",),
}


def _mark(reader: Reader, part: Part) -> None:
    reader.on ^= set(_FLAGS_OF[part.source])


def _break(reader: Reader, part: Part) -> None:
    reader.text("\n")


def _span(reader: Reader, part: Part) -> None:
    attributes = attributes_of(_found(part)["span"])
    color, underlined = reader.spans[-1] if reader.spans else ("default", False)
    if "color" in attributes:
        color = api_color(attributes["color"])
    reader.spans.append((color, underlined or attributes.get("underline") == "true"))


def _unspan(reader: Reader, part: Part) -> None:
    reader.spans.pop()


def _mention(reader: Reader, part: Part) -> None:
    found = _found(part)
    address = attributes_of(found["mention"]).get("url", "").strip("{}")
    kind = "database" if found["kind"] == "database" else None
    target = mention_of(address, kind, found["label"] or "", reader.names)
    if target is None:
        reader.text(found["label"] or address)
        return
    name, payload, shown, href = target
    reader.items.append(mention_item(name, payload, reader.style(), shown=shown, href=href))


def _read_date(reader: Reader, part: Part) -> None:
    attributes = {k.replace("timezone", "time-zone"): v for k, v in _lowered(part).items()}
    payload = date_payload(attributes)
    if payload is None:
        reader.text(part.source)
        return
    shown = payload["start"] + (f" → {payload['end']}" if payload["end"] else "")
    reader.items.append(mention_item("date", payload, reader.style(), shown=shown))


def _lowered(part: Part) -> dict[str, str]:
    return attributes_of(_found(part)["date"])


def _open(reader: Reader, part: Part) -> None:
    reader.texts.append(len(reader.items))


def _close_link(reader: Reader, part: Part) -> None:
    """Give every text since the opening bracket its address."""
    address = re.sub(r"\\(.)", r"\1", _found(part)["target"])
    for index in range(reader.texts.pop(), len(reader.items)):
        item = reader.items[index]
        if item["type"] == "text":
            reader.items[index] = text_item(item["text"]["content"], item["annotations"], address)


def _read_emoji(reader: Reader, part: Part) -> None:
    facts = reader.names.custom_emoji(_found(part)["emoji"]) or {}
    payload = {key: facts.get(key, "") for key in ("id", "name", "url")}
    shown = f":{payload['name']}:"
    reader.items.append(mention_item("custom_emoji", payload, reader.style(), shown=shown))


READERS: Mapping[str, Callable[[Reader, Part], None]] = {
    "text": _text,
    "escaped": _escape,
    "code": _code,
    "sum": _sum,
    "mark": _mark,
    "break": _break,
    "span": _span,
    "unspan": _unspan,
    "mention": _mention,
    "date": _read_date,
    "open": _open,
    "target": _close_link,
    "emoji": _read_emoji,
}
