"""mount.notionfs: the lines people write into fstab, and who the mount then belongs to."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from notionfs.cli.mount_helper import Exit, main, read_request
from notionfs.cli.mountpoint import find_mounted
from notionfs.errors import UsageError
from tests.cli.own_space import OTHER_USER, home, in_a_space_of_its_own, needs_root, who

__all__ = ["home"]

HELPER = f"{sys.executable} {Path(__file__).with_name('helper.py')}"

# --- the command line -----------------------------------------------------------------------------


def test_a_line_of_fstab_becomes_settings() -> None:
    """As mount(8) passes it on: generic words are dropped, keys of the settings file are kept."""
    words = (
        "rw,noatime,_netdev,nofail,x-systemd.automount,user=ada,uid=ada,sync,poll=60,names=title"
    )
    request = read_request(["notionfs", "/home/ada/notion", "-o", words])
    assert request.user == "ada"
    assert request.flags == {"sync": True, "poll": "60", "names": "title"}


def test_the_order_and_the_number_of_flags_do_not_matter() -> None:
    """mount(8) gives the flags last, autofs first."""
    request = read_request(
        ["-n", "-o", "ro", "-t", "notionfs", "demo", "/mnt", "-o", "xattrs=false"]
    )
    assert (request.source, request.directory) == ("demo", "/mnt")
    assert request.flags == {"demo": True, "read_only": True, "xattrs": False}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "usage"),
        (["notionfs"], "usage"),
        (["notionfs", "/mnt", "/more"], "usage"),
        (["notionfs", "/mnt", "-o"], "-o needs a value"),
        (["notionfs", "/mnt", "-o", "remount"], "remount"),
        (["notionfs", "/mnt", "-o", "pol=3"], "pol"),
        (["/dev/sda1", "/mnt"], "/dev/sda1"),
    ],
)
def test_what_is_not_understood_is_refused_and_named(arguments: list[str], named: str) -> None:
    """A typing error in fstab must not mount something else."""
    with pytest.raises(UsageError, match=named):
        read_request(arguments)


def test_a_sloppy_mount_drops_what_is_not_understood() -> None:
    """mount -s, as autofs uses it."""
    assert read_request(["notionfs", "/mnt", "-s", "-o", "pol=3,ro"]).flags == {"read_only": True}


def test_a_fake_mount_checks_and_mounts_nothing(tmp_path: Path, capsys) -> None:
    """mount -f, as people check a line of fstab."""
    assert main(["demo", str(tmp_path), "-f"]) == Exit.OK
    assert main(["demo", str(tmp_path), "-f", "-o", "poll=often"]) == Exit.USAGE
    assert "poll = 'often' does not fit" in capsys.readouterr().err
    assert find_mounted(tmp_path) is None


def test_an_unknown_user_is_one_sentence(tmp_path: Path, capsys) -> None:
    """Nothing is mounted as somebody else instead."""
    assert main(["demo", str(tmp_path), "-o", "uid=no-such-user"]) == Exit.USAGE
    assert "no-such-user" in capsys.readouterr().err


# --- real mounts ----------------------------------------------------------------------------------


@needs_root
def test_the_helper_mounts_and_umount_takes_it_away(home: Path) -> None:
    """Called as mount(8) calls it; umount(8) needs no helper."""
    script = f"""
    {HELPER} demo {home}/notion -n -o ro,noatime
    ls {home}/notion
    refuses touch {home}/notion/x.md
    umount {home}/notion
    refuses grep -q {home}/notion /proc/mounts
    """
    done = in_a_space_of_its_own(script, home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["acme"]


@needs_root
def test_an_ordinary_user_mounts_reads_writes_and_unmounts(home: Path) -> None:
    """With fusermount3 and no right but to read this program, wherever it is installed."""
    for path in (home, home / "notion", home / "state", home / "run"):
        shutil.chown(path, OTHER_USER)
    user = who(OTHER_USER, reads_all=True)
    command = f"{user} {sys.executable} -m notionfs"
    script = f"""
    chmod 700 {home}/run
    {command} mount --demo {home}/notion
    {user} sh -c 'echo "A line." >> {home}/notion/acme/product.md'
    {user} tail -1 {home}/notion/acme/product.md
    {user} stat -c %U {home}/notion/acme/product.md
    refuses ls {home}/notion/acme 2>/dev/null
    {command} umount {home}/notion
    """
    done = in_a_space_of_its_own(script, home)
    assert done.returncode == 0, done.stderr
    assert "A line.\n" + OTHER_USER in done.stdout
