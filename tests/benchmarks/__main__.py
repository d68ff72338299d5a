"""`python -m tests.benchmarks [SUBJECT|WORK …]`: measures, and prints Markdown."""

from __future__ import annotations

import argparse

from tests.benchmarks import warm
from tests.benchmarks.works import WORKS


def main() -> None:
    """Run what was asked for."""
    works = ", ".join(f'"{work.name}"' for work in WORKS)
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks",
        description="Measure notionfs beside a trivial file system and memory; print Markdown.",
        epilog=f"The works of `warm`: {works}. Needs root: the kernel's caches are dropped.",
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="warm, or single works of it")
    parser.add_argument("--rows", type=int, default=10_000, help="pages of the warm directory")
    parser.add_argument("--runs", type=int, default=5)
    wanted = parser.parse_args()
    subjects = {"warm"}
    single = [name for name in wanted.names if name not in subjects]
    if not wanted.names or single or "warm" in wanted.names:
        warm.run(single, wanted.rows, wanted.runs)


if __name__ == "__main__":
    main()
