"""Every obstacle to a mount is found before anything starts, and named with the way round it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from notionfs import registry
from notionfs.cli import mountpoint as at
from notionfs.config import Settings
from notionfs.errors import MountError, UsageError

TABLE = r"""22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
40 22 0:40 / /mnt/with\040blank rw,nosuid shared:9 master:2 - fuse.notionfs notionfs rw,user_id=0
41 22 0:41 / /mnt/twice rw - tmpfs tmpfs rw
42 41 0:42 / /mnt/twice rw - fuse.notionfs notionfs rw
43 22 0:43 / /mnt/disk rw - ext4 /dev/sdb1 rw
"""


@pytest.fixture(autouse=True)
def surroundings(tmp_path, monkeypatch):
    """A machine where FUSE works and nothing is mounted."""
    runtime = tmp_path / "run"
    runtime.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state-home"))
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "fusermount3").write_text("#!/bin/sh\n")
    (programs / "fusermount3").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    for name in ("FUSE_DEVICE", "FUSE_SETTINGS", "MOUNT_TABLE"):
        (tmp_path / name).touch()
        monkeypatch.setattr(at, name, tmp_path / name)
    return tmp_path


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "notion"
    place.mkdir()
    return place


def check(place: Path, *, force_unmount: bool = False, **more) -> None:
    at.check_mountpoint(
        Settings(mountpoint=place, **{"state_dir": Path("/state"), **more}),
        force_unmount=force_unmount,
    )


def mount_at(place: Path, surroundings: Path, kind: str = "fuse.notionfs") -> None:
    line = f"40 22 0:40 / {place} rw - {kind} notionfs rw\n"
    (surroundings / "MOUNT_TABLE").write_text(TABLE + line)


def test_an_empty_directory_will_do(place):
    """Nothing stands in the way."""
    check(place)


def test_a_missing_directory_is_named_with_the_command_that_makes_it(place):
    """The user may have mistyped it, so it is not created."""
    with pytest.raises(MountError, match="mkdir -p"):
        check(place / "missing")
    assert not (place / "missing").exists()


def test_a_file_is_not_a_directory(place):
    """One sentence, not errno 20."""
    (place / "file").touch()
    with pytest.raises(MountError, match="is not a directory"):
        check(place / "file")


def test_a_directory_in_use_is_refused_with_what_it_holds(place):
    """Mounting over files would hide them."""
    (place / "thesis.tex").touch()
    with pytest.raises(MountError, match=r"is not empty \(it holds thesis\.tex\)"):
        check(place)


def test_the_state_directory_cannot_be_inside(place):
    """A mount that keeps its store in itself waits for itself."""
    with pytest.raises(UsageError, match="inside the mount point"):
        check(place, state_dir=place / "state")


def test_our_own_mount_is_named_with_its_process(place, surroundings):
    """The sentence says who, and how to end it."""
    mount_at(place, surroundings)
    registry.register(place, Path("/state"))
    with pytest.raises(MountError, match=rf"process {os.getpid()}\); unmount it first"):
        check(place)


def test_somebody_elses_fuse_mount_is_named(place, surroundings):
    """It is alive and not ours, so --force-unmount does not touch it."""
    mount_at(place, surroundings, "fuse.sshfs")
    with pytest.raises(MountError, match=r"already mounted \(fuse\.sshfs"):
        check(place, force_unmount=True)


def test_an_empty_disk_can_be_mounted_over(place, surroundings):
    """A volume of a container is a mount point too, and a fine place."""
    mount_at(place, surroundings, "ext4")
    check(place)


def test_a_crashed_mount_is_named_with_the_flag_that_clears_it(place, surroundings, monkeypatch):
    """Nothing is unmounted without being asked."""
    mount_at(place, surroundings)
    monkeypatch.setattr(at, "is_stale", lambda path: True)
    with pytest.raises(MountError, match="--force-unmount"):
        check(place)


def test_a_crashed_mount_is_cleared_when_asked(place, surroundings, monkeypatch):
    """What is left behind goes, and the mount can follow."""
    mount_at(place, surroundings)
    monkeypatch.setattr(at, "is_stale", lambda path: True)
    called = surroundings / "called"
    (surroundings / "bin" / "fusermount3").write_text(f'#!/bin/sh\necho "$@" > {called}\n')
    check(place, force_unmount=True)
    assert called.read_text().split() == ["-uz", "--", str(place)]


def test_a_machine_without_the_device_is_told_how_to_get_it(place, surroundings):
    """Containers rarely have it."""
    (surroundings / "FUSE_DEVICE").unlink()
    with pytest.raises(MountError, match="modprobe fuse"):
        check(place)


def test_a_machine_without_fusermount_is_told_what_to_install(place, surroundings):
    """The package is named."""
    (surroundings / "bin" / "fusermount3").unlink()
    with pytest.raises(MountError, match="apt-get install fuse3"):
        check(place)


def test_others_need_the_administrators_word(place, surroundings, monkeypatch):
    """The kernel would refuse with a riddle."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(MountError, match="user_allow_other"):
        at._check_fuse(allow_other=True)
    (surroundings / "FUSE_SETTINGS").write_text("# comment\nuser_allow_other\n")
    at._check_fuse(allow_other=True)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/mnt/with blank", "fuse.notionfs"),
        ("/mnt/twice", "fuse.notionfs"),
        ("/mnt/disk", "ext4"),
        ("/mnt/none", None),
        ("/mnt", None),
    ],
)
def test_the_kernels_table_is_read_as_it_is_written(surroundings, path, kind):
    """Blanks are escaped there, and the last of several mounts at one place is on top."""
    (surroundings / "MOUNT_TABLE").write_text(TABLE)
    found = at.find_mounted(Path(path))
    assert (found.kind if found else None) == kind


def test_who_stands_in_the_mount_is_found(place):
    """A busy mount is explained by the programs that keep it so."""
    with subprocess.Popen(
        [sys.executable, "-c", "print(flush=True); input()"],
        cwd=place,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        pids = [pid for pid, _name in at.users_of(place)]
        program.communicate(b"\n")
    assert pids == [program.pid]


def test_a_busy_mount_says_who_to_close(place, surroundings):
    """The sentence offers the way out, too."""
    mount_at(place, surroundings)
    script = (
        '#!/bin/sh\necho "fusermount3: failed to unmount: Device or resource busy" >&2\nexit 1\n'
    )
    (surroundings / "bin" / "fusermount3").write_text(script)
    with (place / "open.md").open("w"), pytest.raises(MountError, match="umount --lazy") as caught:
        at.unmount(place)
    assert f"process {os.getpid()}" in str(caught.value)


def test_without_fusermount_the_systems_umount_is_used(place, surroundings):
    """Root needs no more than that."""
    called = surroundings / "called"
    (surroundings / "bin" / "fusermount3").rename(surroundings / "bin" / "umount")
    (surroundings / "bin" / "umount").write_text(f'#!/bin/sh\necho "$@" > {called}\n')
    at.unmount(place, lazy=True)
    assert called.read_text().split() == ["-l", "--", str(place)]
