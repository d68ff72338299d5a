"""What became of a decision about a page, in one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from notionfs.cli.screen import say

_SENTENCES: Mapping[str, str] = {
    "sent": "{path}: sent.",
    "queued": "{path}: queued; {reason}",
    "discarded": "{path}: the file shows Notion's text; notionfs history has yours.",
    "restored": "{path}: restored.",
}
_NO_REASON = "it is sent as soon as possible."


def tell(path: str, answer: Mapping[str, Any]) -> None:
    """Print what the mount answered about *path*."""
    sentence = _SENTENCES[str(answer["state"])]
    say(sentence.format(path=path, reason=answer.get("reason") or _NO_REASON))
