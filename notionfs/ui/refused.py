"""What can be done about a page whose text was refused or still waits: forms and their pages. Pure.

Trying again is one click. Discarding asks once more, on a page of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

from notionfs.ui.frame import Page, hidden, notice
from notionfs.ui.html import Markup, name_of, tag

Facts = Mapping[str, Any]

_CAN_BE_TRIED = ("queued", "unsure")
_WHAT_HAPPENS = (
    "The file shows Notion’s text again. Yours goes to the history; notionfs undo saves it again."
)


def commands_for(facts: Facts) -> dict[str, Collection[str]]:
    """Return by path what may be done about each page that waits; nothing in a read-only mount."""
    if facts.get("read_only"):
        return {}
    tried = {
        e["path"]: ["retry"] for e in facts["queue"] if e["reason"] and e["state"] in _CAN_BE_TRIED
    }
    return tried | {entry["path"]: entry["commands"] for entry in facts["errors"]}


def actions(path: str, commands: Collection[str], session: str) -> Markup | None:
    """Return the buttons for *path*; each says to whoever does not see the row what it is for."""
    forms = []
    if "retry" in commands:
        again = tag("button", "Try again", aria_label=f"Try again: {path}")
        forms.append(
            tag("form", hidden(session=session, path=path), again, method="post", action="retry")
        )
    if "discard" in commands:
        away = tag("a", "Discard…", href=f"discard?path={quote(path)}")
        forms.append(tag("p", away))
    return tag("div", forms, class_="actions") if forms else None


def confirmation(path: str, reason: str, session: str) -> Page:
    """Return the page that asks once more before a text is given up."""
    form = tag(
        "form",
        hidden(session=session, path=path),
        tag("button", "Discard my text", class_="first"),
        method="post",
        action="discard",
    )
    content = [
        tag("h1", "Discard the text of ", name_of(path), "?"),
        notice(reason) if reason else None,
        tag("p", _WHAT_HAPPENS),
        form,
        tag("p", tag("a", "Keep it", href="./")),
    ]
    return Page(f"Discard: {path}", "", content)


def outcome(path: str, sentence: str, *, failed: bool = False) -> Page:
    """Return the page that says what became of it."""
    content = [
        tag("h1", name_of(path)),
        notice(sentence, kind="error" if failed else "done"),
        tag("p", tag("a", "Overview", href="./")),
    ]
    return Page(path, "", content)
