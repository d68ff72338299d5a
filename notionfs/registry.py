"""Which mounts are running: one small JSON file for each, in a directory that only its user enters.

The file names the process, the mount point and the control socket (`control.py`). Files of
processes that died are removed by whoever reads them next.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from msgspec import Struct
from msgspec.structs import asdict

from notionfs.errors import MountError, UsageError


class RunningMount(Struct, frozen=True):
    """One mount, as its file in the runtime directory describes it.

    *ticks* is the start time of process *pid* in the kernel's count: a pid is used again, the
    pair never is.
    """

    pid: int
    ticks: int
    mountpoint: str
    socket: str
    state_dir: str
    started: str


def runtime_dir() -> Path:
    """Return the directory of sockets and mount files, made 0700 if it is missing.

    Raises MountError when it belongs to somebody else or others can enter it.
    """
    directory = next(path for path in _runtime_dirs() if path.parent.is_dir())
    directory.mkdir(mode=0o700, exist_ok=True)
    facts = directory.lstat()
    private = stat.S_ISDIR(facts.st_mode) and not facts.st_mode & 0o077
    if not private or facts.st_uid != os.geteuid():
        raise MountError(
            f"The directory {directory} must belong to you and be closed to others; "
            f"remove it and try again."
        )
    return directory


def _runtime_dirs() -> Iterator[Path]:
    """Every place where this user's mounts may be registered, the preferred one first.

    Several, because a mount from a login session must be found from cron or ssh as well.
    """
    user = os.geteuid()
    if named := os.environ.get("XDG_RUNTIME_DIR"):
        yield Path(named) / "notionfs"
    yield Path(f"/run/user/{user}/notionfs")
    if user == 0:
        yield Path("/run/notionfs")
    from platformdirs import user_state_path

    yield user_state_path("notionfs", ensure_exists=True) / "run"


def register(mountpoint: Path, state_dir: Path) -> RunningMount:
    """Announce that this process serves *mountpoint*, and name the socket it has to serve."""
    directory = runtime_dir()
    name = f"{sha256(os.fsencode(mountpoint)).hexdigest()[:12]}-{os.getpid()}"
    mount = RunningMount(
        pid=os.getpid(),
        ticks=_start_ticks(os.getpid()) or 0,
        mountpoint=str(mountpoint),
        socket=str(directory / f"{name}.sock"),
        state_dir=str(state_dir),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    partial = directory / f"{name}.partial"
    partial.write_text(json.dumps(asdict(mount)))
    partial.replace(directory / f"{name}.json")  # readers see all of it or nothing
    return mount


def unregister(mount: RunningMount) -> None:
    """Take the announcement and the socket away; nothing happens if they are gone."""
    for path in (Path(mount.socket), Path(mount.socket).with_suffix(".json")):
        with suppress(OSError):
            path.unlink()


def find_mounts() -> list[RunningMount]:
    """Return this user's running mounts; what dead processes left behind is removed."""
    found: dict[int, RunningMount] = {}
    for directory in _runtime_dirs():
        for file in sorted(directory.glob("*.json")):
            mount = _read_mount(file)
            if mount is None:
                continue
            if is_running(mount):
                found[mount.pid] = mount
            else:
                unregister(mount)
    return sorted(found.values(), key=lambda mount: mount.mountpoint)


def find_mount(path: Path | None) -> RunningMount:
    """Return the mount at or around *path*, or the only one there is when *path* is None.

    *path* is absolute and without symbolic links (`canonical`). Raises MountError when there is
    no such mount and UsageError when there are several to choose from.
    """
    mounts = find_mounts()
    if path is None:
        return _the_only(mounts)
    around = [mount for mount in mounts if path.is_relative_to(mount.mountpoint)]
    if not around:
        there = f"what is mounted is {_names(mounts)}" if mounts else _names(mounts)
        raise MountError(f"No running notionfs serves {path}; {there}.")
    return max(around, key=lambda mount: len(mount.mountpoint))


def is_running(mount: RunningMount) -> bool:
    """Tell whether the very process that registered *mount* is still there."""
    return _start_ticks(mount.pid) == mount.ticks


def canonical(path: str | Path) -> Path:
    """Return *path* as the kernel lists it, without touching what is mounted there.

    Looking at a mount whose process died or hangs fails or hangs too, so only the directory above
    is resolved, and the last name only if it is a symbolic link.
    """
    absolute = Path.cwd() / path
    if absolute.name in ("", ".."):
        return absolute.resolve()
    place = absolute.parent.resolve() / absolute.name
    try:
        target = place.readlink()
    except OSError:
        return place
    return canonical(place.parent / target)


def _the_only(mounts: list[RunningMount]) -> RunningMount:
    if not mounts:
        raise MountError("No notionfs mount is running.")
    if len(mounts) > 1:
        raise UsageError(f"Several mounts are running; name one: {_names(mounts)}.")
    return mounts[0]


def _names(mounts: list[RunningMount]) -> str:
    return ", ".join(mount.mountpoint for mount in mounts) or "no mount is running"


def _read_mount(file: Path) -> RunningMount | None:
    try:
        return RunningMount(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def _start_ticks(pid: int) -> int | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return None
    after_name = text.rpartition(")")[2].split()  # the name may hold anything, even ")"
    return None if after_name[0] in "ZX" else int(after_name[19])
