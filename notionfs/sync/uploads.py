"""Brings local files that a page refers to into Notion: each once, whatever happens in between.

Three steps, each noted before and after. The file is sent, in parts if it is large; a crash goes
on with the part that is missing. The text is sent with an address that stands for the file, so
that Notion makes the block at the right place. Then that block is given the file. What nobody
refers to is never sent, and what was sent but not attached expires in Notion.
"""

from __future__ import annotations

import logging
import mimetypes
import posixpath
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from notionfs.api.calls import Form
from notionfs.api.client import Client
from notionfs.api.pacing import Priority
from notionfs.errors import NotFoundYet, Refused, RemoteError, RemoteMissing
from notionfs.markdown.bodies import canonical_url
from notionfs.markdown.media import Waiting, waiting_in
from notionfs.model import JSON, BlockId, FileUpload, MediaBlock, PageId
from notionfs.store.uploads import Upload, UploadState
from notionfs.sync.context import Context
from notionfs.sync.renditions import nanoseconds

log = logging.getLogger(__name__)

SINGLE_PART_BYTES = 20 * 1024 * 1024
PART_BYTES = 10 * 1024 * 1024
_FREE_BYTES = 5 * 1024 * 1024
_MARGIN_NS = 120 * 1_000_000_000
_UNKNOWN = "application/octet-stream"


