"""The store: durable, exclusive, private, and never a step back."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest

from notionfs.errors import StoreBusy, StoreError, StoreTooNew
from notionfs.model import Base, PageId
from notionfs.planning.states import DocEvent, DocState
from notionfs.store.bases import KEPT_NS, MOST
from notionfs.store.connection import STORE_NAME, Connection
from notionfs.store.dentries import FIRST_FREE_INO, Held, NodeKind
from notionfs.store.documents import SavedBase
from notionfs.store.newcomers import NewFile
from notionfs.store.outbox import Action, RowState
from notionfs.store.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "state")
    yield store
    store.close()


def test_the_store_belongs_to_its_user_alone(store: Store) -> None:
    """The file holds people's notes: 0600 in a 0700 directory."""
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700


def test_a_second_opener_is_refused_with_the_first_ones_pid(store: Store) -> None:
    """Two writers would corrupt it."""
    with pytest.raises(StoreBusy, match=r"process \d+"):
        Store(store.path.parent)


def test_a_closed_store_can_be_opened_again(tmp_path: Path) -> None:
    """The lock ends with the holder; inode numbers go on where they were."""
    first = Store(tmp_path)
    with first.transaction():
        ino = first.dentries.add_inode(NodeKind.FILE, mode=0o600, mtime_ns=1)
        first.dentries.remove_inode(ino)
    first.close()
    again = Store(tmp_path)
    with again.transaction():
        assert again.dentries.add_inode(NodeKind.FILE, mode=0o600, mtime_ns=1) > ino
    assert ino >= FIRST_FREE_INO
    again.close()


def test_a_newer_store_is_refused(tmp_path: Path) -> None:
    """An older program must not guess at a newer layout."""
    Store(tmp_path).close()
    with sqlite3.connect(tmp_path / STORE_NAME) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    with pytest.raises(StoreTooNew, match="upgrade"):
        Store(tmp_path)


def test_a_damaged_store_is_named(tmp_path: Path) -> None:
    """The sentence says which file it is."""
    (tmp_path / STORE_NAME).write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreError, match=STORE_NAME):
        Store(tmp_path)


def test_a_failed_transaction_changes_nothing(store: Store) -> None:
    """Draft and outbox row are one step, or none."""
    with pytest.raises(ZeroDivisionError), store.transaction():
        store.docs.add(None, mtime_ns=0)
        raise ZeroDivisionError
    with pytest.raises(LookupError):
        store.docs.load(1)


def test_every_new_text_has_a_newer_time_and_version(store: Store) -> None:
    """The kernel drops its cache only when the mtime moves, even within one clock tick."""
    with store.transaction():
        doc_id = store.docs.add(None, mtime_ns=1000)
        store.docs.save_text(doc_id, b"one", mtime_ns=1000, by_user=True)
        first = store.docs.load(doc_id)
        store.docs.save_text(doc_id, b"two", mtime_ns=1000, by_user=True)
        second = store.docs.load(doc_id)
    assert second.mtime_ns > first.mtime_ns > 1000
    assert second.version > first.version


def test_a_base_survives_as_it_was(store: Store) -> None:
    """What a text grew from is needed again after a crash."""
    saved = SavedBase(Base("Title", {"Tags": [1, "ü"]}, "body\n"), "spelled")
    with store.transaction():
        doc_id = store.docs.add(PageId("p"), mtime_ns=0)
        store.docs.save_base(doc_id, saved)
    assert store.docs.load_base(doc_id) == saved


def test_a_crash_on_the_wire_is_unsure_afterwards(tmp_path: Path) -> None:
    """What was claimed when the program died may or may not have arrived."""
    store = Store(tmp_path)
    with store.transaction():
        doc_id = store.docs.add(PageId("p"), mtime_ns=0)
        store.docs.move(doc_id, DocEvent.SAVE)
        store.outbox.put(doc_id, Action.SAVE, now_ns=0, due_ns=0)
        change = store.outbox.next_ready(1)
        assert change is not None
        store.outbox.claim(change.seq, 1, {"title": "T"})
        store.docs.move(doc_id, DocEvent.CLAIM)
    store.close()
    again = Store(tmp_path)
    [change] = again.outbox.list_changes()
    assert change.state is RowState.UNSURE
    assert change.payload == {"title": "T"}
    assert again.docs.load(doc_id).state is DocState.UNSURE
    again.close()


