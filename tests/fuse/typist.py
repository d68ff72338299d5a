"""Run a program on a terminal of its own and type at it: `typist.py CUE KEYS PROGRAM…`.

The keys (with Python's escapes) are typed once *CUE* stands on the screen; whatever the program
then asks for is not answered, and its exit code is ours.
"""

from __future__ import annotations

import os
import pty
import select
import sys

PATIENCE = 20.0


def main(cue: str, keys: str, *program: str) -> int:
    pid, screen = pty.fork()
    if pid == 0:
        os.execvp(program[0], program)
    shown = _read_until(screen, cue.encode())
    os.write(screen, keys.encode().decode("unicode_escape").encode("latin-1"))
    shown += _read_until(screen, None)
    _, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    if code:
        sys.stderr.write(shown.decode(errors="replace"))
    return code


def _read_until(screen: int, cue: bytes | None) -> bytes:
    """Return what appears up to the cue, or to the program's end."""
    shown = b""
    while cue is None or cue not in shown:
        if not select.select([screen], [], [], PATIENCE)[0]:
            raise SystemExit(f"it said nothing more after {shown[-500:]!r}")
        try:
            data = os.read(screen, 65536)
        except OSError:  # the other side of a terminal has closed
            break
        if not data:
            break
        shown += data
    return shown


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
