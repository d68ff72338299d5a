"""Running mounts can be found, dead ones vanish, and nobody else's directory is trusted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from notionfs import registry
from notionfs.errors import MountError, UsageError


@pytest.fixture(autouse=True)
def runtime(tmp_path, monkeypatch):
    directory = tmp_path / "run"
    directory.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(directory))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return directory / "notionfs"


def add(mountpoint: str) -> registry.RunningMount:
    return registry.register(Path(mountpoint), Path("/state"))


def found() -> list[str]:
    """The test's own mounts: the machine may have others."""
    return [m.mountpoint for m in registry.find_mounts() if m.pid == os.getpid()]


def test_a_registered_mount_is_found():
    """By its mount point, and by any path inside it."""
    mount = add("/mnt/a")

    assert registry.find_mount(Path("/mnt/a")) == mount
    assert registry.find_mount(Path("/mnt/a/b/c.md")) == mount


def test_a_name_that_only_begins_alike_is_another_place():
    """Paths are compared by their parts."""
    add("/mnt/a")

    with pytest.raises(MountError, match="/mnt/ab; what is mounted is /mnt/a"):
        registry.find_mount(Path("/mnt/ab"))


def test_an_unregistered_mount_is_gone():
    """Twice is as good as once."""
    mount = add("/mnt/a")
    registry.unregister(mount)
    registry.unregister(mount)

    assert found() == []


def test_what_a_dead_process_left_behind_is_removed(runtime):
    """A crash leaves files; the next reader clears them, socket included."""
    mount = add("/mnt/a")
    file = next(runtime.glob("*.json"))
    file.write_text(json.dumps(json.loads(file.read_text()) | {"ticks": mount.ticks + 1}))
    Path(mount.socket).touch()

    assert found() == []
    assert list(runtime.iterdir()) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_broken_file_is_passed_over(runtime, text):
    """One unreadable file hides no other mount."""
    add("/mnt/a")
    (runtime / "0.json").write_text(text)

    assert found() == ["/mnt/a"]


def test_the_directory_is_closed_to_others(runtime):
    """Whoever can enter it could answer in a mount's name."""
    add("/mnt/a")
    assert runtime.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "spoil", [lambda d: d.chmod(0o755), lambda d: (d.rmdir(), d.symlink_to("/"))]
)
def test_a_directory_that_is_not_private_is_refused(runtime, spoil):
    """An open directory or a symbolic link in its place is somebody else's doing."""
    runtime.mkdir(mode=0o700)
    spoil(runtime)

    with pytest.raises(MountError, match=str(runtime)):
        add("/mnt/a")


def test_without_a_name_the_only_mount_is_meant(monkeypatch):
    """One mount needs no name, two do, none is said so."""
    mounts: list[registry.RunningMount] = []
    monkeypatch.setattr(registry, "find_mounts", lambda: mounts)

    with pytest.raises(MountError, match="No notionfs mount is running"):
        registry.find_mount(None)
    mounts.append(add("/mnt/a"))
    assert registry.find_mount(None).mountpoint == "/mnt/a"
    mounts.append(add("/mnt/b"))
    with pytest.raises(UsageError, match="/mnt/a, /mnt/b"):
        registry.find_mount(None)


def test_a_path_is_named_as_the_kernel_lists_it(tmp_path, monkeypatch):
    """Symbolic links and the working directory are resolved, a missing end is not a mistake."""
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to("real")
    (real / "inner").symlink_to(real)
    monkeypatch.chdir(tmp_path)

    assert registry.canonical("link/notion") == real / "notion"
    assert registry.canonical("link") == real
    assert registry.canonical("link/inner") == real
    assert registry.canonical("real/.") == real
    assert registry.canonical(real / "..") == tmp_path
