"""Parts that several API objects share: users, parents, addresses, files and fresh mentions."""

from __future__ import annotations

import re
from typing import Any

from notionfs.simulator.clock import zulu_time
from notionfs.simulator.records import Page, Parent, RichText, User, plain
from notionfs.simulator.world import World

MAX_UPLOAD = 5 * 1024 * 1024


def partial_user(user_id: str) -> dict[str, Any]:
    """Return the short form of a user."""
    return {"object": "user", "id": user_id}


def user_object(world: World, user: User, *, whole: bool = True) -> dict[str, Any]:
    """Return a user; bots other than our own hide their owner (*whole* false)."""
    shown: dict[str, Any] = {
        "object": "user",
        "id": user.id,
        "name": user.name,
        "avatar_url": user.avatar_url,
        "type": user.type,
    }
    if user.type == "person":
        shown["person"] = {"email": user.email} if user.email else {}
        return shown
    records = world.workspace.records
    shown["bot"] = {}
    if whole and user.id == records.bot_id:
        shown["bot"] = {
            "owner": user.owner or {"type": "workspace", "workspace": True},
            "workspace_id": records.id,
            "workspace_limits": {"max_file_upload_size_in_bytes": MAX_UPLOAD},
            "workspace_name": records.name,
        }
    return shown


def parent_object(world: World, parent: Parent) -> dict[str, Any]:
    """Return a parent reference."""
    if parent.kind == "workspace":
        return {"type": "workspace", "workspace": True}
    shown = {"type": parent.kind, parent.kind: parent.id}
    if parent.kind == "data_source_id":
        source = world.workspace.data_sources.get(parent.id)
        shown["database_id"] = source.database_id if source else parent.id
    return shown


def page_url(world: World, page: Page) -> str:
    """Return the address of *page* in the app."""
    digits = page.id.replace("-", "")
    if world.switches.short_urls:
        return f"https://app.notion.com/p/{digits}"
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain(world.workspace.title(page))).strip("-")
    return f"https://www.notion.so/{words}-{digits}" if words else f"https://www.notion.so/{digits}"


def database_url(world: World, database_id: str) -> str:
    """Return the address of a database in the app."""
    digits = database_id.replace("-", "")
    host = "https://app.notion.com/p/" if world.switches.short_urls else "https://www.notion.so/"
    return host + digits


def icon_object(world: World, icon: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return an icon or cover; hosted files are signed anew."""
    if icon is None or icon.get("type") != "file":
        return icon
    return file_object(world, icon)


def file_object(world: World, data: dict[str, Any]) -> dict[str, Any]:
    """Return a hosted file with a fresh signature; other files as they are."""
    if data.get("type") != "file":
        return data
    now = world.now
    url = world.signer.sign(data["file"]["url"], now)
    expiry = zulu_time(now + world.signer.lifetime)
    return {**data, "file": {"url": url, "expiry_time": expiry}}


def mentions_refreshed(world: World, rich_text: RichText) -> RichText:
    """Return *rich_text* with the present titles and names of what it mentions."""
    return [_mention(world, item) if item["type"] == "mention" else item for item in rich_text]


def _mention(world: World, item: dict[str, Any]) -> dict[str, Any]:
    mention = item["mention"]
    kind = mention.get("type")
    workspace = world.workspace
    if kind == "user":
        user = workspace.records.users.get(mention["user"]["id"])
        if user is None:
            return item
        return {
            **item,
            "mention": {"type": "user", "user": user_object(world, user, whole=False)},
            "plain_text": f"@{user.name}",
        }
    if kind == "page":
        page = workspace.pages.get(mention["page"]["id"])
        title = plain(workspace.title(page)) if page else "Untitled"
        url = page_url(world, page) if page else item.get("href")
        return {**item, "plain_text": title or "Untitled", "href": url}
    if kind == "database":
        database = workspace.databases.get(mention["database"]["id"])
        if database is None:
            return item
        title = plain(workspace.database_title(database))
        url = database_url(world, database.id)
        return {**item, "plain_text": title or "Untitled", "href": url}
    return item
