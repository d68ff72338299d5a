"""A workspace in a file: written whole, replaced in one step."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from notionfs.simulator.records import Records

FORMAT = 1


class Kept(msgspec.Struct):
    """What the file holds."""

    format: int
    records: Records


ENCODER = msgspec.json.Encoder()


class UnreadableWorkspaceError(Exception):
    """The file of a kept workspace cannot be read; the message names it."""


def save(records: Records, path: Path) -> None:
    """Write *records* to *path*.

    After a crash the file holds the old state or the new one, whole.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(ENCODER.encode(Kept(FORMAT, records)))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def load(path: Path) -> Records:
    """Return the records in *path*."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=Kept)
    except (msgspec.DecodeError, msgspec.ValidationError) as exc:
        raise UnreadableWorkspaceError(f"{path} is not a kept workspace: {exc}") from exc
    if kept.format != FORMAT:
        raise UnreadableWorkspaceError(f"{path} was written by another version ({kept.format})")
    return kept.records
