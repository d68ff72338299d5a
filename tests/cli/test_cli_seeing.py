"""What people type to see what is there and what goes on, with a real mount."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from notionfs.cli.exits import Exit
from tests.cli.test_cli_mounts import COMMAND, User

pytestmark = pytest.mark.skipif(
    not os.access("/dev/fuse", os.R_OK | os.W_OK), reason="/dev/fuse cannot be used here"
)


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[User]:
    user = User(tmp_path_factory.mktemp("home"))
    user.mounts_demo()
    try:
        yield user
    finally:
        user.leaves()


def test_an_address_leads_to_the_file_and_back(user: User) -> None:
    """Also by id, and for a database's folder; what `path` prints can be opened."""
    files = [path for path in user.place.rglob("*.md") if ".notionfs" not in path.parts]
    file = files[len(files) // 2]
    address = user.types("url", file).stdout.strip()
    assert address.startswith("https://")
    assert user.types("path", address).stdout == f"{file}\n"
    record = json.loads(user.types("info", "--json", file).stdout)
    assert user.types("path", "--mount", user.place, record["id"]).stdout == f"{file}\n"
    folder = next(iter(user.place.rglob(".schema.yaml")), None)
    folder = folder.parent if folder else next(p for p in user.place.glob("*/*") if p.is_dir())
    address = user.types("url", folder).stdout.strip()
    assert Path(user.types("path", address).stdout.rstrip("\n")).with_suffix("") == folder


def test_what_is_no_address_is_said_so(user: User) -> None:
    """One sentence and an exit code."""
    done = user.types("path", "https://example.org/nothing")
    assert done.returncode == Exit.USAGE
    assert "no Notion id" in done.stderr
    for command in ("url", "info", "open"):
        done = user.types(command, user.place)
        assert (done.returncode, "is a whole mount; name a page" in done.stderr) == (2, True)
    done = user.types("path", "0" * 32)
    assert done.returncode != 0
    assert "notionfs sync" in done.stderr


def test_open_starts_the_browser_with_the_address(user: User, tmp_path: Path) -> None:
    """$BROWSER gets the address and nothing else."""
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/seen\n')
    browser.chmod(0o755)
    file = next((user.place / "acme").rglob("*.md"))
    done = user.types("open", file, BROWSER=str(browser))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "seen").read_text() == done.stdout


def test_a_search_prints_paths_and_its_age(user: User) -> None:
    """For people, and the same as JSON."""
    done = user.types("search", "roadmap")
    assert done.returncode == 0, done.stderr
    assert "as of " in done.stdout.splitlines()[-1]
    answer = json.loads(user.types("search", "--json", "--limit", "3", "the").stdout)
    assert len(answer["hits"]) == 3
    assert all((user.place / hit["path"]).exists() for hit in answer["hits"])


def test_a_search_below_a_directory(user: User) -> None:
    """`--in` also says which mount."""
    folder = user.place / "acme"
    answer = json.loads(user.types("search", "--json", "--in", folder, "a*").stdout)
    assert answer["hits"]
    assert all(hit["path"].startswith(f"{folder.name}/") for hit in answer["hits"])


@contextmanager
def watching(user: User, *arguments: object) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until Ctrl-C, which it takes for a good end."""
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)], env=user.environ, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0


def test_the_log_can_be_followed(user: User) -> None:
    """What is saved while somebody looks appears at the end."""
    file = next((user.place / "acme").rglob("*.md"))
    with watching(user, "log", "-f", "--json", file) as process:
        assert process.stdout is not None
        file.write_text(file.read_text() + "\nOne line more.\n")
        told = (json.loads(line) for line in process.stdout)
        saved = next(entry for entry in told if entry["event"] == "saved")
    assert user.place / saved["path"] == file
    assert "saved" in user.types("log", "-n", "20", file).stdout


def test_the_status_can_be_watched(user: User) -> None:
    """Screens follow each other in a pipe; with `--json` each is a line."""
    with watching(user, "status", "--watch", "--json") as process:
        assert process.stdout is not None
        seen = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert {facts["schema"] for facts in seen} == {1}
    with watching(user, "status", "-w") as process:
        assert process.stdout is not None
        heads = (line for line in process.stdout if line.startswith("Mount"))
        assert next(heads) == next(heads)
