"""The command with a real mount: every promise of its help text, through the kernel."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from notionfs.cli.exits import Exit
from notionfs.cli.mountpoint import find_mounted, is_stale

pytestmark = pytest.mark.skipif(
    not os.access("/dev/fuse", os.R_OK | os.W_OK), reason="/dev/fuse cannot be used here"
)

COMMAND = (sys.executable, "-m", "notionfs")


class User:
    """Somebody with a home of their own who types commands."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.place = home / "notion"
        self.place.mkdir()
        (home / "run").mkdir()
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home / "run"),
        }

    def types(self, *arguments: object, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *map(str, arguments)],
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def mounts_demo(self, *options: str) -> int:
        """Mount the demo and return the pid of its process."""
        done = self.types("mount", "--demo", *options, self.place)
        assert done.returncode == 0, done.stderr
        pid: int = json.loads(self.types("status", "--json").stdout)["pid"]
        return pid

    def leaves(self) -> None:
        """End every mount of this user."""
        files = list((self.home / "run").glob("notionfs/*.json"))
        for mount in [json.loads(file.read_text()) for file in files]:
            self.types("umount", "--lazy", "--wait", "0", mount["mountpoint"])
            wait_for_end(mount["pid"])
        if find_mounted(self.place):
            self.types("umount", "--lazy", self.place)


def wait_for_end(pid: int) -> None:
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    assert select.select([process], [], [], 20)[0], "the process did not end"
    os.close(process)


@pytest.fixture
def user(tmp_path) -> Iterator[User]:
    user = User(tmp_path)
    yield user
    user.leaves()


def test_a_mount_answers_as_soon_as_the_command_returns(user):
    """Mount, look, ask, unmount: the first minute of a new user."""
    done = user.types("mount", "--demo", user.place)
    assert done.returncode == 0, done.stderr
    assert f"The demo workspace at {user.place} is ready" in done.stdout
    assert done.stderr == ""
    assert os.listdir(user.place)  # noqa: PTH208  # the system call is what is tested

    facts = json.loads(user.types("status", user.place, "--json").stdout)
    assert facts["mountpoint"] == str(user.place)
    assert facts["demo"] is True
    assert "(demo)" in user.types("status").stdout
    assert user.types("sync").returncode == 0

    done = user.types("umount", user.place)
    assert (done.returncode, done.stdout) == (Exit.OK, f"Unmounted {user.place}.\n"), done.stderr
    assert find_mounted(user.place) is None
    wait_for_end(facts["pid"])
    assert user.types("status").returncode == Exit.MOUNT


def test_a_second_mount_at_the_same_place_is_refused(user):
    """With the process that is there already."""
    pid = user.mounts_demo()
    done = user.types("mount", "--demo", "--force-unmount", user.place)
    assert done.returncode == Exit.MOUNT
    assert f"process {pid}" in done.stderr


def test_a_second_mount_of_the_same_store_is_refused(user):
    """Two processes on one store would spoil it."""
    pid = user.mounts_demo()
    other = user.home / "other"
    other.mkdir()
    done = user.types("mount", "--demo", other)
    assert done.returncode == Exit.STORE
    assert f"process {pid}" in done.stderr
    assert find_mounted(other) is None


def test_a_busy_mount_says_who_and_lazy_takes_it_away(user):
    """A program that stands in the mount keeps it; the user decides."""
    pid = user.mounts_demo()
    with subprocess.Popen(["cat"], cwd=user.place, stdin=subprocess.PIPE) as program:
        busy = user.types("umount", user.place)
        lazy = user.types("umount", "--lazy", user.place)
        program.communicate()
    assert busy.returncode == Exit.MOUNT
    assert f"cat (process {program.pid})" in busy.stderr
    assert lazy.returncode == Exit.OK
    assert find_mounted(user.place) is None
    wait_for_end(pid)


def test_what_a_crash_left_is_named_and_cleared_when_asked(user):
    """`kill -9` is survived by a second command."""
    pid = user.mounts_demo()
    for process in (*helpers_for(user.place), pid):  # a helper left alive would unmount
        os.kill(process, signal.SIGKILL)
    wait_for_end(pid)
    assert is_stale(user.place)

    done = user.types("mount", "--demo", user.place)
    assert done.returncode == Exit.MOUNT
    assert "--force-unmount" in done.stderr

    assert user.types("mount", "--demo", "--force-unmount", user.place).returncode == 0
    assert os.listdir(user.place)  # noqa: PTH208


