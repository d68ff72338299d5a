"""Two texts side by side: what is equal, what differs, and a text made of choices. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from hashlib import sha256
from typing import Any

from msgspec import Struct


class Choice(StrEnum):
    """Whose lines of a difference stand."""

    MINE = "mine"
    THEIRS = "theirs"
    BOTH = "both"


class Part(Struct, frozen=True):
    """Lines that stand together; *number* counts the differences from 0, None is no difference."""

    theirs: Sequence[str]
    mine: Sequence[str]
    number: int | None = None


class Piece(Struct, frozen=True):
    """A few characters of a line, and whether the other side has them, too."""

    text: str
    differs: bool


_WORD = re.compile(r"\w+|\s+|.", re.DOTALL)
_LONGEST = 2_000  # characters; comparing words of longer lines takes too long
_MANY = 4_000  # lines; above, lines that stand in many places are not looked for everywhere


def texts_of(sides: Mapping[str, Any]) -> tuple[str, str]:
    """Return Notion's text and the file's from a mount's answer to `diff`.

    A file that has no frontmatter yet is compared with what stands below Notion's.
    """
    theirs, mine = str(sides["notion"] or ""), str(sides["file"] or "")
    if sides.get("is_bare") and theirs.startswith("---\n"):
        theirs = theirs.partition("\n---\n")[2].lstrip("\n")
    return theirs, mine


def _lines(text: str) -> list[str]:
    """Split at line ends only: `splitlines` would also split, and lose, rarer characters."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def compare(theirs: str, mine: str) -> list[Part]:
    """Return the two texts as parts, line by line."""
    before, after = _lines(theirs), _lines(mine)
    parts: list[Part] = []
    number = 0
    is_long = len(before) + len(after) > _MANY
    for op, i, j, k, m in SequenceMatcher(None, before, after, autojunk=is_long).get_opcodes():
        if op == "equal":
            parts.append(Part(before[i:j], after[k:m]))
        else:
            parts.append(Part(before[i:j], after[k:m], number))
            number += 1
    return parts


def merge(parts: Iterable[Part], choices: Mapping[int, Choice]) -> str:
    """Return the text in which each difference is decided; mine stands where nothing is chosen."""
    lines: list[str] = []
    for part in parts:
        choice = Choice.MINE if part.number is None else choices.get(part.number, Choice.MINE)
        if choice is not Choice.MINE:
            lines += part.theirs
        if choice is not Choice.THEIRS:
            lines += part.mine
    return "".join(f"{line}\n" for line in lines)


def pair(part: Part) -> Iterator[tuple[str | None, str | None]]:
    """Yield the lines of both sides next to each other; None where one side has no more."""
    for n in range(max(len(part.theirs), len(part.mine))):
        yield (
            part.theirs[n] if n < len(part.theirs) else None,
            part.mine[n] if n < len(part.mine) else None,
        )


def pieces(line: str, other: str | None) -> list[Piece]:
    """Return *line* in pieces: the words that *other* does not have differ."""
    if other is None or len(line) + len(other) > _LONGEST:
        return [Piece(line, True)]
    words, others = _WORD.findall(line), _WORD.findall(other)
    matcher = SequenceMatcher(None, words, others, autojunk=False)
    return [
        Piece("".join(words[i:j]), op != "equal")
        for op, i, j, _, _ in matcher.get_opcodes()
        if i != j
    ]


def fingerprint(*texts: str) -> str:
    """Return a short word for what somebody saw when deciding."""
    return sha256("\0".join(texts).encode()).hexdigest()[:16]
