"""The application: who asks, which page, what if it fails."""

from __future__ import annotations

import logging

from notionfs.errors import InvalidArgument, NotionFSError
from notionfs.ui.exchange import (
    Answer,
    FormTooLarge,
    Receive,
    Request,
    Scope,
    Send,
    read_request,
    redirect,
    send_answer,
)
from notionfs.ui.frame import Page, notice
from notionfs.ui.guard import HEADERS, Guard
from notionfs.ui.html import tag
from notionfs.ui.mount import Mount
from notionfs.ui.pages import Pages

_log = logging.getLogger(__name__)

_PLAIN = "text/plain; charset=utf-8"
NOT_HERE = Answer(
    "There is nothing here. Open the address that notionfs ui printed.\n", 404, _PLAIN
)
NOT_OURS = Answer("This form did not come from this page; open it again.\n", 403, _PLAIN)
TOO_LARGE = Answer("That is more than a page can hold.\n", 413, _PLAIN)


class Application:
    """The pages of a mount behind a guard, as an ASGI application."""

    def __init__(self, mount: Mount, guard: Guard) -> None:
        self._guard = guard
        self._pages = Pages(mount, guard)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever fails becomes a page that says so."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        if scope["type"] != "http":
            raise ValueError("only HTTP is spoken here")
        try:
            answer = await self._answer(await read_request(scope, receive))
        except FormTooLarge:
            answer = TOO_LARGE
        await send_answer(answer, HEADERS, send)

    async def _answer(self, request: Request) -> Answer:
        if not self._guard.knows_host(request.headers.get("host", "")):
            return NOT_HERE
        if request.method == "GET" and self._guard.enters(request.path):
            return redirect(self._guard.base)
        place = self._guard.inside(request.path)
        handler = None if place is None else self._pages.routes.get((request.method, place))
        if handler is None:
            return NOT_HERE
        if request.method == "POST" and not self._guard.is_ours(request.headers, request.form):
            return NOT_OURS
        try:
            answer = await handler(request)
        except NotionFSError as exc:
            answer = self._failed(str(exc), 404 if isinstance(exc, InvalidArgument) else 503)
        except Exception:
            _log.exception("a page failed")
            answer = self._failed("This page failed; the terminal of notionfs ui says why.", 500)
        return Answer(
            answer.body,
            answer.status,
            answer.kind,
            {**answer.headers, "set-cookie": self._guard.cookie},
        )

    def _failed(self, sentence: str, status: int) -> Answer:
        content = [
            tag("h1", "This did not work"),
            notice(sentence, kind="error"),
            tag("p", tag("a", "Overview", href=self._guard.base)),
        ]
        return self._pages.show(Page("Failed", "", content), status)


async def _live(receive: Receive, send: Send) -> None:
    """Tell the server that nothing has to be made before, or put away after."""
    for moment in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{moment}.complete"})
