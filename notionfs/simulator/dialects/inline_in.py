"""Inline Notion-flavored Markdown as rich text in response form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from notionfs.simulator import richtext
from notionfs.simulator.dialects.grammar import markdown_parser
from notionfs.simulator.dialects.names import Names, id_in_url
from notionfs.simulator.dialects.tags import api_color
from notionfs.simulator.richtext import PLAIN, RichText, equation_item, mention_item, text_item

_NOTHING_SPECIAL = re.compile(r"[^\\`*_~$\[\]<&!\n:]*")
_FLAG_BY_TOKEN: Mapping[str, str] = {"strong": "bold", "em": "italic", "s": "strikethrough"}
_FLAG_BY_TAG: Mapping[str, str] = {
    "b": "bold",
    "i": "italic",
    "s": "strikethrough",
    "u": "underline",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that stood in a text; Notion keeps images as blocks of their own."""

    address: str
    caption: RichText


@dataclass(slots=True)
class InlineReader:
    """Collects the items of one text while the active styles come and go."""

    names: Names
    items: list[dict[str, Any]] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    flags: dict[str, int] = field(default_factory=dict)
    spans: list[tuple[str, bool]] = field(default_factory=list)  # color, underlined
    links: list[str] = field(default_factory=list)
    in_caption: bool = False

    def style(self, *, code: bool = False) -> Mapping[str, Any]:
        """Return the annotations that hold at this point."""
        if not code and not self.spans and not any(self.flags.values()):
            return PLAIN
        return {
            **PLAIN,
            **{flag: True for flag, depth in self.flags.items() if depth > 0},
            "code": code,
            "color": self.spans[-1][0] if self.spans else "default",
        }

    def flag(self, name: str, step: int) -> None:
        """Begin (+1) or end (-1) a style."""
        self.flags[name] = self.flags.get(name, 0) + step

    def open_span(self, attributes: Mapping[str, str]) -> None:
        """Begin a span. Its color replaces the outer one; `underline` is the older dialect's."""
        around = self.spans[-1][0] if self.spans else "default"
        color = api_color(attributes["color"]) if "color" in attributes else around
        underlined = attributes.get("underline") == "true"
        self.spans.append((color, underlined))
        self.flag("underline", int(underlined))

    def close_span(self) -> None:
        """End the innermost span."""
        _, underlined = self.spans.pop()
        self.flag("underline", -int(underlined))

    def text(self, content: str, *, code: bool = False) -> None:
        """Add literal text."""
        link = self.links[-1] if self.links else None
        self.items.append(text_item(content, self.style(code=code), link))

    def read(self, tokens: Sequence[Token]) -> None:
        """Add what *tokens* say."""
        lonely = _lonely_styles(tokens)
        for index, token in enumerate(tokens):
            if index in lonely:
                self.text(token.meta["source"])
                continue
            handler = HANDLERS.get(token.type)
            if handler is None:
                self.text(token.content)
            else:
                handler(self, token)

    def result(self) -> RichText:
        """Return the items with neighbours of one style joined."""
        return richtext.merge_runs(_breaks_within_code(self.items))


def read_inline(
    source: str, names: Names, env: dict[str, Any] | None = None
) -> tuple[RichText, list[Picture]]:
    """Return the rich text that *source* says, and the images that stood in it."""
    if not source:
        return [], []
    if _NOTHING_SPECIAL.fullmatch(source):
        return [text_item(source)], []
    parser = markdown_parser()
    tokens: list[Token] = []
    scope = env if env is not None else {}
    scope.setdefault("emoji", names.custom_emoji)
    parser.inline.parse(source, parser, scope, tokens)
    reader = InlineReader(names)
    reader.read(tokens)
    return reader.result(), reader.pictures


def _lonely_styles(tokens: Sequence[Token]) -> set[int]:
    """Return the indexes of style tags without a partner: those are text."""
    waiting: dict[str, list[int]] = {}
    lonely: set[int] = set()
    for index, token in enumerate(tokens):
        if token.type == "style_open":
            waiting.setdefault(token.meta["name"], []).append(index)
        elif token.type == "style_close":
            openers = waiting.get(token.meta["name"])
            if openers:
                openers.pop()
            else:
                lonely.add(index)
    return lonely.union(*waiting.values()) if waiting else lonely


