"""What earlier texts of a page file grew from, for editors that still hold one. Never waits."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from msgspec import Struct

from notionfs.model import Base
from notionfs.store.connection import Connection

MOST = 16
"""How many earlier bases are kept for one document; a remote edit is up to two of them."""

KEPT_NS = 7 * 24 * 3600 * 1_000_000_000


class SavedBase(Struct, frozen=True):
    """What a text grew from, and how the user's own spelling of that body reads as v2.

    *spelled* is None when the text was our rendering, or reads as it does; else comparing a new
    text with *spelled*, not with `base.body`, shows what the user changed.
    """

    base: Base
    spelled: str | None = None


def encode_base(saved: SavedBase) -> str:
    """Return *saved* as it is stored."""
    base = saved.base
    fields: dict[str, Any] = {
        "title": base.title,
        "properties": dict(base.properties),
        "body": base.body,
    }
    fields["spelled"] = saved.spelled
    try:
        return msgspec.json.encode(fields).decode()
    except UnicodeEncodeError:  # half a character, which only the slower one can write and read
        return json.dumps(fields)


def decode_base(text: str) -> SavedBase:
    """Return what `encode_base` wrote."""
    try:
        fields = msgspec.json.decode(text)
    except msgspec.DecodeError:
        fields = json.loads(text)
    spelled = fields.pop("spelled")
    return SavedBase(Base(**fields), spelled)


class Bases:
    """The table `bases`: bounded in number and age."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def keep(self, doc_id: int, last_edited: str, saved: SavedBase, *, now_ns: int) -> None:
        """Remember what a text of *doc_id* that says *last_edited* grew from."""
        self._db.execute(
            "INSERT INTO bases (doc_id, last_edited, base, at_ns) VALUES (?,?,?,?)",
            (doc_id, last_edited, encode_base(saved), now_ns),
        )
        self._db.execute(
            "DELETE FROM bases WHERE doc_id = ? AND (at_ns < ? OR base_id NOT IN"
            " (SELECT base_id FROM bases WHERE doc_id = ? ORDER BY base_id DESC LIMIT ?))",
            (doc_id, now_ns - KEPT_NS, doc_id, MOST),
        )

    def forget(self, doc_id: int, last_edited: str) -> None:
        """Forget what texts that say *last_edited* may have grown from."""
        self._db.execute(
            "DELETE FROM bases WHERE doc_id = ? AND last_edited = ?", (doc_id, last_edited)
        )

    def list_of(self, doc_id: int, last_edited: str) -> list[SavedBase]:
        """Return what texts that say *last_edited* may have grown from, the newest first."""
        rows = self._db.execute(
            "SELECT base FROM bases WHERE doc_id = ? AND last_edited = ? ORDER BY base_id DESC",
            (doc_id, last_edited),
        )
        return [decode_base(row[0]) for row in rows]
