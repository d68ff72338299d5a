"""Logs are private, rotate, and never hold the token."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from notionfs.cli import logs
from notionfs.config import Settings
from notionfs.errors import UsageError
from notionfs.model import Secret

TOKEN = "ntn_very_secret"


@pytest.fixture(autouse=True)
def restored():
    """Give pytest its handlers back."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    quieted = {name: logging.getLogger(name).level for name in logs._QUIET}
    yield
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    for name, old in quieted.items():
        logging.getLogger(name).setLevel(old)


def settings(tmp_path: Path, **more) -> Settings:
    return Settings(Path("/mnt"), tmp_path / "state", Secret(TOKEN), **more)


def start(tmp_path: Path, **more) -> Path:
    chosen = settings(tmp_path, **more)
    logs.start_logging(chosen, to_screen=False)
    return logs.log_path(chosen)


def test_the_log_is_private_and_in_the_state_directory(tmp_path):
    """Whoever looks for it finds it; nobody else reads it."""
    path = start(tmp_path)
    assert path == tmp_path / "state" / "notionfs.log"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_the_token_is_removed_from_messages_and_tracebacks(tmp_path):
    """Even a bug that raises with the token in hand does not write it down."""
    path = start(tmp_path)
    try:
        raise ValueError(f"header {TOKEN}")
    except ValueError:
        logging.getLogger("notionfs.api").exception("failed with %s", TOKEN)
    text = path.read_text()
    assert TOKEN not in text
    assert text.count("[token]") == 2
    assert "Traceback" in text


def test_a_title_cannot_forge_or_paint_a_line(tmp_path):
    """Escapes stay visible when the log is shown on a terminal."""
    path = start(tmp_path)
    logging.getLogger("x").warning("page %s", "\x1b[31m\r2026 fake")
    assert r"page \x1b[31m\r2026 fake" in path.read_text()


def test_a_full_log_makes_room_and_stays_private(tmp_path, monkeypatch):
    """Old lines move to numbered files."""
    monkeypatch.setattr(logs, "MAX_BYTES", 200)
    path = start(tmp_path)
    for number in range(10):
        logging.getLogger("x").warning("line %d %s", number, "." * 60)
    kept = sorted(path.parent.glob("notionfs.log*"))
    assert len(kept) == 1 + logs.KEPT_FILES
    assert all(file.stat().st_mode & 0o777 == 0o600 for file in kept)


def test_the_level_is_the_users_choice(tmp_path):
    """Libraries that log every request stay quiet all the same."""
    path = start(tmp_path, log_level="debug")
    logging.getLogger("notionfs").debug("ours")
    logging.getLogger("httpx").info("theirs")
    assert "ours" in path.read_text()
    assert "theirs" not in path.read_text()


def test_a_log_that_cannot_be_written_is_a_sentence(tmp_path):
    """Found before the mount, not after."""
    with pytest.raises(UsageError, match="cannot be written"):
        start(tmp_path, log_file=tmp_path)


def test_a_symbolic_link_is_not_followed(tmp_path):
    """A log must not overwrite what somebody points it at."""
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(UsageError):
        start(tmp_path, log_file=tmp_path / "link")


def test_in_the_foreground_the_lines_are_on_the_screen(tmp_path, capsys):
    """Unless a file was named."""
    logs.start_logging(settings(tmp_path), to_screen=True)
    logging.getLogger("x").warning("seen")
    assert "seen" in capsys.readouterr().err
    named = tmp_path / "named.log"
    logs.start_logging(settings(tmp_path, log_file=named), to_screen=True)
    logging.getLogger("x").warning("filed")
    assert "filed" in named.read_text()
    assert capsys.readouterr().err == ""
