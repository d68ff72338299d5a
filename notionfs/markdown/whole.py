"""Values that a page object shows only in part, and how the rest comes back. Pure.

Notion shows 25 entries of a relation or a list of people, and a text up to its 25th mention. Only
relations say so. A value that may be cut is marked with `has_more`, as Notion marks relations; it
loses the mark when its whole list is put in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from notionfs.markdown.runs import plain_text
from notionfs.model import JSON
from notionfs.patterns import late

SHOWN = 25
"""How many references of a value a page object shows."""

LISTED = frozenset({"relation", "people", "rich_text", "title"})
"""The types whose values come in parts."""

_MORE = late(rb'"has_more"\s*:\s*true')
_PERSON = late(rb'"object"\s*:\s*"(?:user|group)"')
_MENTION = late(rb'"mention"\s*:')


def may_be_cut(properties: bytes) -> bool:
    """Tell quickly whether some value of an encoded page may be shown in part."""
    if b'"has_more"' in properties and _MORE.search(properties):
        return True
    count = properties.count  # cheap, and never less than what is looked for
    if count(b'"mention"') >= SHOWN and len(_MENTION.findall(properties)) >= SHOWN:
        return True
    people = count(b'"user"') + count(b'"group"')
    return people >= SHOWN and len(_PERSON.findall(properties)) >= SHOWN


def has_cut(properties: bytes) -> bool:
    """Tell whether some value of a page that was marked by `with_whole` is still in part."""
    return _MORE.search(properties) is not None


def cut_values(values: Mapping[str, JSON]) -> frozenset[str]:
    """Return the ids of the properties that are shown in part, or may be."""
    return frozenset(value.get("id", name) for name, value in values.items() if _is_cut(value))


def with_whole(properties: bytes, known: Mapping[str, Sequence[JSON]]) -> tuple[bytes, str | None]:
    """Return *properties* with cut values marked, and whole where *known* continues them.

    *known* has whole values by property id. Also returned is the page's title if it was continued.
    """
    values: dict[str, JSON] = msgspec.json.decode(properties)
    fitting: dict[str, Sequence[JSON]] = {}
    for name, value in values.items():
        if _is_cut(value):
            key = value.get("id", name)
            values[name] = {**value, "has_more": True}
            if key in known and continues(known[key], value[value["type"]]):
                fitting[key] = known[key]
    return _encoded(values, fitting)


def with_values(properties: bytes, known: Mapping[str, Sequence[JSON]]) -> tuple[bytes, str | None]:
    """Return *properties* with the lists of *known*, whatever stood there, and the title if new."""
    return _encoded(msgspec.json.decode(properties), known)


def _encoded(
    values: dict[str, JSON], known: Mapping[str, Sequence[JSON]]
) -> tuple[bytes, str | None]:
    title: str | None = None
    for name, value in values.items():
        key, kind = value.get("id", name), value.get("type")
        if key in known:
            values[name] = {**value, kind: known[key], "has_more": False}
            title = plain_text(known[key]) if kind == "title" else title
    return msgspec.json.encode(values), title


def sent_whole(values: Mapping[str, JSON], patch: Mapping[str, JSON]) -> dict[str, list[JSON]]:
    """Return the lists of *patch*, by property id, of which Notion's answer shows only a part."""
    found: dict[str, list[JSON]] = {}
    for name, value in values.items():
        property_id, kind = value.get("id", name), value.get("type")
        sent = patch.get(property_id, {}).get(kind)
        if _is_cut(value) and sent and continues(sent, value[kind]):
            found[property_id] = list(sent)
    return found


def continues(whole: Sequence[JSON], part: Sequence[JSON]) -> bool:
    """Tell whether *whole* begins with the entries of *part*."""
    return _keys(whole[: len(part)]) == _keys(part)


def _is_cut(value: JSON) -> bool:
    kind = value.get("type")
    payload = value.get(kind)
    if kind not in LISTED or not isinstance(payload, list):
        return False
    if "has_more" in value:
        return bool(value["has_more"])
    if kind == "people":
        return len(payload) >= SHOWN
    mentions = [entry for entry in payload if entry.get("type") == "mention"]
    return len(mentions) >= SHOWN


def _keys(entries: Iterable[JSON]) -> list[object]:
    """Return what tells entries apart; names and colours of people may differ."""
    return [entry.get("id") or (entry.get("type"), entry.get("plain_text")) for entry in entries]
