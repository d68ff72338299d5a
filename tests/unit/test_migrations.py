"""A store of an older program is brought to the present layout, and nothing in it is lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from notionfs.errors import StoreError, StoreTooNew
from notionfs.model import PageId
from notionfs.planning.states import DocEvent, DocState
from notionfs.store import migrations
from notionfs.store.connection import STORE_NAME
from notionfs.store.outbox import Action
from notionfs.store.store import Store

DRAFT = "# Plan\n\nNot sent yet: ü.\n".encode()


def rebuild(db: sqlite3.Connection) -> None:
    """As layouts change in SQLite: a new table, its rows copied, the old one gone."""
    for table in ("docs", "outbox"):
        (made,) = db.execute("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        rest = db.execute(
            "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND type != 'table' AND sql != ''",
            (table,),
        ).fetchall()
        db.execute(f"ALTER TABLE {table} RENAME TO old_{table}")
        db.execute(made)
        db.execute(f"INSERT INTO {table} SELECT * FROM old_{table}")
        db.execute(f"DROP TABLE old_{table}")
        for (statement,) in rest:
            db.execute(statement)
        db.execute(f"ALTER TABLE {table} ADD COLUMN since_layout_2 TEXT")


def break_off(db: sqlite3.Connection) -> None:
    """A step that fails when half of its work is done."""
    db.execute("DELETE FROM docs")
    db.execute("DROP TABLE outbox")
    raise sqlite3.OperationalError("no such column: imagined")


@pytest.fixture
def older(tmp_path: Path) -> int:
    """A store that an older program left behind, with a draft that is not sent; its document."""
    with closing(Store(tmp_path)) as store, store.transaction():
        doc_id = store.docs.add(PageId("p"), mtime_ns=0)
        store.docs.save_text(doc_id, DRAFT, mtime_ns=5, by_user=True)
        store.docs.move(doc_id, DocEvent.SAVE)
        store.outbox.put(doc_id, Action.SAVE, now_ns=5, due_ns=5)
    return doc_id


def look(directory: Path) -> tuple[int, list[str]]:
    """Return layout and the whole content of the database."""
    db = sqlite3.connect(directory / STORE_NAME)
    try:
        return db.execute("PRAGMA user_version").fetchone()[0], list(db.iterdump())
    finally:
        db.close()


def newer_program(monkeypatch: pytest.MonkeyPatch, *steps: object) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, *steps))


def test_a_draft_that_waits_survives_the_step_to_a_newer_layout(
    tmp_path: Path, older: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, with its place in the queue; a second start has nothing more to do."""
    layout, _ = look(tmp_path)
    newer_program(monkeypatch, rebuild)
    for _ in range(2):
        with closing(Store(tmp_path)) as store:
            assert store.docs.load_text(older) == DRAFT
            assert store.docs.load(older).state is DocState.DIRTY
            [change] = store.outbox.list_changes()
            assert (change.doc_id, change.action, change.due_ns) == (older, Action.SAVE, 5)
        assert look(tmp_path)[0] == layout + 1


def test_a_step_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, older: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the steps before it; the program that wrote the store can still open it."""
    before = look(tmp_path)
    with monkeypatch.context() as newer:
        newer_program(newer, rebuild, break_off)
        with pytest.raises(sqlite3.OperationalError, match="imagined"):
            Store(tmp_path)
    assert look(tmp_path) == before
    with closing(Store(tmp_path)) as store:
        assert store.docs.load_text(older) == DRAFT


def test_an_older_program_refuses_what_a_newer_one_wrote_and_changes_nothing(
    tmp_path: Path, older: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a downgrade the draft waits for the newer program."""
    with monkeypatch.context() as newer:
        newer_program(newer, rebuild)
        Store(tmp_path).close()
    before = look(tmp_path)
    with pytest.raises(StoreTooNew, match="upgrade"):
        Store(tmp_path)
    assert look(tmp_path) == before


def test_a_store_of_an_unreleased_version_is_refused_and_left_as_it_is(
    older: int, tmp_path: Path
) -> None:
    """The number is the same, the tables are not: better one sentence than errors one by one."""
    with closing(sqlite3.connect(tmp_path / STORE_NAME)) as db:
        db.execute("PRAGMA application_id=1")
    before = look(tmp_path)
    with pytest.raises(StoreError, match="--salvage"):
        Store(tmp_path)
    assert look(tmp_path) == before
