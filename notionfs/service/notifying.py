"""Tells the desktop about conflicts and refused texts, if there is a desktop.

`notify-send` does the talking; without it, or without a session bus, nothing happens. Several
troubles within a few seconds are one message: a script that breaks a hundred pages is one event.
"""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from html import escape
from pathlib import Path

import trio

from notionfs.sync.activity import Activity, Entry, Event

log = logging.getLogger(__name__)

PROGRAM = "notify-send"
GATHER = 3.0
"""Seconds in which further troubles join the first one."""

_SHOWN = 3
_PATIENCE = 10.0
_TITLES: Mapping[str, str] = {
    Event.CONFLICT: "Changed here and in Notion",
    Event.REFUSED: "A text was not sent to Notion",
}


def has_desktop(environ: Mapping[str, str]) -> bool:
    """Tell whether messages would be seen: a session bus, and the program that reaches it."""
    own = Path(environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}")) / "bus"
    has_bus = bool(environ.get("DBUS_SESSION_BUS_ADDRESS")) or own.is_socket()
    has_program = shutil.which(PROGRAM, path=environ.get("PATH")) is not None
    if not (has_bus and has_program):
        lacking = PROGRAM if has_bus else "a session bus"
        log.info("without %s the desktop is not told of conflicts and refused texts", lacking)
    return has_bus and has_program


class Notifier:
    """Waits for trouble in the activity and shows it."""

    def __init__(self, activity: Activity, path_of: Callable[[int], str]) -> None:
        self._path_of = path_of
        self._waiting: dict[tuple[str, int], None] = {}
        self._arrived = trio.Event()
        activity.listeners.append(self._note)

    async def run(self) -> None:
        """Show messages until cancelled; a desktop that does not answer stops nothing."""
        while True:
            await self._arrived.wait()
            await trio.sleep(GATHER)
            self._arrived = trio.Event()
            waiting, self._waiting = list(self._waiting), {}
            for event in _TITLES:
                paths = [self._path_of(doc_id) for what, doc_id in waiting if what == event]
                if paths:
                    await _show(_TITLES[event], paths)

    def _note(self, entry: Entry) -> None:
        if entry["event"] in _TITLES and "document" in entry:
            self._waiting[entry["event"], entry["document"]] = None
            self._arrived.set()


async def _show(title: str, paths: Sequence[str]) -> None:
    lines = [_plain(path) for path in paths[:_SHOWN]]
    if len(paths) > _SHOWN:
        lines.append(f"and {len(paths) - _SHOWN} more")
    text = "\n".join([*lines, "notionfs status says what to do."])
    command = [PROGRAM, "--app-name=notionfs", "--icon=dialog-warning", "--", title, text]
    try:
        with trio.move_on_after(_PATIENCE):
            await trio.run_process(
                command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
    except OSError as exc:
        log.info("the desktop cannot be told of trouble: %s", exc.strerror)


def _plain(path: str) -> str:
    """Return a path as the desktop shows it: it reads markup, and titles are other people's."""
    return escape(
        "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in path)
    )
