"""Saves that bring files along: what has to happen before and after the text is sent."""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from notionfs.markdown.media import waiting_in
from notionfs.model import JSON, Body, Page
from notionfs.store.documents import SavedBase
from notionfs.store.store import Store
from notionfs.sync.confirming import Confirmation
from notionfs.sync.outgoing import Drafts, Outgoing
from notionfs.sync.uploads import Uploads


class Attaching:
    """Loads drafts whose files are in Notion, and gives blocks their files."""

    def __init__(
        self, store: Store, drafts: Drafts, uploads: Uploads, confirmation: Confirmation
    ) -> None:
        self._store = store
        self._drafts = drafts
        self._uploads = uploads
        self._confirmation = confirmation

    async def load(self, doc_id: int) -> Outgoing:
        """Return what the document would send now, after its files were sent.

        The text may be saved again meanwhile, so it is read again after each file.
        """
        while True:
            out = self._drafts.load(doc_id)
            missing = self._uploads.missing(doc_id, _text_of(out))
            if not missing:
                return out
            await self._uploads.send(doc_id, missing[0])

    async def catch_up(self, out: Outgoing) -> Outgoing:
        """Give the blocks that an earlier attempt left without their files what they wait for."""
        doc_id, base = out.doc.doc_id, out.saved.base
        wanted = waiting_in(base.body if out.patch.body is None else out.patch.body)
        left = [
            file
            for file in waiting_in(base.body)
            if file in wanted or self._uploads.is_attached(doc_id, file)
        ]
        if not left:
            return out
        body = await self._uploads.attach(doc_id, out.page_id, base.body)
        spelled = out.saved.spelled
        if spelled is not None:
            spelled = self._uploads.settled(doc_id, spelled)
        with self._store.transaction():
            self._store.docs.save_base(doc_id, SavedBase(replace(base, body=body), spelled))
            self._confirmation.store_body(out.page_id, Body(body), ours=True)
        return self._drafts.load(doc_id)

    async def finish(self, out: Outgoing, answer: Body) -> tuple[Outgoing, Body]:
        """Give the blocks of *answer* their files; return it, and *out*, with their addresses."""
        doc_id = out.doc.doc_id
        if not waiting_in(answer.markdown):
            return out, answer
        body = await self._uploads.attach(doc_id, out.page_id, answer.markdown)
        wanted = self._uploads.settled(doc_id, out.patch.body or "")
        return replace(out, patch=replace(out.patch, body=wanted)), replace(answer, markdown=body)

    # --- values -----------------------------------------------------------------------------------

    def values_of(self, out: Outgoing) -> dict[str, JSON]:
        """Return the changed properties as they are sent."""
        return self._uploads.with_ids(out.doc.doc_id, out.patch.properties)

    def note_values(self, out: Outgoing, page: Page) -> None:
        """Note where sent files are by Notion's answer; the caller holds the transaction."""
        answered = msgspec.json.decode(page.properties)
        by_id = {value.get("id", name): value for name, value in answered.items()}
        sent = {key: value for key, value in out.patch.properties.items() if key in by_id}
        self._uploads.note_values(out.doc.doc_id, sent.values(), [by_id[key] for key in sent])


def _text_of(out: Outgoing) -> str:
    """Return everything in which a draft may refer to files."""
    values = msgspec.json.encode(out.patch.properties).decode()
    return f"{out.patch.body or ''}\n{values}"
