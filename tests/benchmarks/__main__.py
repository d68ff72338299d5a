"""`python -m tests.benchmarks [SUBJECT|WORK …]`: measures, and prints Markdown."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.benchmarks import growth, peers, scale, warm
from tests.benchmarks.works import WORKS

SUBJECTS = ("warm", "scale", "growth", "peers")


def main() -> None:
    """Run what was asked for."""
    works = ", ".join(f'"{work.name}"' for work in WORKS)
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure notionfs beside a trivial file system and memory; print Markdown.",
        epilog=f"The works of `warm`: {works}. Needs root: the kernel's caches are dropped.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{SUBJECTS}, or works of `warm`")
    parser.add_argument("--rows", type=int, default=10_000, help="pages of the warm directory")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=[10_000, 100_000], help="pages of `scale`"
    )
    parser.add_argument(
        "--environments", type=Path, default=Path("peers"), help="where `peers` are installed"
    )
    wanted = parser.parse_args()
    names = wanted.names or SUBJECTS
    works_named = [name for name in names if name not in SUBJECTS]
    if works_named or "warm" in names:
        warm.run(works_named, wanted.rows, wanted.runs)
    if "scale" in names:
        scale.run(wanted.sizes)
    if "growth" in names:
        growth.run()
    if "peers" in names:
        peers.run(wanted.environments)


if __name__ == "__main__":
    main()