def test_several_saves_are_one_change(store: Store) -> None:
    """A change that still waits is renewed, not repeated."""
    with store.transaction():
        for due in (10, 20):
            store.outbox.put(1, Action.SAVE, now_ns=0, due_ns=due)
    [change] = store.outbox.list_changes()
    assert change.due_ns == 20


def test_a_save_during_an_upload_waits_behind_it(store: Store) -> None:
    """One page, one request at a time, in order."""
    with store.transaction():
        store.outbox.put(1, Action.SAVE, now_ns=0, due_ns=0)
        first = store.outbox.next_ready(1)
        assert first is not None
        store.outbox.claim(first.seq, 1, {})
        store.outbox.put(1, Action.SAVE, now_ns=2, due_ns=2)
    assert store.outbox.next_ready(100) is None
    with store.transaction():
        store.outbox.finish(first.seq)
    assert store.outbox.next_ready(100) is not None


def test_a_lost_answer_hands_its_journal_to_the_newer_save(store: Store) -> None:
    """The attempt is not forgotten because the user saved once more."""
    with store.transaction():
        store.outbox.put(1, Action.SAVE, now_ns=0, due_ns=0)
        first = store.outbox.next_ready(1)
        assert first is not None
        store.outbox.claim(first.seq, 1, {"title": "T"})
        store.outbox.put(1, Action.SAVE, now_ns=2, due_ns=2)
        store.outbox.put_back(first.seq, state=RowState.UNSURE, due_ns=5)
    [change] = store.outbox.list_changes()
    assert change.state is RowState.UNSURE
    assert change.payload["title"] == "T"


def test_a_held_name_is_taken(store: Store) -> None:
    """No newcomer gets the name of a page that is about to come back."""
    with store.transaction():
        store.dentries.hold(Held(1, "page.md", 7, 100, "restore", False))
    assert store.dentries.is_taken(1, "page", but=frozenset())
    assert store.dentries.list_held(99) == []
    with store.transaction():
        held = store.dentries.release(1, "page.md")
    assert held is not None
    assert held.doc_id == 7
    assert not store.dentries.is_taken(1, "page", but=frozenset())


def test_cookies_only_grow(store: Store) -> None:
    """A listing in progress must not meet an old cookie again."""
    with store.transaction():
        ino = store.dentries.add_inode(NodeKind.FILE, mode=0o600, mtime_ns=0)
        first = store.dentries.add(1, "a", ino)
        store.dentries.move(first, 1, "b", chosen=True)
    moved = store.dentries.find(1, "b")
    assert moved is not None
    assert moved.dentry_id > first


def test_earlier_bases_are_bounded(store: Store) -> None:
    """An editor that was left open for a week does not fill the disk."""
    with store.transaction():
        for n in range(MOST + 5):
            store.bases.keep(1, "t", SavedBase(Base(str(n), {}, "")), now_ns=n)
        store.bases.keep(2, "t", SavedBase(Base("other", {}, "")), now_ns=0)
    kept = [saved.base.title for saved in store.bases.list_of(1, "t")]
    assert kept == [str(n) for n in reversed(range(5, MOST + 5))]
    with store.transaction():
        store.bases.keep(1, "u", SavedBase(Base("late", {}, "")), now_ns=KEPT_NS + MOST + 6)
    assert store.bases.list_of(1, "t") == []
    assert len(store.bases.list_of(2, "t")) == 1


def test_a_part_of_a_transaction_can_be_undone_alone(store: Store) -> None:
    """One page that cannot be taken in does not undo the others."""
    with store.transaction():
        store.snapshots.save_fact("a", "1")
        with pytest.raises(RuntimeError), store.part():
            store.snapshots.save_fact("b", "1")
            raise RuntimeError
    assert store.snapshots.load_fact("a") == "1"
    assert store.snapshots.load_fact("b") is None


