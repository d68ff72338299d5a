"""Logging: one line per event, in a private file or on standard error.

Lines carry no page text by the rule of the rooms; here the token is removed from whatever is
logged all the same, tracebacks included, and control characters are made visible.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedWriter, FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from notionfs.cli.screen import visible
from notionfs.config import Settings
from notionfs.errors import UsageError

LOG_NAME = "notionfs.log"
MAX_BYTES = 2_000_000
KEPT_FILES = 3
_QUIET = ("httpx", "httpcore", "hypercorn", "markdown_it")
"""Libraries that log each request or token at levels meant for their own developers."""


def log_path(settings: Settings) -> Path:
    """Return the file that a mount in the background logs to."""
    return settings.log_file or settings.state_dir / LOG_NAME


def start_logging(settings: Settings, *, to_screen: bool) -> None:
    """Send every log line of this process to the log file, or to the screen if *to_screen*.

    A log file named in *settings* is used in both cases. Raises UsageError if it cannot be written.
    """
    handler = _screen() if to_screen and settings.log_file is None else _file(log_path(settings))
    handler.setFormatter(PlainFormatter(settings.token))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    logging.captureWarnings(True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class PlainFormatter(logging.Formatter):
    """Time, level, room and message; never the token, and no control characters but newlines."""

    def __init__(self, token: str | None) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """Return the finished lines of *record*."""
        text = super().format(record)
        if self._token:
            text = text.replace(self._token, "[token]")
        return "\n".join(visible(line) for line in text.split("\n"))


class PrivateRotatingFileHandler(RotatingFileHandler):
    """A rotating log whose files only their owner can read."""

    def _open(self) -> TextIOWrapper:
        descriptor = os.open(
            self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o600
        )
        return TextIOWrapper(
            BufferedWriter(FileIO(descriptor, "a")), "utf-8", "replace", write_through=True
        )


class _Screen(logging.Handler):
    """Writes where standard error leads now: above a line that moves, if there is one."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the lines of *record*."""
        try:
            print(self.format(record), file=sys.stderr, flush=True)  # noqa: T201
        except Exception:
            self.handleError(record)


def _screen() -> logging.Handler:
    return _Screen()


def _file(path: Path) -> logging.Handler:
    with _named(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return PrivateRotatingFileHandler(path, maxBytes=MAX_BYTES, backupCount=KEPT_FILES)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise UsageError(f"The log file {path} cannot be written: {exc.strerror}.") from exc
