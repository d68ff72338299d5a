"""What a mount is doing, as plain facts for people and programs. Never waits."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import trio

from notionfs import __version__
from notionfs.config import Prefetch
from notionfs.model import Identity
from notionfs.planning.states import DocState
from notionfs.store.dentries import NodeKind
from notionfs.store.documents import Doc
from notionfs.store.outbox import Change
from notionfs.store.uploads import Upload
from notionfs.sync.engine import Engine
from notionfs.sync.putback import is_undone

SCHEMA = 1
"""Of the facts: it grows when a key goes or changes its meaning, not when one is added."""

_FILL_SHARE = 0.9  # of the budget; the rest is for polls and saves


class WayOut(NamedTuple):
    """What a person can do about a page: a sentence, and the commands that would do something."""

    remedy: str
    commands: tuple[str, ...] = ()


_SHARE = WayOut("Share the page with the connection in Notion, then run notionfs sync {path}.")
_NEW = WayOut(
    "Save a corrected text, or send this one once the reason is gone: notionfs retry {path}; "
    "rm gives it up.",
    ("retry",),
)
_GOING = WayOut("It was removed; in a few seconds it is gone here, too.")
_UNDONE = WayOut(
    "Save a corrected text; removing {path}.error, or notionfs discard {path}, puts this away.",
    ("discard",),
)
_SEND_AGAIN = WayOut("notionfs retry {path} sends it again.", ("retry",))
_WAYS_OUT: Mapping[DocState, WayOut] = {
    DocState.CONFLICT: WayOut(
        "notionfs diff {path} shows both; notionfs resolve --mine {path} or --theirs decides, or "
        "edit the file as it should be and remove {remote}.",
        ("resolve",),
    ),
    DocState.PARKED: WayOut(
        "Save a corrected text, or send this one once the reason is gone: notionfs retry {path}; "
        "notionfs discard {path} gives it up.",
        ("retry", "discard"),
    ),
    **dict.fromkeys(
        (DocState.DIRTY, DocState.UPLOADING, DocState.RESAVED, DocState.UNSURE),
        WayOut(
            "Nothing needs to be done: it is tried again; notionfs retry {path} does that at once.",
            ("retry",),
        ),
    ),
}


class Status:
    """Answers `notionfs status`; its keys are documented in docs/reference/status.md."""

    def __init__(self, engine: Engine, identity: Identity) -> None:
        self._engine = engine
        self._store = engine.store
        self._identity = identity
        self._since_ns = engine.context.now_ns()
        self.spaces: Sequence[Status] = ()
        """Those of the connections that teamspaces have of their own."""

    def facts(self) -> dict[str, Any]:
        """Return the present state."""
        settings = self._engine.context.settings
        refresher = self._engine.refresher
        client = self._engine.context.client
        listing = refresher.first_listing()
        return {
            "schema": SCHEMA,
            "version": __version__,
            "mountpoint": str(settings.mountpoint),
            "workspace": self._identity.workspace_name,
            "connection": self._identity.name,
            "demo": settings.demo,
            "state_dir": str(self._store.path.parent),
            "pid": os.getpid(),
            "since": iso(self._since_ns),
            "read_only": settings.read_only,
            "online": client.reach.down_since is None,
            "offline_since": self._offline_since(),
            "problem": client.reach.reason,
            "pages": self._store.snapshots.count_pages() - (listing or {}).get("waiting", 0),
            "unread": self._store.snapshots.count_unread(),
            "prefetch": settings.prefetch.value,
            "all_local_in": self._all_local_in(),
            "databases": len(self._store.snapshots.list_databases()),
            "data_sources": len(self._store.snapshots.list_sources()),
            "queue": [self._change(change) for change in self._store.outbox.list_changes()],
            "uploads": [self._upload(upload) for upload in self._store.uploads.list_sending()],
            "conflicts": [self._trouble(d) for d in self._store.docs.list_in(DocState.CONFLICT)],
            "errors": [
                self._trouble(doc)
                for doc in self._store.docs.list_explained()
                if doc.state is not DocState.CONFLICT
            ],
            "markdown": client.speech.version,
            "notes": [
                {"path": self.path_of(doc_id), "notes": list(notes)}
                for doc_id, notes in self._store.docs.list_noted()
            ],
            "removals": self._engine.removals.problem(),
            "calls": dict(sorted(client.calls.items())),
            "calls_last_minute": client.pace.recent(),
            "rate_limit": client.pace.limit,
            "paused_for": round(client.pace.paused_for(), 1),
            "last_refresh": iso(refresher.last_refresh_ns),
            "refreshing": refresher.refreshing and client.reach.reason is None,
            "first_listing": listing,
            "store_bytes": self._store_bytes(),
            "teamspace": settings.space,
            "teamspaces": [space.facts() for space in self.spaces],
        }

    def _offline_since(self) -> str | None:
        down_since = self._engine.context.client.reach.down_since
        if down_since is None:
            return None
        seconds = trio.current_time() - down_since
        return iso(self._engine.context.now_ns() - int(seconds * 1e9))

    def path_of(self, doc_id: int) -> str:
        """Return where a document stands below the mount point, also while its name is held."""
        ino = self._store.dentries.find_doc_inode(doc_id, NodeKind.PAGE)
        path = None if ino is None else self._store.dentries.path_of(ino)
        if path is not None:
            return path
        held = self._store.dentries.find_held(doc_id)
        if held is None:
            return f"(document {doc_id})"
        above = self._store.dentries.path_of(held.parent_ino) or ""
        return f"{above}/{held.name}"

    def _change(self, change: Change) -> Mapping[str, Any]:
        return {
            "path": self.path_of(change.doc_id),
            "action": change.action.value,
            "state": change.state.value,
            "age": self._age(change.queued_ns),
            "attempts": change.attempts,
            "reason": change.reason,
        }

    def _upload(self, upload: Upload) -> Mapping[str, Any]:
        sent = upload.size * upload.sent_parts // max(1, upload.parts)
        page = self.path_of(upload.doc_id)
        return {"path": upload.path, "page": page, "size": upload.size, "sent": sent}

    def _trouble(self, doc: Doc) -> Mapping[str, Any]:
        path = self.path_of(doc.doc_id)
        way = self._way_out(doc)
        return {
            "path": path,
            "age": self._age(doc.since_ns),
            "reason": doc.reason,
            "remedy": way.remedy.format(path=path, remote=_remote_of(path)),
            "commands": list(way.commands),
        }

    def _way_out(self, doc: Doc) -> WayOut:
        if doc.state not in (DocState.PARKED, DocState.CONFLICT) and is_undone(doc.reason):
            return _UNDONE
        if doc.state is DocState.PARKED and doc.page_id is None:
            return _GOING if self._store.dentries.find_held(doc.doc_id) else _NEW
        waits = doc.state not in _WAYS_OUT and self._store.outbox.list_changes(doc.doc_id)
        return _SEND_AGAIN if waits else _WAYS_OUT.get(doc.state, _SHARE)

    def _age(self, since_ns: int | None) -> float | None:
        """Return the seconds since then, None if nobody noted when that was."""
        if since_ns is None:
            return None
        return round(max(0, self._engine.context.now_ns() - since_ns) / 1e9, 1)

    def _all_local_in(self) -> float | None:
        """Return in how many seconds the background fill will have read every page, if it can."""
        client = self._engine.context.client
        unread = self._store.snapshots.count_unread()
        is_filling = self._engine.context.settings.prefetch is Prefetch.ALL
        if not self._engine.refresher.is_listed:
            return None
        if unread == 0:
            return 0.0
        if not is_filling or client.reach.reason is not None or client.pace.limit is None:
            return None  # also while the token is refused: Notion can be reached then
        return round(client.pace.paused_for() + unread * 60 / (client.pace.limit * _FILL_SHARE))

    def _store_bytes(self) -> int:
        """Return the size of the database files; attachments have a limit of their own."""
        directory = self._store.path.parent
        return sum(file.stat().st_size for file in directory.glob("*.sqlite*") if file.is_file())


def _remote_of(path: str) -> str:
    return path.removesuffix(".md") + ".remote.md"


def iso(now_ns: int | None) -> str | None:
    """Return a time as ISO 8601 in UTC, None for none."""
    if now_ns is None:
        return None
    return datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).isoformat().replace("+00:00", "Z")
