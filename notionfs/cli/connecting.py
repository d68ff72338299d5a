"""What `login` asks Notion and the browser: whose token it is, what it may do, and OAuth's code."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import parse_qs, urlsplit

import trio
from msgspec import Struct

from notionfs.api.client import Client
from notionfs.api.oauth import Grant, PublicConnection
from notionfs.errors import Forbidden, UsageError
from notionfs.model import Identity

ANSWER_SECONDS = 30.0
_MAX_REQUEST = 16 * 1024


class Look(Struct, frozen=True):
    """Who a token is, and what a first look showed. *more* means that Notion has further pages."""

    identity: Identity
    shared: int | None
    more: bool
    people: bool

    def sentences(self) -> list[str]:
        """Return what to tell, a line each."""
        lines = [
            f"Connected to {self.identity.workspace_name or 'a workspace'} as {self.identity.name}."
        ]
        if self.shared is None:
            lines.append("It may not read content: allow that in the connection's settings.")
        elif self.shared == 0:
            lines.append(
                "Nothing is shared with it yet: open a page in Notion, choose ••• → Connections, "
                "and add it."
            )
        else:
            count = f"{self.shared} or more" if self.more else str(self.shared)
            lines.append(f"It sees {count} pages and data sources.")
        if not self.people:
            lines.append("It may not list people: they appear by name where pages mention them.")
        return lines


async def look_around(token: str, base_url: str, transport: object | None = None) -> Look:
    """Ask who the token is and what it sees: three requests. Raises RemoteError."""
    async with Client(token, base_url=base_url, transport=transport) as client:
        with trio.fail_after(ANSWER_SECONDS):
            identity = await client.fetch_me()
            try:
                listing = await client.search()
                shared, more = len(listing.results), listing.next_cursor is not None
            except Forbidden:
                shared, more = None, False
            try:
                await client.fetch_users()
                people = True
            except Forbidden:
                people = False
    return Look(identity, shared, more, people)


async def authorize(connection: PublicConnection, port: int, show: Callable[[str], None]) -> Grant:
    """Return the tokens that a person grants in the browser.

    *show* is called with the address of the page to open. The browser comes back to
    `http://localhost:PORT/callback`, which has to be a redirect URI of the connection. Raises
    UsageError when the port is taken or the person declines, and RemoteError.
    """
    here = f"http://localhost:{port}/callback"
    state = secrets.token_urlsafe(24)
    sender, receiver = trio.open_memory_channel[Mapping[str, str]](1)
    async with trio.open_nursery() as nursery:
        serve = partial(
            trio.serve_tcp, partial(_answer_browser, state, sender), port, host="127.0.0.1"
        )
        try:
            await nursery.start(serve)
        except OSError as exc:
            raise UsageError(
                f"Port {port} on this machine is taken; choose another redirect with --port."
            ) from exc
        show(connection.page(here, state))
        answer = await receiver.receive()
        nursery.cancel_scope.cancel()
    if "code" not in answer:
        raise UsageError(f"Notion gave no access: {answer.get('error', 'no reason was given')}.")
    return await connection.redeem(answer["code"], here)


async def _answer_browser(
    state: str,
    answers: trio.MemorySendChannel[Mapping[str, str]],
    stream: trio.SocketStream,
) -> None:
    """Take one request of the browser; only one that carries our *state* counts."""
    with trio.move_on_after(ANSWER_SECONDS):
        request = b""
        while b"\r\n\r\n" not in request and len(request) < _MAX_REQUEST:
            chunk = await stream.receive_some(4096)
            if not chunk:
                return
            request += chunk
        target = request.split(b" ", 2)[1:2] or [b""]
        url = urlsplit(target[0].decode("latin-1"))
        given = {name: values[-1] for name, values in parse_qs(url.query).items()}
        is_ours = url.path == "/callback" and secrets.compare_digest(given.get("state", ""), state)
        await stream.send_all(_page(is_ours, "code" in given))
        if is_ours:
            answers.send_nowait(given)


def _page(is_ours: bool, granted: bool) -> bytes:
    words = "You can close this page and go back to the terminal."
    if not is_ours:
        words = "This is not the page that notionfs waits for."
    elif not granted:
        words = "Notion gave no access. You can close this page."
    body = f"<!doctype html><meta charset=utf-8><title>notionfs</title><p>{words}</p>".encode()
    status = b"200 OK" if is_ours else b"404 Not Found"
    return (
        b"HTTP/1.1 " + status + b"\r\nContent-Type: text/html; charset=utf-8\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\nConnection: close\r\n\r\n" + body
    )
