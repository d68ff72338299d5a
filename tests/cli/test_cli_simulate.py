"""The simulator can be started, asked and stopped by hand."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

from notionfs.cli.exits import Exit
from notionfs.cli.main import main

COMMAND = (sys.executable, "-u", "-m", "notionfs", "simulate", "--seed", "empty", "--port")


def test_it_answers_where_it_says_and_ends_with_ctrl_c():
    """The two lines it prints are all that is needed to use it."""
    with subprocess.Popen(
        [*COMMAND, "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().split()[-1]
        assert "demo-token" in process.stdout.readline()
        question = urllib.request.Request(
            f"{url}/v1/users/me",
            headers={"Authorization": "Bearer demo-token", "Notion-Version": "2026-03-11"},
        )
        with urllib.request.urlopen(question, timeout=20) as answer:
            assert json.load(answer)["object"] == "user"
        process.send_signal(signal.SIGINT)
        assert process.stderr.read() == ""
    assert process.returncode == 0


def test_a_port_in_use_is_one_sentence():
    """The system's reason, without a traceback."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*COMMAND, str(port)], capture_output=True, text=True, timeout=30, check=False
        )
    assert done.returncode == Exit.USAGE
    assert done.stderr == f"notionfs: Port {port} cannot be used: Address already in use.\n"


@pytest.mark.parametrize("arguments", [[], ["--port", "70000"], ["--port", "0", "--seed", "x"]])
def test_a_wrong_call_is_refused(arguments, capsys):
    """Before anything is started."""
    assert main(["simulate", *arguments]) == Exit.USAGE
    assert "notionfs simulate --help" in capsys.readouterr().err
