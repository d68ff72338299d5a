"""Builds the rooms of one mount, owns the nursery, and closes everything again."""

from __future__ import annotations

import gc
import hashlib
import json
import logging
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import trio

from notionfs import control, registry
from notionfs.api.client import Client
from notionfs.api.exchange import Renew
from notionfs.api.ledger import open_ledger
from notionfs.api.oauth import PublicConnection
from notionfs.api.pacing import Pace, Priority
from notionfs.api.wire import asgi_transport
from notionfs.config import Settings
from notionfs.control import Handler
from notionfs.errors import RemoteError, StoreError, Unreachable, UsageError
from notionfs.fs.entries import Entries
from notionfs.fs.renames import Renames
from notionfs.fs.tree import Tree
from notionfs.fuse.idling import Idling
from notionfs.fuse.interrupts import Interrupts
from notionfs.fuse.invalidation import Invalidation
from notionfs.fuse.operations import Operations
from notionfs.fuse.session import session, until_signal
from notionfs.model import Identity, UserId
from notionfs.service.metrics import serve_metrics
from notionfs.service.notifying import Notifier, has_desktop
from notionfs.service.reloading import reload_at_signal
from notionfs.service.rooms import Rooms
from notionfs.service.table import handlers
from notionfs.settings import vault
from notionfs.store.records import SPACE
from notionfs.store.store import Store
from notionfs.sync.absorber import BOT
from notionfs.sync.context import Context, NewsQueue
from notionfs.sync.engine import Engine
from notionfs.sync.lasting import outlast
from notionfs.sync.status import Status

log = logging.getLogger(__name__)

_HELLO_SECONDS = 20.0
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
    async with open_client(settings) as client:
        identity = await identify(client, settings)
        store = Store(settings.state_dir / _store_name(settings, identity))
        try:
            await _mount(settings, client, identity, store, on_ready, on_listing)
        finally:
            store.close()


async def _mount(
    settings: Settings,
    client: Client,
    identity: Identity,
    store: Store,
    on_ready: Callable[[], None],
    on_listing: Listing,
) -> None:
    news = NewsQueue()
    engine = build_engine(settings, client, identity, store, news)
    status = Status(engine, identity)
    tree = Tree(engine, settings, lambda: json.dumps(status.facts(), indent=2).encode() + b"\n")
    entries = Entries(tree)
    invalidation = Invalidation(news, tree)
    renames = Renames(entries)
    interrupts = Interrupts()
    idling = Idling()
    operations = Operations(tree, entries, renames, invalidation, interrupts, idling)
    rooms = Rooms(engine, identity, status, tree, entries, renames)
    stop = trio.Event()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_tell_listing, engine, on_listing)
        await nursery.start(engine.run)
        with trio.move_on_after(_FIRST_TREE_SECONDS), suppress(RemoteError):
            await engine.refresher.ensure_whole()
        news.take()  # what changed before the kernel can ask anything is no news to it
        async with session(operations, settings):
            await _answering(settings.mountpoint)
            await nursery.start(invalidation.run)
            await nursery.start(interrupts.run)
            commands = handlers(rooms)
            if settings.idle_timeout is not None:
                nursery.start_soon(
                    idling.run, settings.idle_timeout, settings.mountpoint, engine.uploader.is_busy
                )
            await nursery.start(until_signal, stop, partial(reload_at_signal, commands))
            async with _reachable(settings, rooms, commands):
                gc.freeze()  # what is there by now stays: no need to look through it ever again
                on_ready()
                log.info("mounted %s at %s", identity.workspace_name, settings.mountpoint)
                await stop.wait()
            left = await engine.uploader.drain(_LAST_DRAIN_SECONDS)
            log.info("unmounting; %d changes stay queued", left)
        nursery.cancel_scope.cancel()


async def _tell_listing(engine: Engine, tell: Listing) -> None:
    while (facts := engine.refresher.first_listing()) is not None:
        tell({**facts, "calls": sum(engine.context.client.calls.values())})
        await engine.refresher.await_step()
    tell(None)


async def _answering(mountpoint: Path) -> None:
    """Return when the mount has answered a request of the kernel's."""
    with trio.fail_after(_HELLO_SECONDS):
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
        workspace=identity.workspace_name or "workspace",
    )
    return Engine(context)


# --- Notion, or the demo --------------------------------------------------------------------------


