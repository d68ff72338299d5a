"""The local stores: are they whole, does a mount use them, do changes wait in them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from notionfs.cli.checkup.finding import Finding, failed, note, ok
from notionfs.config import Settings
from notionfs.words import megabytes

STORE = "store.sqlite"


def check_stores(settings: Settings) -> Iterator[Finding]:
    """Look into every store below the state directory, without changing or locking anything."""
    for path in sorted(settings.state_dir.glob(f"*/{STORE}")):
        yield from _check(path)


def _check(path: Path) -> Iterator[Finding]:
    size = megabytes(sum(file.stat().st_size for file in path.parent.glob(f"{STORE}*")))
    try:
        reading = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            answer = [row[0] for row in reading.execute("PRAGMA quick_check(5)")]
            waiting = _waiting(reading)
        finally:
            reading.close()
    except sqlite3.Error as exc:
        answer, waiting = [str(exc)], []
    if answer != ["ok"]:
        yield failed(
            "store",
            f"{path} is damaged ({answer[0]})",
            "Unmount, save what was not sent with: notionfs doctor --salvage DIRECTORY; "
            f"then move {path.parent} away and mount again.",
        )
        return
    yield ok("store", f"{path.parent.name}: whole, {size}")
    if waiting:
        counts = ", ".join(f"{count} {state}" for state, count in waiting)
        yield note("queue", f"{path.parent.name}: changes wait: {counts}", "See: notionfs status")


def _waiting(reading: sqlite3.Connection) -> list[tuple[str, int]]:
    try:
        return reading.execute(
            "SELECT state, count(*) FROM outbox GROUP BY state ORDER BY state"
        ).fetchall()
    except sqlite3.OperationalError:
        return []  # a layout of another version: the mount will say so


def known_workspaces(settings: Settings) -> list[str]:
    """Return the names of workspaces that tokens of this state directory led to."""
    try:
        kept = json.loads((settings.state_dir / "connections.json").read_text())
    except (OSError, ValueError):
        return []
    return sorted({facts[3] for facts in kept.values() if isinstance(facts, list) and facts[3]})
