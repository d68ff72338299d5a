"""Rich text: from what a client may send to what Notion answers, and the few operations on it.

An item in *response form* has `type`, its payload, complete `annotations`, `plain_text` and `href`.
Everything in a block's data is in response form; `normalise` is the only way in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

TEXT_LIMIT = 2000
URL_LIMIT = 2000
EQUATION_LIMIT = 1000
ARRAY_LIMIT = 100

RichText = list[dict[str, Any]]

FLAGS = ("bold", "italic", "strikethrough", "underline", "code")
HUES = ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
COLORS = frozenset(("default", "default_background", *HUES, *(f"{hue}_background" for hue in HUES)))
PLAIN: Mapping[str, Any] = {**dict.fromkeys(FLAGS, False), "color": "default"}


class BlockError(Exception):
    """A request describes a block or text that Notion refuses; the message is in its style."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def refuse(where: str, wanted: str, value: Any) -> BlockError:
    """Return the error that says what *where* should have been."""
    shown = "undefined" if value is None else repr(value) if isinstance(value, str) else str(value)
    if isinstance(value, bool):
        shown = shown.lower()
    return BlockError(
        f"body failed validation: {where} should be {wanted}, instead was `{shown[:200]}`."
    )


def text_item(
    content: str, annotations: Mapping[str, Any] = PLAIN, link: str | None = None
) -> dict[str, Any]:
    """Return one text item in response form."""
    return {
        "type": "text",
        "text": {"content": content, "link": {"url": link} if link else None},
        "annotations": dict(annotations),
        "plain_text": content,
        "href": link or None,
    }


def equation_item(expression: str, annotations: Mapping[str, Any] = PLAIN) -> dict[str, Any]:
    """Return one inline equation in response form."""
    return {
        "type": "equation",
        "equation": {"expression": expression},
        "annotations": dict(annotations),
        "plain_text": expression,
        "href": None,
    }


def mention_item(
    kind: str,
    payload: Any,
    annotations: Mapping[str, Any] = PLAIN,
    *,
    shown: str = "",
    href: str | None = None,
) -> dict[str, Any]:
    """Return one mention in response form."""
    return {
        "type": "mention",
        "mention": {"type": kind, kind: payload},
        "annotations": dict(annotations),
        "plain_text": shown,
        "href": href,
    }


def plain_text(items: Iterable[Mapping[str, Any]]) -> str:
    """Return what the text says, without any formatting."""
    return "".join(item["plain_text"] for item in items)


def of(text: str) -> RichText:
    """Return *text* as unformatted rich text; empty text is the empty array."""
    return [text_item(text)] if text else []


def normalise(items: Any, where: str = "body.rich_text") -> RichText:
    """Return request rich text in response form, or raise `BlockError`.

    Neighbours of one style come back as one item, even if that makes it longer than a request may
    write: seen with code of 2,001 characters sent as 2,000 and 1.
    """
    if not isinstance(items, list):
        raise refuse(where, "an array" if items is not None else "defined", items)
    if len(items) > ARRAY_LIMIT:
        raise BlockError(
            f"body failed validation: {where}.length should be ≤ `{ARRAY_LIMIT}`, "
            f"instead was `{len(items)}`."
        )
    clean = [normalise_item(item, f"{where}[{index}]") for index, item in enumerate(items)]
    return merge_runs(clean)


def normalise_item(item: Any, where: str) -> dict[str, Any]:
    """Return one request item in response form. `type` may be missing; the payload names it."""
    if not isinstance(item, dict):
        raise refuse(where, "an object", item)
    kind = item.get("type") or next((name for name in ITEM_KINDS if name in item), None)
    maker = ITEM_KINDS.get(str(kind))
    if maker is None or not isinstance(item.get(str(kind)), dict):
        raise refuse(f"{where}.{kind or 'text'}", "defined", None)
    annotations = normalise_annotations(item.get("annotations"), f"{where}.annotations")
    return maker(item[str(kind)], annotations, f"{where}.{kind}")


