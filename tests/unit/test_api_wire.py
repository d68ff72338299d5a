"""The wire: where a token may be sent, and what a broken connection looks like."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
import trio
from trio.testing import MockClock

from notionfs.api import calls
from notionfs.api.wire import NOTION_VERSION, Wire, asgi_transport
from notionfs.config import DEFAULT_BASE_URL
from notionfs.errors import InvalidArgument, Unreachable, UsageError
from notionfs.model import WORKSPACE, PageId, Secret

READ = calls.fetch_page(PageId("39a0bc1e-edcd-8142-936b-cca8ae692cc4"))
WRITE = calls.create_page(WORKSPACE, {}, "text")
TOKEN = Secret("ntn_very_secret")

Handler = Callable[[httpx.Request], Awaitable[httpx.Response]]


def wire(
    transport: object | None = None, *, token: str = TOKEN, base_url: str = DEFAULT_BASE_URL
) -> Wire:
    return Wire(token, base_url=base_url, transport=transport, timeout=60)


def answering(handler: Handler) -> Wire:
    return wire(httpx.MockTransport(handler))


def failing(exc: type[Exception]) -> Wire:
    async def handler(request: httpx.Request) -> httpx.Response:
        raise exc(f"broken {request.headers['authorization']}")

    return answering(handler)


@pytest.mark.parametrize(
    "base_url",
    [
        "http://api.notion.com",
        "http://192.168.1.4:8080",
        "http://localhost.example.com",
        "ftp://127.0.0.1",
        "api.notion.com",
        "",
        "https://",
        "https://user:pass@api.notion.com",
        "https://api.notion.com?x=1",
        "https://host:port",
    ],
)
def test_a_token_goes_nowhere_unsafe(base_url: str) -> None:
    """Only https, or this computer; anything else is a mistake of the configuration."""
    with pytest.raises(UsageError) as caught:
        wire(base_url=base_url)
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    [
        "https://proxy.example/notion",
        "http://localhost:8080",
        "http://127.3.2.1:1",
        "http://[::1]:9",
    ],
)
async def test_https_and_this_computer_are_safe(base_url: str) -> None:
    """A path in front of `/v1` is kept."""
    seen: list[str] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200, content=b"{}")

    await wire(httpx.MockTransport(handler), base_url=base_url).send(READ)
    assert seen == [f"{base_url}{READ.path}"]


@pytest.mark.parametrize("token", ["", "  ", "two words", "new\nline", "ntn_é", "tab\tbed"])
def test_a_token_with_impossible_characters_is_refused_unquoted(token: str) -> None:
    """The HTTP library would repeat it in its error."""
    with pytest.raises(UsageError) as caught:
        wire(token=token)
    assert not token.strip() or token.strip() not in str(caught.value)


async def test_every_request_carries_the_pinned_version_and_the_token() -> None:
    """Spaces around a pasted token do not matter."""
    seen: list[httpx.Request] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, content=b"{}")

    await wire(httpx.MockTransport(handler), token=f" {TOKEN}\n").send(READ)
    assert seen[0].headers["notion-version"] == NOTION_VERSION == "2026-03-11"
    assert seen[0].headers["authorization"] == f"Bearer {TOKEN}"


async def test_redirects_are_not_followed() -> None:
    """A token is shown to nobody but the configured host."""
    hosts: list[str] = []

    async def handler(request: httpx.Request) -> httpx.Response:
        hosts.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://evil.example/v1"})

    assert (await answering(handler).send(READ)).status == 307
    assert hosts == ["api.notion.com"]


@pytest.mark.parametrize(
    ("exc", "was_sent"),
    [
        (httpx.ConnectError, False),
        (httpx.ConnectTimeout, False),
        (httpx.PoolTimeout, False),
        (httpx.ProxyError, False),
        (httpx.ReadTimeout, True),
        (httpx.WriteError, True),
        (httpx.ReadError, True),
        (httpx.CloseError, True),
        (httpx.RemoteProtocolError, True),
        (httpx.DecodingError, True),
        (httpx.RequestError, True),
    ],
)
async def test_a_broken_connection_says_whether_a_write_may_have_got_through(
    exc: type[httpx.RequestError], was_sent: bool
) -> None:
    """Only what failed before the request left is certain not to have happened."""
    with pytest.raises(Unreachable) as read:
        await failing(exc).send(READ)
    with pytest.raises(Unreachable) as written:
        await failing(exc).send(WRITE)
    assert not read.value.maybe_applied
    assert written.value.maybe_applied is was_sent
    if exc is not httpx.ConnectError:
        assert TOKEN not in str(read.value)


async def test_a_server_that_never_answers_is_given_up(autojump_clock: MockClock) -> None:
    """The time limit holds for the whole exchange, through any transport."""

    async def handler(request: httpx.Request) -> httpx.Response:
        await trio.sleep_forever()
        raise AssertionError

    started = trio.current_time()
    with pytest.raises(Unreachable, match="no answer within 60 s") as caught:
        await answering(handler).send(WRITE)
    assert trio.current_time() - started == pytest.approx(60)
    assert caught.value.maybe_applied


async def test_cancelling_ends_an_exchange_at_once(autojump_clock: MockClock) -> None:
    """A caller's deadline is not taken for trouble with the network."""

    async def handler(request: httpx.Request) -> httpx.Response:
        await trio.sleep_forever()
        raise AssertionError

    with trio.move_on_after(1) as scope:
        await answering(handler).send(READ)
    assert scope.cancelled_caught


