"""Whether Notion's API can do a move, decided before anything changes."""

from __future__ import annotations

import msgspec

from notionfs.errors import InvalidArgument, NotPermitted
from notionfs.markdown.properties import lost_properties
from notionfs.model import PageId
from notionfs.store.dentries import ROOT_INO, Inode, NodeKind
from notionfs.store.documents import Doc
from notionfs.store.store import Store
from notionfs.sync.engine import Engine
from notionfs.sync.moving import source_under
from notionfs.sync.saver import is_home


def check_move(
    store: Store, engine: Engine, doc: Doc, target_dir: Inode, *, may_lose: bool = False
) -> None:
    """Raise NotPermitted with what would be lost, or InvalidArgument for a move into itself.

    With *may_lose* a row may lose properties: somebody asked for it by name.
    """
    _check_not_inside(store, doc, target_dir)
    page = None if doc.page_id is None else store.snapshots.load_page(PageId(doc.page_id))
    source = None if page is None else engine.renditions.source_of(page)
    if page is None or source is None or may_lose or is_home(page.parent, target_dir):
        return
    target = source_under(store, engine.saver.parent_in(target_dir, None))
    if target is not None and target.id == source.id:
        return
    lost = lost_properties(source, msgspec.json.decode(page.properties), target)
    if lost:
        raise NotPermitted(
            f"The row cannot move there: its properties {', '.join(lost)} would be lost. To lose"
            " them, use: notionfs mv --force."
        )


def _check_not_inside(store: Store, doc: Doc, target_dir: Inode) -> None:
    own = store.dentries.find_doc_inode(doc.doc_id, NodeKind.FOLDER)
    ino = target_dir.ino
    while ino != ROOT_INO:
        if ino == own:
            raise InvalidArgument("A page cannot move into its own folder.")
        dentry = store.dentries.find_by_ino(ino)
        if dentry is None:
            return
        ino = dentry.parent_ino
