"""Figures of a mount for Prometheus: text over HTTP on this machine's loopback address alone.

A few lines of HTTP are enough for one path and one method. Nothing here names a page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import trio

from notionfs.errors import UsageError

log = logging.getLogger(__name__)

ADDRESS = "127.0.0.1"
_PATIENCE = 10.0
_MOST_HEAD = 16 * 1024
_MOST_CLIENTS = 16

Facts = Mapping[str, Any]
_Row = tuple[str, str, str, Callable[[Facts], float | None]]

FIGURES: tuple[_Row, ...] = (
    ("online", "gauge", "1 while Notion answers.", lambda f: f["online"]),
    ("pages", "gauge", "Pages in the tree.", lambda f: f["pages"]),
    ("pages_unread", "gauge", "Pages whose text was never read.", lambda f: f["unread"]),
    ("databases", "gauge", "Databases in the tree.", lambda f: f["databases"]),
    ("queue", "gauge", "Changes that wait to be sent.", lambda f: len(f["queue"])),
    (
        "queue_oldest_seconds",
        "gauge",
        "Age of the oldest change that waits to be sent.",
        lambda f: max((change["age"] for change in f["queue"]), default=0),
    ),
    ("conflicts", "gauge", "Pages that wait for a decision.", lambda f: len(f["conflicts"])),
    ("errors", "gauge", "Pages with a refused text.", lambda f: len(f["errors"])),
    (
        "requests_last_minute",
        "gauge",
        "Requests in the last 60 seconds, with those of other processes.",
        lambda f: f["calls_last_minute"],
    ),
    ("requests_limit", "gauge", "Most requests in 60 seconds.", lambda f: f["rate_limit"]),
    ("paused_seconds", "gauge", "Silence that Notion asked for.", lambda f: f["paused_for"]),
    ("store_bytes", "gauge", "Size of the database files.", lambda f: f["store_bytes"]),
)
"""Name, kind, meaning and source of each; one without a value is left out."""


def render_metrics(facts: Facts) -> str:
    """Return the facts of `notionfs status` as Prometheus reads them."""
    return "".join(f"{line}\n" for line in _lines(facts))


def _lines(facts: Facts) -> Iterator[str]:
    parts = [("", facts), *((space["teamspace"], space) for space in facts.get("teamspaces", ()))]
    for name, kind, meaning, figure in FIGURES:
        values = [(space, value) for space, part in parts if (value := figure(part)) is not None]
        if values:
            yield from _head(name, kind, meaning)
        for space, value in values:
            yield f"notionfs_{name}{_labels(teamspace=space)} {float(value):g}"
    yield from _head("requests_total", "counter", "Requests since the mount began.")
    for space, part in parts:
        for operation, count in sorted(part["calls"].items()):
            labels = _labels(operation=operation, teamspace=space)
            yield f"notionfs_requests_total{labels} {count}"


def _labels(**labels: str) -> str:
    """Return labels as Prometheus has them; an empty one is left out."""
    given = {name: value for name, value in labels.items() if value}
    for name, value in given.items():
        given[name] = value.replace("\\", r"\\").replace('"', r"\"")
    text = ",".join(f'{name}="{value}"' for name, value in given.items())
    return f"{{{text}}}" if text else ""


def _head(name: str, kind: str, meaning: str) -> Iterator[str]:
    yield f"# HELP notionfs_{name} {meaning}"
    yield f"# TYPE notionfs_{name} {kind}"


async def serve_metrics(
    port: int,
    facts: Callable[[], Facts],
    *,
    task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Answer `GET /metrics` on *port* (0: any) until cancelled; starts with the port's number.

    Raises UsageError if the port is taken.
    """
    try:
        listeners = await trio.open_tcp_listeners(port, host=ADDRESS)
    except OSError as exc:
        raise UsageError(
            f"Port {port} cannot be used for metrics: {exc.strerror}; choose another one."
        ) from exc
    limit = trio.CapacityLimiter(_MOST_CLIENTS)

    async def answer(stream: trio.SocketStream) -> None:
        async with limit, stream:
            with trio.move_on_after(_PATIENCE):
                try:
                    await stream.send_all(_answer(await _request(stream), facts))
                except trio.BrokenResourceError:
                    return

    async with trio.open_nursery() as nursery:
        task_status.started(listeners[0].socket.getsockname()[1])
        await trio.serve_listeners(answer, listeners, handler_nursery=nursery)


async def _request(stream: trio.SocketStream) -> bytes:
    """Return the head of a request, or what there is of it."""
    head = b""
    while b"\r\n\r\n" not in head and len(head) < _MOST_HEAD:
        more = await stream.receive_some(4096)
        if not more:
            break
        head += more
    return head


def _answer(head: bytes, facts: Callable[[], Facts]) -> bytes:
    parts = head.split(b"\r\n", 1)[0].split(b" ")
    if len(parts) != 3 or parts[0] != b"GET":
        return _message("400 Bad Request", "Only GET /metrics is answered.\n")
    if parts[1].partition(b"?")[0] != b"/metrics":
        return _message("404 Not Found", "The figures are at /metrics.\n")
    try:
        return _message("200 OK", render_metrics(facts()))
    except Exception:
        log.exception("the figures cannot be told")
        return _message("500 Internal Server Error", "The log of the mount says why.\n")


def _message(status: str, text: str) -> bytes:
    body = text.encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
