"""Several real users, in a space where mounts and processes end with it. It takes root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

OTHER_USER = "daemon"
"""A user that every machine has, and that has no rights."""

THIRD_USER = "nobody"
"""Another one."""

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None or not Path("/dev/fuse").exists(),
    reason="it takes root to become somebody else",
)


REFUSES = """
refuses() { if "$@"; then echo "this should fail: $*" >&2; exit 1; fi; }
"""
"""A line that begins so must fail; `!` alone would not end a script that goes on after errors."""


@pytest.fixture
def home() -> Iterator[Path]:
    """A directory that other users can reach, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="notionfs-test-", dir="/var/tmp") as name:
        base = Path(name)
        for path in (base, *(base / part for part in ("notion", "state", "run"))):
            path.mkdir(exist_ok=True)
            path.chmod(0o755)
        yield base


def in_a_space_of_its_own(script: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run *script* as root where mounts and processes end with it, and everybody may use FUSE.

    The device is a second one beside the machine's, which may be closed to users.
    """
    device = home / "fuse"
    prepare = (
        f"mknod {device} c 10 229; chmod 666 {device}; mount --bind {device} /dev/fuse;"
        "mount -t proc proc /proc;" + REFUSES
    )
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "XDG_STATE_HOME": str(home / "state"),
        "PYTHONPATH": os.fspath(Path.cwd()),
        "LC_ALL": "C",
    }
    own_space = ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
    return subprocess.run(
        [*own_space, "bash", "-ec", prepare + script],
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def who(user: str, *, reads_all: bool = False) -> str:
    """Return the words that let *user* run a command, without any right of root's.

    *reads_all*: but the one to read this program, wherever it is installed.
    """
    right = "dac_read_search"
    rights = f"--inh-caps +{right} --ambient-caps +{right} --bounding-set +all"
    lent = rights if reads_all else "--inh-caps -all --bounding-set +all"
    return f"setpriv --reuid {user} --regid $(id -g {user}) --clear-groups {lent} --"
