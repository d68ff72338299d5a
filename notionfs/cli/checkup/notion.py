"""Notion's side: is it reached, whose token is it, what may it do, what is shared, the clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import trio

from notionfs.api.client import Client
from notionfs.api.pacing import Pace
from notionfs.cli.checkup.finding import Finding, failed, note, ok, warning
from notionfs.config import Settings
from notionfs.errors import (
    BadAnswer,
    Forbidden,
    NotionFSError,
    RemoteError,
    RemoteMissing,
    Unauthorized,
    Unreachable,
)
from notionfs.model import DatabaseId, Identity, Page, PageId, ParentType

PATIENCE = 25.0
SKEW = 120.0
"""Seconds between the clocks above which times of edits would mislead."""

Findings = AsyncIterator[Finding]


async def check_notion(settings: Settings, transport: object | None = None) -> list[Finding]:
    """Ask Notion a handful of questions, and return what came of them; never raises RemoteError."""
    if settings.token is None:
        return []
    found: list[Finding] = []
    async with Client(
        settings.token,
        base_url=settings.base_url,
        pace=Pace(settings.rate_limit),
        transport=transport,
    ) as client:
        with trio.move_on_after(PATIENCE) as patience:
            async for finding in _questions(client, settings):
                found.append(finding)
        if patience.cancelled_caught:
            found.append(_unreached("Notion did not answer in time"))
    return found


async def _questions(client: Client, settings: Settings) -> Findings:
    try:
        identity = await client.fetch_me()
    except Unauthorized as exc:
        yield failed("token", str(exc).rstrip("."), "Get a new one and log in: notionfs login")
        return
    except Unreachable as exc:
        yield _unreached(str(exc).rstrip("."))
        return
    except BadAnswer as exc:
        yield failed(
            "network",
            f"something between here and Notion answers in its place ({exc})",
            "Sign in to the network in a browser, or ask whoever runs the proxy.",
        )
        return
    except RemoteError as exc:
        yield failed("notion", str(exc).rstrip("."), "Try again later.")
        return
    yield ok("token", f"accepted: workspace {identity.workspace_name}, as {identity.name}")
    for finding in check_clock(client.last_date):
        yield finding
    async for finding in _content(client, settings, identity):
        yield finding
    try:
        await client.fetch_users()
        yield ok("people", "the token may list them")
    except Forbidden:
        yield note(
            "people",
            "the token may not list them, so that names of people cannot be set in properties",
            "Allow user information in the connection's settings; a personal token never may.",
        )


def _unreached(reason: str) -> Finding:
    return failed(
        "network",
        reason,
        "Check the network and the proxy; cached pages stay readable, saves wait.",
    )


def check_clock(date: str | None) -> list[Finding]:
    """Compare the clock with *date*, the header of an answer."""
    try:
        there = parsedate_to_datetime(date or "")
    except (TypeError, ValueError):
        return []
    off = (datetime.now(UTC) - there).total_seconds()
    if abs(off) > SKEW:
        way = "fast" if off > 0 else "slow"
        return [
            warning(
                "clock",
                f"this machine's clock is {abs(off) / 60:.0f} minutes {way} beside Notion's",
                "Set it: timedatectl set-ntp true",
            )
        ]
    return [ok("clock", "agrees with Notion's")]


# --- what is shared -------------------------------------------------------------------------------


async def _content(client: Client, settings: Settings, identity: Identity) -> Findings:
    try:
        first = await client.search()
    except Forbidden:
        yield failed(
            "content",
            "the token may not read content",
            "Allow reading, updating and inserting content in the connection's settings.",
        )
        return
    count = len(first.results)
    more = " or more" if first.next_cursor else ""
    if not count:
        yield failed(
            "sharing",
            f"nothing of workspace {identity.workspace_name} is shared with {identity.name}",
            "Open a page in Notion, choose ••• → Connections, and add it. If you did, the token "
            "may be of another workspace.",
        )
    else:
        yield ok("sharing", f"{count}{more} pages and data sources are shared")
    pages = [item for item in first.results if isinstance(item, Page)]
    if first.next_cursor is None:
        for finding in _without_parents(pages):
            yield finding
    async for finding in _roots(client, settings, identity):
        yield finding
    yield note(
        "top level",
        "a connection cannot make pages at the top of a workspace, only inside pages",
        "Make new files inside the folder of a page or of a database.",
    )


def _without_parents(pages: list[Page]) -> list[Finding]:
    """Pages that were shared one by one: they stand at the top of their directory."""
    known = {page.id for page in pages}
    alone = [
        page
        for page in pages
        if page.parent.type is ParentType.PAGE and page.parent.id not in known
    ]
    if not alone:
        return []
    return [
        note(
            "sharing",
            f"{len(alone)} pages are shared without the page above them, and stand at the top",
            "Share the page above with the connection to see them in their place.",
        )
    ]


async def _roots(client: Client, settings: Settings, identity: Identity) -> Findings:
    """Every root of a teamspace must be visible: else it was not shared, or is elsewhere."""
    for team in settings.teamspaces.values():
        missing = [root for root in team.roots if not await _is_visible(client, root)]
        if missing:
            yield failed(
                "teamspace",
                f"{len(missing)} of {len(team.roots)} roots of {team.name} are not visible "
                f"({', '.join(missing)})",
                f"Share them with {identity.name} (••• → Connections), and check that they are in "
                f"workspace {identity.workspace_name}.",
            )
        elif team.roots:
            yield ok("teamspace", f"all roots of {team.name} are visible")


async def _is_visible(client: Client, root: str) -> bool:
    try:
        await client.fetch_page(PageId(root))
    except RemoteMissing:
        pass
    except NotionFSError:
        return False
    else:
        return True
    try:
        await client.fetch_database(DatabaseId(root))
    except NotionFSError:
        return False
    return True
