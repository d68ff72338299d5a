"""Builds the rooms of one mount, owns the nursery, and closes everything again."""

from __future__ import annotations

import gc
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from pathlib import Path

import trio

from notionfs import control, registry
from notionfs.api.client import Client
from notionfs.config import Settings
from notionfs.connection import HELLO_SECONDS, identify, open_client, store_name
from notionfs.control import Handler
from notionfs.errors import RemoteError
from notionfs.fs.entries import Entries
from notionfs.fs.forest import Branch, Forest
from notionfs.fs.renames import Renames
from notionfs.fs.tree import Tree
from notionfs.fuse.idling import Idling
from notionfs.fuse.interrupts import Interrupts
from notionfs.fuse.invalidation import Invalidation
from notionfs.fuse.operations import Operations
from notionfs.fuse.session import session, until_signal
from notionfs.loading import load_rest
from notionfs.model import Identity
from notionfs.naming import slug
from notionfs.service.joining import joined
from notionfs.service.metrics import serve_metrics
from notionfs.service.notifying import Notifier, has_desktop
from notionfs.service.reloading import reload_at_signal
from notionfs.service.rooms import Rooms
from notionfs.service.table import handlers
from notionfs.store.records import SPACE
from notionfs.store.store import Store
from notionfs.sync.absorber import BOT
from notionfs.sync.context import Context, NewsQueue
from notionfs.sync.engine import Engine
from notionfs.sync.lasting import outlast
from notionfs.sync.status import Status

log = logging.getLogger(__name__)

_FIRST_TREE_SECONDS = 5.0
_LAST_DRAIN_SECONDS = 5.0


Listing = Callable[[Mapping[str, int] | None], None]
"""Is told how far the first listing is: `pages` and `calls`, None once it is complete."""


def _ignore(facts: Mapping[str, int] | None) -> None:
    """Nobody wants to know."""


