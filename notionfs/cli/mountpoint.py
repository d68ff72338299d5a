"""What is at a mount point now, and whether something can be mounted there.

The kernel's own table is asked, because looking at a mount whose process is dead or stuck fails
or waits. Every obstacle is one sentence that says how to get round it.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from pathlib import Path

from msgspec import Struct

from notionfs import registry
from notionfs.config import Settings
from notionfs.errors import MountError, UsageError

FUSE_DEVICE = Path("/dev/fuse")
FUSE_SETTINGS = Path("/etc/fuse.conf")
MOUNT_TABLE = Path("/proc/self/mountinfo")

_OCTAL = re.compile(r"\\([0-7]{3})")


class Mounted(Struct, frozen=True):
    """What the kernel says is mounted somewhere; *kind* is the type of the file system.

    *user* is who mounted it, for a FUSE mount of an ordinary user or root.
    """

    kind: str
    source: str
    user: int | None = None

    @property
    def is_fuse(self) -> bool:
        """Whether a process in user space has to answer for it."""
        return self.kind.partition(".")[0] in ("fuse", "fuseblk")


def find_mounted(path: Path) -> Mounted | None:
    """Return the topmost file system mounted at exactly *path*, or None."""
    found = None
    for line in os.fsdecode(MOUNT_TABLE.read_bytes()).split("\n"):
        fields, _, rest = line.partition(" - ")
        words, tail = fields.split(" "), rest.split(" ")
        if len(words) > 4 and len(tail) > 1 and _plain(words[4]) == str(path):
            found = Mounted(tail[0], _plain(tail[1]), _user_of(tail[-1]))
    return found


def _user_of(options: str) -> int | None:
    values = (word.removeprefix("user_id=") for word in options.split(",") if "user_id=" in word)
    return next((int(value) for value in values if value.isdecimal()), None)


def _plain(field: str) -> str:
    r"""Undo the kernel's `\040` for a blank and the like."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), field)


def is_stale(path: Path) -> bool:
    """Tell whether the process behind the FUSE mount at *path* is gone."""
    try:
        os.statvfs(path)  # always asked anew; `stat` may still be answered from the kernel's cache
    except OSError as exc:
        return exc.errno in (errno.ENOTCONN, errno.ECONNABORTED)
    return False


def check_mountpoint(settings: Settings, *, force_unmount: bool) -> None:
    """Return if something can be mounted; raise MountError or UsageError with the obstacle.

    With *force_unmount*, what a crashed mount left behind is cleared first.
    """
    path = settings.mountpoint
    if settings.state_dir.is_relative_to(path):
        raise UsageError(f"The state directory {settings.state_dir} is inside the mount point.")
    mounted = find_mounted(path)
    if mounted is not None and mounted.is_fuse:  # over an empty disk or tmpfs we may mount
        _check_mounted(path, mounted, force_unmount=force_unmount)
    _check_directory(path)
    _check_fuse(allow_other=settings.allow_other)


def _check_mounted(path: Path, mounted: Mounted, *, force_unmount: bool) -> None:
    serving = [mount for mount in registry.find_mounts() if mount.mountpoint == str(path)]
    if serving:
        raise MountError(
            f"{path} is already mounted by notionfs (process {serving[0].pid}); "
            f"unmount it first: notionfs umount {path}"
        )
    if not is_stale(path):
        raise MountError(f"{path} is already mounted ({mounted.kind}, from {mounted.source}).")
    if not force_unmount:
        raise MountError(
            f"{path} is left over from a mount that crashed; "
            f"clear it and mount again: notionfs mount --force-unmount {path}"
        )
    unmount(path, lazy=True)


def _check_directory(path: Path) -> None:
    try:
        with os.scandir(path) as entries:
            first = next(entries, None)
    except FileNotFoundError:
        raise MountError(f"{path} does not exist; create it first: mkdir -p {path}") from None
    except NotADirectoryError:
        raise MountError(f"{path} is not a directory; choose an empty directory.") from None
    except OSError as exc:
        raise MountError(f"{path} cannot be used: {exc.strerror}.") from exc
    if first is not None:
        raise MountError(f"{path} is not empty (it holds {first.name}); choose an empty directory.")
    if not os.access(path, os.W_OK):
        raise MountError(f"{path} is not yours to write; choose a directory of your own.")


def _check_fuse(*, allow_other: bool) -> None:
    if not FUSE_DEVICE.exists():
        raise MountError(
            f"The device {FUSE_DEVICE} is missing; load it with: modprobe fuse. A container needs "
            f"--device {FUSE_DEVICE} --cap-add SYS_ADMIN."
        )
    if shutil.which("fusermount3") is None:
        raise MountError("The program fusermount3 is missing; install it: apt-get install fuse3")
    if allow_other and os.geteuid() != 0 and not others_allowed():
        raise MountError(
            f"--allow-other needs the line user_allow_other in {FUSE_SETTINGS}; "
            "only the administrator can add it."
        )


def others_allowed() -> bool:
    """Tell whether ordinary users may let other users into their mounts."""
    try:
        lines = FUSE_SETTINGS.read_text(errors="replace").splitlines()
    except OSError:
        return False
    return any(line.strip() == "user_allow_other" for line in lines)


def unmount(path: Path, *, lazy: bool = False) -> None:
    """Unmount *path*; *lazy* detaches it even while files are open.

    Raises MountError; when the mount is busy, the sentence names who keeps it so.
    """
    program = next((name for name in ("fusermount3", "umount") if shutil.which(name)), None)
    if program is None:
        raise MountError("The program fusermount3 is missing; install it: apt-get install fuse3")
    flags = {
        ("fusermount3", False): ["-u"],
        ("fusermount3", True): ["-uz"],
        ("umount", True): ["-l"],
    }
    done = subprocess.run(
        [program, *flags.get((program, lazy), []), "--", str(path)],
        env={**os.environ, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode == 0 or find_mounted(path) is None:
        return
    if "busy" in done.stderr:
        raise MountError(
            f"{path} is in use by {_names_of_users(path)}; close that and try again, "
            f"or detach it at once: notionfs umount --lazy {path}"
        )
    raise MountError(f"{path} cannot be unmounted: {done.stderr.strip() or program}.")


def _names_of_users(path: Path) -> str:
    users = [f"{name} (process {pid})" for pid, name in users_of(path)]
    return ", ".join(users[:5]) or "another program"


def users_of(path: Path) -> list[tuple[int, str]]:
    """Return pid and name of the processes that stand in *path* or hold something in it open.

    Only links under /proc are read, so that a stuck mount cannot hold us up; of other users'
    processes nothing is seen without being root.
    """
    found = []
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda entry: int(entry.name)):
        if any(_leads_into(link, path) for link in _links_of(process)):
            try:
                name = (process / "comm").read_text(errors="replace").strip()
            except OSError:
                continue  # it ended while we looked
            found.append((int(process.name), name))
    return found


def _links_of(process: Path) -> list[Path]:
    try:
        descriptors = list((process / "fd").iterdir())
    except OSError:
        descriptors = []
    return [process / "cwd", process / "root", *descriptors]


def _leads_into(link: Path, path: Path) -> bool:
    try:
        return link.readlink().is_relative_to(path)
    except OSError:
        return False
