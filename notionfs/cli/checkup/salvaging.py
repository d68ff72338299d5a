"""What `notionfs doctor --salvage` does: unsent texts and side files out of a damaged store."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from notionfs.cli.exits import Exit
from notionfs.cli.screen import amount, say, warn
from notionfs.errors import StoreError, UsageError
from notionfs.store.salvage import Found, Salvaged, list_stores, salvage


def salvage_all(target: Path, state_dir: Path) -> int:
    """Write what the stores in *state_dir* hold below *target*; return the exit code."""
    stores = list_stores(state_dir)
    if not stores:
        raise UsageError(f"There is no store in {state_dir}; --state-dir names another place.")
    _make_empty(target)
    unreadable = [store for store in stores if not _salvage_one(store, target)]
    for store in unreadable:
        warn(f"{store} cannot be read at all; keep it, and restore it from a backup if you can.")
    return Exit.STORE if unreadable else Exit.OK


def _make_empty(target: Path) -> None:
    try:
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        is_empty = not any(target.iterdir())
    except OSError as exc:
        raise UsageError(f"{target} cannot be used: {exc.strerror}.") from exc
    if not is_empty:
        raise UsageError(f"{target} is not empty; name a new directory.")


def _salvage_one(store: Path, target: Path) -> bool:
    """Write what one store holds; False if SQLite cannot open it."""
    try:
        saved = salvage(store)
    except sqlite3.DatabaseError:
        return False
    except OSError as exc:
        raise StoreError(f"{store} cannot be copied: {exc.strerror}.") from exc
    name = store.parent.name
    for found in saved.found:
        write(target / name, found)
    say("; ".join(_told(name, saved)) + ".")
    return True


def _told(name: str, saved: Salvaged) -> Iterator[str]:
    unsent = sum(found.is_unsent for found in saved.found)
    side_files = len(saved.found) - unsent
    yield f"{name}: {amount(unsent, 'unsent text')}, {amount(side_files, 'side file')}"
    if saved.unreadable:
        yield f"{amount(saved.unreadable, 'row')} could not be read"


def write(directory: Path, found: Found) -> None:
    """Write a text below *directory*, wherever its damaged path says, and over nothing."""
    parts = [part for part in found.path.split("/") if part not in ("", ".", "..")]
    kind = "unsent" if found.is_unsent else "side-files"
    path = directory.joinpath(kind, *(part.replace("\0", "-") for part in parts or ["unnamed"]))
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place, number = path, 1
    while place.exists():
        number += 1
        place = path.with_name(f"{path.name}.{number}")
    fd = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as stream:
        stream.write(found.data)