def normalise_annotations(value: Any, where: str) -> dict[str, Any]:
    """Return complete annotations; what is not said is off."""
    if value is None:
        return dict(PLAIN)
    if not isinstance(value, dict):
        raise refuse(where, "an object", value)
    for name in value:
        if name not in PLAIN:
            raise refuse(f"{where}.{name}", "not present", value[name])
    for name in FLAGS:
        if not isinstance(value.get(name, False), bool):
            raise refuse(f"{where}.{name}", "a boolean", value[name])
    return {**PLAIN, **value, "color": color(value.get("color"), f"{where}.color")}


def color(value: Any, where: str) -> str:
    """Return a color of Notion's list; nothing is `default`."""
    if value is None:
        return "default"
    if value not in COLORS:
        wanted = ", ".join(f"`{name}`" for name in sorted(COLORS))
        raise refuse(where, wanted, value)
    return str(value)


def url(value: Any, where: str) -> str:
    """Return an address short enough for Notion."""
    if not isinstance(value, str):
        raise refuse(where, "a string" if value is not None else "defined", value)
    return _short(value, URL_LIMIT, where)


def _short(value: Any, most: int, where: str) -> str:
    if not isinstance(value, str):
        raise refuse(where, "a string" if value is not None else "defined", value)
    if len(value) > most:
        raise BlockError(
            f"body failed validation: {where}.length should be ≤ `{most}`, "
            f"instead was `{len(value)}`."
        )
    return value


def expression(value: Any, where: str) -> str:
    """Return a KaTeX expression short enough for Notion."""
    return _short(value, EQUATION_LIMIT, where)


def _text(payload: dict[str, Any], annotations: dict[str, Any], where: str) -> dict[str, Any]:
    content = _short(payload.get("content"), TEXT_LIMIT, f"{where}.content")
    link = payload.get("link")
    if link is not None and not isinstance(link, dict):
        raise refuse(f"{where}.link", "an object or `null`", link)
    address = url(link.get("url"), f"{where}.link.url") if link else None
    return text_item(content.replace("\x00", ""), annotations, address)


def _equation(payload: dict[str, Any], annotations: dict[str, Any], where: str) -> dict[str, Any]:
    return equation_item(expression(payload.get("expression"), f"{where}.expression"), annotations)


def _mention(payload: dict[str, Any], annotations: dict[str, Any], where: str) -> dict[str, Any]:
    kind = payload.get("type") or next((name for name in MENTION_KINDS if name in payload), None)
    maker = MENTION_KINDS.get(str(kind))
    value = payload.get(str(kind))
    if maker is None or not isinstance(value, dict):
        raise refuse(f"{where}.{kind or 'user'}", "defined", None)
    clean, shown, href = maker(value, f"{where}.{kind}")
    return mention_item(str(kind), clean, annotations, shown=shown, href=href)


Maker = Callable[[dict[str, Any], dict[str, Any], str], dict[str, Any]]
ITEM_KINDS: Mapping[str, Maker] = {"text": _text, "equation": _equation, "mention": _mention}

Mention = tuple[dict[str, Any], str, str | None]  # payload, plain text, address


def _user(value: dict[str, Any], where: str) -> Mention:
    return {"object": "user", **value, "id": _id(value, where)}, "@Anonymous", None


def _record(value: dict[str, Any], where: str) -> Mention:
    return {"id": _id(value, where)}, "Untitled", None


def _id(value: Mapping[str, Any], where: str) -> str:
    if not isinstance(value.get("id"), str):
        raise refuse(f"{where}.id", "a valid uuid", value.get("id"))
    digits = value["id"].replace("-", "").lower()
    if len(digits) != 32:
        return str(value["id"])
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _date(value: dict[str, Any], where: str) -> Mention:
    zone = value.get("time_zone")
    start = _moment(value.get("start"), zone, f"{where}.start")
    end = _moment(value["end"], zone, f"{where}.end") if value.get("end") else None
    # A recorded answer drops the zone "UTC": the offset already says it.
    kept = None if zone == "UTC" or "T" not in start else zone
    clean = {"start": start, "end": end, "time_zone": kept}
    return clean, f"{start} → {end}" if end else start, None