async def test_an_application_that_drops_the_connection_looks_like_a_network_error() -> None:
    """A `ConnectionError` inside the application is a read that broke; other bugs stay bugs."""

    async def dropping(scope: Any, receive: Any, send: Any) -> None:
        raise ConnectionResetError("dropped")

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(Unreachable) as caught:
        await wire(asgi_transport(dropping)).send(WRITE)
    assert caught.value.maybe_applied
    with pytest.raises(ZeroDivisionError):
        await wire(asgi_transport(broken)).send(WRITE)


async def test_text_that_is_not_unicode_is_refused_before_it_is_sent() -> None:
    """A file name in an old encoding cannot become a title."""
    call = calls.create_page(WORKSPACE, {}, "caf\udce9")
    with pytest.raises(InvalidArgument, match="Unicode"):
        await failing(httpx.ReadError).send(call)


@pytest.mark.parametrize(
    ("name", "value"), [("HTTPS_PROXY", "gopher://proxy:1"), ("SSL_CERT_FILE", "/no/such/file")]
)
def test_an_environment_that_cannot_work_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Not with a traceback from inside the HTTP library."""
    monkeypatch.setenv(name, value)
    with pytest.raises(UsageError, match="proxy"):
        wire()


def test_a_server_on_this_computer_is_not_asked_through_a_proxy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So that a simulator works behind a company's proxy settings."""
    monkeypatch.setenv("HTTP_PROXY", "gopher://proxy:1")
    wire(base_url="http://127.0.0.1:8080")


# --- over a real socket ---------------------------------------------------------------------------


async def serve_raw(stream: trio.SocketStream, response: bytes) -> None:
    """Answer one request with *response*, byte for byte, and hang up."""
    async with stream:
        received = b""
        while b"\r\n\r\n" not in received:
            received += await stream.receive_some()
        await stream.send_all(response)


@pytest.mark.parametrize(
    "response",
    [
        b"",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}",
        b"SSH-2.0-OpenSSH_9.7\r\n",
    ],
)
async def test_half_an_answer_is_no_answer(response: bytes) -> None:
    """However a server on the network breaks off, the write behind it is in doubt."""
    async with trio.open_nursery() as nursery:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]
        nursery.start_soon(
            trio.serve_listeners, lambda stream: serve_raw(stream, response), listeners
        )
        sender = wire(base_url=f"http://127.0.0.1:{port}")
        with pytest.raises(Unreachable) as caught:
            await sender.send(WRITE)
        await sender.aclose()
        nursery.cancel_scope.cancel()
    assert caught.value.maybe_applied


async def test_a_server_that_is_not_there_got_nothing() -> None:
    """A refused connection is certain, and its reason is told."""
    sender = wire(base_url="http://127.0.0.1:9")  # the discard port: nobody listens
    with pytest.raises(Unreachable, match="no connection") as caught:
        await sender.send(WRITE)
    await sender.aclose()
    assert not caught.value.maybe_applied


@pytest.mark.parametrize("announced", [b"100", b"2"])
async def test_a_short_response_of_an_application_is_one_that_broke_off(announced: bytes) -> None:
    """So that faults behave with and without a socket."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"Content-Length", announced)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        await send({"type": "http.response.body", "body": b"}"})

    sender = wire(asgi_transport(app))
    if announced == b"2":
        assert (await sender.send(READ)).content == b"{}"
    else:
        with pytest.raises(Unreachable):
            await sender.send(READ)


async def test_an_application_hears_of_the_end() -> None:
    """The protocol of ASGI: the body, then a disconnect once the response has ended."""
    heard: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        heard.append((scope["method"], scope["path"], scope["query_string"]))
        heard.append(await receive())
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})
        heard.append(await receive())

    await wire(asgi_transport(app)).send(calls.search(None, None, False))
    assert heard[0] == ("POST", "/v1/search", b"")
    assert heard[1]["body"].startswith(b"{")
    assert heard[2] == {"type": "http.disconnect"}


async def test_an_application_that_never_answers_broke_off() -> None:
    """Returning without a response is not an empty success."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        pass

    with pytest.raises(Unreachable):
        await wire(asgi_transport(app)).send(READ)