def run(settings: Settings, *, on_ready: Callable[[], None], on_listing: Listing = _ignore) -> None:
    """Mount, call *on_ready* once the mount answers, and return when it is unmounted.

    *on_listing* hears of each step of the first listing, before and after that.
    Raises, before *on_ready*: UsageError, Unauthorized and other RemoteErrors, StoreError,
    MountError.
    """
    with _plain_errors():
        trio.run(_serve, settings, on_ready, on_listing)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Raise the one situation inside an exception group as itself."""
    try:
        yield
    except BaseExceptionGroup as group:
        known = _situations(group)
        if len(known) == 1:
            raise known[0] from group
        raise


def _situations(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for exc in group.exceptions:
        found += _situations(exc) if isinstance(exc, BaseExceptionGroup) else [exc]
    return found


async def _serve(settings: Settings, on_ready: Callable[[], None], on_listing: Listing) -> None:
    async with AsyncExitStack() as stack:
        first = await stack.enter_async_context(_connected(settings))
        others = [await stack.enter_async_context(_connected(space)) for space in settings.spaces]
        parts = [_Part(*connected) for connected in (first, *others)]
        await _mount(settings, parts, on_ready, on_listing)


_Connected = tuple[Settings, Client, Identity, Store]


@asynccontextmanager
async def _connected(settings: Settings) -> AsyncIterator[_Connected]:
    """Yield a client that knows who it is, and its store."""
    async with open_client(settings) as client:
        identity = await identify(client, settings)
        store = Store(settings.state_dir / store_name(settings, identity))
        try:
            yield settings, client, identity, store
        finally:
            store.close()


class _Part:
    """What one connection shows: all of a mount, or a directory at its top."""

    def __init__(
        self, settings: Settings, client: Client, identity: Identity, store: Store
    ) -> None:
        self.news = NewsQueue()
        self.engine = build_engine(settings, client, identity, store, self.news)
        self.status = Status(self.engine, identity)
        self.tree = Tree(self.engine, settings, self._status_file)
        entries = Entries(self.tree)
        renames = Renames(entries)
        self.rooms = Rooms(self.engine, identity, self.status, self.tree, entries, renames)
        name = slug(settings.space) if settings.space else ""
        self.branch = Branch(self.tree, entries, renames, name)
        self.invalidation = Invalidation(self.news, self.branch)

    def _status_file(self) -> bytes:
        return json.dumps(self.status.facts(), indent=2).encode() + b"\n"

    def taken(self) -> list[str]:
        """Return the names of the directories that it has at the top for certain."""
        context = self.engine.context
        return [slug(name) for name in (context.workspace, *context.settings.teamspaces)]


def _not_noted() -> None:
    """Nobody wants to know when the kernel asked for something."""


async def _mount(
    settings: Settings,
    parts: Sequence[_Part],
    on_ready: Callable[[], None],
    on_listing: Listing,
) -> None:
    first = parts[0]
    forest = Forest([part.branch for part in parts])
    forest.check_names(first.taken())
    first.status.spaces = [part.status for part in parts[1:]]
    interrupts = Interrupts()
    idling = None if settings.idle_timeout is None else Idling()
    operations = Operations(
        forest,
        [part.invalidation for part in parts],
        interrupts,
        _not_noted if idling is None else idling.note,
    )
    commands = joined({part.branch.name: handlers(part.rooms) for part in parts})
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_tell_listing, first.engine, on_listing)
        for part in parts:
            await nursery.start(part.engine.run)
        await _first_trees(parts)
        # Before the kernel knows of the mount: a signal that ended us later would leave it behind.
        await nursery.start(until_signal, stop, partial(reload_at_signal, commands))
        async with session(operations, settings):
            await _answering(settings.mountpoint)
            for part in parts:
                await nursery.start(part.invalidation.run)
            await nursery.start(interrupts.run)
            if idling is not None and settings.idle_timeout is not None:
                busy = [part.engine.uploader.is_busy for part in parts]
                nursery.start_soon(
                    idling.run,
                    settings.idle_timeout,
                    settings.mountpoint,
                    lambda: any(is_busy() for is_busy in busy),
                )
            async with _reachable(settings, parts, commands):
                gc.freeze()  # what is there by now stays: no need to look through it ever again
                gc.enable()
                on_ready()
                nursery.start_soon(load_rest)
                log.info("mounted %s at %s", first.engine.context.workspace, settings.mountpoint)
                await stop.wait()
            left = (await commands["drain"]({"timeout": _LAST_DRAIN_SECONDS}))["queued"]
            log.info("unmounting; %d changes stay queued", left)
        nursery.cancel_scope.cancel()


async def _first_trees(parts: Sequence[_Part]) -> None:
    """Wait a little for the first listings, of all connections at once."""

    async def listed(part: _Part) -> None:
        with suppress(RemoteError):
            await part.engine.refresher.ensure_whole()

    with trio.move_on_after(_FIRST_TREE_SECONDS):
        async with trio.open_nursery() as nursery:
            for part in parts:
                nursery.start_soon(listed, part)
    for part in parts:
        part.news.take()  # what changed before the kernel can ask anything is no news to it


async def _tell_listing(engine: Engine, tell: Listing) -> None:
    while (pages := engine.refresher.listed_so_far()) is not None:
        tell({"pages": pages, "calls": sum(engine.context.client.calls.values())})
        await engine.refresher.await_step()
    tell(None)


async def _answering(mountpoint: Path) -> None:
    """Return when the mount has answered a request of the kernel's."""
    with trio.fail_after(HELLO_SECONDS):
        await trio.to_thread.run_sync(os.stat, mountpoint, abandon_on_cancel=True)


def build_engine(
    settings: Settings,
    client: Client,
    identity: Identity,
    store: Store,
    news: NewsQueue,
    now_ns: Callable[[], int] = time.time_ns,
) -> Engine:
    """Return the engine of one mount, knowing who we are."""
    with store.transaction():
        store.snapshots.save_fact(BOT, identity.user_id)
        store.snapshots.save_fact(SPACE, identity.workspace_id)
    context = Context(
        store=store,
        client=client,
        settings=settings,
        now_ns=now_ns,
        news=news,
        workspace=settings.space or identity.workspace_name or "workspace",
    )
    return Engine(context)


@asynccontextmanager
async def _reachable(
    settings: Settings, parts: Sequence[_Part], commands: Mapping[str, Handler]
) -> AsyncIterator[None]:
    """Answer commands while the block runs."""
    mount = registry.register(settings.mountpoint, settings.state_dir)
    try:
        async with trio.open_nursery() as nursery:

            async def serve(
                task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
            ) -> None:
                await control.serve(mount.socket, commands, task_status=task_status)

            await nursery.start(serve)
            await _tell_others(settings, parts, nursery)
            yield
            nursery.cancel_scope.cancel()
    finally:
        registry.unregister(mount)


async def _tell_others(settings: Settings, parts: Sequence[_Part], nursery: trio.Nursery) -> None:
    """Let Prometheus and the desktop know, where that is wanted and possible."""
    if settings.metrics_port is not None:
        await nursery.start(serve_metrics, settings.metrics_port, parts[0].status.facts)
    if settings.notify and has_desktop(os.environ):
        for part in parts:
            notifier = Notifier(part.engine.context.activity, part.status.path_of)
            await nursery.start(outlast, "telling the desktop", notifier.run)
