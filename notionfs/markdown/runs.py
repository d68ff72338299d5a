"""Styled runs: the value between Notion's rich text JSON and a line of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

from notionfs.model import JSON, normalize_id
from notionfs.patterns import late

MAX_RUN = 2000
"""Notion's limit for the text of one run, counted as JavaScript counts it."""

STYLES = ("bold", "italic", "strikethrough", "underline")
DATE_ATTRIBUTES = ("start", "end", "start-time", "end-time", "time-zone")
ATTRIBUTE = late(r"([a-z-]+)=\"([^\"]*)\"")


class Run(Struct, frozen=True):
    """A stretch of text of one style. *kind* is text, code, equation or mention."""

    text: str
    kind: str = "text"
    styles: frozenset[str] = frozenset()
    color: str = "default"
    link: str | None = None
    mention: str | None = None  # the URL of a mention, or the attributes of a date

    @property
    def style(self) -> tuple[str, frozenset[str], str, str | None, str | None]:
        """Everything but the text."""
        return self.kind, self.styles, self.color, self.link, self.mention


def plain_text(rich_text: Iterable[JSON]) -> str:
    """Return the text of *rich_text* without its styles."""
    return "".join(_content(item) for item in rich_text)


def text_items(text: str) -> list[JSON]:
    """Return *text* as unstyled rich text, cut where Notion wants it cut."""
    return [{"type": "text", "text": {"content": part}} for part in _cut(text)]


def _content(item: Mapping[str, JSON]) -> str:
    if "plain_text" in item:
        return str(item["plain_text"])
    if "text" in item:
        return str(item["text"].get("content", ""))
    return str(item.get("equation", {}).get("expression", ""))


def _cut(text: str) -> list[str]:
    parts: list[str] = []
    start = units = 0
    for position, character in enumerate(text):
        width = 2 if ord(character) > 0xFFFF else 1
        if units + width > MAX_RUN:
            parts.append(text[start:position])
            start, units = position, 0
        units += width
    return [*parts, text[start:]] if text else []


def runs_from_json(rich_text: Iterable[JSON]) -> list[Run]:
    """Return the runs of *rich_text*, as read or as sent."""
    return merge_runs(_run(item) for item in rich_text)


def _run(item: Mapping[str, JSON]) -> Run:
    notes = item.get("annotations") or {}
    styles = frozenset(filter(notes.get, STYLES))
    color = notes.get("color") or "default"
    if "equation" in item:
        return Run(item["equation"]["expression"], "equation", styles, color)
    link = ((item.get("text") or {}).get("link") or {}).get("url")
    if "mention" in item:
        mention = _mention_url(item["mention"])
        if mention is not None:
            # A date shows its own label, so the one Notion sends says nothing.
            label = _content(item) if "://" in mention else ""
            return Run(label, "mention", styles, color, mention=mention)
        link = item.get("href")
    return Run(_content(item), "code" if notes.get("code") else "text", styles, color, link)


def _mention_url(mention: Mapping[str, JSON]) -> str | None:
    kind = str(mention.get("type") or next(iter(mention), ""))
    value = mention.get(kind)
    render = _MENTIONS.get(kind)
    return render(value) if render is not None and isinstance(value, dict) else None


def _date_attributes(value: Mapping[str, JSON]) -> str:
    """Return a date mention as the attributes of its tag."""
    found: dict[str, str] = {}
    for edge in ("start", "end"):
        day, _, time = str(value.get(edge) or "").partition("T")
        if day:
            found[edge] = day
        if time:
            found[f"{edge}-time"] = time
    if value.get("time_zone"):
        found["time-zone"] = str(value["time_zone"])
    return " ".join(f'{name}="{found[name]}"' for name in DATE_ATTRIBUTES if name in found)


_MENTIONS: Mapping[str, Callable[[Mapping[str, JSON]], str]] = {
    "user": lambda value: f"user://{value['id']}",
    "page": lambda value: f"page://{value['id']}",
    "database": lambda value: f"database://{value['id']}",
    "date": _date_attributes,
    "template_mention": lambda value: f"template://{value.get(str(value.get('type')))}",
    "custom_emoji": lambda value: f"emoji://{value['id']}",
}


def merge_runs(runs: Iterable[Run]) -> list[Run]:
    """Return *runs* without empty ones, neighbours of one style as one."""
    result: list[Run] = []
    for run in runs:
        if not run.text and run.kind != "mention":
            continue
        last = result[-1] if result else None
        joins = last is not None and run.kind in ("text", "code")
        if joins and last is not None and run.style == last.style:
            result[-1] = Run(last.text + run.text, *last.style)
        else:
            result.append(run)
    return result


def json_from_runs(runs: Iterable[Run]) -> list[JSON]:
    """Return *runs* in the form that Notion accepts."""
    return [_item(run, part) for run in runs for part in (_cut(run.text) or [""])]


def _item(run: Run, part: str) -> JSON:
    item: dict[str, JSON] = _payload(run, part)
    notes: dict[str, JSON] = dict.fromkeys(sorted(run.styles), True)
    if run.kind == "code":
        notes["code"] = True
    if run.color != "default":
        notes["color"] = run.color
    if notes:
        item["annotations"] = notes
    return item


def _payload(run: Run, part: str) -> dict[str, JSON]:
    if run.kind == "equation":
        return {"type": "equation", "equation": {"expression": part}}
    if run.kind == "mention":
        mention = _mention_json(run.mention or "")
        if mention is not None:
            # plain_text is ignored by Notion; it lets us show what we are about to send.
            return {"type": "mention", "mention": mention, "plain_text": part}
    text: dict[str, JSON] = {"content": part}
    if run.link is not None:
        text["link"] = {"url": run.link}
    return {"type": "text", "text": text}


def _mention_json(mention: str) -> JSON | None:
    scheme, separator, target = mention.partition("://")
    if not separator:
        found = dict(ATTRIBUTE.findall(mention))
        return {"type": "date", "date": _date_json(found)} if "start" in found else None
    if scheme == "template":
        kind = "template_mention_user" if target == "me" else "template_mention_date"
        return {"type": "template_mention", "template_mention": {"type": kind, kind: target}}
    if scheme == "emoji":
        return {"type": "custom_emoji", "custom_emoji": {"id": target}}
    kind = scheme if scheme in ("user", "database") else "page"
    found_id = normalize_id(target)
    return {"type": kind, kind: {"id": found_id}} if found_id else None


def _date_json(found: Mapping[str, str]) -> JSON:
    def moment(edge: str) -> str | None:
        time = found.get(f"{edge}-time")
        day = found.get(edge) or (found["start"] if time else None)
        return f"{day}T{time}" if day and time else day

    return {"start": moment("start"), "end": moment("end"), "time_zone": found.get("time-zone")}
