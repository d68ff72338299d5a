"""`notionfs sync`: ask Notion for changes now, and say what came of it."""

from __future__ import annotations

from typing import Any

import click

from notionfs.cli.asking import ask
from notionfs.cli.exits import Exit, ReportedError
from notionfs.cli.screen import say

_FIGURES = ("seen", "new", "changed", "gone", "failed", "calls")


@click.command()
@click.option("--wait", is_flag=True, help="First wait until all that was saved there is sent.")
@click.argument("path", metavar="[PATH]", type=click.Path(), required=False)
def command(path: str | None, *, wait: bool) -> None:
    """Ask Notion for changes now, not at the next poll.

    Without PATH, or with a mount point, it compares everything, so it also finds what a
    poll cannot see: moved, deleted and unshared pages, and changed database properties.
    With a folder or database inside the mount, it compares what is in there; with a
    page, that page is sent if it waits, and read again.

    With --wait, all that was saved at PATH and below is sent first, however long that takes:
    offline, until Notion is back. If Notion refuses a text, or it is in conflict, the
    message says which and why, and the exit code is 1. Ctrl-C ends the waiting, not the sending.

    If some questions fail, the others go on, the exit code is 3, and the next sync
    within ten minutes repeats only those.

    \b
    Examples:
      notionfs sync
      notionfs sync ~/notion/engineering/projects
      notionfs sync ~/notion/engineering/wiki.md
      notionfs sync --wait ~/notion/engineering/wiki.md && deploy
    """
    report = ask(path, "sync", {"wait": wait}, timeout=None)
    for line in describe(report):
        say(line)
    if report.get("failed"):
        raise ReportedError(f"Notion did not answer {_questions(report)}.", Exit.NOTION)


def describe(report: dict[str, Any]) -> list[str]:
    """Return a line for each change and each failure, then one for each figure."""
    lines = [str(change) for change in report.get("changes", ())]
    lines += [f"failed: {reason}" for reason in report.get("failures", ())]
    if report.get("repeated"):
        lines.append("repeated: only what failed last time, and what changed since")
    return lines + [f"{name}: {report[name]}" for name in _FIGURES if name in report]


def _questions(report: dict[str, Any]) -> str:
    failed = int(report["failed"])
    return "one question" if failed == 1 else f"{failed} questions"
