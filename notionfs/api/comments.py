"""What the client does with comments: list the open ones of a page, and add one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import msgspec

from notionfs.api.calls import PAGE_SIZE, Call
from notionfs.api.shapes import ListShape, decode
from notionfs.api.words import identifier, normalize_time
from notionfs.model import JSON, PageId, Remark, UserId

T = TypeVar("T")


class CommentMethods:
    """The part of `Client` that is about comments."""

    async def _ask(self, call: Call, parse: Callable[[bytes], T]) -> T:
        raise NotImplementedError

    async def fetch_remarks(
        self, page_id: PageId, cursor: str | None = None
    ) -> tuple[tuple[Remark, ...], str | None]:
        """Return up to 100 open comments of a page, and a cursor."""
        query = [("block_id", str(page_id)), ("page_size", str(PAGE_SIZE))]
        if cursor is not None:
            query.append(("start_cursor", cursor))
        what = f"read the comments of page {page_id}"
        call = Call("list_comments", "GET", "/v1/comments", what, tuple(query))
        return await self._ask(call, _parse_remarks)

    async def create_remark(
        self, page_id: PageId, discussion: str | None, rich_text: Sequence[JSON]
    ) -> Remark:
        """Answer in a discussion, or (None) comment on the page."""
        place = {"parent": {"page_id": page_id}} if discussion is None else {}
        if discussion is not None:
            place = {"discussion_id": discussion}  # type: ignore[dict-item]
        body = {**place, "rich_text": list(rich_text)}
        what = f"comment on page {page_id}"
        call = Call("create_comment", "POST", "/v1/comments", what, body=body, is_write=True)
        return await self._ask(call, _parse_remark)


class _RemarkShape(msgspec.Struct):
    id: str
    discussion_id: str
    created_time: str
    created_by: dict[str, Any] | None = None
    rich_text: list[Any] | None = None
    display_name: dict[str, Any] | None = None


def _parse_remark(content: bytes | msgspec.Raw) -> Remark:
    wire = decode(_RemarkShape, content)
    author = identifier(str((wire.created_by or {}).get("id") or ""))
    return Remark(
        id=identifier(wire.id),
        discussion=identifier(wire.discussion_id),
        created=normalize_time(wire.created_time),
        author_id=UserId(author),
        author=str((wire.display_name or {}).get("resolved_name") or ""),
        rich_text=wire.rich_text or [],
    )


def _parse_remarks(content: bytes) -> tuple[tuple[Remark, ...], str | None]:
    wire = decode(ListShape, content)
    cursor = wire.next_cursor if wire.has_more else None
    return tuple(_parse_remark(raw) for raw in wire.results), cursor
