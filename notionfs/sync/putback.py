"""Programs that undo a refused save themselves: vim puts the earlier text back from its backup.

The file then shows what Notion has, and the text that was refused is in the editor and in the
history only. Whoever saved it must still find the reason, so it outlives the put-back text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from cachetools import LRUCache, TTLCache

PUT_BACK = (
    " The program that saved this put the earlier text back; save a corrected one, or find the "
    "refused one with notionfs history."
)

_SOON_NS = 2_000_000_000
_MOST = 1000


def is_undone(reason: str | None) -> bool:
    """Tell whether a *reason* that stands beside a page is one of a save that was undone."""
    return reason is not None and reason.endswith(PUT_BACK)


class Refusals:
    """Remembers for two seconds what stood in a file before its save was refused."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._before: TTLCache[int, bytes] = TTLCache(_MOST, _SOON_NS, timer=now_ns)
        self._reasons: TTLCache[int, str] = TTLCache(_MOST, _SOON_NS, timer=now_ns)
        self._undone: LRUCache[int, str] = LRUCache(_MOST)

    def note_before(self, doc_id: int, text: bytes | None) -> None:
        """A text that cannot be sent takes the place of *text*, perhaps as the first of several."""
        if text is not None and doc_id not in self._before:
            self._before[doc_id] = _digest(text)

    def note(self, doc_id: int, reason: str) -> None:
        """The text that was just saved is refused for *reason*."""
        self._reasons[doc_id] = reason

    def undone_by(self, doc_id: int, text: bytes) -> str | None:
        """Return what to tell if saving *text* undoes a refused save, else None."""
        self._undone.pop(doc_id, None)
        before, reason = self._before.pop(doc_id, None), self._reasons.pop(doc_id, None)
        if reason is None or before != _digest(text):
            return None
        self._undone[doc_id] = reason + PUT_BACK
        return self._undone[doc_id]

    def still_told(self, doc_id: int) -> str | None:
        """Return what is told of a save that was undone, now that the earlier text is settled."""
        return self._undone.pop(doc_id, None)


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=16).digest()
