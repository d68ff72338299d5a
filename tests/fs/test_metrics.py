"""Prometheus gets its figures from this machine alone, and nothing but figures."""

from __future__ import annotations

import re

import pytest
import trio

from notionfs.errors import UsageError
from notionfs.service.metrics import ADDRESS, render_metrics, serve_metrics
from tests.desk import Desk

_LINE = re.compile(r'(# (HELP|TYPE) )?notionfs_[a-z_]+(\{operation="[a-z_]+"\})? .+')


async def fetch(port: int, request: str) -> str:
    stream = await trio.open_tcp_stream(ADDRESS, port)
    async with stream:
        await stream.send_all(request.encode())
        return b"".join([part async for part in stream]).decode()


async def test_the_figures_are_those_of_the_status(desk: Desk) -> None:
    """Each has its help and type, and no title stands among them."""
    await desk.edit("acme/wiki.md", "Last paragraph.", "Changed.")
    text = render_metrics(await desk.ask("status"))
    assert all(_LINE.fullmatch(line) for line in text.splitlines())
    assert "\nnotionfs_queue 1\n" in text
    assert "\nnotionfs_pages 6\n" in text
    assert '\nnotionfs_requests_total{operation="get_markdown"} 1\n' in text
    assert "wiki" not in text
    names = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    assert len(names) == len(set(names))


async def test_only_one_question_is_answered(desk: Desk) -> None:
    """And whatever else is sent harms nobody."""
    facts = await desk.ask("status")
    async with trio.open_nursery() as nursery:
        port: int = await nursery.start(serve_metrics, 0, lambda: facts)
        answer = await fetch(port, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith("HTTP/1.1 200 OK\r\n")
        assert answer.partition("\r\n\r\n")[2] == render_metrics(facts)
        for request, status in (
            ("GET / HTTP/1.1\r\n\r\n", "404"),
            ("POST /metrics HTTP/1.1\r\n\r\n", "400"),
            ("nonsense\r\n\r\n", "400"),
        ):
            assert (await fetch(port, request)).startswith(f"HTTP/1.1 {status} ")
        nursery.cancel_scope.cancel()


async def test_a_failing_answer_stops_no_mount(caplog: pytest.LogCaptureFixture) -> None:
    """The next one may be better."""

    def facts() -> dict[str, object]:
        raise ValueError("a bug")

    async with trio.open_nursery() as nursery:
        port: int = await nursery.start(serve_metrics, 0, facts)
        for _ in range(2):
            answer = await fetch(port, "GET /metrics HTTP/1.1\r\n\r\n")
            assert answer.startswith("HTTP/1.1 500 ")
        nursery.cancel_scope.cancel()
    assert "the figures" in caplog.text


async def test_a_taken_port_is_a_clear_sentence() -> None:
    """Before anything is mounted."""
    [listener] = await trio.open_tcp_listeners(0, host=ADDRESS)
    async with listener:
        port = listener.socket.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port} cannot be used"):
            await serve_metrics(port, dict)
