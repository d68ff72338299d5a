"""The disk door: all tables behind one object."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from notionfs.planning.states import DocState
from notionfs.store.assets import Assets
from notionfs.store.bases import Bases
from notionfs.store.comments import Comments
from notionfs.store.connection import Connection
from notionfs.store.dentries import Dentries
from notionfs.store.documents import Documents
from notionfs.store.history import History
from notionfs.store.newcomers import Newcomers
from notionfs.store.outbox import Outbox
from notionfs.store.records import Records
from notionfs.store.renamed import Renamed
from notionfs.store.scans import Scans
from notionfs.store.snapshots import Snapshots
from notionfs.store.uploads import Uploads
from notionfs.store.waiting import Waiting


class Store:
    """An open store. Reads may happen any time; writes belong in a `transaction`."""

    def __init__(self, directory: Path) -> None:
        self._connection = Connection(directory)
        self.path = self._connection.path
        self.snapshots = Snapshots(self._connection)
        self.dentries = Dentries(self._connection)
        self.records = Records(self._connection, self.snapshots, self.dentries)
        self.renamed = Renamed(self._connection)
        self.assets = Assets(self._connection)
        self.uploads = Uploads(self._connection)
        self.comments = Comments(self._connection)
        self.docs = Documents(self._connection)
        self.newcomers = Newcomers(self._connection)
        self.bases = Bases(self._connection)
        self.history = History(self._connection)
        self.outbox = Outbox(self._connection)
        self.scans = Scans(self._connection)
        self.waiting = Waiting(self._connection)
        with self.transaction():
            self.outbox.recover()
            self.docs.recover()
            self.history.forget_old()
            waiting = self.docs.list_in(DocState.DIRTY, DocState.UNSURE)
            self.outbox.requeue_lost(doc.doc_id for doc in waiting)

    def transaction(self, *, durable: bool = True) -> AbstractContextManager[sqlite3.Connection]:
        """Return the one transaction; an inner one joins it. Never await inside.

        One that is not *durable* survives the end of the program, and that of the machine only with
        the next durable one, or `sync`.
        """
        return self._connection.transaction(durable=durable)

    def sync(self) -> None:
        """Put everything on the disk that was committed."""
        self._connection.sync()

    def part(self) -> AbstractContextManager[None]:
        """Return a part of the open transaction that can be undone alone, by raising."""
        return self._connection.part()

    def hear_of_many_changes(self, hear: Callable[[], None]) -> None:
        """Have *hear* called when so much was written that `move_log` should follow."""
        self._connection.on_many_changes = hear

    def move_log(self) -> None:
        """Move what was written to its place in the database; to be called in another thread."""
        self._connection.move_log()

    def changes(self) -> int:
        """Return a number that grows with everything that is written."""
        return self._connection.db.total_changes

    def close(self) -> None:
        """Close the store and release its lock."""
        self._connection.close()
