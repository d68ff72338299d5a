"""The same work on notionfs, on the trivial file systems and in memory, in turn."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from statistics import median

from tests.benchmarks.report import say
from tests.benchmarks.stage import Subject, subjects
from tests.benchmarks.tables import among, seconds, spread, table
from tests.benchmarks.works import CACHED, UNCACHED, WORKS, Work

Times = Mapping[str, Sequence[float]]


def run(names: Collection[str], rows: int, runs: int) -> None:
    """Measure the works of those names, all if there are none, and print a table."""
    chosen = [work for work in WORKS if not names or work.name in names]
    with subjects(rows) as (mounted, found):
        lines = [_line(work, found, _measure(work, found, runs)) for work in chosen]
        for subject in found[:-1]:
            subject.seen()
        for work in chosen:
            _measure(work, found[:-1], 1)
        say(f"\n## The same work, in turn: {rows:,} pages, {runs} runs\n")
        heads = ["work", *(subject.name for subject in found), "÷ cached", "÷ uncached", "goal", ""]
        say(table(heads, lines))
        say("".join(_lateness(subject) for subject in found[:-1]))
        say(f"CPU {mounted.cpu():.1f} s, memory {mounted.resident():.0f} MiB.\n")


def _measure(work: Work, found: Sequence[Subject], runs: int) -> Times:
    times: dict[str, list[float]] = {subject.name: [] for subject in found}
    if work.prepare is None:
        for subject in found:
            work.do(subject)  # whatever is only done once
    for run in range(runs):
        for subject in found if run % 2 else reversed(found):
            if work.prepare is not None:
                work.prepare()
            started = time.perf_counter()
            steps = work.do(subject)
            spent = time.perf_counter() - started
            times[subject.name].append(spent if steps is None else median(steps))
    return times


def _line(work: Work, found: Sequence[Subject], times: Times) -> Sequence[str]:
    own = median(times[found[0].name])
    ratios = {name: _ratios(times[found[0].name], times[name]) for name in (CACHED, UNCACHED)}
    met = median(ratios[work.beside]) <= work.goal and (work.seconds is None or own <= work.seconds)
    side = "" if work.beside == CACHED else " uncached"
    goal = "" if work.goal == float("inf") else f"{work.goal:g}×{side}"
    limit = "" if work.seconds is None else f" {seconds(work.seconds)}"
    return (
        work.name,
        *(spread(times[subject.name]) for subject in found),
        among(ratios[CACHED]),
        among(ratios[UNCACHED]),
        (goal + limit).strip(),
        "met" if met else "missed",
    )


def _ratios(own: Sequence[float], others: Sequence[float]) -> Sequence[float]:
    """Return the ratio of each run to the one beside it: a computer's speed changes in minutes."""
    return [mine / other for mine, other in zip(own, others, strict=True)]


def _lateness(subject: Subject) -> str:
    seen = subject.seen()
    late, turns = (
        values[len(values) * 99 // 100] / 1000 for values in (seen["late"], seen["turns"])
    )
    return (
        f"The event loop of {subject.name} came back late by {late:.1f} ms or less 99 times in a"
        f" hundred, by {seen['late'][-1] / 1000:.1f} ms at worst; 99 of 100 of its turns took"
        f" {turns:.1f} ms of CPU or less.\n"
    )
