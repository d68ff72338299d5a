"""How commands talk to a running mount: a socket that only its user reaches.

A connection carries one request, a line of JSON: `{"command": …, "arguments": {…}}`; so is the
answer: `{"result": {…}}` or `{"error": "one sentence"}`. Whatever a client sends, or fails to send
or to read, harms no other client and not the mount. `registry.py` knows which mounts there are.
"""

from __future__ import annotations

import json
import logging
import os
import socket as sockets
import struct
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notionfs.errors import ControlError, MountUnreachable, NotionFSError

if TYPE_CHECKING:
    import trio

Handler = Callable[[Mapping[str, Any]], Awaitable[Mapping[str, Any]]]

MAX_REQUEST = 64 * 1024
MAX_CLIENTS = 32
PATIENCE = 10.0
"""Seconds a client has to send its line, and again to take the answer."""

_CREDENTIALS = struct.Struct("3i")  # pid, uid, gid: the kernel's `struct ucred`
_TIMEVAL = struct.Struct("ll")  # seconds, microseconds
_log = logging.getLogger(__name__)


# --- the client -----------------------------------------------------------------------------------


def call(
    path: str | Path,
    command: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    timeout: float | None = PATIENCE,
) -> dict[str, Any]:
    """Ask the mount behind the socket *path* and return its answer.

    Raises MountUnreachable when nobody answers within *timeout* seconds (None waits for ever),
    and ControlError with the mount's own sentence when it refuses.
    """
    request = json.dumps({"command": command, "arguments": dict(arguments or {})})
    try:
        with sockets.socket(sockets.AF_UNIX) as connection, _address(Path(path)) as address:
            _connect(connection, address, timeout)
            connection.sendall(request.encode() + b"\n")
            with connection.makefile("rb") as stream:
                answer = json.loads(stream.readline())
    except (TimeoutError, BlockingIOError) as exc:
        raise MountUnreachable(f"The mount did not answer within {timeout:g} seconds.") from exc
    except OSError as exc:
        raise MountUnreachable(f"The mount cannot be asked: {exc.strerror}.") from exc
    except ValueError as exc:
        raise MountUnreachable("The mount ended before it had answered.") from exc
    if "error" in answer:
        raise ControlError(str(answer["error"]))
    result: dict[str, Any] = answer["result"]
    return result


def _connect(connection: sockets.socket, address: str, timeout: float | None) -> None:
    """Connect within *timeout* seconds, waiting for a place if the mount is asked by many.

    Python's own time limit makes `connect` fail at once when the queue is full; the kernel's waits.
    """
    if timeout is not None:
        limit = _TIMEVAL.pack(int(timeout), int(timeout % 1 * 1e6))
        connection.setsockopt(sockets.SOL_SOCKET, sockets.SO_SNDTIMEO, limit)
    connection.connect(address)
    connection.settimeout(timeout)


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """Yield a socket address for *path*; the kernel takes only 107 bytes of it at once."""
    directory = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


# --- the server -----------------------------------------------------------------------------------


async def serve(
    path: str | Path,
    handlers: Mapping[str, Handler],
    *,
    task_status: trio.TaskStatus[None] | None = None,
) -> None:
    """Answer requests at the socket *path* until cancelled; the socket is gone afterwards.

    Only this user and root are answered. A NotionFSError of a handler becomes the client's
    sentence; a bug in one is logged, and neither the other clients nor the mount notice.
    """
    import trio

    places = trio.Semaphore(MAX_CLIENTS)
    with _listening(Path(path)) as listening:
        listener = trio.SocketListener(trio.socket.from_stdlib_socket(listening))
        async with listener, trio.open_nursery() as nursery:
            if task_status is not None:
                task_status.started()
            while True:
                await places.acquire()
                client = await listener.accept()
                nursery.start_soon(_serve_client, client, handlers, places)


@contextmanager
def _listening(path: Path) -> Iterator[sockets.socket]:
    path.unlink(missing_ok=True)  # its name holds our pid: whoever left it is gone
    listening = sockets.socket(sockets.AF_UNIX)
    try:
        _bind(listening, path)
        listening.listen(MAX_CLIENTS)
        yield listening
    finally:
        listening.close()
        path.unlink(missing_ok=True)


def _bind(listening: sockets.socket, path: Path) -> None:
    mask = os.umask(0o177)
    try:
        with _address(path) as address:
            listening.bind(address)
    finally:
        os.umask(mask)


async def _serve_client(
    client: trio.SocketStream, handlers: Mapping[str, Handler], places: trio.Semaphore
) -> None:
    """Answer the one request of *client* and give its place away."""
    import trio

    try:
        async with client:
            line = b""
            with trio.move_on_after(PATIENCE):
                line = await _read_line(client)
            if line:
                answer = json.dumps(await _answer(line, handlers)).encode()
                with trio.move_on_after(PATIENCE):
                    await client.send_all(answer + b"\n")
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        _log.debug("a client of the control socket went away")
    finally:
        places.release()


async def _read_line(client: trio.SocketStream) -> bytes:
    """Return the line *client* sent, or nothing if it is a stranger or gave up."""
    if _user_of(client) not in (0, os.geteuid()):
        return b""
    received = bytearray()
    while b"\n" not in received:
        if len(received) > MAX_REQUEST:
            return bytes(received)
        chunk = await client.receive_some(MAX_REQUEST)
        if not chunk:
            return b""
        received += chunk
    return bytes(received)


def _user_of(client: trio.SocketStream) -> int:
    """Return the user at the other end, as the kernel saw it at `connect`."""
    facts = client.socket.getsockopt(sockets.SOL_SOCKET, sockets.SO_PEERCRED, _CREDENTIALS.size)
    _pid, user, _group = _CREDENTIALS.unpack(facts)
    return int(user)


async def _answer(line: bytes, handlers: Mapping[str, Handler]) -> Mapping[str, Any]:
    try:
        command, arguments = _parse(line)
    except (ValueError, RecursionError):
        return {"error": "The request is not one line of JSON with a command and its arguments."}
    handler = handlers.get(command)
    if handler is None:
        return {"error": f"This mount knows no command {command!a}."}
    try:
        return {"result": dict(await handler(arguments))}
    except NotionFSError as exc:
        return {"error": str(exc)}
    except Exception:
        _log.exception("the control command %r failed", command)
        return {"error": "The mount failed to answer; its log says why."}


def _parse(line: bytes) -> tuple[str, Mapping[str, Any]]:
    """Return the command and its arguments, or raise ValueError."""
    if len(line) > MAX_REQUEST:
        raise ValueError
    request = json.loads(line)
    if not isinstance(request, dict):
        raise ValueError
    command, arguments = request.get("command"), request.get("arguments", {})
    if not isinstance(command, str) or not isinstance(arguments, dict):
        raise ValueError
    return command, arguments
