"""Watches every line that any test logs: no page text and no token may stand in one.

`tests/conftest.py` lets it listen during each test, and every desk asks it at its end, with what
the workspace and the store hold then.
"""

from __future__ import annotations

import logging

from notionfs.planning.states import DocState
from notionfs.simulator import Simulator
from notionfs.store.store import Store

LEAST = 12
"""Shorter lines of pages are words that anybody may say."""

_MOST_PAGES = 60
_MOST_LINES = 60


class Listener(logging.Handler):
    """Keeps what is logged, tracebacks included."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


LISTENER = Listener()


def check(sim: Simulator, store: Store) -> None:
    """Fail if a log line, or a line of the activity, has a token or a line of a page."""
    written = "\n".join(LISTENER.lines)
    for file in store.path.parent.glob("activity.jsonl*"):
        written += file.read_text()
    for token in sim.tokens:
        assert token not in written, "a token is in a log"
    for line in lines_of_pages(store):
        assert line not in written, f"a line of a page is in a log: {line!r}"


def lines_of_pages(store: Store) -> set[str]:
    """Return what pages say, without their frontmatter and headings."""
    found: set[str] = set()
    for doc in store.docs.list_in(*DocState)[:_MOST_PAGES]:
        text = (store.docs.load_text(doc.doc_id) or b"").decode("utf-8", "replace")
        body = text.partition("\n---\n")[2] or text
        lines = [line.strip() for line in body.split("\n")[:_MOST_LINES]]
        found |= {line for line in lines if len(line) >= LEAST and not line.startswith(("#", "<"))}
    return found
