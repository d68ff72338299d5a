"""`python -m tests.benchmarks.bodies`: what bodies cost, and what random edits do to a page."""

from __future__ import annotations

import argparse
import re
import statistics
import sys
import time
from collections.abc import Callable
from math import inf

from notionfs.markdown.hunks import plan_body
from notionfs.markdown.prettify import prettify_body, restore_body
from tests.benchmarks.edits import Totals, run_scripts
from tests.benchmarks.saves import save_one_line
from tests.unit.tree_refs import TreeReferences

REFS = TreeReferences()

FIRST = 1_000_000
_NUMBER = re.compile(r"\b1(0\d{5})\b")

PARAGRAPH = (
    "Paragraph {n} has **bold**, *italic*, `code` and a [link](https://example.org/{n}), and it "
    "goes on for a while so that it is of the usual length."
)
TEXTS = (
    'Paragraph {n} was written on <date start="2026-01-15" /> by '
    '<mention url="user://6d350000-0000-4000-8000-000000000001">Ada Lovelace</mention>.',
    "## Heading {n}",
    "- item {n}\n- other\n  - nested {n}",
    '<callout icon="💡" color="gray_bg">Callout {n}\n\nWith **text** below.\n</callout>',
    "<toggle>Toggle {n}\n\nHidden {n}.\n</toggle>",
    "```python\nvalue = {n}\n```",
    "| a | b |\n| --- | --- |\n| {n} | x |",
)


def page(blocks: int) -> str:
    """Return a body of that many blocks of all usual kinds, mostly paragraphs."""
    texts = [TEXTS[n // 3 % len(TEXTS)] if n % 3 == 0 else PARAGRAPH for n in range(blocks)]
    return "\n\n".join(text.format(n=n) for n, text in enumerate(texts, FIRST)).replace("}}", "}")


def renumbered(text: str, run: int) -> str:
    """Return *text* with other numbers: nothing that was kept of another run says it again."""
    return _NUMBER.sub(rf"{run + 2}\1", text)


def cpu(prepare: Callable[[int], Callable[[], object]], runs: int = 40) -> float:
    """Return the CPU milliseconds of what is prepared for each run: the least, since CPUs vary."""
    times = []
    for run in range(runs):
        work = prepare(run)
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1000)
    return min(times)


def figures() -> list[tuple[str, float, float]]:
    """Return name, milliseconds and goal of each figure."""
    small = page(2000)[:50_000].rpartition("\n\n")[0]
    large = page(1500)
    shown = prettify_body(large, REFS)

    def rendering(run: int) -> Callable[[], object]:
        body = renumbered(small, run)
        return lambda: prettify_body(body, REFS)

    def planning(run: int) -> Callable[[], object]:
        base, text = renumbered(large, run), renumbered(shown, run)
        edited = text.replace("00700 has", "00700 had")
        assert edited != text
        return lambda: plan_body(base, restore_body(edited, base, REFS))

    def planning_again(run: int) -> Callable[[], object]:
        work = planning(run)
        prettify_body(renumbered(large, run), REFS)
        return work

    def edit(text: str, run: int) -> str:
        return text.replace("00700 has", f"00700 had {run}")

    size = f"{len(large) // 1000} KB"
    saved, calls = save_one_line(large, edit)
    return [
        (f"render a page of {len(small) // 1000} KB", cpu(rendering), 15),
        (f"plan a one-line edit of 1,500 blocks ({size})", cpu(planning_again), 50),
        ("the same of a page that was not rendered since the start", cpu(planning), inf),
        (f"plan and save it, without Notion's part: {calls} call", saved, 50 if calls == 1 else 0),
    ]


def describe(totals: Totals) -> list[tuple[str, str, bool]]:
    """Return name, value and whether it is good enough, of what random edits did."""
    kept = 1 - totals.lost / max(1, totals.untouched)
    possible = totals.scripts - totals.removing - totals.cornered
    one_call = totals.one_call / max(1, possible)
    median = statistics.median(totals.ratios) if totals.ratios else 0.0
    return [
        ("edit scripts", f"{totals.scripts:,}", True),
        ("untouched blocks", f"{totals.untouched:,}", True),
        ("of them kept", f"{kept:.4%}", totals.lost == 0),
        ("scripts that remove a hosted file: read, then sent whole", f"{totals.removing:,}", True),
        ("scripts that Notion has no single request for", f"{totals.cornered:,}", True),
        ("of them in two calls", f"{totals.in_two:,}", totals.in_two == totals.cornered),
        ("all others in one call", f"{one_call:.2%}", one_call >= 0.99),
        ("all scripts in one call", f"{totals.one_call / max(1, totals.scripts):.2%}", True),
        ("answers that say something else", f"{totals.wrong:,}", totals.wrong == 0),
        ("sent, for each changed character (median)", f"{median:.2f}", median < 3),
        ("sent, of the page", f"{totals.sent / max(1, totals.page):.1%}", True),
    ]


def main() -> None:
    """Print the figures as Markdown; exit 1 if one is not good enough."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.bodies", description=__doc__)
    parser.add_argument("--edits", type=int, default=10_000, help="how many random edit scripts")
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    good = True
    say = sys.stdout.write
    say("| figure | CPU | goal |\n| --- | ---: | ---: |\n")
    for name, spent, goal in figures():
        say(f"| {name} | {spent:.1f} ms | {f'{goal:.0f} ms' if goal < inf else ''} |\n")
        good = good and spent <= goal
    say("\n| random edits | |\n| --- | ---: |\n")
    for name, value, is_good in describe(run_scripts(wanted.edits, wanted.seed)):
        say(f"| {name} | {value} |\n")
        good = good and is_good
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
