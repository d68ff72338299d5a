"""This machine: FUSE, what earlier mounts left, running mounts, disk space, proxies."""

from __future__ import annotations

import os
import platform
import shutil
import stat
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from notionfs import control, registry
from notionfs.cli.checkup.finding import Finding, failed, note, ok, warning
from notionfs.cli.mountpoint import FUSE_DEVICE, find_mounted, is_stale, others_allowed
from notionfs.config import Settings
from notionfs.errors import ControlError
from notionfs.words import megabytes

LOW_SPACE = 20 * 2**20
SCARCE_SPACE = 500 * 2**20
_PATIENCE = 3.0
_PROXIES = ("https_proxy", "http_proxy", "all_proxy", "no_proxy")


def check_system() -> Iterator[Finding]:
    """Python and the kernel; writable mmap and readdirplus need a kernel of this decade."""
    release = platform.release()
    version = tuple(int(part) for part in release.split("-")[0].split(".")[:2] if part.isdigit())
    words = f"Python {platform.python_version()}, {platform.system()} {release}"
    if sys.platform != "linux":
        yield failed("system", words, "notionfs needs Linux.")
    elif version < (4, 20):
        yield warning("system", words, "Kernels before 4.20 cache less; upgrade it.")
    else:
        yield ok("system", words)


def check_fuse(settings: Settings | None) -> Iterator[Finding]:
    """The device, the helper that ordinary users need, and what the helper needs."""
    yield _device()
    yield from _helper()
    if settings is not None and settings.allow_other:
        if os.geteuid() == 0 or others_allowed():
            yield warning(
                "allow_other",
                "other users of this machine see every page of the mount",
                "Leave it out unless they may.",
            )
        else:
            yield failed(
                "allow_other",
                "it is set, but only the administrator can allow it",
                "Add the line user_allow_other to /etc/fuse.conf, or leave allow_other out.",
            )


def _device() -> Finding:
    if not FUSE_DEVICE.exists():
        return failed(
            "fuse",
            f"{FUSE_DEVICE} is missing",
            "Run modprobe fuse; a container needs --device /dev/fuse --cap-add SYS_ADMIN.",
        )
    if not os.access(FUSE_DEVICE, os.R_OK | os.W_OK):
        mode = stat.S_IMODE(FUSE_DEVICE.stat().st_mode)
        return failed(
            "fuse",
            f"{FUSE_DEVICE} is closed to you (mode {mode:04o})",
            f"Open it: sudo chmod 666 {FUSE_DEVICE}; on old systems join the group fuse.",
        )
    return ok("fuse", f"{FUSE_DEVICE} can be opened")


def _helper() -> Iterator[Finding]:
    found = shutil.which("fusermount3")
    if found is None:
        yield failed("fusermount3", "it is missing", "Install it: apt-get install fuse3")
        return
    mode = Path(found).stat().st_mode
    if os.geteuid() != 0 and not mode & stat.S_ISUID:
        yield failed(
            "fusermount3",
            f"{found} has no set-user-ID bit, so that only root can mount",
            f"Reinstall fuse3, or: sudo chmod u+s {found}",
        )
    elif not Path("/etc/mtab").exists():
        yield failed(
            "fusermount3",
            "/etc/mtab is missing, without which it cannot unmount",
            "Make it: sudo ln -s /proc/self/mounts /etc/mtab",
        )
    else:
        yield ok("fusermount3", found)


def check_mounts() -> Iterator[Finding]:
    """Mounts that answer, mounts that do not, and those whose process is gone."""
    serving = {mount.mountpoint: mount for mount in registry.find_mounts()}
    for place, mount in serving.items():
        try:
            facts = control.call(mount.socket, "status", timeout=_PATIENCE)
            yield ok("mount", f"{place} answers (process {mount.pid})")
            yield from _state_of(place, facts)
        except ControlError as exc:
            yield failed(
                "mount",
                f"{place} does not answer: {exc}",
                f"Look into its log; then: kill {mount.pid}",
            )
    for place in _fuse_mounts():
        if place not in serving and _is_stale(Path(place)):
            yield failed(
                "mount",
                f"{place} is left over from a mount that crashed",
                f"Clear it: notionfs umount {place}",
            )


def _state_of(place: str, facts: Mapping[str, Any]) -> Iterator[Finding]:
    limit, recent = facts.get("rate_limit"), int(facts.get("calls_last_minute") or 0)
    if limit:
        yield ok("budget", f"{place}: {recent} of {limit} requests in the last minute")
    if not facts.get("online", True):
        yield warning("mount", f"{place} cannot reach Notion", "Saves wait; see: notionfs status")
    troubles = len(facts.get("conflicts") or ()) + len(facts.get("errors") or ())
    if troubles:
        waiting = "1 page waits" if troubles == 1 else f"{troubles} pages wait"
        yield warning("mount", f"{place}: {waiting} for you", "See: notionfs status")


def _fuse_mounts() -> Iterator[str]:
    for line in Path("/proc/self/mounts").read_text(errors="surrogateescape").split("\n"):
        words = line.split(" ")
        if len(words) > 2 and words[2] == "fuse.notionfs":
            place = words[1].replace("\\040", " ")
            if find_mounted(Path(place)) is not None:
                yield place


def _is_stale(place: Path) -> bool:
    """Ask in a thread of its own: a stuck mount must not keep us."""
    answer: list[bool] = []
    asking = threading.Thread(target=lambda: answer.append(is_stale(place)), daemon=True)
    asking.start()
    asking.join(_PATIENCE)
    return bool(answer and answer[0])


def check_space(settings: Settings) -> Iterator[Finding]:
    """Room for saves, in a directory that is ours alone."""
    directory = settings.state_dir
    there = next(path for path in (directory, *directory.parents) if path.exists())
    if not os.access(there, os.W_OK):
        yield failed(
            "state", f"{there} cannot be written", "Choose another place with --state-dir."
        )
        return
    if there == directory and directory.stat().st_mode & 0o077:
        yield warning("state", f"{directory} is open to others", f"Close it: chmod 700 {directory}")
    free = shutil.disk_usage(there).free
    words = f"{megabytes(free)} free in {there}"
    if free < LOW_SPACE:
        yield failed("disk", words, "Make room: a save needs space to be kept safely.")
    elif free < SCARCE_SPACE:
        yield warning("disk", words, "Make room before it runs out.")
    else:
        yield ok("disk", words)


def check_proxy(environ: Mapping[str, str]) -> Iterator[Finding]:
    """What the environment says about the way to Notion."""
    named = [name for name in environ if name.lower() in _PROXIES and environ[name]]
    if named:
        yield note("proxy", f"the environment sets {', '.join(sorted(named))}; Notion is asked so")
