"""What a service manager hears."""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import pytest

from notionfs.cli.manager import tell_manager


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_the_manager_hears_that_the_mount_is_ready(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One datagram of lines, to a socket in the file system or in the abstract name space."""
    address = str(tmp_path / "notify") if kind == "path" else f"@{tmp_path}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address.replace("@", "\0"))
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        tell_manager(READY="1", STATUS="Your workspace is ready.")
        assert manager.recv(1000) == b"READY=1\nSTATUS=Your workspace is ready."


def test_a_manager_that_is_gone_is_a_line_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The mount does not end for it."""
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    with caplog.at_level(logging.WARNING):
        tell_manager(READY="1")
    assert "cannot be told READY" in caplog.text


def test_without_a_manager_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal is no service manager."""
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    tell_manager(READY="1")
