"""The control socket answers its user, one line for one line, whatever else a client does."""

from __future__ import annotations

import json
import os
import socket
import stat
from functools import partial

import pytest
import trio

from notionfs import control
from notionfs.errors import ControlError, MountUnreachable, NoSuchEntry


async def echo(arguments):
    return {"said": dict(arguments)}


async def refuse(arguments):
    raise NoSuchEntry("There is no page of that name.")


async def stumble(arguments):
    raise ZeroDivisionError("private")


async def wait(arguments):
    await trio.sleep_forever()
    return {}


HANDLERS = {"echo": echo, "refuse": refuse, "stumble": stumble, "wait": wait}


@pytest.fixture
async def path(tmp_path, nursery):
    path = tmp_path / "mount.sock"

    async def serve(task_status):
        await control.serve(path, HANDLERS, task_status=task_status)

    await nursery.start(serve)
    return path


async def ask(path, command, arguments=None, **more):
    return await trio.to_thread.run_sync(partial(control.call, path, command, arguments, **more))


async def send(path, data: bytes) -> bytes:
    """Send raw bytes, half-close, and return all that comes back."""
    async with await trio.open_unix_socket(str(path)) as stream:
        await stream.send_all(data)
        await stream.send_eof()
        return b"".join([chunk async for chunk in stream])


async def test_a_question_is_answered(path):
    """Arguments travel there, the result travels back."""
    assert await ask(path, "echo", {"path": "ä"}) == {"said": {"path": "ä"}}


async def test_a_refusal_arrives_as_the_sentence_of_the_room(path):
    """What a handler raises is what the user reads."""
    with pytest.raises(ControlError, match="There is no page of that name"):
        await ask(path, "refuse")


async def test_a_bug_in_a_handler_is_logged_and_not_told(path, caplog):
    """The client learns that it failed; the text of the exception stays in the log."""
    with pytest.raises(ControlError, match="its log says why") as caught:
        await ask(path, "stumble")

    assert "private" not in str(caught.value)
    assert "ZeroDivisionError" in caplog.text
    caplog.clear()


async def test_an_unknown_command_is_refused_by_name(path):
    """An older mount says what it does not know."""
    with pytest.raises(ControlError, match="no command 'dance'"):
        await ask(path, "dance")


@pytest.mark.parametrize(
    "data",
    [
        b"\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xfe\x00\n",
        b"[1, 2]\n",
        b'{"command": 3}\n',
        b'{"command": "echo", "arguments": []}\n',
        b"[" * 60_000 + b"\n",
        b"x" * (control.MAX_REQUEST + 1),
    ],
)
async def test_garbage_is_answered_and_harms_nobody(path, data):
    """Whatever arrives, the next client is served."""
    assert "error" in json.loads(await send(path, data))
    assert await ask(path, "echo") == {"said": {}}


@pytest.mark.parametrize("data", [b"", b'{"command": "echo"'])
async def test_a_client_that_leaves_early_gets_nothing(path, data):
    """Half a line is not a request."""
    assert await send(path, data) == b""


async def test_a_silent_client_is_sent_away(tmp_path, autojump_clock, nursery):
    """A place at the socket is lent for a limited time."""
    path = tmp_path / "s"
    await nursery.start(partial(control.serve, path, HANDLERS))

    async with await trio.open_unix_socket(str(path)) as stream:
        assert await stream.receive_some() == b""
    assert trio.current_time() >= control.PATIENCE
    nursery.cancel_scope.cancel()


async def test_many_clients_are_served_together(path):
    """More clients than places: they wait, and all are answered."""
    answers = []

    async def client(number):
        answers.append((await ask(path, "echo", {"n": number}))["said"]["n"])

    async with trio.open_nursery() as nursery:
        for number in range(3 * control.MAX_CLIENTS):
            nursery.start_soon(client, number)

    assert sorted(answers) == list(range(3 * control.MAX_CLIENTS))


async def test_a_slow_command_holds_up_nobody_else(path, nursery):
    """Requests run side by side."""
    async with await trio.open_unix_socket(str(path)) as stream:
        await stream.send_all(b'{"command": "wait"}\n')
        assert await ask(path, "echo") == {"said": {}}


async def test_an_answer_that_takes_too_long_is_given_up(path):
    """The caller chooses how long to wait."""
    with pytest.raises(MountUnreachable, match=r"within 0\.05 seconds"):
        await ask(path, "wait", timeout=0.05)


async def test_nobody_else_can_open_the_socket(path):
    """Only its owner may connect."""
    facts = path.stat()
    assert stat.S_ISSOCK(facts.st_mode)
    assert stat.S_IMODE(facts.st_mode) == 0o600


async def test_the_socket_goes_with_the_server(tmp_path):
    """A socket that is there has somebody behind it, after an orderly end."""
    path = tmp_path / "s"
    async with trio.open_nursery() as nursery:
        await nursery.start(partial(control.serve, path, HANDLERS))
        assert path.exists()
        nursery.cancel_scope.cancel()
    assert not path.exists()


async def test_a_leftover_socket_is_replaced(tmp_path, nursery):
    """A crash leaves its socket behind; the next server takes the name."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    await nursery.start(partial(control.serve, path, HANDLERS))
    assert await ask(path, "echo") == {"said": {}}
    nursery.cancel_scope.cancel()


async def test_a_path_may_be_longer_than_a_socket_address(tmp_path, nursery):
    """The kernel takes 107 bytes; home directories do not know that."""
    path = tmp_path / ("d" * 120) / "s"
    path.parent.mkdir()
    await nursery.start(partial(control.serve, path, HANDLERS))
    assert await ask(path, "echo") == {"said": {}}
    nursery.cancel_scope.cancel()


def test_without_a_server_the_client_says_so(tmp_path):
    """A dead mount is a situation, not a traceback."""
    with pytest.raises(MountUnreachable):
        control.call(tmp_path / "none.sock", "status")
    with pytest.raises(MountUnreachable):
        control.call(tmp_path / "gone" / "none.sock", "status")


def test_a_server_that_hangs_up_is_named(tmp_path):
    """An end without an answer is not mistaken for one."""
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        pid = os.fork()
        if pid == 0:  # accept one client, read its line, and leave
            connection, _ = server.accept()
            connection.recv(1000)
            os._exit(0)
        with pytest.raises(MountUnreachable, match="ended before"):
            control.call(path, "status")
        os.waitpid(pid, 0)
