"""Durable changes to send. Whatever goes to Notion goes through here. Never waits."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from msgspec import Struct

from notionfs.store.connection import Connection


class Action(StrEnum):
    """What a change does in Notion."""

    SAVE = "save"  # creates the page if Notion has none yet
    MOVE = "move"
    TRASH = "trash"
    RESTORE = "restore"  # out of the trash
    COMMENT = "comment"  # what stands in `remarks`


class RowState(StrEnum):
    """Where a change stands; see the table `outbox`."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    UNSURE = "unsure"
    PARKED = "parked"


class Change(Struct, frozen=True):
    """A row of `outbox`."""

    seq: int
    doc_id: int
    action: Action
    payload: Mapping[str, Any]
    state: RowState
    attempts: int
    queued_ns: int
    due_ns: int
    claimed_ns: int | None
    reason: str | None


# A document's changes leave in order, and never two at once: only its first row is a candidate.
# One that waits for a person keeps nothing behind it waiting.
# What belongs below a page that Notion does not have yet waits for that page, not for a clock.
_READY = """
SELECT * FROM outbox WHERE state IN ('queued', 'unsure')
AND seq IN (SELECT min(seq) FROM outbox WHERE state <> 'parked' GROUP BY doc_id)
AND NOT EXISTS (
    SELECT 1 FROM docs AS own
    JOIN inodes AS file ON file.doc_id = own.doc_id AND file.kind = 'page'
    JOIN dentries ON dentries.ino = file.ino
    JOIN inodes AS folder ON folder.ino = dentries.parent_ino
    JOIN docs AS above ON above.doc_id = folder.doc_id
    WHERE own.doc_id = outbox.doc_id AND above.page_id IS NULL
    AND (own.page_id IS NULL OR outbox.action = 'move')
)
"""


