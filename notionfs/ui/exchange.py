"""One request and its answer, free of the server's protocol."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from msgspec import Struct, field

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_FORM = 8 * 1024 * 1024
"""Bytes: a page file of the size Notion allows, with every character escaped, fits."""


class Request(Struct, frozen=True):
    """What a browser asked; of fields that came twice, the last counts."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


class Answer(Struct, frozen=True):
    """What goes back."""

    body: str
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


class FormTooLarge(Exception):
    """More was sent than any form of ours holds."""


def redirect(target: str, **headers: str) -> Answer:
    """Lead the browser to *target* with a GET."""
    return Answer("", 303, headers={"location": target, **headers})


async def read_request(scope: Scope, receive: Receive) -> Request:
    """Return the request; raises FormTooLarge."""
    pairs = ((k.decode("latin-1").lower(), v.decode("latin-1")) for k, v in scope["headers"])
    return Request(
        scope["method"],
        scope["path"],
        dict(pairs),
        _fields(scope.get("query_string", b"")),
        _fields(await _body(receive)),
    )


def _fields(encoded: bytes) -> dict[str, str]:
    text = encoded.decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True))


async def _body(receive: Receive) -> bytes:
    """Read all of the body, but keep no more than a form may hold; raises FormTooLarge."""
    body, size = bytearray(), 0
    while True:
        message = await receive()
        chunk = message.get("body", b"")
        size += len(chunk)
        if size <= MAX_FORM:
            body += chunk
        if not message.get("more_body"):
            break
    if size > MAX_FORM:
        raise FormTooLarge
    return bytes(body)


async def send_answer(answer: Answer, always: Mapping[str, str], send: Send) -> None:
    """Send *answer* with its headers and those that are *always* sent."""
    body = answer.body.encode("utf-8", "replace")
    headers = {
        "content-type": answer.kind,
        "content-length": str(len(body)),
        **always,
        **answer.headers,
    }
    pairs = [(k.encode(), v.encode()) for k, v in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    await send({"type": "http.response.body", "body": body})
