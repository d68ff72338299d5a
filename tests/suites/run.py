"""`python -m tests.suites.run [NAME…]`: suites for file systems, and a table of what came of it.

Each runs in a local directory of a real mount; those of one file run again on a page's file while
the simulator fails every request. Suites that no package has are run if they are found: pjdfstest
in $PJDFSTEST (its source tree, built), LTP in $LTPROOT.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from notionfs.simulator import Simulator
from tests.fuse.bench import Bench, opened

HERE = Path(__file__).parent
_EXERCISER = f"{shlex.quote(sys.executable)} {HERE}/exerciser.py"
_FIO = "fio --name=v --ioengine=psync --minimal --output=/dev/null"
_TEXT = "--verify=pattern --verify_pattern='\"a line of text\\n\"' --bs=1k --size=64k"
_STRESS = "stress-ng --metrics-brief --temp-path . -t 3"
_PATIENCE = 600


class Suite(NamedTuple):
    """What to run in the directory ($D), or on a page's file ($F), and what it needs."""

    script: str
    needs: str
    on_page: str = ""


SUITES: Mapping[str, Suite] = {
    "random bytes, truncations, maps": Suite(
        f"{_EXERCISER} exercised 2000 1", sys.executable, f"{_EXERCISER} $F 1000 1 text"
    ),
    "fio, random writes verified": Suite(
        f"{_FIO} --rw=randwrite --bs=4k --size=4m --verify=crc32c --do_verify=1 --end_fsync=1",
        "fio",
        f"{_FIO} --filename=$F --rw=write {_TEXT} --do_verify=1 --end_fsync=1"
        f" && {_FIO} --filename=$F --rw=randwrite {_TEXT} --do_verify=1",
    ),
    "fio, four jobs": Suite(
        f"{_FIO} --rw=randrw --bs=4k --size=1m --numjobs=4 --verify=md5 --do_verify=1", "fio"
    ),
    **{
        f"stress-ng {name}": Suite(f"{_STRESS} --{name} 1 --verify", "stress-ng")
        for name in (
            "dentry", "rename", "symlink", "dir", "filename", "open", "fstat", "utime", "getdent",
            "chmod", "access", "seek", "hdd", "mmap", "fallocate", "link",
        )
    },
    "pjdfstest": Suite('cd "$D" && prove -r "$PJDFSTEST/tests"', "$PJDFSTEST"),
    "LTP": Suite('TMPDIR="$D" "$LTPROOT/runltp" -f fs,syscalls -q', "$LTPROOT"),
}  # fmt: skip


def is_there(needs: str) -> bool:
    """Tell whether a suite can run here."""
    if needs.startswith("$"):
        return bool(os.environ.get(needs[1:]))
    return shutil.which(needs) is not None


def run(bench: Bench, script: str, directory: Path, page: Path) -> tuple[str, float, str]:
    """Run one suite; return its result, the seconds, and the last words of one that failed."""
    began = time.monotonic()
    environment = {**bench.mount.environment, "D": str(directory), "F": str(page)}
    try:
        done = subprocess.run(
            ["bash", "-ec", script],
            cwd=directory,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return "does not end", _PATIENCE, ""
    words = [line for line in (done.stdout + done.stderr).splitlines() if "fail" in line.lower()]
    result = "passes" if done.returncode == 0 else f"exit {done.returncode}"
    return result, time.monotonic() - began, "; ".join(words[-2:]) if done.returncode else ""


def rows(names: list[str]) -> Iterator[tuple[str, str, str, float, str]]:
    """Yield suite, place, result, seconds, words."""
    sim = Simulator()
    wiki = sim.add_page("Wiki", parent="workspace", markdown="Welcome.")
    sim.add_page("Page", parent=wiki, markdown="Text.")
    with opened(sim, "--poll", "off", "--prefetch", "off") as bench:
        page = bench.path / "acme" / "wiki" / "page.md"
        page.read_text()
        directory = bench.path / "acme" / "wiki" / ".suites"
        directory.mkdir()
        for name, suite in SUITES.items():
            if names and name not in names:
                continue
            if not is_there(suite.needs):
                yield name, "", "not here", 0, f"needs {suite.needs}"
                continue
            yield name, "side files", *run(bench, suite.script, directory, page)
            if suite.on_page:
                fault = bench.look(lambda: sim.fail_next(status=503, times=10**6))
                yield name, "a page", *run(bench, suite.on_page, directory, page)
                bench.look(sim.app.faults.waiting.remove, fault)
        bench.drain()
        assert sim.titles() == ["Page", "Wiki"], sim.titles()


def main(*names: str) -> int:
    sys.stdout.write("| suite | on | result | seconds |\n| --- | --- | --- | ---: |\n")
    failed = 0
    for name, place, result, seconds, words in rows(list(names)):
        failed += result not in ("passes", "not here")
        sys.stdout.write(f"| {name} | {place} | {result} | {seconds:.1f} |  {words}\n")
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
