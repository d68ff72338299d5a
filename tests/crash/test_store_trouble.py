"""Power loss, full and read-only disks, clocks that jump: texts stay, and the words are clear."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import DiskFull, StoreError
from notionfs.simulator import Simulator
from notionfs.store.connection import STORE_NAME
from notionfs.store.store import Store
from tests.desk import open_desk, wall
from tests.fs.conftest import BODY

WIKI = "acme/wiki.md"


def workspace() -> Simulator:
    sim = Simulator(clock=wall)
    sim.add_page("Wiki", parent="workspace", markdown=BODY)
    return sim


# --- power ----------------------------------------------------------------------------------------


def test_a_commit_waits_for_the_disk(tmp_path: Path) -> None:
    """These two settings are what the promise rests on."""
    store = Store(tmp_path)
    db = store._connection.db
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert db.execute("PRAGMA synchronous").fetchone()[0] == 2  # FULL: the log is synced
    store.close()


def test_whatever_the_disk_had_not_written_yet_costs_no_commit(tmp_path: Path) -> None:
    """After a power loss the log ends anywhere behind the last sync, or in garbage."""
    store = Store(tmp_path / "live")
    log = store.path.with_name(STORE_NAME + "-wal")
    synced: list[int] = []
    with store.transaction():
        docs = [store.docs.add(None, mtime_ns=0) for _ in range(30)]
    for doc_id in docs:
        with store.transaction():
            store.docs.save_text(doc_id, b"text" * 200, mtime_ns=1, by_user=True)
        synced.append(log.stat().st_size)
    chance = random.Random(5)
    for number in range(0, len(docs), 3):
        torn = tmp_path / f"torn-{number}"
        torn.mkdir()
        shutil.copyfile(store.path, torn / STORE_NAME)
        whole = log.read_bytes()
        cut = synced[number]
        lost = chance.randrange(len(whole) - cut + 1)
        garbage = chance.randbytes(min(lost, 5000)) if number % 2 else b""
        (torn / (STORE_NAME + "-wal")).write_bytes(whole[: len(whole) - lost] + garbage)
        again = Store(torn)
        kept = [doc_id for doc_id in docs if again.docs.load_text(doc_id)]
        assert kept[: number + 1] == docs[: number + 1]
        assert again._connection.db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        again.close()
    store.close()


# --- disks ----------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("only root can make a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", place], check=True)


async def test_a_full_disk_refuses_a_save_and_keeps_the_last_one(
    small_disk: Path, autojump_clock: MockClock
) -> None:
    """ENOSPC from close, the previous text intact; with room again, saving works and is sent."""
    sim = workspace()
    async with open_desk(sim, small_disk / "state") as desk:
        await desk.edit(WIKI, "Last paragraph.", "Kept.")
        kept = await desk.read(WIKI)
        ballast = small_disk / "ballast"
        with suppress(OSError):
            ballast.write_bytes(bytes(1 << 21))
        with pytest.raises(DiskFull, match="is full"):
            await desk.write(WIKI, kept + "\nmore " * 20_000)
        assert await desk.read(WIKI) == kept
        ballast.unlink()
        await desk.edit(WIKI, "Kept.", "Kept on.")
        await trio.sleep(60)
        await desk.sent()
        assert "Kept on." in sim.markdown(desk.page_id(WIKI) or "")
        assert sim.titles() == ["Wiki"]


def test_a_store_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence with the file's name; nothing is tried behind the user's back."""
    Store(tmp_path).close()
    real = sqlite3.connect

    def read_only(path: Path, **options: Any) -> sqlite3.Connection:
        return real(f"file:{path}?mode=ro", uri=True, **options)

    monkeypatch.setattr(sqlite3, "connect", read_only)
    with pytest.raises(StoreError, match=r"store\.sqlite cannot be written"):
        Store(tmp_path)


def test_a_read_only_state_directory_says_so(tmp_path: Path) -> None:
    """The lock, or the store, cannot be made: a sentence, no traceback."""
    place = tmp_path / "disk"
    place.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(place)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("only root can make a read-only disk")
    try:
        with pytest.raises(StoreError, match="cannot be used"):
            Store(place / "state")
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.parametrize("damage", [b"no database at all" * 300, None])
def test_a_damaged_store_names_the_way_out(tmp_path: Path, damage: bytes | None) -> None:
    """Refused at the start, left as it is, and the sentence says what to do."""
    Store(tmp_path).close()
    path = tmp_path / STORE_NAME
    whole = path.read_bytes()
    broken = damage or whole[:4096] + os.urandom(len(whole) - 4096)
    path.write_bytes(broken)
    with pytest.raises(StoreError, match="notionfs doctor --salvage"):
        Store(tmp_path)
    assert path.read_bytes() == broken


# --- clocks ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("jump", [-86_400, -1, 86_400, 10 * 365 * 86_400])
async def test_a_clock_that_jumps_holds_nothing_up(
    tmp_path: Path, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch, jump: float
) -> None:
    """A save, or a held name, waits minutes at most, not until yesterday has passed again."""
    sim = workspace()
    async with open_desk(sim, tmp_path) as desk:
        await desk.edit(WIKI, "Last paragraph.", "Before.")
        desk.mv(WIKI, f"{WIKI}~")
        now = desk.engine.context.now_ns
        object.__setattr__(desk.engine.context, "now_ns", lambda: now() + int(jump * 1e9))
        sim.reset_counts()
        await trio.sleep(1_000)
        assert desk.engine.store.outbox.list_changes() == []
        assert sim.markdown(desk.page_id(WIKI) or "").count("Before.") == 1
        assert sim.count("patch_markdown") == 1
