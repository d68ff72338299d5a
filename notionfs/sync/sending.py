"""Sends a body as the smallest edits; if they do not fit, reads what Notion has, and merges."""

from __future__ import annotations

import logging

from msgspec import Struct

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import Conflict, EditMissed, Refused, UnplannableEdit
from notionfs.markdown.bodies import canonical_body, has_hosted_file, with_signatures
from notionfs.markdown.dialects import Dialect
from notionfs.markdown.hunks import BodyPlan, apply_plan
from notionfs.model import Body, PageId
from notionfs.sync.confirming import Confirmation
from notionfs.sync.context import Context
from notionfs.sync.fetcher import canonical, with_parts
from notionfs.sync.outgoing import Outgoing
from notionfs.sync.patches import merge_blocks
from notionfs.sync.saver import CONFLICT_REASON

log = logging.getLogger(__name__)

_MOST_RACES = 2
"""How often a body that was changed between our reading and our writing is read again."""


class _Seen(Struct, frozen=True):
    """What Notion has, as far as we know; and if we just read it, with its files as *signed*."""

    body: Body
    signed: str | None = None
    just_now: bool = True


class BodySender:
    """Makes a page in Notion say what a text says."""

    def __init__(self, context: Context, confirmation: Confirmation) -> None:
        self._context = context
        self._store = context.store
        self._confirmation = confirmation

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    @property
    def _dialect(self) -> Dialect:
        return self._context.dialect

    async def send(self, out: Outgoing, wanted: str, fresh: Body | None) -> Body:
        """Send the body as the smallest edits; if they do not fit, read, merge, and try again."""
        base = out.saved.base.body
        seen = None if fresh is None else _Seen(fresh)
        if seen is None:
            try:
                return await self._edit(out.page_id, _Seen(Body(base), just_now=False), wanted)
            except (Refused, UnplannableEdit) as exc:
                seen = await self._read(out.page_id)
                if isinstance(exc, Refused) and self._says(seen, base):
                    raise
        for _ in range(_MOST_RACES):
            try:
                return await self._edit_fresh(out, wanted, seen)
            except Refused:
                before, seen = seen, await self._read(out.page_id)
                if self._says(seen, before.body.markdown):
                    raise
        return await self._edit_fresh(out, wanted, seen)

    async def _read(self, page_id: PageId) -> _Seen:
        body = await self._client.fetch_body(page_id)
        return _Seen(await with_parts(self._client, canonical(body)), signed=body.markdown)

    def _says(self, seen: _Seen, text: str) -> bool:
        return self._dialect.same_text(seen.body.markdown, text)

    async def _edit_fresh(self, out: Outgoing, wanted: str, seen: _Seen) -> Body:
        """Send the body as edits of what Notion said a moment ago.

        Raises Refused also if somebody (or we, with a new sub-page) changed it since.
        """
        merged = merge_blocks(out.saved.base.body, wanted, seen.body.markdown, self._dialect)
        if merged is None:
            self._keep_theirs(out, seen.body)
            raise Conflict(CONFLICT_REASON)
        try:
            return await self._edit(out.page_id, seen, merged)
        except UnplannableEdit as exc:
            raise Refused(
                "This edit cannot be expressed as exact replacements; change less at a time."
            ) from exc

    async def _edit(self, page_id: PageId, seen: _Seen, wanted: str) -> Body:
        base = seen.body
        try:
            plan = self._dialect.plan(base.markdown, wanted)
        except UnplannableEdit:
            return await self._edit_apart(page_id, seen, wanted)
        if plan.is_empty:
            return base
        addition = plan.append if plan.replace is None else plan.replace
        if addition is not None:
            # Also into an empty page: if it is not empty any more, what it has stays.
            return canonical(await self._client.append_body(page_id, addition))
        return await self._replace_parts(page_id, base, plan)

    async def _edit_apart(self, page_id: PageId, seen: _Seen, wanted: str) -> Body:
        """Send what is new at the end by itself; only if that does not help, replace all."""
        try:
            plan, addition = self._dialect.plan_apart(seen.body.markdown, wanted)
        except UnplannableEdit:
            if not seen.just_now or not _is_replaceable(seen.body):
                raise
            return await self._replace_all(page_id, seen, wanted)
        await self._replace_parts(page_id, seen.body, plan)
        return canonical(await self._client.append_body(page_id, addition))

    async def _replace_all(self, page_id: PageId, seen: _Seen, wanted: str) -> Body:
        """Send the whole text of a page that was just read, its hosted files signed as they are."""
        if has_hosted_file(wanted):
            signed = seen.signed
            if signed is None:
                signed = (await self._client.fetch_body(page_id)).markdown
                if not self._says(seen, canonical_body(signed)):
                    raise EditMissed("The page was changed in Notion meanwhile; it is read again.")
            wanted = with_signatures(wanted, signed)
        return canonical(await self._client.replace_body(page_id, wanted))

    async def _replace_parts(self, page_id: PageId, base: Body, plan: BodyPlan) -> Body:
        answer = canonical(await self._client.edit_body(page_id, plan.edits))
        if not self._dialect.same_text(answer.markdown, apply_plan(base.markdown, plan)):
            log.info("page %s: Notion's text after the save differs from ours", page_id)
        return answer

    def _keep_theirs(self, out: Outgoing, theirs: Body) -> None:
        with self._store.transaction():
            if self._store.docs.load_base(out.doc.doc_id) is None:
                self._store.docs.save_base(out.doc.doc_id, out.saved)
            self._confirmation.store_body(out.page_id, theirs, ours=False)


def _is_replaceable(body: Body) -> bool:
    """Tell whether replacing all of a body just read could lose nothing that was not shown."""
    return not (body.truncated or body.unknown_ids or "<unknown" in body.markdown)
