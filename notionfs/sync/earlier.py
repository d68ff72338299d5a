"""Keeps the text that is about to be replaced, if it says anything that the new one does not.

Nothing here waits; callers hold the transaction.
"""

from __future__ import annotations

from enum import StrEnum

from notionfs.errors import InvalidPageFile
from notionfs.markdown.blocks import same_text
from notionfs.markdown.document import parse_document
from notionfs.store.documents import Doc
from notionfs.sync.context import Context


class Why(StrEnum):
    """What ended the life of an earlier text."""

    SAVE = "save"  # somebody saved another one here
    NOTION = "notion"  # the page changed in Notion
    DISCARD = "discard"  # `discard`, or `resolve --theirs`
    UNDO = "undo"
    REMOVE = "remove"  # the file was removed before Notion had this text


class Earlier:
    """What goes into the history."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def keep(self, doc: Doc, why: Why, *, new: bytes = b"") -> None:
        """Keep the document's present text unless *new* says the same."""
        most = self._context.settings.history
        old = self._store.docs.load_text(doc.doc_id)
        if most is None or not old or not old.strip() or _same_content(old, new):
            return
        if old == self._store.history.newest(doc.doc_id):
            return
        self._store.history.keep(
            doc.doc_id, doc.page_id, old, why=why, at_ns=self._context.now_ns(), most=most
        )


def _same_content(one: bytes, other: bytes) -> bool:
    """Tell whether two page files differ at most in what is not the user's to change."""
    if one == other:
        return True
    try:
        a, b = parse_document(one), parse_document(other)
    except InvalidPageFile:
        return False
    return (a.title, a.properties) == (b.title, b.properties) and same_text(a.body, b.body)
