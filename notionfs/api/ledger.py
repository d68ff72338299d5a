"""When requests of a token left, shared by all processes of this user that use the token.

A small file: a header and a ring of times on the system's monotonic clock, which is the same for
all processes. It holds no token. Times of before a restart of the computer lie in the future, or
count for a minute at most.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger(__name__)

_MAGIC = b"notionp1"
_HEADER = struct.Struct("<8sQd")  # magic, stamps ever written, paused until
_STAMP = struct.Struct("<d")
_SLOTS = 1 << 14  # more than any window holds
_SIZE = _HEADER.size + _SLOTS * _STAMP.size
_LONGEST_PAUSE = 3600.0


class Ledger:
    """An open ledger. Every process sees what the others wrote at once."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with self.locked():
                os.ftruncate(self._fd, _SIZE)
                self._map = mmap.mmap(self._fd, _SIZE)
                if self._map[: len(_MAGIC)] != _MAGIC:
                    _HEADER.pack_into(self._map, 0, _MAGIC, 0, 0.0)
        except BaseException:
            os.close(self._fd)
            raise
        self._read = 0

    def close(self) -> None:
        """Close the file; what it holds stays for the others."""
        self._map.close()
        os.close(self._fd)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep the other processes out, for microseconds: never wait inside."""
        fcntl.flock(self._fd, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._fd, fcntl.LOCK_UN)

    def take(self, span: float) -> list[float]:
        """Return the departures since the last call, own ones too, of the last *span* seconds."""
        _, written, _ = _HEADER.unpack_from(self._map)
        if written == self._read:
            return []
        first = max(self._read, written - _SLOTS)
        self._read = written
        now = self.clock()
        stamps = (self._stamp(n) for n in range(first, written))
        return sorted(stamp for stamp in stamps if now - span < stamp <= now)

    def add(self) -> None:
        """Note a departure now. The caller holds the lock."""
        _, written, paused_until = _HEADER.unpack_from(self._map)
        _STAMP.pack_into(self._map, self._place(written), self.clock())
        _HEADER.pack_into(self._map, 0, _MAGIC, written + 1, paused_until)

    def pause(self, seconds: float) -> None:
        """Ask all processes for silence."""
        with self.locked():
            _, written, paused_until = _HEADER.unpack_from(self._map)
            until = max(self.clock() + seconds, self._believable(paused_until))
            _HEADER.pack_into(self._map, 0, _MAGIC, written, until)

    def paused_for(self) -> float:
        """Return for how many more seconds somebody asked for silence."""
        _, _, paused_until = _HEADER.unpack_from(self._map)
        return max(0.0, self._believable(paused_until) - self.clock())

    def _believable(self, until: float) -> float:
        return until if until - self.clock() <= _LONGEST_PAUSE else 0.0

    def _stamp(self, n: int) -> float:
        (stamp,) = _STAMP.unpack_from(self._map, self._place(n))
        return float(stamp)

    def _place(self, n: int) -> int:
        return _HEADER.size + n % _SLOTS * _STAMP.size


def open_ledger(path: Path) -> Ledger | None:
    """Return the ledger at *path*; None if the disk refuses, and then every process is alone."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Ledger(path)
    except (OSError, ValueError) as exc:
        log.warning("the request budget cannot be shared with other processes: %s", exc)
        return None