def helpers_for(place: Path) -> list[int]:
    """Return the processes of libfuse that wait to unmount *place* when its mount dies."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"fusermount3") and os.fsencode(place) in words:
            found.append(int(entry.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_in_the_foreground_a_signal_unmounts(user, number):
    """Ctrl-C is an orderly end with exit code 0."""
    with subprocess.Popen(
        [*COMMAND, "mount", "-f", "--demo", str(user.place)],
        env=user.environ,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("is ready; Ctrl-C unmounts" in line for line in lines)
        assert find_mounted(user.place)
        process.send_signal(number)
        rest = process.stderr.read()
    assert process.returncode == 0, rest
    assert "Traceback" not in rest
    assert find_mounted(user.place) is None


@pytest.fixture
def simulator(user) -> Iterator[str]:
    """A small Notion on loopback, by its own command."""
    with subprocess.Popen(
        [*COMMAND, "simulate", "--port", "0", "--seed", "empty"],
        env={**user.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.send_signal(signal.SIGINT)


def test_a_workspace_on_a_server_is_mounted_with_a_token(user, simulator):
    """The token comes from the environment, and goes nowhere else."""
    done = user.types("mount", "--base-url", simulator, user.place, NOTION_TOKEN="demo-token")
    assert done.returncode == 0, done.stderr
    pid = json.loads(user.types("status", "--json").stdout)["pid"]
    assert b"demo-token" not in Path(f"/proc/{pid}/cmdline").read_bytes()
    assert "demo-token" not in (user.home / ".local/state/notionfs/notionfs.log").read_text()
    assert user.types("umount", user.place).returncode == 0


def test_a_wrong_token_is_one_sentence_and_exit_3(user, simulator):
    """Nothing is mounted, and the token is not repeated."""
    done = user.types("mount", "--base-url", simulator, user.place, NOTION_TOKEN="ntn_wrong")
    assert done.returncode == Exit.NOTION
    assert done.stderr.startswith("notionfs: ")
    assert done.stderr.count("\n") == 1
    assert "ntn_wrong" not in done.stderr
    assert find_mounted(user.place) is None


def test_an_unreachable_server_is_one_sentence_and_exit_3(user):
    """A first mount needs Notion; later ones do not."""
    done = user.types(
        "mount", "--base-url", "http://127.0.0.1:9", user.place, NOTION_TOKEN="demo-token"
    )
    assert done.returncode == Exit.NOTION
    assert done.stderr.count("\n") == 1


def test_a_damaged_demo_workspace_is_named(user):
    """One sentence and exit code 5, not a traceback."""
    user.mounts_demo()
    assert user.types("umount", user.place).returncode == 0
    [kept] = user.home.rglob("demo-workspace.json")
    kept.write_text("not a workspace")
    done = user.types("mount", "--demo", user.place)
    assert done.returncode == Exit.STORE
    assert str(kept) in done.stderr


def test_sighup_reloads_and_the_mount_stays(user, simulator):
    """As `systemctl reload` and `notionfs reload` do; a new teamspace is a directory at once."""
    config = user.home / ".config/notionfs/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("poll = 60\n")
    done = user.types("mount", "--base-url", simulator, user.place, NOTION_TOKEN="demo-token")
    assert done.returncode == 0, done.stderr
    pid = json.loads(user.types("status", "--json").stdout)["pid"]
    done = user.types("teamspace", "add", "docs", "8efdd9d1-f201-55b6-93e7-37eb1396f97b")
    assert done.stdout.endswith(f"{user.place} follows.\n"), done.stderr
    assert "docs" in os.listdir(user.place)  # noqa: PTH208
    config.write_text("poll = 90\n")
    os.kill(pid, signal.SIGHUP)
    assert "Nothing changed." in user.types("reload").stdout  # the signal was faster
    assert "docs" not in os.listdir(user.place)  # noqa: PTH208
    assert json.loads(user.types("status", "--json").stdout)["pid"] == pid


def test_several_connections_are_mounted_at_once(user, simulator):
    """Each with a store and a process of its own; a path tells which one is meant."""
    work = user.home / "work"
    work.mkdir()
    user.mounts_demo()
    done = user.types("mount", "--base-url", simulator, work, NOTION_TOKEN="demo-token")
    assert done.returncode == 0, done.stderr
    [one, other] = [
        json.loads(user.types("status", p, "--json").stdout) for p in (user.place, work)
    ]
    assert (one["demo"], other["demo"]) == (True, False)
    assert one["pid"] != other["pid"]
    assert one["state_dir"] != other["state_dir"]
    assert user.types("status").returncode == Exit.USAGE
    assert user.types("umount", work).returncode == 0
    assert find_mounted(user.place)


def test_two_people_on_one_machine_do_not_meet(user, tmp_path_factory):
    """Two homes, two stores, two mounts of the same name."""
    with_other = User(tmp_path_factory.mktemp("bob"))
    try:
        user.mounts_demo()
        with_other.mounts_demo()
        with (user.place / "acme/product.md").open("a") as page:
            page.write("Only here.\n")
        assert "Only here." not in (with_other.place / "acme/product.md").read_text()
        assert str(user.place) not in with_other.types("status").stdout
    finally:
        with_other.leaves()


def test_an_unused_mount_goes_away(user):
    """Not while a file is open in it."""
    pid = user.mounts_demo("--idle-timeout", "1")
    with (user.place / "acme/product.md").open():
        process = os.pidfd_open(pid)
        assert not select.select([process], [], [], 2.5)[0]
        os.close(process)
    wait_for_end(pid)
    assert find_mounted(user.place) is None


def test_letting_others_in_is_warned_of(user):
    """They write in the name of whoever mounted."""
    done = user.types("mount", "--demo", "--allow-other", user.place)
    assert "in your name" in done.stderr


HASTY = """
import os, signal, sys
from notionfs import app
from notionfs.cli.main import main

async def answering(mountpoint):
    os.kill(os.getpid(), signal.SIGTERM)

app._answering = answering
sys.exit(main(sys.argv[1:]))
"""


def test_a_signal_at_the_moment_of_mounting_leaves_no_mount_behind(user):
    """Whoever stops a service while it starts finds the directory as it was."""
    done = subprocess.run(
        [sys.executable, "-c", HASTY, "mount", "-f", "--demo", user.place],
        env=user.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == Exit.OK, done.stderr
    assert find_mounted(user.place) is None