class Outbox:
    """The table `outbox`."""

    def __init__(self, connection: Connection) -> None:
        self._db = connection.db

    def put(
        self,
        doc_id: int,
        action: Action,
        *,
        now_ns: int,
        due_ns: int,
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        """Queue a change; one that still waits with the same action is renewed instead."""
        waiting = self._db.execute(
            "SELECT seq FROM outbox WHERE doc_id = ? AND action = ? AND state <> 'claimed'",
            (doc_id, action.value),
        ).fetchone()
        text = json.dumps(dict(payload or {}))
        if waiting is None:
            self._db.execute(
                "INSERT INTO outbox (doc_id, action, payload, queued_ns, due_ns)"
                " VALUES (?,?,?,?,?)",
                (doc_id, action.value, text, now_ns, due_ns),
            )
            return
        self._db.execute(
            "UPDATE outbox SET payload = CASE WHEN ? = '{}' THEN payload ELSE ? END, due_ns = ?,"
            " reason = NULL, state = CASE state WHEN 'parked' THEN 'queued' ELSE state END"
            " WHERE seq = ?",
            (text, text, due_ns, waiting[0]),
        )

    def next_ready(self, now_ns: int) -> Change | None:
        """Return the change that is due longest."""
        row = self._db.execute(
            f"{_READY} AND due_ns <= ? ORDER BY due_ns, seq LIMIT 1", (now_ns,)
        ).fetchone()
        return None if row is None else _change(row)

    def next_due_ns(self) -> int | None:
        """Return when the next change becomes due, None when nothing waits."""
        row = self._db.execute(f"{_READY} ORDER BY due_ns LIMIT 1").fetchone()
        return None if row is None else int(row["due_ns"])

    def claim(self, seq: int, now_ns: int, payload: Mapping[str, Any]) -> None:
        """Journal that the change is about to be sent, with what recovery needs to know."""
        self._db.execute(
            "UPDATE outbox SET state = 'claimed', claimed_ns = ?, attempts = attempts + 1,"
            " payload = ? WHERE seq = ?",
            (now_ns, json.dumps(dict(payload)), seq),
        )

    def annotate(self, seq: int, **facts: Any) -> None:
        """Add *facts* to the journal of a change."""
        row = self._db.execute("SELECT payload FROM outbox WHERE seq = ?", (seq,)).fetchone()
        payload = json.dumps({**json.loads(row[0]), **facts})
        self._db.execute("UPDATE outbox SET payload = ? WHERE seq = ?", (payload, seq))

    def finish(self, seq: int) -> None:
        """Remove a change that Notion has."""
        self._db.execute("DELETE FROM outbox WHERE seq = ?", (seq,))

    def put_back(
        self, seq: int, *, state: RowState, due_ns: int = 0, reason: str | None = None
    ) -> None:
        """Return a claimed change to the queue, or park it.

        If the same action was queued again meanwhile, that newer row takes over.
        """
        newer = self._db.execute(
            "SELECT newer.seq FROM outbox AS newer JOIN outbox AS old USING (doc_id, action)"
            " WHERE old.seq = ? AND newer.seq > old.seq",
            (seq,),
        ).fetchone()
        if newer is not None:
            if state is RowState.UNSURE:
                self._db.execute(
                    "UPDATE outbox SET state = 'unsure', due_ns = ?, claimed_ns = old.claimed_ns,"
                    " payload = old.payload FROM (SELECT * FROM outbox WHERE seq = ?) AS old"
                    " WHERE outbox.seq = ?",
                    (due_ns, seq, newer[0]),
                )
            self.finish(seq)
            return
        self._db.execute(
            "UPDATE outbox SET state = ?, due_ns = ?, reason = ? WHERE seq = ?",
            (state.value, due_ns, reason, seq),
        )

    def set_due(self, doc_id: int, due_ns: int) -> None:
        """Move the time of everything queued for a document."""
        self._db.execute(
            "UPDATE outbox SET due_ns = ? WHERE doc_id = ? AND state IN ('queued', 'unsure')",
            (due_ns, doc_id),
        )

    def unpark(self, doc_id: int) -> None:
        """What was refused for a document waits again to be sent."""
        self._db.execute(
            "UPDATE outbox SET state = 'queued', reason = NULL"
            " WHERE doc_id = ? AND state = 'parked'",
            (doc_id,),
        )

    def drop(self, doc_id: int, *actions: Action) -> None:
        """Remove what waits for a document (all actions if none is named), never a claimed row."""
        names = [action.value for action in actions or tuple(Action)]
        marks = ",".join("?" * len(names))
        self._db.execute(
            f"DELETE FROM outbox WHERE doc_id = ? AND state <> 'claimed' AND action IN ({marks})",
            (doc_id, *names),
        )

    def hurry(self, now_ns: int) -> None:
        """Make everything queued due now, for a drain."""
        self._db.execute(
            "UPDATE outbox SET due_ns = min(due_ns, ?) WHERE state IN ('queued', 'unsure')",
            (now_ns,),
        )

    def furthest_ns(self) -> int:
        """Return when the last change is due, 0 if there is none."""
        (latest,) = self._db.execute("SELECT coalesce(max(due_ns), 0) FROM outbox").fetchone()
        return int(latest)

    def shift(self, by_ns: int) -> None:
        """Let everything be due earlier: the clock was turned back by so much."""
        self._db.execute("UPDATE outbox SET due_ns = due_ns - ?", (by_ns,))

    def find(self, seq: int) -> Change | None:
        """Return a change as it stands now, None if it is no more."""
        row = self._db.execute("SELECT * FROM outbox WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else _change(row)

    def retry(self, now_ns: int) -> None:
        """Make everything due that was tried before."""
        self._db.execute(
            "UPDATE outbox SET due_ns = min(due_ns, ?)"
            " WHERE attempts > 0 AND state IN ('queued', 'unsure')",
            (now_ns,),
        )

    def list_changes(self, doc_id: int | None = None) -> list[Change]:
        """Return the queue, of one document if it is named, in order."""
        if doc_id is None:
            rows = self._db.execute("SELECT * FROM outbox ORDER BY seq")
        else:
            rows = self._db.execute("SELECT * FROM outbox WHERE doc_id = ? ORDER BY seq", (doc_id,))
        return [_change(row) for row in rows]

    def is_creating(self, *, besides: int) -> bool:
        """Tell whether another document waits for its first save to be sent."""
        row = self._db.execute(
            "SELECT 1 FROM outbox JOIN docs USING (doc_id) WHERE page_id IS NULL"
            " AND action = 'save' AND outbox.state <> 'parked' AND doc_id <> ? LIMIT 1",
            (besides,),
        ).fetchone()
        return row is not None

    def recover(self) -> None:
        """After a start: a claimed change may or may not have arrived.

        What was queued again behind it is one with it, as after any lost answer.
        """
        self._db.execute("UPDATE outbox SET state = 'unsure', due_ns = 0 WHERE state = 'claimed'")
        self._db.execute(
            "DELETE FROM outbox WHERE state = 'queued' AND EXISTS (SELECT 1 FROM outbox AS old"
            " WHERE old.state = 'unsure' AND old.doc_id = outbox.doc_id"
            " AND old.action = outbox.action AND old.seq < outbox.seq)"
        )

    def requeue_lost(self, doc_ids: Iterable[int]) -> None:
        """After a start: queue the save of every document that waits without a row.

        That cannot happen as long as every state changes together with its row; a text that would
        silently never be sent is worth the second look.
        """
        for doc_id in doc_ids:
            self._db.execute(
                "INSERT INTO outbox (doc_id, action, queued_ns, due_ns) SELECT ?1, 'save', 0, 0"
                " WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE doc_id = ?1 AND action = 'save')"
                " AND NOT EXISTS (SELECT 1 FROM held WHERE doc_id = ?1 AND outcome = 'drop')",
                (doc_id,),
            )


def _change(row: sqlite3.Row) -> Change:
    return Change(
        seq=row["seq"],
        doc_id=row["doc_id"],
        action=Action(row["action"]),
        payload=json.loads(row["payload"]),
        state=RowState(row["state"]),
        attempts=row["attempts"],
        queued_ns=row["queued_ns"],
        due_ns=row["due_ns"],
        claimed_ns=row["claimed_ns"],
        reason=row["reason"],
    )
