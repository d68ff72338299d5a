"""The connection of a mount: a client for Notion or the demo, and who it is there."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import trio
from msgspec.structs import replace

from notionfs.api.client import Client
from notionfs.api.exchange import Renew
from notionfs.api.ledger import open_ledger
from notionfs.api.oauth import PublicConnection
from notionfs.api.pacing import Pace, Priority
from notionfs.api.wire import asgi_transport
from notionfs.config import Settings
from notionfs.errors import (
    RemoteError,
    ServerTrouble,
    StoreError,
    Unauthorized,
    Unreachable,
    UsageError,
)
from notionfs.model import Identity, UserId
from notionfs.naming import slug
from notionfs.settings import vault

log = logging.getLogger(__name__)

HELLO_SECONDS = 20.0
"""How long to wait for the first answer, of Notion and of the kernel."""


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
        with trio.fail_after(HELLO_SECONDS):
            identity = await client.at(Priority.PROMPT).fetch_me()
    except Unauthorized:
        known = memory.recall() if settings.space else None
        if known is None and settings.space:
            raise Unauthorized(
                f"Notion refuses the token of [teamspaces.{settings.space}]; put a good one there, "
                "or take the teamspace out of the settings."
            ) from None
        if known is None:
            raise
        log.error("Notion refuses the token of teamspace %s; the others go on", settings.space)
        return known
    except (Unreachable, ServerTrouble, trio.TooSlowError) as exc:
        known = memory.recall()
        if known is None and isinstance(exc, ServerTrouble):
            raise
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


def store_name(settings: Settings, identity: Identity) -> str:
    """Return the directory of a store: a teamspace with a connection of its own has its own."""
    name = "demo" if settings.demo else identity.workspace_id
    return f"{name}.{slug(settings.space)}" if settings.space else name
