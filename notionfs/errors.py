"""Everything that can go wrong, as one tree.

Rooms raise the situation; the porch (`fuse/errnos.py`) turns it into an errno and the street
(`cli/`) into a sentence and an exit code. The text of an exception is one sentence for people:
what happened, to which page, what to do. It never holds page text or a token.
"""

from __future__ import annotations

from collections.abc import Sequence


class NotionFSError(Exception):
    """The root: a situation this program knows and names."""


# --- the command line ---------------------------------------------------------------------------


class UsageError(NotionFSError):
    """The program was called or configured in a way it cannot follow (exit code 2)."""


class MountError(NotionFSError):
    """The mount point, the FUSE device or another mount stands in the way (exit code 4)."""


class ControlError(NotionFSError):
    """A running mount was asked and refused, or could not do what was asked."""


class MountUnreachable(ControlError):
    """No process answers at the mount's control socket."""


# --- Notion ---------------------------------------------------------------------------------------


class RemoteError(NotionFSError):
    """Notion could not be asked, or its answer was not the one hoped for.

    *maybe_applied* is true when a write may have happened although no good answer came back;
    *committed_id* is the id Notion named for an object it did create.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        maybe_applied: bool = False,
        committed_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.maybe_applied = maybe_applied
        self.committed_id = committed_id


class Unreachable(RemoteError):
    """No answer from Notion: network, DNS, proxy, time-out, or HTML instead of JSON."""


class ServerTrouble(RemoteError):
    """Notion answered 5xx other than overload; a write may or may not have happened."""


class Throttled(RemoteError):
    """429 or 529; *retry_after* seconds must pass before anything else is sent."""

    def __init__(self, message: str, *, retry_after: float, **facts: object) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]
        self.retry_after = retry_after


class Unauthorized(RemoteError):
    """401: the token is wrong, expired or revoked."""


class Forbidden(RemoteError):
    """403: the token lacks a capability."""


class RemoteMissing(RemoteError):
    """404: the object does not exist or is not shared with the connection."""


class InTrash(RemoteMissing):
    """The page is in Notion's trash, where nothing of it can be changed."""


class RemoteConflict(RemoteError):
    """409: Notion saw a collision while saving; read again first."""


class Refused(RemoteError):
    """400: Notion does not accept the request; repeating it is useless."""


class CursorExpired(Refused):
    """Notion no longer knows where a listing stopped; it must start again."""


class UnknownDialect(Refused):
    """The server does not know the parameter that asks for Notion-flavored Markdown v2."""


class EditMissed(Refused):
    """A text to be replaced is not in the page exactly once; read the page again first."""


class BadAnswer(RemoteError):
    """The answer had status 200 but not the documented shape."""


# --- the store ------------------------------------------------------------------------------------


class StoreError(NotionFSError):
    """The local store cannot be used."""


class StoreBusy(StoreError):
    """Another mount of the same workspace holds the store."""


class StoreTooNew(StoreError):
    """The store was written by a newer version of this program."""


class DiskFull(StoreError):
    """The disk that holds the store is full; the previous text is intact."""


# --- files and folders ----------------------------------------------------------------------------


class FileSystemError(NotionFSError):
    """A file operation cannot be done; each kind has its errno."""


class NoSuchEntry(FileSystemError):
    """There is no entry of that name."""


class Interrupted(FileSystemError):
    """The program that waits for an answer was told to stop."""


class EntryExists(FileSystemError):
    """There is already an entry of that name."""


class NotADirectory(FileSystemError):
    """The operation needs a directory."""


class IsADirectory(FileSystemError):
    """The operation needs a file."""


class NotEmpty(FileSystemError):
    """The directory, or the page, still has children."""


class NotPermitted(FileSystemError):
    """Notion's API, or this file system, has no such operation."""


class CrossDevice(FileSystemError):
    """The two places belong to different file systems, as it were: copy, then remove."""


class StillListing(FileSystemError):
    """What is asked for needs to know all pages, and the first listing is not complete."""


class TooManyRemovals(FileSystemError):
    """More pages were to be removed within a minute than the settings allow."""


READ_ONLY_MOUNT = "This mount is read-only; to change pages, mount it without --read-only."


class ReadOnly(FileSystemError):
    """The file, or the whole mount, can only be read."""


class NameTooLong(FileSystemError):
    """A name is longer than 255 bytes."""


class TooLarge(FileSystemError):
    """The text is over a limit of Notion's."""


class NotSupported(FileSystemError):
    """The call exists, but not on this file system."""


class Unsettable(FileSystemError):
    """Extended attributes can be read here, not set."""


class NoAttribute(FileSystemError):
    """There is no such extended attribute."""


class BadHandle(FileSystemError):
    """The file handle does not allow this operation."""


class InvalidArgument(FileSystemError):
    """An argument of a file operation makes no sense."""


class InvalidPageFile(FileSystemError):
    """A page file cannot be saved as it stands.

    *problems* has one sentence for each thing to correct; all of them are named at once.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


class Retyped(InvalidPageFile):
    """A value was written for a type that its property no longer has in Notion."""


class PageTooLarge(TooLarge, InvalidPageFile):
    """A page file holds more than Notion takes; it is kept like any text that cannot be sent."""


class Conflict(NotionFSError):
    """The same part of a page was changed here and in Notion; a person must choose."""


class NotFoundYet(NotionFSError):
    """Something this change builds on is not in Notion yet; its turn comes later."""


class UnplannableEdit(NotionFSError):
    """No set of exact, unique replacements leads from the base text to the new one."""
