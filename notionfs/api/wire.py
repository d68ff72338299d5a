"""One HTTP exchange: bytes out, bytes in. The only module that knows httpx.

It never follows redirects, talks https only (except to this computer), and turns every way in
which a connection can fail into `Unreachable`, saying whether a write may have got through.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import msgspec
import trio

from notionfs import __version__
from notionfs.api.calls import Call, Form
from notionfs.api.failures import Answer
from notionfs.errors import InvalidArgument, RemoteMissing, Unreachable, UsageError

NOTION_VERSION = "2026-03-11"

_CONNECT_TIMEOUT = 10.0
_SLOWEST_UPLOAD = 32 * 1024  # bytes a second
# The pace bounds how many requests are under way; the pool must never hold one back after its turn.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=32, keepalive_expiry=30)

# The request did not leave, so a write cannot have happened.
_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


class Wire:
    """Keep-alive connections to one server for one token."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str,
        transport: object | None,
        timeout: float,
        scheme: str = "Bearer",
    ) -> None:
        url = _checked_url(base_url)
        self._timeout = timeout
        headers = _headers(token, scheme)
        with _environment_told():
            common: dict[str, Any] = {
                "transport": transport,
                "timeout": httpx.Timeout(timeout, connect=min(timeout, _CONNECT_TIMEOUT)),
                "follow_redirects": False,
                # A proxy of the environment cannot reach a server on this computer.
                "trust_env": not _is_loopback(url.host),
            }
            if transport is None:  # one for both: reading the certificates takes 30 ms
                common["verify"] = httpx.create_ssl_context(trust_env=common["trust_env"])
            # Files are elsewhere: the token must never go there.
            self._files = httpx.AsyncClient(**common)
            self._http = httpx.AsyncClient(base_url=url, headers=headers, limits=_LIMITS, **common)

    def use_token(self, token: str) -> None:
        """Send *token* from now on."""
        self._http.headers["Authorization"] = _headers(token, "Bearer")["Authorization"]

    async def aclose(self) -> None:
        """Close all connections."""
        await self._http.aclose()
        await self._files.aclose()

    async def send(self, call: Call) -> Answer:
        """Make one exchange; `Unreachable` if it brought no whole answer within the time limit."""
        body = _encode(call)
        timeout = self._timeout
        if call.form is not None:
            timeout += len(call.form.content) / _SLOWEST_UPLOAD
        try:
            with trio.fail_after(timeout):
                response = await self._http.request(
                    call.method,
                    call.path,
                    params=httpx.QueryParams(call.query) if call.query else None,
                    **body,
                )
        except trio.TooSlowError as exc:
            raise self._unreachable(call, f"no answer within {timeout:g} s", True) from exc
        except httpx.RequestError as exc:
            raise self._unreachable(call, _reason(exc), not isinstance(exc, _NEVER_SENT)) from exc
        return Answer(response.status_code, _lower(response.headers), response.content)

    async def download(
        self, url: str, begin: Callable[[int | None], None], take: Callable[[bytes], None]
    ) -> None:
        """Fetch a file without the token, piece by piece; see `Client.download`."""
        if not _is_safe(httpx.URL(url)):
            raise Unreachable("The address of an attachment is not safe: it is not https.")
        try:
            async with self._files.stream("GET", url) as response:
                if response.status_code in _EXPIRED:
                    raise RemoteMissing(
                        "The address of an attachment has expired.", status=response.status_code
                    )
                if response.status_code != httpx.codes.OK:
                    raise Unreachable(
                        f"An attachment could not be fetched (status {response.status_code})."
                    )
                begin(_announced(response))
                async for piece in response.aiter_bytes(_PIECE):
                    take(piece)
        except httpx.RequestError as exc:
            raise Unreachable(f"An attachment could not be fetched: {_reason(exc)}.") from exc

    def _unreachable(self, call: Call, reason: str, was_sent: bool) -> Unreachable:
        return Unreachable(
            f"Notion could not be reached to {call.what}: {reason}.",
            maybe_applied=call.is_write and was_sent,
        )


# --- what is sent ---------------------------------------------------------------------------------


def _headers(token: str, scheme: str) -> Mapping[str, str]:
    """Return the headers of every request.

    The token is checked here because the HTTP library would quote a bad one in its error.
    """
    stripped = token.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable() or " " in stripped:
        raise UsageError("The token is empty or holds characters that no token has.")
    return {
        "Authorization": f"{scheme} {stripped}",
        "Notion-Version": NOTION_VERSION,
        "User-Agent": f"notionfs/{__version__}",
        "Accept": "application/json",
        "Content-Type": "application/json",
    }


def _encode(call: Call) -> dict[str, Any]:
    """Return what of the request depends on its body."""
    if call.form is not None:
        return _encode_form(call.form)
    if call.body is None:
        return {}
    try:
        return {"content": msgspec.json.encode(call.body)}
    except UnicodeEncodeError as exc:  # a title made of a file name that is not UTF-8
        raise InvalidArgument(f"Cannot {call.what}: a name or text is not valid Unicode.") from exc


