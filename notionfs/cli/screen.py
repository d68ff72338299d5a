"""What reaches a terminal: titles, paths and reasons were written by other people.

`visible` is the one way for such text to a screen. It keeps every printable character and shows
control, bidi and other invisible ones as escapes, so that no title can move the cursor, hide text
or run a command.
"""

from __future__ import annotations

import sys

from notionfs.words import amount, duration, megabytes, span_since, visible

__all__ = ["amount", "duration", "megabytes", "say", "span_since", "visible", "warn"]


def say(text: str) -> None:
    """Print one line for people on standard output."""
    print(visible(text))  # noqa: T201


def warn(text: str) -> None:
    """Print one line on standard error, signed with the program's name."""
    print(f"notionfs: {visible(text)}", file=sys.stderr, flush=True)  # noqa: T201