def test_what_waits_for_a_person_keeps_nothing_behind_it_waiting(store: Store) -> None:
    """A parked change of a page does not stop that page's later saves."""
    with store.transaction():
        store.outbox.put(1, Action.MOVE, now_ns=0, due_ns=0)
        first = store.outbox.next_ready(1)
        assert first is not None
        store.outbox.put_back(first.seq, state=RowState.PARKED)
        store.outbox.put(1, Action.SAVE, now_ns=0, due_ns=0)
    ready = store.outbox.next_ready(1)
    assert ready is not None
    assert ready.action is Action.SAVE


def test_a_crash_behind_a_resave_leaves_one_change(tmp_path: Path) -> None:
    """The one that was on the wire takes the newer one in."""
    store = Store(tmp_path)
    with store.transaction():
        doc_id = store.docs.add(PageId("p"), mtime_ns=0)
        store.docs.move(doc_id, DocEvent.SAVE)
        store.outbox.put(doc_id, Action.SAVE, now_ns=0, due_ns=0)
        change = store.outbox.next_ready(1)
        assert change is not None
        store.outbox.claim(change.seq, 1, {"title": "T"})
        store.docs.move(doc_id, DocEvent.CLAIM)
        store.outbox.put(doc_id, Action.SAVE, now_ns=2, due_ns=2)
        store.docs.move(doc_id, DocEvent.SAVE)
    store.close()
    again = Store(tmp_path)
    [left] = again.outbox.list_changes()
    assert (left.seq, left.state) == (change.seq, RowState.UNSURE)
    again.close()


def test_what_need_not_be_durable_is_on_disk_with_the_next_that_must(tmp_path: Path) -> None:
    """A transaction inside a lax one, and a durable one after it, put everything on the disk."""
    with Connection(tmp_path) as connection:
        with connection.transaction(durable=False) as db:
            db.execute("INSERT INTO meta VALUES ('a', '1')")
        assert not connection.is_on_disk
        with connection.transaction():
            pass
        assert connection.is_on_disk
        with connection.transaction(durable=False) as db, connection.transaction():
            db.execute("INSERT INTO meta VALUES ('b', '1')")
        assert connection.is_on_disk


def test_files_added_together_share_no_number_with_others(store: Store) -> None:
    """Numbers of documents and inodes are never used twice, however they were given."""
    files = [NewFile(PageId(f"p{n}"), 1, f"page-{n}.md", f"page-{n}.md", 7) for n in range(3)]
    with store.transaction():
        first = store.docs.add(PageId("one"), mtime_ns=1)
        ino = store.dentries.add_inode(NodeKind.PAGE, mode=0o600, mtime_ns=0, doc_id=first)
        store.newcomers.add(files, mode=0o600)
        last = store.docs.find(PageId("p2"))
        assert last is not None
        assert last.doc_id == first + 3
        assert last.mtime_ns == 7
        assert store.dentries.find_doc_inode(last.doc_id, NodeKind.PAGE) == ino + 3
        store.docs.remove(last.doc_id)
        store.dentries.remove_inode(ino + 3)
        assert store.docs.add(PageId("two"), mtime_ns=1) == last.doc_id + 1
        assert store.dentries.add_inode(NodeKind.FILE, mode=0o600, mtime_ns=0) == ino + 4
    assert [name for name, _ in store.dentries.list_inodes(1)] == [f.name for f in files[:2]]
    wanted = [(1, "page-0.md"), (1, "page-9.md"), (2, "page-1.md")]
    assert store.newcomers.list_taken(wanted) == {(1, "page-0.md")}
    assert store.newcomers.list_owned([PageId("p0"), PageId("p9")]) == {PageId("p0")}


def test_what_was_written_is_moved_to_its_place_by_another_thread(
    store: Store, tmp_path: Path
) -> None:
    """The owner hears when it is time; a transaction that is open meanwhile is not disturbed."""
    heard: list[bool] = []
    store.hear_of_many_changes(lambda: heard.append(True))
    with store.transaction():
        for number in range(3000):
            store.snapshots.save_fact(f"fact {number}", "x" * 100)
    assert heard == [True]
    with store.transaction():
        store.snapshots.save_fact("one more", "x")
        thread = Thread(target=store.move_log)
        thread.start()
        thread.join()
    assert heard == [True]
    shutil.copy(store.path, tmp_path / "alone.sqlite")
    with closing(sqlite3.connect(tmp_path / "alone.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM meta WHERE key LIKE 'fact %'").fetchone() == (3000,)
