"""Running in the background: fork twice, and tell the one who waits how the start went.

A pipe leads from the background process to the command that started it. One line says who is
there, another one that it is ready, or why it is not; lines in between and, for whoever waits for
it, behind tell how far the first listing is. The end of the pipe without that line means that the
process died. Nobody sleeps, nobody polls.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
import sys
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn, Protocol

from notionfs.cli.exits import Exit, ReportedError, exit_for, situation_in

Facts = Mapping[str, int]
Hear = Callable[[Facts | None], None]


class Caller(Protocol):
    """Whoever started the work: to be called once that is ready."""

    def __call__(self) -> None:
        """The work is ready."""

    def listing(self, facts: Facts | None) -> None:
        """The first listing came further, or (None) is complete."""


Run = Callable[[Caller], None]
"""Does the work until it ends, and calls what it was given once it is ready."""

_log = logging.getLogger(__name__)


def _ignore(facts: Facts | None) -> None:
    """Nobody wants to know."""


def start_in_background(
    run: Run, *, log_file: Path, hear: Hear = _ignore, until_listed: bool = False
) -> int:
    """Run *run* in a process of its own and return its pid once it is ready, or *until_listed*.

    *hear* is told how far the first listing is; an interrupt after it is ready ends the waiting.

    The process has its own session, `/` as working directory, a private umask and no terminal;
    what it or a library prints goes to *log_file*. Raises ReportedError with its reason. An
    interrupt while waiting ends the process too. Call it before any thread is started.
    """
    listen, speak = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(listen)
        _become_background(run, os.fdopen(speak, "wb", buffering=0), log_file, until_listed)
    os.close(speak)
    with os.fdopen(listen, "rb") as messages:
        try:
            os.waitpid(child, 0)
            pid, is_listed = _wait_until_ready(messages, log_file, hear)
        except KeyboardInterrupt:
            _end_group_of(child)
            raise
        if until_listed and not is_listed:
            with suppress(KeyboardInterrupt):
                _wait_until_listed(messages, log_file, hear)
        return pid


def _end_group_of(child: int) -> None:
    """End what *child* started: it made a process group of its own before it went."""
    with suppress(ChildProcessError):  # it was waited for before
        os.waitpid(child, 0)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGTERM)


def _wait_until_ready(messages: IO[bytes], log_file: Path, hear: Hear) -> tuple[int, bool]:
    """Return the pid, and whether the first listing is complete."""
    pid = int(_read(messages).get("pid", 0))
    is_listed = False
    while report := _read(messages):
        if "error" in report:
            raise ReportedError(report["error"], report["exit"])
        if "ready" in report:
            return pid, is_listed
        hear(report["listing"])
        is_listed = report["listing"] is None
    raise ReportedError(f"The mount process died; {log_file} may say why.", Exit.FAILED)


def _wait_until_listed(messages: IO[bytes], log_file: Path, hear: Hear) -> None:
    while report := _read(messages):
        if "error" in report:
            raise ReportedError(report["error"], report["exit"])
        hear(report["listing"])
        if report["listing"] is None:
            return
    raise ReportedError(
        "The first listing can be followed no further: the mount ended, or this command was "
        f"stopped for too long; notionfs status and {log_file} tell.",
        Exit.FAILED,
    )


def _read(messages: IO[bytes]) -> dict[str, Any]:
    line = messages.readline()
    message: dict[str, Any] = json.loads(line) if line else {}
    return message


# --- on the other side of the fork ----------------------------------------------------------------


class _Pipe:
    """The way to the command that waits."""

    def __init__(self, pipe: IO[bytes], log_file: Path, until_listed: bool) -> None:
        self._pipe = pipe
        self._log_file = log_file
        self._is_ready = False
        self._waits = until_listed

    def __call__(self) -> None:
        _print_to(self._log_file)
        _tell(self._pipe, {"ready": True})
        self._is_ready = True
        self._close_unless_awaited()

    def listing(self, facts: Facts | None) -> None:
        if self._pipe.closed:
            return
        # Whoever waits may have been stopped, and the pipe be full: the mount goes on.
        os.set_blocking(self._pipe.fileno(), False)
        _tell(self._pipe, {"listing": facts})
        os.set_blocking(self._pipe.fileno(), True)
        self._waits = self._waits and facts is not None
        self._close_unless_awaited()

    def how_it_ended(self) -> str:
        """Return what to tell whoever still waits."""
        what = "its first listing was complete" if self._is_ready else "it was ready"
        return f"The mount ended before {what}."

    def _close_unless_awaited(self) -> None:
        if self._is_ready and not self._waits:
            self._pipe.close()


def _become_background(run: Run, pipe: IO[bytes], log_file: Path, until_listed: bool) -> NoReturn:
    """Leave the terminal behind, run, report, and never return into the code of the caller."""
    code: int = Exit.FAILED
    try:
        os.setsid()
        if os.fork() != 0:
            os._exit(0)  # the daemon is nobody's session leader: no terminal can come back
        code = _run_detached(run, pipe, log_file, until_listed)
    except BaseException:
        _log.exception("the background process could not start")
    finally:
        logging.shutdown()
        os._exit(code)


def _run_detached(run: Run, pipe: IO[bytes], log_file: Path, until_listed: bool) -> int:
    _tell(pipe, {"pid": os.getpid()})
    _detach(keep=pipe.fileno())
    with tempfile.TemporaryFile(prefix="notionfs-") as noise:
        os.dup2(noise.fileno(), 2)  # libfuse and fusermount3 explain themselves only here

        caller = _Pipe(pipe, log_file, until_listed)
        try:
            run(caller)
        except BaseException as exc:
            code, reason = _explain(exc, noise, log_file)
            _log.error("%s", reason, exc_info=_unless_known(exc))
            if not pipe.closed:
                _tell(pipe, {"error": reason, "exit": code})
            return code
    if not pipe.closed:
        _tell(pipe, {"error": caller.how_it_ended(), "exit": Exit.FAILED})
    return Exit.OK


def _detach(*, keep: int) -> None:
    """Give up whatever was inherited: a pipe left open here keeps somebody's `| cat` waiting."""
    os.umask(0o077)
    os.chdir("/")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the token
    nothing = os.open(os.devnull, os.O_RDWR)
    for inherited in map(int, os.listdir("/proc/self/fd")):  # noqa: PTH208  # names only
        if inherited not in (keep, nothing):
            os.dup2(nothing, inherited, inheritable=inherited <= 2)


def _print_to(log_file: Path) -> None:
    """Send what is printed from now on to the log; it replaces the noise of the start."""
    try:
        log = os.open(log_file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        log = os.open(os.devnull, os.O_WRONLY)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _explain(exc: BaseException, noise: IO[bytes], log_file: Path) -> tuple[int, str]:
    """Return the exit code and the sentence for *exc*, with what a library had to say."""
    situation = situation_in(exc)
    if situation is None:
        kind = type(exc).__name__
        return Exit.FAILED, f"The mount failed unexpectedly ({kind}); see {log_file}."
    noise.seek(0)
    lines = noise.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if "fuse" in line), "")
    return exit_for(situation), f"{situation} ({last})" if last else str(situation)


def _unless_known(exc: BaseException) -> BaseException | None:
    return exc if situation_in(exc) is None else None


def _tell(pipe: IO[bytes], message: dict[str, Any]) -> None:
    with suppress(BrokenPipeError, BlockingIOError):  # whoever started us was interrupted
        pipe.write(json.dumps(message).encode() + b"\n")
