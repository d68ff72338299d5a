"""Fetching files from where Notion keeps them: without the token, in pieces."""

from __future__ import annotations

import tracemalloc
from functools import partial

import pytest
import trio

from notionfs.api.client import Client
from notionfs.errors import Unreachable

PIECE = bytes(64 * 1024)
PIECES = 160  # 10 MiB


async def serve_file(stream: trio.SocketStream, heard: list[bytes]) -> None:
    """Answer one request with ten megabytes, as a file host would."""
    heard.append(await stream.receive_some(65536))
    size = len(PIECE) * PIECES
    await stream.send_all(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
    for _ in range(PIECES):
        await stream.send_all(PIECE)
    await stream.aclose()


async def test_a_large_file_streams_in_constant_memory_and_without_the_token() -> None:
    """Ten megabytes pass in pieces; the host of files never hears who asks."""
    heard: list[bytes] = []
    sizes: list[int] = []
    totals: list[int | None] = []
    async with trio.open_nursery() as nursery:
        listeners = await nursery.start(
            partial(trio.serve_tcp, partial(serve_file, heard=heard), 0, host="127.0.0.1")
        )
        port = listeners[0].socket.getsockname()[1]
        async with Client("secret-token") as client:
            tracemalloc.start()
            await client.download(
                f"http://127.0.0.1:{port}/file?X-Amz-Signature=x",
                totals.append,
                lambda piece: sizes.append(len(piece)),
            )
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        nursery.cancel_scope.cancel()
    assert (totals, sum(sizes)) == ([10 * 1024 * 1024], 10 * 1024 * 1024)
    assert max(sizes) <= len(PIECE)
    assert peak < 2 * 1024 * 1024
    assert b"secret-token" not in heard[0]
    assert b"authorization" not in heard[0].lower()


async def test_a_file_is_only_fetched_over_https() -> None:
    """An address of another kind is refused before anything is sent."""
    async with Client("secret-token") as client:
        with pytest.raises(Unreachable, match="https"):
            await client.download("http://files.example.com/a", lambda _: None, lambda _: None)
