"""How a command that names a path finds the mount around it and asks it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from notionfs import control, registry
from notionfs.errors import UsageError


def ask(
    path: str | None,
    command: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    timeout: float | None = control.PATIENCE,
) -> dict[str, Any]:
    """Ask the mount around *path* (the only mount if None); it hears *path* from its own top.

    Raises MountError, MountUnreachable, and ControlError with the mount's own sentence.
    """
    place = registry.canonical(path) if path else None
    serving = registry.find_mount(place)
    inside = inside_of(place, Path(serving.mountpoint))
    named = {"path": inside} if inside else {}
    return control.call(serving.socket, command, {**(arguments or {}), **named}, timeout=timeout)


def ask_about(
    path: str, command: str, arguments: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """As `ask`, for a file or folder inside a mount; raises UsageError for the mount itself."""
    serving = registry.find_mount(registry.canonical(path))
    if str(registry.canonical(path)) == serving.mountpoint:
        raise UsageError(f"{path} is a whole mount; name a page inside it.")
    return ask(path, command, arguments, timeout=None)


def inside_of(place: Path | None, mountpoint: Path) -> str | None:
    """Return *place* as seen from the top of the mount; None for the mount itself."""
    if place is None or place == mountpoint:
        return None
    return str(place.relative_to(mountpoint))
