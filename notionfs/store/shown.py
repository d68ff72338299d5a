"""Which names somebody was shown while the first listing runs. Never waits; nothing is stored."""

from __future__ import annotations

import sqlite3


class Shown:
    """The directories of which names were told, and the names that are guesses until then.

    What an earlier process named may have been shown by it.
    """

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._directories: set[int] | None = None
        self._newest_firm = 0

    def begin(self) -> None:
        """From now on, the names given in a directory are guesses until somebody is shown it."""
        (newest,) = self._db.execute("SELECT coalesce(max(dentry_id), 0) FROM dentries").fetchone()
        self._directories, self._newest_firm = set(), int(newest)

    def end(self) -> None:
        """All names are firm."""
        self._directories = None

    def note(self, parent_ino: int) -> None:
        """Somebody is told names in a directory: they stay."""
        if self._directories is not None:
            self._directories.add(parent_ino)

    def is_unseen(self, parent_ino: int) -> bool:
        """Tell whether nobody was shown the guesses in a directory."""
        return self._directories is not None and parent_ino not in self._directories

    def is_guess(self, dentry_id: int, *, chosen: bool) -> bool:
        """Tell whether a name in an unseen directory may give way."""
        return dentry_id > self._newest_firm and not chosen
