"""Links to pages that are about to be created: who links to them is sent after them.

A folder of notes that link to each other arrives in some order. A link to a file whose page Notion
does not have yet could only be sent as text, and nobody would send it again.
"""

from __future__ import annotations

from notionfs.errors import InvalidPageFile, NotFoundYet
from notionfs.markdown.dialects import V2
from notionfs.markdown.document import parse_document
from notionfs.markdown.targets import linked_paths
from notionfs.store.documents import Doc
from notionfs.store.outbox import Change
from notionfs.sync.context import Context
from notionfs.sync.renditions import Renditions

_PATIENCE = 10  # attempts, each after twice the pause: about a quarter of an hour

LINKS_AHEAD = "A page that this one links to is not in Notion yet; that one is created first."


class LinksAhead(NotFoundYet):
    """A page that the text links to is not in Notion yet, and is on its way."""


class Ahead:
    """Tells whose turn comes after that of another page."""

    def __init__(self, context: Context, renditions: Renditions) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions

    def links(self, change: Change, doc: Doc) -> bool:
        """Tell whether the document links to a file whose page is about to be created."""
        if change.attempts > _PATIENCE or self._context.dialect is not V2:
            return False
        if not self._store.outbox.is_creating(besides=doc.doc_id):
            return False
        text = self._store.docs.load_text(doc.doc_id)
        try:
            body = "" if text is None else parse_document(text).body
        except InvalidPageFile:
            return False
        references = self._renditions.references(doc.doc_id)
        return any(references.is_on_its_way(path) for path in linked_paths(body))

    def hurry(self, doc_id: int) -> None:
        """A page was created: if it was the last one, whoever waits is sent now.

        The caller holds the transaction.
        """
        if not self._store.outbox.is_creating(besides=doc_id):
            self._store.outbox.retry(self._context.now_ns())
