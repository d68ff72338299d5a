"""Sends a body as the smallest edits; if they do not fit, reads what Notion has, and merges."""

from __future__ import annotations

import logging

from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import Conflict, EditMissed, Refused, UnplannableEdit
from notionfs.markdown.bodies import has_hosted_file, with_signatures
from notionfs.markdown.dialects import Dialect
from notionfs.markdown.hunks import BodyPlan, apply_plan
from notionfs.model import Body, PageId
from notionfs.sync.confirming import Confirmation
from notionfs.sync.context import Context
from notionfs.sync.fetcher import canonical, fetch_body
from notionfs.sync.outgoing import Outgoing
from notionfs.sync.patches import merge_blocks
from notionfs.sync.saver import CONFLICT_REASON

log = logging.getLogger(__name__)

_MOST_RACES = 2
"""How often a body that was changed between our reading and our writing is read again."""


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
        if fresh is None:
            try:
                return await self._edit(out.page_id, Body(base), wanted, just_read=False)
            except (Refused, UnplannableEdit) as exc:
                fresh = await fetch_body(self._client, out.page_id)
                if isinstance(exc, Refused) and self._dialect.same_text(fresh.markdown, base):
                    raise
        for _ in range(_MOST_RACES):
            try:
                return await self._edit_fresh(out, wanted, fresh)
            except Refused:
                seen, fresh = fresh, await fetch_body(self._client, out.page_id)
                if self._dialect.same_text(seen.markdown, fresh.markdown):
                    raise
        return await self._edit_fresh(out, wanted, fresh)

    async def _edit_fresh(self, out: Outgoing, wanted: str, fresh: Body) -> Body:
        """Send the body as edits of what Notion said a moment ago.

        Raises Refused also if somebody (or we, with a new sub-page) changed it since.
        """
        merged = merge_blocks(out.saved.base.body, wanted, fresh.markdown, self._dialect)
        if merged is None:
            self._keep_theirs(out, fresh)
            raise Conflict(CONFLICT_REASON)
        try:
            return await self._edit(out.page_id, fresh, merged, just_read=True)
        except UnplannableEdit as exc:
            raise Refused(
                "This edit cannot be expressed as exact replacements; change less at a time."
            ) from exc

    async def _edit(self, page_id: PageId, base: Body, wanted: str, *, just_read: bool) -> Body:
        try:
            plan = self._dialect.plan(base.markdown, wanted)
        except UnplannableEdit:
            return await self._edit_apart(page_id, base, wanted, just_read=just_read)
        if plan.is_empty:
            return base
        addition = plan.append if plan.replace is None else plan.replace
        if addition is not None:
            # Also into an empty page: if it is not empty any more, what it has stays.
            return canonical(await self._client.append_body(page_id, addition))
        return await self._replace_parts(page_id, base, plan)

    async def _edit_apart(
        self, page_id: PageId, base: Body, wanted: str, *, just_read: bool
    ) -> Body:
        """Send what is new at the end by itself; only if that does not help, replace all."""
        try:
            plan, addition = self._dialect.plan_apart(base.markdown, wanted)
        except UnplannableEdit:
            if not just_read or not _is_replaceable(base):
                raise
            return await self._replace_all(page_id, base, wanted)
        await self._replace_parts(page_id, base, plan)
        return canonical(await self._client.append_body(page_id, addition))

    async def _replace_all(self, page_id: PageId, base: Body, wanted: str) -> Body:
        """Send the whole text of a page that was just read, its hosted files signed as they are."""
        if has_hosted_file(wanted):
            now = await self._client.fetch_body(page_id)
            if not self._dialect.same_text(canonical(now).markdown, base.markdown):
                raise EditMissed("The page was changed in Notion meanwhile; it is read again.")
            wanted = with_signatures(wanted, now.markdown)
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
