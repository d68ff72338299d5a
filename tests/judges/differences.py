"""Where answers differ from Notion's description of March 2026 on purpose, each with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .schema import Exchange, complaints

# What a complaint may look like, and why it is none.
EXPLAINED: dict[str, str] = {
    r"\.(start|end): .* is not a 'date'$": (
        "dates with a time are described as plain days; real answers have times and offsets"
    ),
    r"'type': '(tab|heading_4)'": "newer than the description; `tab` is in real answers",
    r"properties\..*'type': '(button|place|verification)'": (
        "the description lists fewer property types than real answers have"
    ),
    r"'type': 'last_visited_time'": "newer than the description",
    r"(formula|rollup): .*'type': 'unsupported'": "results of this kind came in August 2026",
    r"icon: .*'type': 'icon'": "native icons are newer than the description, but in real answers",
    r"content: 'A{60}": "text over 2,000 characters is refused in requests, and in real answers",
}


def reason_for(complaint: str) -> str | None:
    """Return why a complaint is no fault of the simulator, None if it is one."""
    return next((why for what, why in EXPLAINED.items() if re.search(what, complaint)), None)


def unexplained(exchanges: Iterable[Exchange]) -> list[str]:
    """Return every complaint that no row explains, once."""
    found = {line: None for one in exchanges for line in complaints(one)}
    return [line for line in found if reason_for(line) is None]
