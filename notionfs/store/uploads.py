"""Side files on their way into Notion: a crash neither loses nor repeats one. Never waits."""

from __future__ import annotations

import sqlite3
from enum import StrEnum

from msgspec import Struct

from notionfs.store.connection import Connection


class UploadState(StrEnum):
    """How far a file is."""

    SENDING = "sending"
    UPLOADED = "uploaded"
    ATTACHED = "attached"


class Upload(Struct, frozen=True):
    """A row of `uploads`."""

    doc_id: int
    ino: int
    digest: str
    path: str
    size: int
    state: UploadState = UploadState.SENDING
    upload_id: str | None = None
    expires_ns: int = 0
    parts: int = 0
    sent_parts: int = 0
    block_id: str | None = None
    url: str | None = None


class Uploads:
    """The table `uploads`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def save(self, upload: Upload) -> None:
        """Note how far a file is."""
        self._db.execute(
            "INSERT OR REPLACE INTO uploads VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            (
                upload.doc_id,
                upload.ino,
                upload.digest,
                upload.path,
                upload.size,
                upload.state.value,
                upload.upload_id,
                upload.expires_ns,
                upload.parts,
                upload.sent_parts,
                upload.block_id,
                upload.url,
            ),
        )

    def find(self, doc_id: int, ino: int, digest: str) -> Upload | None:
        """Return what became of a file's bytes; *digest* may be its beginning."""
        row = self._db.execute(
            "SELECT * FROM uploads WHERE doc_id = ? AND ino = ? AND digest LIKE ? || '%'",
            (doc_id, ino, digest),
        ).fetchone()
        return None if row is None else _upload(row)

    def find_path(self, doc_id: int, path: str) -> Upload | None:
        """Return the attached file that once stood at *path*."""
        row = self._db.execute(
            "SELECT * FROM uploads WHERE doc_id = ? AND path = ? AND state = 'attached'"
            " ORDER BY ino DESC LIMIT 1",
            (doc_id, path),
        ).fetchone()
        return None if row is None else _upload(row)

    def list_of(self, doc_id: int) -> list[Upload]:
        """Return the files of a document."""
        rows = self._db.execute("SELECT * FROM uploads WHERE doc_id = ?", (doc_id,))
        return [_upload(row) for row in rows]

    def list_sending(self) -> list[Upload]:
        """Return the files that are on their way, except where a page waits for a person."""
        rows = self._db.execute(
            "SELECT uploads.* FROM uploads JOIN docs USING (doc_id) WHERE uploads.state = 'sending'"
            " AND docs.state IN ('dirty', 'uploading', 'resaved', 'unsure') ORDER BY ino"
        )
        return [_upload(row) for row in rows]


def _upload(row: sqlite3.Row) -> Upload:
    return Upload(**{**dict(row), "state": UploadState(row["state"])})
