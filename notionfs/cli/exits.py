"""Exit codes: one table from situations to numbers, and the words for each number.

Scripts rely on them, so a number never changes its meaning.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum

from notionfs.errors import MountError, NotionFSError, RemoteError, StoreError, UsageError


class Exit(IntEnum):
    """What the command's exit code says."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOTION = 3
    MOUNT = 4
    STORE = 5
    QUEUED = 6
    INTERRUPTED = 130


MEANINGS: Mapping[Exit, str] = {
    Exit.OK: "done",
    Exit.FAILED: "something else went wrong; the message says what",
    Exit.USAGE: "the command line, the settings file or the token's place is wrong",
    Exit.NOTION: "Notion refuses the token, or cannot be reached",
    Exit.MOUNT: "the mount point or the FUSE device stands in the way, or nothing is mounted",
    Exit.STORE: "the local store is in use by another mount, too new, damaged or on a full disk",
    Exit.QUEUED: "unmounted, but changes stay queued until the next mount",
    Exit.INTERRUPTED: "interrupted from the keyboard",
}

EXIT_BY_ERROR: Mapping[type[NotionFSError], Exit] = {
    UsageError: Exit.USAGE,
    MountError: Exit.MOUNT,
    RemoteError: Exit.NOTION,
    StoreError: Exit.STORE,
    NotionFSError: Exit.FAILED,  # everything else
}


class ReportedError(NotionFSError):
    """A situation that another process of ours met; it found *exit_code* in the same table."""

    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(message)
        self.exit_code = Exit(exit_code)


def exit_for(exc: NotionFSError) -> Exit:
    """Return the row of the closest ancestor of *exc*."""
    if isinstance(exc, ReportedError):
        return exc.exit_code
    return next(EXIT_BY_ERROR[cls] for cls in type(exc).__mro__ if cls in EXIT_BY_ERROR)


def situation_in(exc: BaseException) -> NotionFSError | None:
    """Return the situation that *exc* is, or that a nursery wrapped in a group; None for a bug."""
    if isinstance(exc, NotionFSError):
        return exc
    if not isinstance(exc, BaseExceptionGroup):
        return None
    found = [situation_in(inner) for inner in exc.exceptions]
    return None if None in found else found[0]
