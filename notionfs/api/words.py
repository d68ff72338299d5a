"""The words inside Notion's objects (ids, times, texts, parents) in the one form we use. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache

import msgspec

from notionfs.api.shapes import ParentShape, Reference, RichText
from notionfs.model import WORKSPACE, DatabaseId, Parent, ParentType, UserId, normalize_id
from notionfs.patterns import late

_UTC_TIME = late(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]00:00)")


@lru_cache(maxsize=1024)  # rounded to the minute, the same times come again and again
def normalize_time(text: str) -> str:
    """Return a time as `2026-01-15T10:30:00Z`, so that the order of strings is that of times.

    Pages carry `.000Z`, databases milliseconds and `+00:00`; an unknown form is kept.
    """
    found = _UTC_TIME.fullmatch(text)
    if found:
        return found[1] + "Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identifier(text: str) -> str:
    """Return an id in lower case with dashes; what is no id is kept."""
    is_plain = len(text) == 36 and text[8] == "-" and text == text.lower()
    return text if is_plain else normalize_id(text) or text


_repeated = lru_cache(maxsize=1024)(identifier)  # for ids of what many objects refer to


def plain_text(parts: Iterable[RichText] | None) -> str:
    """Return rich text without its formatting."""
    return "".join(part.plain_text or "" for part in parts or ())


def user_id(reference: Reference | None) -> UserId | None:
    """Return the id of a user that may be missing."""
    return None if reference is None else UserId(_repeated(reference.id))


def as_json(raw: msgspec.Raw) -> bytes | None:
    """Return the bytes of a value as sent; None for null."""
    found = bytes(raw)
    return None if found == b"null" else found


_PARENTS_WITH_ID = frozenset(ParentType) - {ParentType.WORKSPACE}


def parent(wire: ParentShape | None) -> Parent:
    """Return where an object hangs.

    A kind of parent we do not know counts as the top of the workspace, where everything appears
    whose parent cannot be shown.
    """
    if wire is None or wire.type not in _PARENTS_WITH_ID:
        return WORKSPACE
    found: str | None = getattr(wire, wire.type)
    return WORKSPACE if found is None else _parent(wire.type, found, wire.database_id)


@lru_cache(maxsize=1024)  # siblings come together
def _parent(word: str, found: str, database: str | None) -> Parent:
    kind = ParentType(word)
    database_id = None
    if kind is ParentType.DATA_SOURCE and database is not None:
        database_id = DatabaseId(identifier(database))
    return Parent(kind, identifier(found), database_id)
