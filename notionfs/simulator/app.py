"""The ASGI application: one request in, one answer out.

The dispatcher is a table and a few checks, because tests send thousands of requests. Order of the
checks: route, fault, token, version, rate, capability, body size, JSON; then the handler.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from email.utils import formatdate
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs

import msgspec
import trio

from notionfs.simulator.call import Call
from notionfs.simulator.errors import ApiError, ConnectionDropped
from notionfs.simulator.faults import PROXY_PAGE, Fault, Faults, RateLimit
from notionfs.simulator.limits import check_payload
from notionfs.simulator.oauth import OAuth
from notionfs.simulator.routes import CAPABILITIES, WORKERS, Route, find_route
from notionfs.simulator.signing import SERVED, file_id_of
from notionfs.simulator.tasks import Accepted, run_due
from notionfs.simulator.versions import adapted, checked_version
from notionfs.simulator.world import World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = dict[bytes, bytes]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DECODER = msgspec.json.Decoder()
ENCODER = msgspec.json.Encoder()
JSON_TYPE = (b"content-type", b"application/json; charset=utf-8")
REMEMBERED = 20_000  # requests; an endless demo must not grow


@dataclass(slots=True)
class Request:
    """One request as it was answered."""

    method: str
    path: str
    operation: str
    status: int
    body: Any
    query: dict[str, list[str]] = field(default_factory=dict)
    at: float = 0.0


@dataclass(slots=True)
class Answer:
    """What goes back over the wire."""

    status: int
    body: bytes
    headers: list[tuple[bytes, bytes]]


@dataclass(slots=True)
class Door:
    """Who may come in: tokens (with the roots each is connected to) and what they are allowed."""

    tokens: dict[str, frozenset[str] | None]
    capabilities: set[str] = field(default_factory=lambda: set(CAPABILITIES))

    def enter(self, headers: Headers) -> frozenset[str] | None:
        """Return the roots of the token that *headers* carry; raises a 401."""
        header = headers.get(b"authorization", b"").decode("latin-1")
        kind, _, token = header.partition(" ")
        if kind.lower() != "bearer" or token not in self.tokens:
            raise ApiError(401, "unauthorized", "API token is invalid.")
        return self.tokens[token]

    def allow(self, route: Route) -> None:
        """Raise a 403 if the token lacks the capability of *route*."""
        if route.capability and route.capability not in self.capabilities:
            raise ApiError(
                403, "restricted_resource", "Insufficient permissions for this endpoint."
            )


class Application:
    """The API of one workspace as an ASGI application."""

    def __init__(self, world: World, door: Door) -> None:
        self.world = world
        self.door = door
        self.faults = Faults()
        self.rate = RateLimit()
        self.requests: list[Request] = []
        self.counts: Counter[str] = Counter()
        self.oauth = OAuth(door.tokens)
        self.after_change: Callable[[], None] | None = None
        self.admin: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI connection."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
            return
        path = scope["path"]
        if path.startswith("/_admin") and self.admin is not None:
            await self.admin(scope, receive, send)
            return
        raw = await read_body(receive)
        headers: Headers = dict(scope["headers"])
        if not path.startswith("/v1/") and (answer := self._file(scope)):
            await reply(send, answer)
            return
        if path in ("/v1/oauth/authorize", "/v1/oauth/token") and self.oauth.clients:
            await reply(send, self._authorize(scope, headers, raw))
            return
        await self._serve(scope, headers, raw, send)

    def _authorize(self, scope: Scope, headers: Headers, raw: bytes) -> Answer:
        """Answer for a public connection: nobody has a token yet."""
        record = Request(scope["method"], scope["path"], "oauth", 0, None, at=self.world.now)
        self.counts["oauth"] += 1
        records = self.world.workspace.records
        try:
            if scope["path"] == "/v1/oauth/authorize":
                target = self.oauth.authorize(parse_qs(scope["query_string"].decode()))
                return Answer(302, b"", [(b"location", target.encode("latin-1"))])
            header = _text(headers.get(b"authorization")) or ""
            given = self.oauth.token(header, _json(raw), records.bot_id, records.name)
            return self._success(record, 200, given | {"workspace_id": records.id})
        except ApiError as exc:
            return self._error(record, exc)

    async def _serve(self, scope: Scope, headers: Headers, raw: bytes, send: Send) -> None:
        record = Request(scope["method"], scope["path"], "unknown", 0, None, at=self.world.now)
        query = scope["query_string"]
        record.query = parse_qs(query.decode(), keep_blank_values=True) if query else {}
        self._remember(record)
        try:
            route, ids = find_route(record.method, record.path)
            record.operation = route.operation
        except ApiError as exc:
            self.counts["unknown"] += 1
            await reply(send, self._error(record, exc))
            return
        self.counts[route.operation] += 1
        fault = self.faults.take(route.operation, record.path)
        if fault is None:
            await reply(send, self._answer(record, route, ids, headers, raw, None))
            return
        await self._fail(fault, record, route, ids, headers, raw, send)

    async def _fail(
        self,
        fault: Fault,
        record: Request,
        route: Route,
        ids: list[str],
        headers: Headers,
        raw: bytes,
        send: Send,
    ) -> None:
        """Answer as *fault* wants it."""
        if fault.delay:
            await trio.sleep(fault.delay)
        lost = fault.drop or fault.hang
        succeeds = not lost and fault.status is None
        committed: dict[str, Any] = {}
        answer: Answer | None = None
        if succeeds or fault.after_applying:
            answer = self._answer(record, route, ids, headers, raw, committed)
        record.status = fault.status or (0 if lost else record.status)
        if fault.hang:
            await trio.sleep_forever()
        if fault.drop:
            raise ConnectionDropped("the connection was closed before an answer")
        if fault.html:
            page_headers = [(b"content-type", b"text/html; charset=utf-8")]
            await reply(send, Answer(fault.status or 502, PROXY_PAGE, page_headers))
            return
        if answer is None or not succeeds:
            answer = self._error(record, fault.error(committed))
        if fault.truncate:
            answer.body = answer.body[: len(answer.body) // 2]
        await reply(send, answer)

    def _answer(
        self,
        record: Request,
        route: Route,
        ids: list[str],
        headers: Headers,
        raw: bytes,
        committed: dict[str, Any] | None,
    ) -> Answer:
        before = self.world.workspace.version
        try:
            call = self._call(record, route, ids, headers, raw)
            if committed is not None:
                call.committed = committed
            made = route.handler(call)
            status, body = (202, made.body) if isinstance(made, Accepted) else (200, made)
            answer = self._success(record, status, adapted(body, call.version))
        except ApiError as exc:
            answer = self._error(record, exc)
        if self.after_change is not None and self.world.workspace.version != before:
            self.after_change()
        return answer

    def _call(
        self, record: Request, route: Route, ids: list[str], headers: Headers, raw: bytes
    ) -> Call:
        roots = self.door.enter(headers)
        version = checked_version(_text(headers.get(b"notion-version")))
        self.rate.check(self.world.now)
        self.door.allow(route)
        call = Call(
            world=self.world,
            operation=route.operation,
            method=record.method,
            ids=ids,
            query=record.query,
            body=None,
            version=version,
            actor=self.world.workspace.records.bot_id,
            roots=roots,
            raw=raw,
            content_type=_text(headers.get(b"content-type")) or "",
        )
        if not route.form:
            check_payload(self.world.limits, len(raw))
            call.body = record.body = _json(raw)
        if self.world.workspace.records.tasks:
            run_due(call, WORKERS)
        return call

    def _success(self, record: Request, status: int, body: dict[str, Any]) -> Answer:
        record.status = status
        request_id = str(uuid.uuid4())
        body["request_id"] = request_id
        headers = [
            JSON_TYPE,
            (b"x-notion-request-id", request_id.encode()),
            (b"date", http_date(int(self.world.now))),
        ]
        return Answer(status, ENCODER.encode(body), headers)

    def _error(self, record: Request, error: ApiError) -> Answer:
        record.status = error.status
        request_id = str(uuid.uuid4())
        headers = [JSON_TYPE, (b"x-notion-request-id", request_id.encode())]
        if error.retry_after is not None:
            headers.append((b"retry-after", str(error.retry_after).encode()))
        return Answer(error.status, ENCODER.encode(error.body(request_id)), headers)

    def _remember(self, record: Request) -> None:
        self.requests.append(record)
        if len(self.requests) > REMEMBERED:
            del self.requests[: REMEMBERED // 2]

    def _file(self, scope: Scope) -> Answer | None:
        """Return a hosted file, if the path names one and the signature is good."""
        path = scope.get("raw_path", scope["path"].encode()).decode("latin-1").split("?", 1)[0]
        path = path.removeprefix(SERVED)
        records = self.world.workspace.records
        file_id = file_id_of(path)
        if file_id not in records.uploads or file_id not in records.files:
            return None
        if not self.world.signer.accepts(path, scope["query_string"].decode(), self.world.now):
            denied = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>"
            return Answer(403, denied, [(b"content-type", b"application/xml")])
        kind = records.uploads[file_id].content_type or "application/octet-stream"
        return Answer(200, records.files[file_id], [(b"content-type", kind.encode())])


@lru_cache(maxsize=4)
def http_date(seconds: int) -> bytes:
    """Return a time as the header `Date` has it."""
    return formatdate(seconds, usegmt=True).encode()


def _text(header: bytes | None) -> str | None:
    return None if header is None else header.decode("latin-1")


def _json(raw: bytes) -> Any:
    if not raw:
        return None
    try:
        return DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise ApiError(400, "invalid_json", "Error parsing JSON body.") from None


async def read_body(receive: Receive) -> bytes:
    """Return the whole body of a request."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ConnectionDropped("the client left before its request was complete")
    chunks = [message.get("body", b"")]
    while message.get("more_body"):
        message = await receive()
        chunks.append(message.get("body", b""))
    return b"".join(chunks)


async def reply(send: Send, answer: Answer) -> None:
    """Send one answer."""
    headers = [*answer.headers, (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
