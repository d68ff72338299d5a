"""Which rendition of a page a saved text grew from.

An editor may hold a text for hours while the file behind it is rendered anew. Saved then, and
compared with the present page, that text would take back what others changed meanwhile. So what
earlier texts grew from is kept for a while, and the `last_edited` in a text tells which one it was.
Nothing here waits; callers hold the transaction.
"""

from __future__ import annotations

import re

from msgspec import Struct

from notionfs.errors import InvalidPageFile
from notionfs.markdown.dialects import Dialect
from notionfs.markdown.document import Document, parse_document, same_title
from notionfs.markdown.normal import normal_text
from notionfs.markdown.properties import render_properties
from notionfs.model import DataSource, References
from notionfs.patterns import late
from notionfs.store.bases import SavedBase
from notionfs.store.documents import Doc
from notionfs.sync.context import Context

_STAMP = late(rb"^last_edited:[ \t]*['\"]?([^\s'\"]+)", re.MULTILINE)
_END = late(rb"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)


def stamp_of(text: bytes) -> str:
    """Return what a page file says in `last_edited`, empty if it does not."""
    body = text.removeprefix(b"\xef\xbb\xbf")
    if not body.startswith(b"---"):
        return ""
    end = _END.search(body, 3)
    found = _STAMP.search(body, 0, end.start() if end else len(body))
    return found[1].decode("ascii", "replace") if found else ""


def with_stamp(text: bytes, stamp: str) -> bytes:
    """Return *text* with *stamp* as its `last_edited`; unchanged if it says none."""
    if not stamp or not stamp_of(text):
        return text
    return _STAMP.sub(b"last_edited: " + stamp.encode(), text, count=1)


class Kin(Struct, frozen=True):
    """A text, the bytes *behind* it that it replaces, and what those grew from."""

    text: bytes
    behind: bytes
    base: SavedBase


class Ancestry:
    """Remembers what texts grew from when they are replaced, and finds it again."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def remember(self, doc: Doc, grown: SavedBase, text: bytes) -> None:
        """Keep what the present bytes grew from; they are about to be replaced by *text*."""
        old = self._store.docs.load_text(doc.doc_id)
        if old is None or old == text:
            return
        self._store.bases.keep(doc.doc_id, stamp_of(old), grown, now_ns=self._context.now_ns())

    def find(
        self, doc: Doc, kin: Kin, source: DataSource | None, references: References
    ) -> SavedBase:
        """Return what a text grew from: its predecessor's base unless it names an earlier time.

        Times are rounded to the minute, so that several may fit: the nearest text decides.
        """
        stamp = stamp_of(kin.text)
        earlier = self._store.bases.list_of(doc.doc_id, stamp)
        fitting = [kin.base, *earlier] if stamp == stamp_of(kin.behind) else earlier
        if len(fitting) < 2:
            return fitting[0] if fitting else kin.base
        try:
            document = parse_document(kin.text)
            return min(
                fitting,
                key=lambda saved: _distance(
                    document, saved, source, references, self._context.dialect
                ),
            )
        except InvalidPageFile:
            return kin.base


def _distance(
    document: Document,
    saved: SavedBase,
    source: DataSource | None,
    references: References,
    dialect: Dialect,
) -> int:
    """Return how many blocks and properties of *document* are not as in *saved*."""
    try:
        body = dialect.restore(document.body, saved.base.body, references)
    except InvalidPageFile:
        return 1 << 30
    blocks = {normal_text(block) for block in dialect.split(body)}
    known = saved.base.body if saved.spelled is None else saved.spelled
    known_blocks = {normal_text(block) for block in dialect.split(known)}
    shown, _ = render_properties(source, saved.base.properties, references)
    values = sum(1 for name, value in document.properties.items() if shown.get(name) != value)
    title = int(not same_title(document.title, saved.base.title))
    return len(blocks ^ known_blocks) + values + title
