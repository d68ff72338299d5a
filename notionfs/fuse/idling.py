"""Unmounts what nobody has used for a while (`--idle-timeout`).

Whether a file is open or a shell stands in the mount is the kernel's to say: it refuses to unmount
then. Nobody is ever cut off, and nothing needs to be counted here but the requests.
"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import trio

log = logging.getLogger(__name__)

_LOOK_AGAIN = 30.0
"""How soon to look again, at most, while something is still to be sent."""


class Idling:
    """Knows when the kernel last asked for something."""

    def __init__(self) -> None:
        self._last = trio.current_time()

    def note(self) -> None:
        """The kernel asked for something just now."""
        self._last = trio.current_time()

    async def run(
        self,
        timeout: float,
        mountpoint: Path,
        is_busy: Callable[[], bool],
    ) -> None:
        """Unmount after *timeout* seconds without a request, unless *is_busy* or somebody uses it;
        return then.
        """
        while True:
            rest = self._last + timeout - trio.current_time()
            if rest > 0:
                await trio.sleep(rest)
            elif is_busy():
                await trio.sleep(min(timeout, _LOOK_AGAIN))
            elif await _unmount_unused(mountpoint):
                log.info("unmounted %s: nobody used it for %g seconds", mountpoint, timeout)
                return
            else:
                self.note()  # somebody holds something open: ask again after as long


async def _unmount_unused(mountpoint: Path) -> bool:
    """Unmount, or tell that the kernel refused because the mount is in use."""
    helper = shutil.which("fusermount3")
    words = [helper, "-u"] if helper else ["umount"]
    done = await trio.run_process(
        [*words, "--", str(mountpoint)],
        env={**os.environ, "LC_ALL": "C"},
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )
    if done.returncode:
        log.debug("not unmounted: %s", done.stderr.decode(errors="replace").strip())
    return done.returncode == 0