def _encode_form(form: Form) -> dict[str, Any]:
    boundary = secrets.token_hex(16)
    return {
        "files": {"file": (form.name, form.content, form.content_type)},
        "data": {} if form.part is None else {"part_number": str(form.part)},
        "headers": {"Content-Type": f"multipart/form-data; boundary={boundary}"},
    }


@contextmanager
def _environment_told() -> Iterator[None]:
    """Say what it is in the environment that keeps the block from making clients."""
    try:
        yield
    except (ValueError, ImportError, OSError, httpx.InvalidURL) as exc:
        raise UsageError(
            "The proxy or certificate settings of the environment (HTTPS_PROXY, ALL_PROXY,"
            " SSL_CERT_FILE, SSL_CERT_DIR) cannot be used."
        ) from exc


# --- where to -------------------------------------------------------------------------------------


def _checked_url(text: str) -> httpx.URL:
    """Return the base URL, or raise UsageError if a token must not be sent there."""
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as exc:
        raise UsageError("The base URL of the Notion API is not a URL.") from exc
    if not url.host or not _is_safe(url):
        raise UsageError("The base URL of the Notion API must begin with https://.")
    if url.userinfo or url.query or url.fragment:
        raise UsageError("The base URL of the Notion API may only hold a host, port and path.")
    return url


def _is_safe(url: httpx.URL) -> bool:
    return url.scheme == "https" or (url.scheme == "http" and _is_loopback(url.host))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


# --- what came back -------------------------------------------------------------------------------


_EXPIRED = frozenset({400, 401, 403, 404, 410})
_PIECE = 64 * 1024


def _announced(response: httpx.Response) -> int | None:
    """Return how many bytes come, if the server says so and sends them as they are."""
    length = response.headers.get("content-length", "")
    encoded = response.headers.get("content-encoding", "identity") != "identity"
    return int(length) if length.isdigit() and not encoded else None


def _lower(headers: httpx.Headers) -> Mapping[str, str]:
    return {name.lower(): value for name, value in headers.items()}


_REASONS: Mapping[type[httpx.RequestError], str] = {
    httpx.ConnectTimeout: "no connection in time",
    httpx.TimeoutException: "no answer in time",
    httpx.ProxyError: "the proxy refused",
    httpx.RemoteProtocolError: "the connection ended in the middle of the answer",
    httpx.NetworkError: "the connection broke",
    httpx.DecodingError: "the answer was damaged",
    httpx.RequestError: "the request failed",
}


def _reason(exc: httpx.RequestError) -> str:
    """Return why, in words. Only a failed connect adds the system's own (no such host, bad
    certificate): other texts may quote what was sent."""
    if isinstance(exc, httpx.ConnectError):
        return f"no connection ({' '.join(str(exc).split())[:200] or 'unknown reason'})"
    return next(_REASONS[cls] for cls in type(exc).__mro__ if cls in _REASONS)


# --- without a network ----------------------------------------------------------------------------

ASGIApp = Callable[[Any, Any, Any], Awaitable[None]]


def asgi_transport(app: ASGIApp) -> object:
    """Return a transport whose requests end in the ASGI application *app*, without a socket.

    What breaks a connection on a network looks the same here: a `ConnectionError` raised by the
    application, no response, or a body shorter than its announced length. Unlike
    `httpx.ASGITransport` it leaves no generator behind when an application ignores the body, of
    which trio would warn.
    """
    return _AsgiTransport(app)


class _AsgiTransport(httpx.AsyncBaseTransport):
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        channel = _AsgiChannel(await request.aread())
        try:
            await self._app(_asgi_scope(request), channel.receive, channel.send)
        except ConnectionError as exc:
            raise httpx.ReadError("the connection was closed", request=request) from exc
        if not channel.is_whole():
            raise httpx.RemoteProtocolError("the response ended early", request=request)
        return httpx.Response(channel.status, headers=channel.headers, content=channel.content)


class _AsgiChannel:
    """What an application receives for one request, and what it has sent so far."""

    def __init__(self, request_body: bytes) -> None:
        self._request_body: bytes | None = request_body
        self._ended = trio.Event()
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.content = b""

    async def receive(self) -> dict[str, Any]:
        """Give the whole body first; then nothing happens until the response has ended."""
        if self._request_body is None:
            await self._ended.wait()
            return {"type": "http.disconnect"}
        body, self._request_body = self._request_body, None
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take a part of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = [(name.lower(), value) for name, value in message.get("headers", ())]
            return
        self.content += message.get("body", b"")
        if not message.get("more_body", False):
            self._ended.set()

    def is_whole(self) -> bool:
        """Tell whether a client on a network would have got a response to its end."""
        announced = dict(self.headers).get(b"content-length")
        is_short = announced is not None and int(announced) > len(self.content)
        return self.status > 0 and self._ended.is_set() and not is_short


def _asgi_scope(request: httpx.Request) -> dict[str, Any]:
    raw_path = request.url.raw_path.split(b"?", 1)[0]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": request.method,
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "scheme": request.url.scheme,
        "path": request.url.path,
        "raw_path": raw_path,
        "query_string": request.url.query,
        "root_path": "",
        "server": (request.url.host, request.url.port),
        "client": ("127.0.0.1", 0),
    }
