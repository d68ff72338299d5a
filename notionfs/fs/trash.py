"""`.trash`: the pages that are in Notion's trash, as files that `mv` brings back."""

from __future__ import annotations

from hashlib import blake2b

from notionfs.config import NameStyle
from notionfs.errors import NoSuchEntry
from notionfs.markdown.document import render_document
from notionfs.model import Body, Page, PageId
from notionfs.naming import PAGE_SUFFIX, choose_stem, fold
from notionfs.store.dentries import ROOT_INO, NodeKind
from notionfs.store.store import Store
from notionfs.sync.references import StoreReferences
from notionfs.sync.renditions import Renditions, nanoseconds

_NUMBER_BYTES = 6


class Trash:
    """What the store knows to be in the trash; nothing is asked."""

    def __init__(self, store: Store, renditions: Renditions, style: NameStyle) -> None:
        self._store = store
        self._renditions = renditions
        self._style = style
        self._pages: dict[int, PageId] = {}

    def names(self) -> dict[str, Page]:
        """Return the pages by file name; of two with one title the older has the plain name."""
        found: dict[str, Page] = {}
        taken: set[str] = set()
        for page in self._store.snapshots.list_trashed():
            if self._has_file(page.id):
                continue
            stem = choose_stem(page.title, page.id, self._style, taken.__contains__)
            taken.add(fold(stem))
            found[stem + PAGE_SUFFIX] = page
        return found

    def number(self, page: Page) -> int:
        """Return a number for the page's file that stays the same while the mount lasts."""
        digest = blake2b(page.id.encode(), digest_size=_NUMBER_BYTES).digest()
        number = int.from_bytes(digest, "big")
        self._pages[number] = page.id
        return number

    def page(self, number: int) -> Page:
        """Return the page of a number; NoSuchEntry if it is no longer in the trash."""
        page_id = self._pages.get(number)
        page = None if page_id is None else self._store.snapshots.load_page(page_id)
        if page is None or not page.in_trash:
            raise NoSuchEntry("The page is not in the trash any more.")
        return page

    def content(self, number: int) -> bytes:
        """Return the page as it was read last; without its text if it never was."""
        page = self.page(number)
        stored = self._store.snapshots.load_body(page.id)
        body = Body("") if stored is None else stored.body
        references = StoreReferences(self._store, ROOT_INO)
        return render_document(page, body, self._renditions.source_of(page), references)

    def mtime_ns(self, number: int) -> int:
        """Return when the page was edited last; being trashed is an edit."""
        return nanoseconds(self.page(number).last_edited)

    def _has_file(self, page_id: PageId) -> bool:
        doc = self._store.docs.find(page_id)
        if doc is None:
            return False
        ino = self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
        return ino is not None and self._store.dentries.find_by_ino(ino) is not None
