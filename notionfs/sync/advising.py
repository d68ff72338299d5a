"""Notes beside a page: what Notion keeps differently from the text that was saved."""

from __future__ import annotations

import logging

from notionfs.errors import InvalidPageFile
from notionfs.markdown.advice import find_advice, renew_advice
from notionfs.markdown.dialects import V2
from notionfs.markdown.document import parse_document
from notionfs.store.documents import Doc, SavedBase
from notionfs.sync.context import Context
from notionfs.sync.renditions import Renditions

log = logging.getLogger(__name__)


class Advising:
    """Writes the notes; that never stops a save. Callers hold the transaction."""

    def __init__(self, context: Context, renditions: Renditions) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions

    def advise(self, doc: Doc, text: bytes, saved: SavedBase) -> None:
        """Note what Notion will keep differently from *text*, which grew from *saved*."""
        if self._context.dialect is not V2:
            return
        document = parse_document(text)
        notes = find_advice(
            document.body,
            self._renditions.references(doc.doc_id),
            first_line=document.first_line,
            base=saved.base.body,
        )
        if notes and notes != self._store.docs.load_notes(doc.doc_id):
            log.warning("document %s, in Notion: %s", doc.doc_id, " ".join(notes))
        self._store.docs.note(doc.doc_id, notes)

    def renew(self, doc: Doc, text: bytes, saved: SavedBase) -> None:
        """*text* was sent: take back notes of links and pictures that lead somewhere by now."""
        notes = self._store.docs.load_notes(doc.doc_id)
        if not notes or self._context.dialect is not V2:
            return
        try:
            document = parse_document(text)
        except InvalidPageFile:
            return
        still = renew_advice(
            notes,
            document.body,
            self._renditions.references(doc.doc_id),
            first_line=document.first_line,
            base=saved.base.body,
        )
        if still != notes:
            self._store.docs.note(doc.doc_id, still)
