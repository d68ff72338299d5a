"""What is about to be sent: a document's text at that moment, and what it changes. Never waits."""

from __future__ import annotations

from msgspec import Struct

from notionfs.errors import InvalidPageFile
from notionfs.markdown.document import parse_document
from notionfs.markdown.properties import title_value
from notionfs.model import PageId
from notionfs.store.documents import Doc, SavedBase
from notionfs.sync.ahead import Ahead
from notionfs.sync.context import Context
from notionfs.sync.patches import Patch
from notionfs.sync.renditions import Renditions
from notionfs.sync.saver import Saver


class Outgoing(Struct, frozen=True):
    """A save on its way: the text it sends, what that grew from, and the difference.

    *text* is None for a page that was only renamed and never read.
    """

    doc: Doc
    text: bytes | None
    saved: SavedBase
    patch: Patch

    @property
    def page_id(self) -> PageId:
        """The page to change; empty while Notion has none."""
        return PageId(self.doc.page_id or "")


class Drafts:
    """Reads documents as they stand now; after an await they are read again."""

    def __init__(self, context: Context, renditions: Renditions, saver: Saver) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions
        self._saver = saver
        self.ahead = Ahead(context, renditions)

    def load(self, doc_id: int) -> Outgoing:
        """Return what the document would send now; InvalidPageFile if it cannot be sent."""
        doc = self._store.docs.load(doc_id)
        text = self._store.docs.load_text(doc_id)
        saved = self._renditions.base_of(doc)
        if text is None:
            title = doc.wanted_title
            properties = {} if title is None else {"title": title_value(title)}
            return Outgoing(doc, None, saved, Patch(properties, title, None))
        return Outgoing(doc, text, saved, self._saver.plan(doc, text, saved))

    def reading(self, out: Outgoing, body: str) -> str | None:
        """Return how the sent text reads as v2, seen from *body*; None if there is none."""
        if out.text is None:
            return None
        try:
            document = parse_document(out.text)
            references = self._renditions.references(out.doc.doc_id)
            return self._context.dialect.restore(document.body, body, references)
        except InvalidPageFile:
            return None
