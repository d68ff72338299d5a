"""What the client does with files: upload them in parts, find their blocks, attach them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec

from notionfs.api.calls import PAGE_SIZE, Call, Form, segment
from notionfs.api.shapes import ListShape, UserShape, decode
from notionfs.api.words import identifier, normalize_time
from notionfs.model import BlockId, FileUpload, MediaBlock

T = TypeVar("T")

MEDIA_TYPES = frozenset({"image", "video", "pdf", "audio", "file"})


class FileMethods:
    """The part of `Client` that is about files."""

    async def _ask(self, call: Call, parse: Callable[[bytes], T]) -> T:
        raise NotImplementedError

    async def fetch_upload_limit(self) -> int | None:
        """Return how many bytes a file may have in this workspace, if Notion says so."""
        call = Call("users_me", "GET", "/v1/users/me", "ask how large a file may be")
        return await self._ask(call, _parse_limit)

    async def create_upload(self, name: str, content_type: str | None, parts: int) -> FileUpload:
        """Announce a file that comes in so many *parts*; 1: in one piece."""
        body: dict[str, str | int] = {"mode": "single_part", "filename": name}
        if content_type is not None:
            body["content_type"] = content_type
        if parts > 1:
            body |= {"mode": "multi_part", "number_of_parts": parts}
        what = "announce a file"
        call = Call("create_upload", "POST", "/v1/file_uploads", what, body=body, is_write=True)
        return await self._ask(call, _parse_upload)

    async def fetch_upload(self, upload_id: str) -> FileUpload:
        """Return how far an upload is."""
        path = f"/v1/file_uploads/{segment(upload_id)}"
        return await self._ask(Call("get_upload", "GET", path, "look after a file"), _parse_upload)

    async def send_upload(self, upload_id: str, form: Form) -> FileUpload:
        """Send a file, or one part of it."""
        path = f"/v1/file_uploads/{segment(upload_id)}/send"
        call = Call("send_upload", "POST", path, "send a file", form=form, is_write=True)
        return await self._ask(call, _parse_upload)

    async def complete_upload(self, upload_id: str) -> FileUpload:
        """Join the parts of a file."""
        path = f"/v1/file_uploads/{segment(upload_id)}/complete"
        call = Call("complete_upload", "POST", path, "join a file", body={}, is_write=True)
        return await self._ask(call, _parse_upload)

    async def fetch_blocks(
        self, parent_id: str, cursor: str | None = None
    ) -> tuple[tuple[MediaBlock, ...], str | None]:
        """Return up to 100 blocks directly under a page or block, and a cursor."""
        query = (("page_size", str(PAGE_SIZE)), *((("start_cursor", cursor),) if cursor else ()))
        path = f"/v1/blocks/{segment(parent_id)}/children"
        call = Call("get_children", "GET", path, f"list the blocks of {parent_id}", query)
        return await self._ask(call, _parse_blocks)

    async def fetch_media(self, block_id: BlockId) -> MediaBlock:
        """Return a block as far as files are concerned."""
        path = f"/v1/blocks/{segment(block_id)}"
        return await self._ask(Call("get_block", "GET", path, "look at a file's block"), _parse)

    async def attach_upload(
        self, block_id: BlockId, kind: str, upload_id: str, name: str
    ) -> MediaBlock:
        """Let a media block show an uploaded file; its caption stays."""
        file: dict[str, object] = {"file_upload": {"id": upload_id}}
        if kind == "file":
            file["name"] = name
        path = f"/v1/blocks/{segment(block_id)}"
        what = "attach a file"
        call = Call("update_block", "PATCH", path, what, body={kind: file}, is_write=True)
        return await self._ask(call, _parse)


def _parse_limit(content: bytes) -> int | None:
    wire = decode(UserShape, content)
    limits = wire.bot.workspace_limits if wire.bot is not None else None
    return None if limits is None else limits.get("max_file_upload_size_in_bytes")


class _UploadShape(msgspec.Struct):
    id: str
    status: str
    expiry_time: str | None = None


def _parse_upload(content: bytes) -> FileUpload:
    wire = decode(_UploadShape, content)
    expires = None if wire.expiry_time is None else normalize_time(wire.expiry_time)
    return FileUpload(identifier(wire.id), wire.status, expires)


class _FileShape(msgspec.Struct):
    type: str | None = None
    external: dict[str, str] | None = None
    file: dict[str, str | None] | None = None


class _BlockShape(msgspec.Struct):
    id: str
    type: str
    has_children: bool = False
    image: _FileShape | None = None
    video: _FileShape | None = None
    pdf: _FileShape | None = None
    audio: _FileShape | None = None
    file: _FileShape | None = None


def _parse(content: bytes | msgspec.Raw) -> MediaBlock:
    wire = decode(_BlockShape, content)
    holder = getattr(wire, wire.type, None) if wire.type in MEDIA_TYPES else None
    found = (holder.file or holder.external or {}) if holder is not None else {}
    return MediaBlock(
        BlockId(identifier(wire.id)),
        wire.type,
        wire.has_children,
        found.get("url"),
        is_hosted=holder is not None and holder.file is not None,
    )


def _parse_blocks(content: bytes) -> tuple[tuple[MediaBlock, ...], str | None]:
    wire = decode(ListShape, content)
    cursor = wire.next_cursor if wire.has_more else None
    return tuple(_parse(raw) for raw in wire.results), cursor
