"""How `path`, `url` and `open` find a page or database by its path, id or URL."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from notionfs import registry
from notionfs.cli.asking import ask, ask_about
from notionfs.errors import UsageError
from notionfs.model import normalize_id


def facts_of(subject: str, *, mount: str | None = None) -> dict[str, Any]:
    """Return what the mount knows of a path, or of an id or URL in *mount* (the only one if None).

    It takes no call.
    """
    if "://" not in subject and os.path.lexists(subject):
        return _merged(ask_about(subject, "info"))
    if normalize_id(subject) is None:
        raise UsageError(f"{subject} is no file, no Notion id and no URL that ends in one.")
    top = None if mount is None else registry.find_mount(registry.canonical(mount)).mountpoint
    return _merged(ask(top, "info", {"reference": subject}))


def file_of(facts: dict[str, Any], *, mount: str | None = None) -> Path:
    """Return the absolute path of the page's file or the database's folder."""
    serving = registry.find_mount(registry.canonical(mount) if mount else None)
    inside = facts.get("file_path") or facts.get("directory")
    if inside is None:
        raise UsageError(f"{facts['title']} has no file in {serving.mountpoint} yet.")
    return Path(serving.mountpoint) / str(inside)


def _merged(answer: dict[str, Any]) -> dict[str, Any]:
    return {**answer["record"], **answer["more"]}