class Uploads:
    """Sends files and attaches them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._limit: int | None = None

    @property
    def _client(self) -> Client:
        return self._context.client.at(Priority.UPLOAD)

    # --- sending ----------------------------------------------------------------------------------

    def missing(self, doc_id: int, text: str) -> list[Waiting]:
        """Return the files that *text* refers to and that are not in Notion yet."""
        return [file for file in waiting_in(text) if not self._is_usable(doc_id, file)]

    def _is_usable(self, doc_id: int, file: Waiting) -> bool:
        known = self._store.uploads.find(doc_id, file.ino, file.digest)
        if known is None or known.state is UploadState.SENDING:
            return False
        if known.state is UploadState.ATTACHED or known.block_id is not None:
            return True
        return known.expires_ns > self._context.now_ns() + _MARGIN_NS

    async def send(self, doc_id: int, file: Waiting) -> None:
        """Send a file; a part of it that is there already is not sent again."""
        await self._send(self._begin(doc_id, file))

    def is_attached(self, doc_id: int, file: Waiting) -> bool:
        """Tell whether a file has an address in Notion."""
        known = self._store.uploads.find(doc_id, file.ino, file.digest)
        return known is not None and known.url is not None

    def _begin(self, doc_id: int, file: Waiting) -> Upload:
        """Return how far a file is; what Notion has forgotten begins anew."""
        known = self._store.uploads.find(doc_id, file.ino, file.digest)
        if known is not None and known.expires_ns > self._context.now_ns() + _MARGIN_NS:
            return known
        inode, digest = self._store.dentries.load_inode(file.ino), self._digest(file.ino)
        path = self._store.dentries.path_of(file.ino)
        if inode is None or path is None or not digest.startswith(file.digest):
            raise _changed()
        fresh = Upload(doc_id, file.ino, digest, path, inode.size)
        with self._store.transaction():
            self._store.uploads.save(fresh)
        return fresh

    def _digest(self, ino: int) -> str:
        return self._store.dentries.load_digest(ino) or ""

    async def _send(self, upload: Upload) -> None:
        try:
            await self._send_parts(upload)
        except Refused as exc:
            limit = await self._workspace_limit()
            if limit is not None and upload.size > limit:
                raise _too_large(upload, limit) from exc
            raise Refused(f"{_name(upload)}: {exc}", status=exc.status) from exc

    async def _send_parts(self, upload: Upload) -> None:
        if upload.upload_id is None:
            upload = await self._announce(upload)
        elif await self._is_there(upload):
            self._note(replace(upload, state=UploadState.UPLOADED))
            return
        while upload.sent_parts < upload.parts:
            await self._send_part(upload)
            upload = self._note(replace(upload, sent_parts=upload.sent_parts + 1))
        if upload.parts > 1:
            await self._client.complete_upload(upload.upload_id or "")
        self._note(replace(upload, state=UploadState.UPLOADED))

    async def _announce(self, upload: Upload) -> Upload:
        if upload.size > _FREE_BYTES:
            limit = await self._workspace_limit()
            if limit is not None and upload.size > limit:
                raise _too_large(upload, limit)
        parts = 1 if upload.size <= SINGLE_PART_BYTES else -(-upload.size // PART_BYTES)
        kind = mimetypes.guess_type(upload.path)[0]
        made = await self._client.create_upload(_name(upload), kind, parts)
        return self._note(
            replace(
                upload, upload_id=made.id, parts=parts, sent_parts=0, expires_ns=self._end(made)
            )
        )

    def _end(self, made: FileUpload) -> int:
        hour_ns = 3600 * 1_000_000_000
        return (
            self._context.now_ns() + hour_ns if made.expires is None else nanoseconds(made.expires)
        )

    async def _send_part(self, upload: Upload) -> None:
        """Send the next part; the file must still be the one that was announced."""
        size = upload.size if upload.parts == 1 else PART_BYTES
        if self._digest(upload.ino) != upload.digest:
            raise _changed()
        content = self._store.dentries.load_part(upload.ino, upload.sent_parts * size, size)
        kind = mimetypes.guess_type(upload.path)[0] or _UNKNOWN
        part = upload.sent_parts + 1 if upload.parts > 1 else None
        await self._client.send_upload(
            upload.upload_id or "", Form(_name(upload), kind, content, part)
        )

    async def _is_there(self, upload: Upload) -> bool:
        """Tell whether Notion has all of a file whose sending was interrupted."""
        try:
            found = await self._client.fetch_upload(upload.upload_id or "")
        except RemoteMissing:
            found = FileUpload("", "expired")
        if found.status in ("expired", "failed"):
            self._note(replace(upload, upload_id=None, expires_ns=0))
            raise NotFoundYet("Notion has forgotten a part of this file; it is sent again.")
        return found.status == "uploaded"

    async def _workspace_limit(self) -> int | None:
        if self._limit is None:
            try:
                self._limit = await self._client.fetch_upload_limit()
            except RemoteError:
                return None
        return self._limit

    def _note(self, upload: Upload) -> Upload:
        with self._store.transaction():
            self._store.uploads.save(upload)
        return upload

    # --- attaching --------------------------------------------------------------------------------

    async def attach(self, doc_id: int, page_id: PageId, body: str) -> str:
        """Give the blocks of *body*, which Notion has, their files; return the body it has then."""
        waiting = {
            file.url: upload
            for file in waiting_in(body)
            if (upload := self._store.uploads.find(doc_id, file.ino, file.digest)) is not None
        }
        if not waiting:
            return body
        for block in await self._media(page_id, set(waiting)):
            upload = waiting[block.url or ""]
            upload = self._note(replace(upload, block_id=block.id))
            made = await self._client.attach_upload(
                block.id, block.type, upload.upload_id or "", _name(upload)
            )
            self._attached(upload, made)
        for file in waiting_in(body):
            if file.url in waiting and not self.is_attached(doc_id, file):
                name = _name(waiting[file.url])
                raise Refused(f"Notion made no block for {name}: put it in a paragraph of its own.")
        return self.settled(doc_id, body)

    async def _media(self, page_id: PageId, urls: set[str]) -> list[MediaBlock]:
        """Return the blocks that show *urls*, looking no deeper than needed."""
        parents = [str(page_id)]
        found: list[MediaBlock] = []
        for parent in parents:
            cursor: str | None = None
            while True:
                blocks, cursor = await self._client.fetch_blocks(parent, cursor)
                for block in blocks:
                    if block.url in urls:
                        found.append(block)
                    elif block.has_children and not block.type.startswith("child_"):
                        parents.append(block.id)
                if cursor is None:
                    break
            if {block.url for block in found} == urls:
                break
        return found

    def _attached(self, upload: Upload, block: MediaBlock) -> None:
        url = None if block.url is None else canonical_url(block.url)
        if url is None or not block.is_hosted:
            raise Refused(f"Notion did not attach {_name(upload)}; save the page again.")
        self._note(replace(upload, state=UploadState.ATTACHED, block_id=None, url=url))

    async def look_after(self, doc_id: int) -> None:
        """After a lost answer: find out which files were attached."""
        for upload in self._store.uploads.list_of(doc_id):
            if upload.block_id is None or upload.state is UploadState.ATTACHED:
                continue
            try:
                block = await self._client.fetch_media(BlockId(upload.block_id))
            except RemoteMissing:
                self._note(replace(upload, block_id=None))
                continue
            if block.is_hosted:
                self._attached(upload, block)
            else:
                self._note(replace(upload, block_id=None))

    def settled(self, doc_id: int, text: str) -> str:
        """Return *text* with the addresses of those files that are attached by now."""
        for file in waiting_in(text):
            upload = self._store.uploads.find(doc_id, file.ino, file.digest)
            if upload is not None and upload.url is not None:
                text = text.replace(file.url, upload.url)
        return text

    # --- values -----------------------------------------------------------------------------------

    def with_ids(self, doc_id: int, values: Mapping[str, JSON]) -> dict[str, JSON]:
        """Return property values as they are sent: with Notion's names of the files."""
        return {key: self._with_ids(doc_id, value) for key, value in values.items()}

    def _with_ids(self, doc_id: int, value: JSON) -> JSON:
        if isinstance(value, list):
            return [self._with_ids(doc_id, item) for item in value]
        if not isinstance(value, dict):
            return value
        if "file_upload" in value:
            return {**value, "file_upload": {"id": self._id_of(doc_id, value["file_upload"]["id"])}}
        return {key: self._with_ids(doc_id, item) for key, item in value.items()}

    def _id_of(self, doc_id: int, url: str) -> str:
        for file in waiting_in(url):
            upload = self._store.uploads.find(doc_id, file.ino, file.digest)
            if upload is not None and upload.upload_id is not None:
                return upload.upload_id
        return url

    def note_values(self, doc_id: int, sent: Iterable[JSON], answered: Iterable[JSON]) -> None:
        """Note the addresses that sent files have in Notion's answer, value by value."""
        for mine, theirs in zip(sent, answered, strict=False):
            self._note_value(doc_id, mine, theirs)

    def _note_value(self, doc_id: int, mine: JSON, theirs: JSON) -> None:
        if isinstance(mine, list) and isinstance(theirs, list):
            self.note_values(doc_id, mine, theirs)
            return
        if not isinstance(mine, dict) or not isinstance(theirs, dict):
            return
        url = (theirs.get("file") or {}).get("url") if "file_upload" in mine else None
        if url is None:
            shared = [key for key in mine if key in theirs]
            self.note_values(doc_id, [mine[key] for key in shared], [theirs[key] for key in shared])
            return
        for file in waiting_in(mine["file_upload"]["id"]):
            upload = self._store.uploads.find(doc_id, file.ino, file.digest)
            if upload is not None:
                done = replace(upload, state=UploadState.ATTACHED, url=canonical_url(url))
                self._store.uploads.save(done)


def _name(upload: Upload) -> str:
    return posixpath.basename(upload.path)


def _changed() -> NotFoundYet:
    return NotFoundYet(
        "A file that the page refers to changed while it was sent; it is sent again."
    )


def _too_large(upload: Upload, limit: int) -> Refused:
    return Refused(
        f"{_name(upload)} has {_megabytes(upload.size)}, and this workspace takes files of "
        f"{_megabytes(limit)} at most; make it smaller or link to it."
    )


def _megabytes(size: int) -> str:
    return f"{size / (1024 * 1024):.1f} MB"
