"""`python -m tests.model --steps N [--acts A] [--seed S]`: random programs, N steps of them.

The first promise that is not kept ends the run, with the smallest program that breaks it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.model.game import run
from tests.model.steps import Program, programs


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.model", description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--acts", type=int, default=4, help="a program has about 5 steps an act")
    parser.add_argument("--seed", type=int, default=None)
    asked = parser.parse_args()
    played: Counter[str] = Counter()
    began = time.monotonic()

    @settings(
        max_examples=max(1, asked.steps // asked.acts),
        deadline=None,
        database=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(programs(asked.acts))
    def play(program: Program) -> None:
        if played["steps"] >= asked.steps:
            return
        run(program)
        played["programs"] += 1
        played["steps"] += len(program.steps)
        played.update(type(step).__name__ for step in program.steps)

    try:
        (play if asked.seed is None else seed(asked.seed)(play))()
    finally:
        told = ", ".join(f"{number} {what}" for what, number in played.items())
        sys.stdout.write(f"{time.monotonic() - began:.0f} s: {told}\n")


if __name__ == "__main__":
    main()
