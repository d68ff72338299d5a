"""The files that Notion hosts for a page, as entries of `.assets` in the page's folder.

What a page shows is known once its body is in the store, so listing asks nobody. Nothing here
waits; callers hold the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from notionfs.markdown.bodies import canonical_url, hosted_urls
from notionfs.markdown.media import hosted_in, hosted_name
from notionfs.model import Page
from notionfs.naming import ASSETS_NAME, asset_name
from notionfs.store.assets import Asset
from notionfs.store.dentries import Inode, NodeKind
from notionfs.sync.context import Context, EntryChanged
from notionfs.sync.layout import DIRECTORY_MODE
from notionfs.sync.placement import Placement
from notionfs.sync.renditions import nanoseconds

ASSET_MODE = 0o400
BODY, PAGE = "body", "page"


class Assets:
    """Keeps `.assets` in step with what a page shows."""

    def __init__(self, context: Context, placement: Placement) -> None:
        self._context = context
        self._store = context.store
        self._placement = placement

    def place(self, doc_id: int, page: Page, body: str) -> None:
        """Show the files of *page* and its *body*, and no others."""
        shown = dict(_files_of(page, body))
        known = {asset.url: asset for asset in self._store.assets.list_of(doc_id)}
        if not shown and not known:
            return
        edited_ns = nanoseconds(page.last_edited)
        directory = self._directory(doc_id, edited_ns) if shown else None
        for url, source in shown.items():
            asset = known.get(url) or self._add(doc_id, url, source, edited_ns)
            if directory is not None:
                self._name(asset, directory, edited_ns)
        gone = [asset for url, asset in known.items() if url not in shown]
        for asset in gone:
            self._hide(asset)
        if gone and not shown:
            self._tidy(doc_id)

    def _add(self, doc_id: int, url: str, source: str, edited_ns: int) -> Asset:
        digits, name = hosted_name(url)
        ino = self._store.dentries.add_inode(NodeKind.ASSET, mode=ASSET_MODE, mtime_ns=edited_ns)
        self._store.dentries.set_size(ino, -1)
        taken = {asset.name for asset in self._store.assets.list_of(doc_id)}
        asset = Asset(ino, doc_id, asset_name(name, digits, url, taken), url, source)
        self._store.assets.add(asset)
        return asset

    def _name(self, asset: Asset, directory: int, edited_ns: int) -> None:
        if self._store.dentries.find_by_ino(asset.ino) is not None:
            return
        if self._store.dentries.find(directory, asset.name) is not None:
            return  # a file of the user's own has that name: it stays
        self._store.dentries.add(directory, asset.name, asset.ino)
        self._store.dentries.touch_directory(directory, edited_ns)
        self._context.tell(EntryChanged(directory, asset.name))

    def _hide(self, asset: Asset) -> None:
        dentry = self._store.dentries.find_by_ino(asset.ino)
        if dentry is not None:
            self._store.dentries.remove(dentry.dentry_id)
            self._context.tell(EntryChanged(dentry.parent_ino, dentry.name))

    # --- the directories --------------------------------------------------------------------------

    def _directory(self, doc_id: int, edited_ns: int) -> int | None:
        """Return the inode of the page's `.assets`; None if the page has no place for it."""
        folder = self._placement.ensure_folder(doc_id)
        if folder is None:
            return None
        dentry = self._store.dentries.find(folder, ASSETS_NAME)
        if dentry is not None:
            inode = self._store.dentries.load_inode(dentry.ino)
            return dentry.ino if inode is not None and inode.is_directory else None
        ino = self._store.dentries.add_inode(NodeKind.DIRECTORY, mode=DIRECTORY_MODE, mtime_ns=0)
        self._store.dentries.add(folder, ASSETS_NAME, ino)
        self._store.dentries.touch_directory(folder, edited_ns)
        self._context.tell(EntryChanged(folder, ASSETS_NAME))
        return ino

    def _tidy(self, doc_id: int) -> None:
        """Remove the directories that were only there for files, unless a user made them."""
        folder = self._store.dentries.find_doc_inode(doc_id, NodeKind.FOLDER)
        dentry = None if folder is None else self._store.dentries.find(folder, ASSETS_NAME)
        inode = None if dentry is None else self._store.dentries.load_inode(dentry.ino)
        if folder is None or inode is None or not self._remove_empty(inode):
            return
        self._store.dentries.remove_inode(inode.ino)
        above = self._store.dentries.load_inode(folder)
        if above is not None:
            self._remove_empty(above)

    def _remove_empty(self, inode: Inode) -> bool:
        """Remove the name of a directory that we made and that holds nothing; tell if we did."""
        dentry = self._store.dentries.find_by_ino(inode.ino)
        if dentry is None or dentry.chosen or self._store.dentries.has_entries(inode.ino):
            return False
        self._store.dentries.remove(dentry.dentry_id)
        self._context.tell(EntryChanged(dentry.parent_ino, dentry.name))
        return True


def _files_of(page: Page, body: str) -> Iterator[tuple[str, str]]:
    """Yield the hosted files of a page without signatures, and where each is read from."""
    yield from ((url, PAGE) for url in _plain(hosted_in(msgspec.json.decode(page.properties))))
    yield from ((url, BODY) for url in hosted_urls(body))


def _plain(urls: Iterable[str]) -> Iterator[str]:
    return (canonical_url(url) for url in urls)
