"""How page files name each other and people: answered from the store, never waiting."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

from notionfs.markdown.media import placeholder
from notionfs.model import DatabaseId, PageId, User, UserId, normalize_id
from notionfs.naming import ASSETS_NAME, stem_of
from notionfs.patterns import late
from notionfs.planning.states import ON_THE_WIRE, DocState
from notionfs.store.dentries import ROOT_INO, Inode, NodeKind
from notionfs.store.store import Store

_MARKED_TITLE = late(r"(.+) \(([0-9a-f]{8,32})\)", re.DOTALL)
"""A title that several pages have, and the beginning of the id of the one that is meant."""


class StoreReferences:
    """References of a document, relative to the directory *base_ino*; implements
    `model.References`.
    """

    def __init__(self, store: Store, base_ino: int, doc_id: int = 0) -> None:
        self._store = store
        self._base_ino = base_ino
        self._doc_id = doc_id
        self._base_path: str | None = None
        self._users: list[User] | None = None

    def page_path(self, page_id: PageId) -> str | None:
        """Return the relative path of a mounted page's file, or of a database's folder with `/`."""
        doc = self._store.docs.find(page_id)
        if doc is None:
            return self._folder_path(DatabaseId(page_id))
        ino = self._store.dentries.find_doc_inode(doc.doc_id, NodeKind.PAGE)
        path = None if ino is None else self._store.dentries.path_of(ino)
        return None if path is None else posixpath.relpath("/" + path, self._directory())

    def _folder_path(self, database_id: DatabaseId) -> str | None:
        ino = self._store.dentries.find_database_inode(database_id)
        path = None if ino is None else self._store.dentries.path_of(ino)
        return None if path is None else posixpath.relpath("/" + path, self._directory()) + "/"

    def page_title(self, page_id: PageId) -> str | None:
        """Return the title of a known page, or None."""
        page = self._store.snapshots.load_page(page_id)
        return None if page is None else page.title

    def find_pages(self, reference: str) -> list[PageId]:
        """Return the pages that *reference* (path, title, URL or id) may mean."""
        by_path = self._by_path(reference) or self._by_path(unquote(reference))
        if by_path is not None:
            return [by_path]
        titled = self._store.snapshots.list_pages_titled(reference)
        if titled:
            return titled
        if marked := _MARKED_TITLE.fullmatch(reference):
            wanted = self._store.snapshots.list_pages_titled(marked[1])
            return [found for found in wanted if found.replace("-", "").startswith(marked[2])]
        page_id = normalize_id(reference)
        if page_id is not None and self._store.snapshots.load_page(PageId(page_id)) is not None:
            return [PageId(page_id)]
        beside = self._by_path(f"{reference}.md")  # as notes name each other
        return [] if beside is None else [beside]

    def asset_path(self, url: str) -> str | None:
        """Return the relative path of a hosted file that the page shows, or None."""
        asset = self._store.assets.find_url(self._doc_id, url)
        ino = self._store.dentries.find_doc_inode(self._doc_id, NodeKind.PAGE)
        page = None if ino is None else self._store.dentries.find_by_ino(ino)
        if asset is None or page is None:
            return None
        return f"{stem_of(page.name)}/{ASSETS_NAME}/{asset.name}"

    def find_asset(self, reference: str) -> str | None:
        """Return the address of the file at a path, also if its page was renamed since.

        A file that is only here has one that stands for it until Notion has it.
        """
        directory, _, name = reference.rpartition("/")
        if posixpath.basename(directory) == ASSETS_NAME:
            asset = self._store.assets.find_name(self._doc_id, name)
            if asset is not None:
                return asset.url
        path = posixpath.normpath(posixpath.join(self._directory(), reference))
        inode = self._inode_at(path)
        if inode is None or inode.kind is not NodeKind.FILE:
            return self._once_at(path.lstrip("/"))
        digest = self._store.dentries.load_digest(inode.ino)
        if digest is None or inode.size == 0:
            return None
        upload = self._store.uploads.find(self._doc_id, inode.ino, digest)
        if upload is not None and upload.url is not None:
            return upload.url
        return placeholder(inode.ino, digest, name)

    def is_on_its_way(self, path: str) -> bool:
        """Tell whether another page file stands at *path* whose page is about to be created."""
        node = self._inode_at(posixpath.normpath(posixpath.join(self._directory(), path)))
        if node is None or node.kind is not NodeKind.PAGE or node.doc_id in (None, self._doc_id):
            return False
        doc = self._store.docs.load(node.doc_id or 0)
        return doc.page_id is None and doc.state in (DocState.DIRTY, *ON_THE_WIRE)

    def _once_at(self, path: str) -> str | None:
        upload = self._store.uploads.find_path(self._doc_id, path)
        return None if upload is None else upload.url

    def user_label(self, user_id: UserId) -> str | None:
        """Return a user's name if unique, else their e-mail address, else None."""
        user = next((u for u in self._all_users() if u.id == user_id), None)
        if user is None:
            return None
        if user.name and len(self.find_users(user.name)) == 1:
            return user.name
        return user.email

    def find_users(self, reference: str) -> list[UserId]:
        """Return the users that *reference* (name, e-mail or id) may mean."""
        wanted = reference.strip()
        return [
            u.id
            for u in self._all_users()
            if wanted in (u.name, u.email, u.id) or normalize_id(wanted) == u.id
        ]

    def _directory(self) -> str:
        if self._base_path is None:
            self._base_path = self._store.dentries.path_of(self._base_ino) or ""
        return "/" + self._base_path

    def _by_path(self, reference: str) -> PageId | None:
        node = self._inode_at(posixpath.normpath(posixpath.join(self._directory(), reference)))
        if node is not None and node.database_id is not None:
            return PageId(node.database_id)
        if node is None or node.kind is not NodeKind.PAGE or node.doc_id is None:
            return None
        return self._store.docs.load(node.doc_id).page_id

    def _inode_at(self, path: str) -> Inode | None:
        ino = ROOT_INO
        for part in path.strip("/").split("/"):
            dentry = self._store.dentries.find(ino, part)
            if dentry is None:
                return None
            ino = dentry.ino
        return self._store.dentries.load_inode(ino)

    def _all_users(self) -> list[User]:
        if self._users is None:
            self._users = self._store.snapshots.list_users()
        return self._users
