"""From situations to errnos: the one table at the border."""

from __future__ import annotations

import errno
import functools
import logging
from collections.abc import Callable, Coroutine, Mapping
from types import CoroutineType
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

import pyfuse3
import trio

from notionfs import errors
from notionfs.errors import NotionFSError

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")


class Counting(Protocol):
    """Whoever answers requests and wants to hear of each."""

    def note_request(self) -> None:
        """The kernel asks for something."""


S = TypeVar("S", bound=Counting)

ERRNO_BY_ERROR: Mapping[type[NotionFSError], int] = {
    errors.NoSuchEntry: errno.ENOENT,
    errors.Interrupted: errno.EINTR,
    errors.EntryExists: errno.EEXIST,
    errors.NotADirectory: errno.ENOTDIR,
    errors.IsADirectory: errno.EISDIR,
    errors.NotEmpty: errno.ENOTEMPTY,
    errors.NotPermitted: errno.EPERM,
    errors.ReadOnly: errno.EROFS,
    errors.CrossDevice: errno.EXDEV,
    errors.StillListing: errno.EBUSY,
    errors.TooManyRemovals: errno.EDQUOT,
    errors.NameTooLong: errno.ENAMETOOLONG,
    errors.TooLarge: errno.EFBIG,
    errors.NotSupported: errno.ENOSYS,
    errors.NoAttribute: errno.ENODATA,
    errors.Unsettable: errno.ENOTSUP,
    errors.BadHandle: errno.EBADF,
    errors.InvalidArgument: errno.EINVAL,
    errors.InvalidPageFile: errno.EINVAL,
    errors.DiskFull: errno.ENOSPC,
    NotionFSError: errno.EIO,  # everything else
}

# What a person may want to find in the log; a missing name is no news.
_LEVELS: Mapping[int, int] = {
    errno.EIO: logging.WARNING,
    errno.EPERM: logging.INFO,
    errno.EINVAL: logging.INFO,
    errno.EFBIG: logging.INFO,
    errno.ENOSPC: logging.WARNING,
    errno.EDQUOT: logging.INFO,  # the first of a minute is a warning already
}


def errno_for(exc: NotionFSError) -> int:
    """Return the row of the closest ancestor of *exc*."""
    return next(ERRNO_BY_ERROR[cls] for cls in type(exc).__mro__ if cls in ERRNO_BY_ERROR)


@overload
def answers_errno(
    handler: Callable[Concatenate[S, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]: ...
@overload
def answers_errno(
    handler: Callable[Concatenate[S, P], R],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, R]]: ...
def answers_errno(
    handler: Callable[Concatenate[S, P], Any],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, Any]]:
    """Answer a situation with its errno, and a bug with EIO and a traceback; the mount lives on.

    An exception that reached pyfuse3 would end the mount for everybody. A handler that never waits
    is a plain function.
    """

    @functools.wraps(handler)
    async def answered(self: S, /, *args: P.args, **kwargs: P.kwargs) -> Any:
        self.note_request()
        try:
            answer = handler(self, *args, **kwargs)
            return await answer if type(answer) is CoroutineType else answer
        except Exception as exc:
            raise refusal(exc, handler.__name__) from exc

    return answered


def refusal(exc: Exception, request: str) -> pyfuse3.FUSEError:
    """Return the errno that answers a *request* which raised *exc*, and say in the log what fits.

    A handler of thousands of requests a second has this in itself, and saves a call.
    """
    if isinstance(exc, NotionFSError):
        code = errno_for(exc)
        level = _LEVELS.get(code, logging.DEBUG)
        log.log(level, "%s: %s (%s)", request, exc, errno.errorcode[code])
        return pyfuse3.FUSEError(code)
    if isinstance(exc, pyfuse3.FUSEError):
        return exc
    if isinstance(exc, trio.TooSlowError):
        log.warning("%s: not done in time", request)
        return pyfuse3.FUSEError(errno.ETIMEDOUT)
    log.error("%s: a bug in notionfs; this call fails, the mount lives on", request, exc_info=exc)
    return pyfuse3.FUSEError(errno.EIO)
