"""Answers to `notionfs mv`: a move that may cost a row its properties."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any

from notionfs.control import Handler
from notionfs.errors import InvalidArgument, NoSuchEntry
from notionfs.fs.renames import RENAME_NOREPLACE
from notionfs.service.rooms import Rooms
from notionfs.sync.context import EntryChanged


def answers(rooms: Rooms) -> Mapping[str, Handler]:
    """Return `mv`."""

    async def mv(arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        source, target = str(arguments.get("path") or ""), str(arguments.get("target") or "")
        if not source:
            raise InvalidArgument("A whole mount cannot be moved; name a page inside it.")
        landing = _landing(rooms, source, target)
        _move(rooms, source, landing, force=bool(arguments.get("force")))
        return {"path": landing}

    return {"mv": mv}


def _landing(rooms: Rooms, source: str, target: str) -> str:
    """Return where the page goes: into a directory under its old name, or under a new name."""
    try:
        is_directory = rooms.tree.getattr(rooms.inode_at(target)).is_directory
    except NoSuchEntry:
        if source.endswith(".md") and not target.endswith(".md"):
            message = f"There is no folder {target}; a page's own name ends in .md."
            raise InvalidArgument(message) from None
        return target
    return posixpath.join(target, posixpath.basename(source)) if is_directory else target


def _move(rooms: Rooms, source: str, target: str, *, force: bool) -> None:
    (old_dir, old_name), (new_dir, new_name) = posixpath.split(source), posixpath.split(target)
    old_ino, new_ino = rooms.inode_at(old_dir), rooms.inode_at(new_dir)
    rename = rooms.renames.rename_losing if force else rooms.renames.rename
    rename(old_ino, old_name, new_ino, new_name, RENAME_NOREPLACE)
    context = rooms.engine.context
    context.tell(EntryChanged(old_ino, old_name, now=(new_ino, new_name)))
    context.tell(EntryChanged(new_ino, new_name))