def _breaks_within_code(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the items with line breaks between two code spans made code: they were one text."""
    for index in range(1, len(items) - 1):
        item = items[index]
        if item["plain_text"] != "\n" or item["annotations"]["code"]:
            continue
        before = items[index - 1]
        following = next((i for i in items[index + 1 :] if i["plain_text"] != "\n"), None)
        if following is None or not before["annotations"]["code"]:
            continue
        if (
            following["annotations"] == before["annotations"]
            and following["href"] == before["href"]
        ):
            items[index] = text_item("\n", before["annotations"], before["href"])
    return items


# --- tokens ------------------------------------------------------------------------------------


def _text(reader: InlineReader, token: Token) -> None:
    if token.content:
        reader.text(token.content)


def _soft_break(reader: InlineReader, token: Token) -> None:
    reader.text(" ")


def _hard_break(reader: InlineReader, token: Token) -> None:
    reader.text("\n")


def _code(reader: InlineReader, token: Token) -> None:
    reader.text(token.content, code=True)


def _equation(reader: InlineReader, token: Token) -> None:
    reader.items.append(equation_item(token.content, reader.style()))


def _flag(flag: str, step: int) -> Callable[[InlineReader, Token], None]:
    def change(reader: InlineReader, token: Token) -> None:
        reader.flag(flag, step)

    return change


def _style_open(reader: InlineReader, token: Token) -> None:
    name = token.meta["name"]
    if name == "span":
        reader.open_span(token.meta["attributes"])
    else:
        reader.flag(_FLAG_BY_TAG[name], 1)


def _style_close(reader: InlineReader, token: Token) -> None:
    name = token.meta["name"]
    if name == "span":
        reader.close_span()
    else:
        reader.flag(_FLAG_BY_TAG[name], -1)


def _link_open(reader: InlineReader, token: Token) -> None:
    reader.links.append(str(token.attrs.get("href", "")))


def _link_close(reader: InlineReader, token: Token) -> None:
    reader.links.pop()


def _image(reader: InlineReader, token: Token) -> None:
    inner = InlineReader(reader.names, in_caption=True)
    inner.read(token.children or [])
    if reader.in_caption:
        reader.items.extend(inner.items)  # of an image in a caption only the words are left
        return
    reader.pictures.append(Picture(str(token.attrs.get("src", "")), inner.result()))


def _mention(reader: InlineReader, token: Token) -> None:
    attributes, label = token.meta["attributes"], token.meta["label"]
    address = attributes.get("url", "").strip().removeprefix("{{").removesuffix("}}")
    found = mention_of(address, attributes.get("type"), label, reader.names)
    if found is None:
        reader.links.append(address)
        reader.text(label or address)
        reader.links.pop()
        return
    kind, payload, shown, href = found
    reader.items.append(mention_item(kind, payload, reader.style(), shown=shown, href=href))


SCHEMES: Mapping[str, str] = {"user": "user", "agent": "agent", "collection": "data_source"}


def mention_of(
    address: str, kind: str | None, label: str, names: Names
) -> tuple[str, dict[str, Any], str, str | None] | None:
    """Return type, payload, text and address of what *address* names, or None for a mere link."""
    target = id_in_url(address)
    if target is None:
        return None
    scheme = SCHEMES.get(address.partition("://")[0])
    if scheme == "user":
        shown = names.user_name(target) or label.removeprefix("@") or "Anonymous"
        return "user", {"object": "user", "id": target}, f"@{shown}", None
    if scheme is not None:
        return scheme, {"id": target}, label, None
    facts = names.database_facts(target)
    if kind == "database" or facts is not None:
        title = (facts or {}).get("title") or "Untitled"
        return "database", {"id": target}, title, names.page_url(target)
    return "page", {"id": target}, names.page_title(target) or "Untitled", names.page_url(target)


def _date(reader: InlineReader, token: Token) -> None:
    payload = date_payload(token.meta["attributes"])
    if payload is None:
        reader.text(token.meta["label"])
        return
    shown = payload["start"] + (f" → {payload['end']}" if payload["end"] else "")
    reader.items.append(mention_item("date", payload, reader.style(), shown=shown))


_OFFSET = re.compile(r"Z|[+-]\d\d:\d\d")


def date_payload(attributes: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the payload of a date mention, or None if the tag says no date."""
    zone = attributes.get("time-zone") or attributes.get("timeZone".lower()) or None
    offset = zone if zone and _OFFSET.fullmatch(zone) else ""
    times = {
        edge: _time(attributes.get(edge, ""), _clock(attributes, edge), offset)
        for edge in ("start", "end")
    }
    request = {
        "start": times["start"],
        "end": times["end"] or None,
        "time_zone": None if offset else zone,
    }
    try:
        item = richtext.normalise_item(
            {"type": "mention", "mention": {"type": "date", "date": request}}, "date"
        )
    except richtext.BlockError:
        return None
    payload: dict[str, Any] = item["mention"]["date"]
    return payload


def _clock(attributes: Mapping[str, str], edge: str) -> str:
    return attributes.get(f"{edge}-time") or attributes.get(f"{edge}time") or ""


def _time(day: str, clock: str, offset: str) -> str:
    return f"{day}T{clock}{offset}" if day and clock else day


def _custom_emoji(reader: InlineReader, token: Token) -> None:
    payload = {key: token.meta.get(key, "") for key in ("id", "name", "url")}
    shown = f":{payload['name']}:"
    reader.items.append(mention_item("custom_emoji", payload, reader.style(), shown=shown))


HANDLERS: Mapping[str, Callable[[InlineReader, Token], None]] = {
    "text": _text,
    "text_special": _text,
    "softbreak": _soft_break,
    "hardbreak": _hard_break,
    "br_tag": _hard_break,
    "code_inline": _code,
    "equation_inline": _equation,
    **{f"{name}_open": _flag(flag, 1) for name, flag in _FLAG_BY_TOKEN.items()},
    **{f"{name}_close": _flag(flag, -1) for name, flag in _FLAG_BY_TOKEN.items()},
    "style_open": _style_open,
    "style_close": _style_close,
    "link_open": _link_open,
    "link_close": _link_close,
    "image": _image,
    "mention_tag": _mention,
    "date_tag": _date,
    "custom_emoji": _custom_emoji,
}