def _moment(value: Any, zone: Any, where: str) -> str:
    """Return a day as it is, and a time with milliseconds and an offset, as Notion answers."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise refuse(where, "a valid ISO 8601 date string", value) from None
    if len(value) == 10:
        return str(value)
    if moment.tzinfo is None:
        try:
            moment = moment.replace(tzinfo=ZoneInfo(str(zone or "UTC")))
        except (KeyError, ValueError, OSError):
            raise refuse(where.replace("start", "time_zone"), "a time zone", zone) from None
    return moment.isoformat(timespec="milliseconds")


def _template(value: dict[str, Any], where: str) -> Mention:
    day = value.get("template_mention_date")
    return dict(value), {"today": "@Today", "now": "@Now"}.get(str(day), "@Me"), None


def _emoji(value: dict[str, Any], where: str) -> Mention:
    name = value.get("name") or ""
    clean = {"id": _id(value, where), "name": name, "url": value.get("url") or ""}
    return clean, f":{name}:", None


def _address(key: str) -> Callable[[dict[str, Any], str], Mention]:
    def make(value: dict[str, Any], where: str) -> Mention:
        address = url(value.get(key), f"{where}.{key}")
        return dict(value), address, address

    return make


MENTION_KINDS: Mapping[str, Callable[[dict[str, Any], str], Mention]] = {
    "user": _user,
    "page": _record,
    "database": _record,
    "data_source": _record,  # only markdown can make one
    "agent": _record,  # likewise
    "date": _date,
    "template_mention": _template,
    "custom_emoji": _emoji,
    "link_mention": _address("href"),
    "link_preview": _address("url"),
}


def split_long(items: Iterable[dict[str, Any]], limit: int = TEXT_LIMIT) -> RichText:
    """Return the same text with no item longer than Notion allows."""
    result: RichText = []
    for item in items:
        content = item["text"]["content"] if item["type"] == "text" else ""
        if len(content) <= limit:
            result.append(item)
            continue
        for start in range(0, len(content), limit):
            piece = content[start : start + limit]
            result.append(text_item(piece, item["annotations"], item["href"]))
    return result


def merge_runs(items: Iterable[dict[str, Any]]) -> RichText:
    """Return the same text with neighbours of one style joined and empty items gone."""
    result: RichText = []
    for item in items:
        if item["type"] != "text":
            result.append(item)
            continue
        content = item["text"]["content"]
        last = result[-1] if result else None
        if not content:
            continue
        if last is not None and last["type"] == "text" and _same_style(last, item):
            joined = last["text"]["content"] + content
            result[-1] = text_item(joined, item["annotations"], item["href"])
        else:
            result.append(item)
    return result


def _same_style(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    return bool(left["annotations"] == right["annotations"] and left["href"] == right["href"])


def resolve(
    items: Sequence[dict[str, Any]],
    *,
    title: Callable[[str], str | None],
    user_name: Callable[[str], str | None],
    address: Callable[[str], str],
) -> RichText:
    """Return the items with the present names and addresses of what they mention."""

    def present(item: dict[str, Any]) -> dict[str, Any]:
        mention = item.get("mention") or {"type": ""}
        kind = mention["type"]
        if kind in ("page", "database"):
            target = mention[kind]["id"]
            return {**item, "plain_text": title(target) or "Untitled", "href": address(target)}
        if kind == "user":
            name = user_name(mention["user"]["id"])
            return {**item, "plain_text": f"@{name or 'Anonymous'}"}
        return item

    return [present(item) for item in items]
