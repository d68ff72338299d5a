"""Who works in the workspace: names for ids, and back."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from notionfs.api.client import Client
from notionfs.errors import RemoteError
from notionfs.model import JSON, User, UserId
from notionfs.store.store import Store

log = logging.getLogger(__name__)


def named_users(entries: Iterable[JSON]) -> list[User]:
    """Return the people among the entries of a value that come with their names."""
    return [_user(e) for e in entries if e.get("object") == "user" and e.get("name")]


def _user(value: JSON) -> User:
    person = value.get("person") or {}
    return User(UserId(value["id"]), value["name"], person.get("email"), value.get("type") == "bot")


async def learn_people(client: Client, store: Store) -> None:
    """Store everybody whom a row could name: one call for each hundred, none if no row could.

    A connection that may not read user information knows whom Notion names in rows.
    """
    if not store.snapshots.has_column_of("people"):
        return
    try:
        users = await client.fetch_users()
    except RemoteError as exc:
        log.info("people are known only as rows name them: %s", exc)
        return
    with store.transaction():
        store.snapshots.save_users([user for user in users if user.name])
