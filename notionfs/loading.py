"""What a mount loads once it answers, so that the first text that is opened need not wait for it.

A start is mostly Python loading the program. Libraries for texts are imported where they are used,
and patterns are compiled at their first use (`patterns.py`): each a pause of some milliseconds,
which would come in the middle of a request.
"""

from __future__ import annotations

import gc
import importlib
import logging
import sys

import trio

from notionfs import patterns

log = logging.getLogger(__name__)

LIBRARIES = ("notionfs.markdown.reading", "markdown_it", "rapidfuzz.fuzz", "rapidfuzz.distance")
"""The first is ours, and imports PyYAML."""

_GIVE_WAY = 0.001
"""Seconds after which a thread that computes lets the event loop go on; Python's own is 0.005."""


async def load_rest() -> None:
    """Load it all between requests: libraries one by one, patterns in a thread."""
    for name in LIBRARIES:
        _import(name)
        await trio.lowlevel.checkpoint()
    sys.setswitchinterval(_GIVE_WAY)
    await trio.to_thread.run_sync(patterns.compile_all, abandon_on_cancel=True)
    gc.freeze()  # as in `app`


def _import(name: str) -> None:
    # Not in the thread: two threads in the modules of one package, each from another end, see
    # them half made, and a save that needed one would fail.
    try:
        importlib.import_module(name)
    except ImportError:  # whoever needs it says so
        log.exception("%s cannot be loaded", name)
