"""How much the store writes."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from notionfs.model import PageId
from notionfs.planning.states import DocEvent
from notionfs.store.store import Store


def test_a_change_about_a_large_file_writes_none_of_its_text(tmp_path: Path) -> None:
    """A new state of a page with a megabyte of text is a few pages in the log of the store."""
    with closing(Store(tmp_path)) as store:
        with store.transaction():
            doc_id = store.docs.add(PageId("p"), mtime_ns=0)
            store.docs.save_text(doc_id, b"x" * 1_000_000, mtime_ns=1, by_user=True)
            store.docs.move(doc_id, DocEvent.SAVE)
        (log,) = tmp_path.rglob("*-wal")
        before = log.stat().st_size

        with store.transaction():
            store.docs.move(doc_id, DocEvent.CLAIM)
            store.docs.mark(doc_id, outdated=1)

        assert log.stat().st_size - before < 50_000