@asynccontextmanager
async def open_client(settings: Settings) -> AsyncIterator[Client]:
    """Yield a client for the configured server, or for the embedded demo workspace."""
    if settings.demo:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        simulator = _demo(settings.state_dir / "demo-workspace.json")
        transport = asgi_transport(simulator.app)
        pace = Pace(settings.requests_a_minute)
        async with Client(simulator.token, transport=transport, pace=pace) as client:
            yield client
        return
    if settings.token is None:
        raise UsageError(
            "There is no token: set NOTION_TOKEN, or try the demo workspace with --demo."
        )
    ledger = open_ledger(settings.state_dir / f"pace-{_fingerprint(settings)}")
    pace = Pace(settings.requests_a_minute, ledger=ledger)
    try:
        async with Client(
            settings.token, base_url=settings.base_url, pace=pace, renew=_renewing(settings)
        ) as client:
            yield client
    finally:
        if ledger is not None:
            ledger.close()


def _fingerprint(settings: Settings) -> str:
    """Return what names a token without giving it away."""
    secret = f"{settings.base_url} {settings.token} {settings.demo}"
    return hashlib.sha256(secret.encode()).hexdigest()[:24]


def _renewing(settings: Settings) -> Renew | None:
    """Return how to get a new token for a connection that can have one (OAuth)."""
    if settings.connection is None:
        return None
    name = settings.connection

    async def renew() -> str | None:
        kept = vault().load(name)
        if kept is None or not kept.renewable:
            return None
        public = PublicConnection(
            str(kept.client_id), str(kept.client_secret), base_url=settings.base_url
        )
        try:
            grant = await public.renew(str(kept.refresh_token))
        except RemoteError as exc:
            log.warning("the token of connection %s cannot be renewed: %s", name, exc)
            return None
        newer = replace(kept, token=grant.token, refresh_token=grant.refresh_token)
        vault().renewed(name, newer)  # the old refresh token ended with this: keep it at once
        log.info("the token of connection %s was renewed", name)
        return grant.token

    return renew


def _demo(path: Path) -> Any:
    from notionfs.simulator import Simulator
    from notionfs.simulator.persist import UnreadableWorkspaceError

    try:
        return Simulator.persistent(path, seed="demo")
    except UnreadableWorkspaceError as exc:
        raise StoreError(
            f"The demo workspace {path} cannot be read; move it away to start afresh."
        ) from exc


async def identify(client: Client, settings: Settings) -> Identity:
    """Return who the token is: from Notion, or while it is away as remembered from last time."""
    memory = _Memory(settings)
    try:
        with trio.fail_after(_HELLO_SECONDS):
            identity = await client.at(Priority.PROMPT).fetch_me()
    except (Unreachable, trio.TooSlowError) as exc:
        known = memory.recall()
        if known is None:
            raise Unreachable(
                "Notion cannot be reached, and this token was never used here before; "
                "check the network and try again."
            ) from exc
        log.warning("Notion cannot be reached; cached pages are readable, saves will queue")
        return known
    memory.keep(identity)
    return identity


class _Memory:
    """Which workspace a token belongs to, so that a mount can start while Notion is away.

    The file holds hashes, never tokens.
    """

    def __init__(self, settings: Settings) -> None:
        self._path = settings.state_dir / "connections.json"
        self._key = _fingerprint(settings)

    def recall(self) -> Identity | None:
        found = self._load().get(self._key)
        if found is None:
            return None
        return Identity(UserId(found[0]), found[1], found[2], found[3])

    def keep(self, identity: Identity) -> None:
        known = self._load()
        facts = [identity.user_id, identity.name, identity.workspace_id, identity.workspace_name]
        if known.get(self._key) == facts:
            return
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".tmp")
        temporary.write_text(json.dumps({**known, self._key: facts}), encoding="utf-8")
        temporary.replace(self._path)

    def _load(self) -> dict[str, list[str]]:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, list[str]])
        except (OSError, msgspec.DecodeError):
            return {}


def _store_name(settings: Settings, identity: Identity) -> str:
    return "demo" if settings.demo else identity.workspace_id


@asynccontextmanager
async def _reachable(
    settings: Settings, rooms: Rooms, commands: Mapping[str, Handler]
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
            await _tell_others(settings, rooms, nursery)
            yield
            nursery.cancel_scope.cancel()
    finally:
        registry.unregister(mount)


async def _tell_others(settings: Settings, rooms: Rooms, nursery: trio.Nursery) -> None:
    """Let Prometheus and the desktop know, where that is wanted and possible."""
    if settings.metrics_port is not None:
        await nursery.start(serve_metrics, settings.metrics_port, rooms.status.facts)
    if settings.notify and has_desktop(os.environ):
        notifier = Notifier(rooms.engine.context.activity, rooms.status.path_of)
        await nursery.start(outlast, "telling the desktop", notifier.run)
