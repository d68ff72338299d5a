"""One SQLite connection, used only from the event loop's thread.

Code between two awaits is atomic, so no lock is needed inside the process; a `flock` keeps other
processes out. WAL with `synchronous=FULL`: what a transaction committed survives power loss, unless
it said that it need not (side files before their fsync, what can be fetched again).
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import TracebackType

from notionfs.errors import DiskFull, StoreBusy, StoreError
from notionfs.store.migrations import migrate

STORE_NAME = "store.sqlite"
LOCK_NAME = "store.lock"
_MANY_CHANGES = 3000  # rows: a few MiB of the log
_LONG_LOG = 16_000  # pages, of 4 KiB: where a commit moves them itself, if nobody else did


class Connection:
    """An open, locked and migrated store in *directory* (made 0700 if missing).

    Raises StoreBusy with the holder's pid, StoreTooNew, or StoreError for a damaged file.
    """

    def __init__(self, directory: Path) -> None:
        self.path = directory / STORE_NAME
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = _lock(directory / LOCK_NAME)
        except OSError as exc:
            raise StoreError(
                f"The state directory {directory} cannot be used: {exc.strerror}; "
                f"make it writable, or choose another one with --state-dir."
            ) from exc
        self._depth = 0
        self._syncs = True  # how commits are made at present
        self._is_wanted_on_disk = False
        self.is_on_disk = True
        self.on_many_changes: Callable[[], None] = lambda: None
        try:
            self.db = _connect(self.path)
        except BaseException:
            os.close(self._lock)
            raise
        self._moved_at = self.db.total_changes

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Run the block as one transaction; an inner one joins the outer one.

        It survives the end of this program in any case, and that of the machine if one of them was
        *durable*, or once a later one is: what is on the disk is always a beginning of the history.
        Never await inside. Raises DiskFull when the disk is full; nothing has changed then.
        """
        self._is_wanted_on_disk |= durable
        if self._depth:
            yield self.db
            return
        self._depth = 1
        self._is_wanted_on_disk = durable
        self._set_syncs(durable)
        try:
            self.db.execute("BEGIN IMMEDIATE")
            before = self.db.total_changes
            yield self.db
            self.db.execute("COMMIT")
            if self.db.total_changes != before:  # a commit of nothing writes nothing
                self.is_on_disk = self._syncs
            if self._is_wanted_on_disk:
                self.sync()
            if self.db.total_changes - self._moved_at >= _MANY_CHANGES:
                self._moved_at = self.db.total_changes
                self.on_many_changes()
        except BaseException as exc:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            raise _named(exc, self.path) from exc
        finally:
            self._depth = 0

    def sync(self) -> None:
        """Put what was committed on the disk."""
        if self.is_on_disk:
            return
        fd = os.open(f"{self.path}-wal", os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fdatasync(fd)
        finally:
            os.close(fd)
        self.is_on_disk = True

    def move_log(self) -> None:
        """Move what the write-ahead log holds to its place in the database, from any thread.

        Done by a commit of ours it would stop everybody for as long as the disk needs.
        """
        with closing(sqlite3.connect(self.path)) as db:
            db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def _set_syncs(self, syncs: bool) -> None:
        if syncs is not self._syncs:
            self.db.execute(f"PRAGMA synchronous={'FULL' if syncs else 'NORMAL'}")
            self._syncs = syncs

    @contextmanager
    def part(self) -> Iterator[None]:
        """Run the block inside the open transaction; if it raises, only the block is undone."""
        self.db.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self.db.in_transaction:  # a full disk may have ended all of it
                self.db.execute("ROLLBACK TO part")
                self.db.execute("RELEASE part")
            raise
        self.db.execute("RELEASE part")

    def close(self) -> None:
        """Close the store and let others in."""
        self.db.close()
        os.close(self._lock)

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()


def _connect(path: Path) -> sqlite3.Connection:
    old = os.umask(0o077)
    try:
        db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA cache_size=-16000")
        # What a part may have to undo goes to a temporary file otherwise, beyond a few pages.
        db.execute("PRAGMA temp_store=MEMORY")
        db.execute(f"PRAGMA wal_autocheckpoint={_LONG_LOG}")
        migrate(db)
    except sqlite3.DatabaseError as exc:
        raise _named(exc, path) from exc
    finally:
        os.umask(old)
    return db


def _named(exc: BaseException, path: Path) -> BaseException:
    """Return the situation behind a database error, or *exc* itself."""
    if not isinstance(exc, sqlite3.DatabaseError):
        return exc
    code = getattr(exc, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return DiskFull(f"The disk that holds {path} is full; free some space and save again.")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreError(
            f"The store {path} is damaged ({exc}); save your texts with notionfs doctor --salvage "
            f"DIR, then move it away to start afresh."
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR):
        return StoreError(f"The store {path} cannot be written ({exc}).")
    return exc


def _lock(path: Path) -> int:
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(fd, 32, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(fd)
        raise StoreBusy(
            f"This workspace is already mounted by process {holder}; unmount that one first."
        ) from None
    os.ftruncate(fd, 0)
    os.pwrite(fd, f"{os.getpid()}\n".encode(), 0)
    return fd
