"""`python -m tests.crash [STRIDE]`: die at every point, or at every STRIDEth."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.crash.dying import FEWER, count_points, die_at


def main(stride: int = 1) -> int:
    with tempfile.TemporaryDirectory() as directory:
        passed = count_points(Path(directory))
        kinds = Counter(what.split()[0] for what in passed)
        broken = 0
        for point in range(0, len(passed), stride):
            try:
                die_at(Path(directory), point, may_end=point >= len(passed) - FEWER)
            except Exception as exc:
                broken += 1
                sys.stdout.write(f"point {point}, before {passed[point]}: {exc!r}\n")
        told = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        sys.stdout.write(f"{len(range(0, len(passed), stride))} of {len(passed)} points ({told}), ")
        sys.stdout.write(f"{broken} broken\n")
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:2])))
