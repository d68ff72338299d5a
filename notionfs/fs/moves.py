"""Whether Notion's API can do a move, decided before anything changes."""

from __future__ import annotations

import msgspec

from notionfs.errors import InvalidArgument, NotPermitted
from notionfs.markdown.properties import filled_columns, has_column
from notionfs.model import DataSource, PageId, Parent, ParentType
from notionfs.store.dentries import ROOT_INO, Inode, NodeKind
from notionfs.store.documents import Doc
from notionfs.store.store import Store
from notionfs.sync.engine import Engine


def check_move(store: Store, engine: Engine, doc: Doc, target_dir: Inode) -> None:
    """Raise NotPermitted with what would be lost, or InvalidArgument for a move into itself."""
    _check_not_inside(store, doc, target_dir)
    page = None if doc.page_id is None else store.snapshots.load_page(PageId(doc.page_id))
    if page is None:
        return
    source = engine.renditions.source_of(page)
    if source is None:
        return
    parent = engine.saver.parent_in(target_dir, None)
    target = _target_source(store, parent)
    if target is not None and target.id == source.id:
        return
    values = msgspec.json.decode(page.properties)
    filled = filled_columns(source, values)
    lost = [c.name for c in filled if target is None or not has_column(target, c)]
    if lost:
        raise NotPermitted(
            f"The row cannot move there: its properties {', '.join(lost)} would be lost."
        )


def _target_source(store: Store, parent: Parent | None) -> DataSource | None:
    if parent is None or parent.type is not ParentType.DATA_SOURCE:
        return None
    return next(
        (s for s in store.snapshots.list_sources(parent.database_id) if s.id == parent.id), None
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
