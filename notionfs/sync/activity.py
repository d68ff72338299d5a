"""What happened to which page, as lines of JSON that outlive the mount. Never waits.

A line has numbers, ids and words of ours: no title, no path, no page text and no token, so that it
can be shown to anybody. Names are looked up when somebody asks. Losing lines costs nothing.
"""

from __future__ import annotations

import json
import logging
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from notionfs.model import PageId

log = logging.getLogger(__name__)

ACTIVITY_NAME = "activity.jsonl"
MAX_BYTES = 2_000_000
KEPT_FILES = 3
_REMEMBERED = 2000
_TAIL = 64 * 1024

Entry = Mapping[str, Any]


class Event(StrEnum):
    """What can happen to a page."""

    NEW = "new"  # Notion showed a page that nobody knew
    CHANGED = "changed"  # its title, place or properties changed in Notion, or it was edited there
    GONE = "gone"  # it is in the trash, or no longer shared
    FETCHED = "fetched"  # its text was read from Notion
    SAVED = "saved"  # a text is on disk and will be sent
    SENT = "sent"  # Notion has it
    MERGED = "merged"  # Notion's changes and ours were joined, and sent
    POSTPONED = "postponed"  # it could not be sent now and is tried again
    REFUSED = "refused"  # it cannot be sent; a person must look
    CONFLICT = "conflict"  # changed at the same place here and in Notion; a person must look


class Activity:
    """Notes events in a file of *directory* (None: only in memory) and tells *listeners*."""

    def __init__(self, directory: Path | None, now_ns: Callable[[], int]) -> None:
        self._path = None if directory is None else directory / ACTIVITY_NAME
        self._now_ns = now_ns
        self._recent: deque[Entry] = deque(maxlen=_REMEMBERED)
        self._number = 0 if self._path is None else _newest_number(self._path)
        self._is_broken = False
        self.listeners: list[Callable[[Entry], None]] = []

    def note(
        self,
        event: Event,
        *,
        doc_id: int | None = None,
        page_id: PageId | None = None,
        action: str | None = None,
        reason: str | None = None,
        requests: Iterable[str] = (),
    ) -> None:
        """Write down what happened; *reason* must not quote a page."""
        self._number += 1
        facts = {
            "n": self._number,
            "time": _iso(self._now_ns()),
            "event": event.value,
            "document": doc_id,
            "page": page_id,
            "action": action,
            "reason": reason,
            "requests": list(requests),
        }
        entry = {key: value for key, value in facts.items() if value not in (None, [])}
        self._recent.append(entry)
        self._write(json.dumps(entry, ensure_ascii=False) + "\n")
        for listener in self.listeners:
            listener(entry)

    def after(self, number: int) -> list[Entry]:
        """Return the events after number *number* that are still in memory."""
        return [entry for entry in self._recent if entry["n"] > number]

    def read(self) -> Iterator[Entry]:
        """Yield all events that are kept, the oldest first. It reads files."""
        if self._path is None:
            yield from list(self._recent)
            return
        for path in [_older(self._path, n) for n in range(KEPT_FILES, 0, -1)] + [self._path]:
            yield from _entries(path)

    @property
    def number(self) -> int:
        """The number of the newest event."""
        return self._number

    def _write(self, line: str) -> None:
        if self._path is None:
            return
        try:
            self._rotate(len(line))
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            file = os.open(self._path, flags, 0o600)
            try:
                os.write(file, line.encode())
            finally:
                os.close(file)
        except OSError as exc:  # a full disk, say: what happens goes on, unseen
            if not self._is_broken:
                log.warning("what happens cannot be written down: %s", exc.strerror)
            self._is_broken = True

    def _rotate(self, more: int) -> None:
        assert self._path is not None
        try:
            size = self._path.stat().st_size
        except FileNotFoundError:
            return
        if size + more <= MAX_BYTES:
            return
        for n in range(KEPT_FILES - 1, -1, -1):
            path = self._path if n == 0 else _older(self._path, n)
            if path.exists():
                path.replace(_older(self._path, n + 1))


def _older(path: Path, n: int) -> Path:
    return path.with_name(f"{path.name}.{n}")


def _newest_number(path: Path) -> int:
    """Return the number of the last event without reading all that is kept: a mount waits."""
    for file in (path, _older(path, 1)):
        for entry in reversed(list(_entries(file, last=_TAIL))):
            return int(entry["n"])
    return 0


def _entries(path: Path, *, last: int = MAX_BYTES) -> Iterator[Entry]:
    """Yield the whole lines in the *last* bytes of a file; one that a crash cut off is left out."""
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - last))
            data = stream.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return
    for line in data.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and isinstance(entry.get("n"), int):
            yield entry


def _iso(now_ns: int) -> str:
    moment = datetime.fromtimestamp(now_ns / 1e9, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
