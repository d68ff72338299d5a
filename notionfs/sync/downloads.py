"""Brings the bytes of hosted files to the disk, in pieces, once for all who read them.

The cache is bounded and holds only what Notion can give again. Signed addresses live in memory
only: one read of the page signs all of its files.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import trio
from msgspec import Struct, field

from notionfs.api.pacing import Priority
from notionfs.errors import DiskFull, NoSuchEntry, NotionFSError, RemoteMissing, Unreachable
from notionfs.markdown.bodies import canonical_url, signed_urls
from notionfs.markdown.media import hosted_in
from notionfs.model import PageId
from notionfs.store.assets import Asset
from notionfs.sync.assets import BODY
from notionfs.sync.context import Context, InodeChanged
from notionfs.sync.flights import Flights

log = logging.getLogger(__name__)

_AT_ONCE = 4
_SIGNED_SECONDS = 3600
_MARGIN = 0.9
_MEGABYTE = 1024 * 1024


class Flight(Struct, eq=False):
    """A file on its way: *have* of *total* bytes are on the disk (None: nobody said how many)."""

    path: Path
    fd: int
    have: int = 0
    total: int | None = None
    is_over: bool = False
    failure: NotionFSError | None = None
    _moved: trio.Event = field(default_factory=trio.Event)

    def move(self) -> None:
        """Tell everybody who waits that something changed."""
        moved, self._moved = self._moved, trio.Event()
        moved.set()

    async def size(self, patience: float) -> int:
        """Return how many bytes there are, as soon as that is known."""
        while self.total is None and not self.is_over:
            await self.wait(patience)
        if self.failure is not None:
            raise self.failure
        return self.have if self.total is None else self.total

    async def wait(self, patience: float) -> None:
        """Return when something changed; Unreachable if nothing does for *patience* seconds."""
        with trio.move_on_after(patience) as scope:
            await self._moved.wait()
        if scope.cancelled_caught:
            raise Unreachable("Notion did not send the attachment in time; try again later.")
        if self.failure is not None:
            raise self.failure


class OpenAsset(Struct, eq=False):
    """An attachment open for reading; *flight* is None if all of it is on the disk."""

    fd: int
    size: int
    flight: Flight | None
    patience: float

    async def read(self, offset: int, size: int) -> bytes:
        """Return bytes, waiting until they have arrived."""
        flight, end = self.flight, min(offset + size, self.size)
        while flight is not None and not flight.is_over and flight.have < end:
            await flight.wait(self.patience)
        if flight is not None and flight.failure is not None and flight.have < end:
            raise flight.failure
        return os.pread(self.fd, size, offset)

    def close(self) -> None:
        """Close the file."""
        os.close(self.fd)


class Downloads:
    """The cache of attachments below *directory*."""

    def __init__(self, context: Context, directory: Path) -> None:
        self._context = context
        self._store = context.store
        self._directory = directory
        self._flights: dict[str, Flight] = {}
        self._signed: dict[str, tuple[str, float]] = {}
        self._signing = Flights()
        self._slots = trio.CapacityLimiter(_AT_ONCE)
        self._nursery: trio.Nursery | None = None

    async def run(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Fetch what is asked for, until cancelled."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for part in self._directory.glob("*.part"):
            part.unlink(missing_ok=True)
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            task_status.started()
            await trio.sleep_forever()

    async def open(self, ino: int) -> OpenAsset:
        """Open an attachment; returns when its size is known, its bytes may still be arriving.

        Raises RemoteError if it cannot be fetched.
        """
        asset = self._store.assets.load(ino)
        if asset is None:
            raise NoSuchEntry("The attachment has gone from its page.")
        patience = self._context.settings.open_timeout
        path = self._path(asset.url)
        flight: Flight | None = None
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            os.utime(fd)  # the least recently used goes first
            size = os.fstat(fd).st_size
        except FileNotFoundError:
            flight = self._flights.get(asset.url) or self._start(asset, path)
            fd = os.dup(flight.fd)
            try:
                size = await flight.size(patience)
            except BaseException:
                os.close(fd)
                raise
        self._note_size(ino, size)
        return OpenAsset(fd, size, flight, patience)

    def _path(self, url: str) -> Path:
        return self._directory / hashlib.sha256(url.encode()).hexdigest()[:40]

    def _note_size(self, ino: int, size: int) -> None:
        inode = self._store.dentries.load_inode(ino)
        if inode is None or (not inode.is_unread and inode.size == size):
            return
        with self._store.transaction():
            self._store.dentries.set_size(ino, size)
        self._context.tell(InodeChanged(ino))

    # --- one file ---------------------------------------------------------------------------------

    def _start(self, asset: Asset, path: Path) -> Flight:
        if self._nursery is None:
            raise Unreachable("Attachments cannot be fetched before the mount runs.")
        part = path.with_suffix(".part")
        flight = Flight(part, os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        self._flights[asset.url] = flight
        self._nursery.start_soon(self._fly, asset, flight, path)
        return flight

    async def _fly(self, asset: Asset, flight: Flight, path: Path) -> None:
        try:
            async with self._slots:
                await self._fetch(asset, flight)
            flight.path.rename(path)
            self._evict(path)
        except NotionFSError as exc:
            flight.failure = exc
        except OSError as exc:
            log.warning("an attachment cannot be kept: %s", exc.strerror)
            flight.failure = DiskFull(
                f"The attachment does not fit into {self._directory}; free some space."
            )
        except Exception:
            log.exception("an attachment cannot be fetched")
            flight.failure = Unreachable("The attachment cannot be fetched; the log has details.")
        finally:
            flight.is_over = True
            flight.path.unlink(missing_ok=True)
            del self._flights[asset.url]
            flight.move()
            os.close(flight.fd)

    async def _fetch(self, asset: Asset, flight: Flight) -> None:
        def begin(total: int | None) -> None:
            flight.total = total
            flight.have = 0
            flight.move()

        def take(piece: bytes) -> None:
            flight.have += os.pwrite(flight.fd, piece, flight.have)
            flight.move()

        known = self._signature(asset.url)
        if known is not None:
            try:
                await self._context.client.download(known, begin, take)
            except RemoteMissing:
                del self._signed[asset.url]  # it has expired before its time
            else:
                return
        await self._context.client.download(await self._sign(asset), begin, take)

    # --- addresses --------------------------------------------------------------------------------

    def _signature(self, url: str) -> str | None:
        signed, until = self._signed.get(url, ("", 0.0))
        return signed if signed and until > trio.current_time() else None

    async def _sign(self, asset: Asset) -> str:
        """Return a fresh address; one read of the page signs all of its files."""
        doc = self._store.docs.get(asset.doc_id)
        if doc is None or doc.page_id is None:
            raise NoSuchEntry("The page of this attachment has gone.")
        page_id = doc.page_id
        shown_by = self._shown_by(page_id, asset)
        await self._signing.share(
            (shown_by, asset.source), lambda: self._read_signed(shown_by, asset.source)
        )
        signed = self._signature(asset.url)
        if signed is None:
            raise NoSuchEntry("The attachment has gone from its page in Notion.")
        return signed

    def _shown_by(self, page_id: PageId, asset: Asset) -> PageId:
        """Return what to read for a fresh address: the page, or the part of a long one."""
        stored = self._store.snapshots.load_body(page_id) if asset.source == BODY else None
        parts = {} if stored is None else stored.body.parts or {}
        found = (PageId(block_id) for block_id, text in parts.items() if asset.url in text)
        return next(found, page_id)

    async def _read_signed(self, page_id: PageId, source: str) -> None:
        client = self._context.client.at(Priority.PROMPT)
        found: Mapping[str, str]
        if source == BODY:
            found = signed_urls((await client.fetch_body(page_id)).markdown)
        else:
            page = await client.fetch_page(page_id)
            urls = hosted_in(msgspec.json.decode(page.properties))
            found = {canonical_url(url): url for url in urls}
        now = trio.current_time()
        self._signed = {url: kept for url, kept in self._signed.items() if kept[1] > now}
        for url, signed in found.items():
            self._signed[url] = (signed, now + _lifetime(signed) * _MARGIN)

    # --- the bound --------------------------------------------------------------------------------

    def _evict(self, newest: Path) -> None:
        """Remove what was not used for the longest time until the rest fits."""
        bound = self._context.settings.file_cache * _MEGABYTE
        kept = sorted(_stats(self._directory), key=lambda entry: -entry[0])
        size = 0
        for _, length, path in kept:
            size += length
            if size > bound and path != newest:
                path.unlink(missing_ok=True)


def _stats(directory: Path) -> Iterator[tuple[int, int, Path]]:
    for path in directory.iterdir():
        if path.suffix != ".part":
            with suppress(FileNotFoundError):
                facts = path.stat()
                yield facts.st_mtime_ns, facts.st_size, path


def _lifetime(signed: str) -> float:
    """Return for how many seconds a signed address holds, as it says itself."""
    said = parse_qs(urlsplit(signed).query).get("X-Amz-Expires", [""])[0]
    return float(said) if said.isdigit() else _SIGNED_SECONDS
