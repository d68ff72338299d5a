"""Links follow names: files that link to something renamed or moved are rendered anew.

Only what we rendered is: the user's own bytes stay, and a link that says an old name is still
understood when they are saved.
"""

from __future__ import annotations

import logging

import trio

from notionfs.markdown.inline import show_path
from notionfs.naming import PAGE_SUFFIX
from notionfs.store.renamed import OldName
from notionfs.sync.context import Context
from notionfs.sync.renditions import Renditions

log = logging.getLogger(__name__)

_SETTLE = 1.0  # an editor's dance of names is over by then
_AT_ONCE = 50
_SLICE = 500


class Relinker:
    """Brings links in step with names, in the background."""

    def __init__(self, context: Context, renditions: Renditions) -> None:
        self._context = context
        self._store = context.store
        self._renditions = renditions
        self._wake = trio.Event()

    def wake(self) -> None:
        """Something got another name or place."""
        self._wake.set()

    async def run(self) -> None:
        """See to old names as they come up, for ever; those of an earlier mount first."""
        while True:
            self._wake = trio.Event()
            while names := self._store.renamed.list_first(_AT_ONCE):
                await trio.sleep(_SETTLE)
                await self._follow(names)
                with self._store.transaction(durable=False):
                    self._store.renamed.forget(names)
            await self._wake.wait()

    async def _follow(self, names: list[OldName]) -> None:
        for name in names:
            if name.moved:
                await self._relink(self._store.renamed.list_below(name.ino))
        texts = sorted({text for name in names for text in _spellings(name.name)})
        for first in range(1, self._store.docs.newest_id() + 1, _SLICE):
            found = self._store.renamed.list_saying(texts, first, first + _SLICE - 1)
            await self._relink(found)
            await trio.lowlevel.checkpoint()

    async def _relink(self, doc_ids: list[int]) -> None:
        for doc_id in doc_ids:
            if self._store.docs.get(doc_id) is not None:
                with self._store.transaction(durable=False):
                    self._renditions.relink(doc_id)
            await trio.lowlevel.checkpoint()


def _spellings(name: str) -> list[bytes]:
    """Return how links say *name*: as it is in frontmatter, encoded in a body."""
    ending = "" if name.endswith(PAGE_SUFFIX) else "/"
    return [(text + ending).encode("utf-8", "surrogateescape") for text in (name, show_path(name))]
