"""What GitHub adds to CommonMark, saved as page files: it keeps its meaning, or it is said."""

from __future__ import annotations

import re
from pathlib import Path

from trio.testing import MockClock

from notionfs.simulator import Simulator
from tests.desk import wall
from tests.judges.journeys import travel
from tests.judges.tools import needs_python, run_python
from tests.unit.markdown_cases import cases

EXAMPLES = {case.id: case.values[0]["file"] for case in cases("gfm")}

# What is neither kept to the letter nor said, with the reason.
SILENT = {
    "Three tildes strike nothing": "readers differ: CommonMark's own add-on strikes two of them",
    "Tasks with other bullets": "two lists that only their bullets keep apart are one",
    "An entity behind an address": "the same text; GitHub's link of it ends elsewhere",
    "A bracket ends an address": "the same text; GitHub's link of it ends elsewhere",
}


def told(html: str) -> str:
    """What HTML says, without what is only for looks."""
    html = re.sub(r"</?p>|<br ?/?>|(?<=<details) open", " ", html)
    return re.sub(r"\s+", "", html)


@needs_python("cmarkgfm")
async def test_what_github_adds_keeps_its_meaning_or_is_said_to_change(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    """As GitHub's own renderer shows the file that was saved, and the page read elsewhere."""
    journeys = await travel(Simulator(clock=wall), tmp_path, list(EXAMPLES.values()))
    texts = [text for journey in journeys for text in (journey.sent, journey.back)]
    shown = [told(html) for html in run_python("gfm.py", "", texts)]
    changed = {
        title: journey.said
        for title, journey, before, after in zip(
            EXAMPLES, journeys, shown[::2], shown[1::2], strict=True
        )
        if before != after
    }
    assert {title for title, said in changed.items() if not said} == SILENT.keys()
    assert len(changed) <= len(EXAMPLES) // 3
