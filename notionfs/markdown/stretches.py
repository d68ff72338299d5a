"""A body in stretches: its lines, and a line with a hosted file cut at the file's address.

The address of a file that Notion hosts is signed anew at every read, so nobody can repeat it. What
stands beside it in the line is text like any other: it can be replaced, and a replacement can hold
on to it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, count
from operator import add

from notionfs.markdown.aligning import Pins
from notionfs.markdown.bodies import (
    has_hosted_file,
    hosted_spans,
    hosted_urls,
    may_have_hosted_file,
)
from notionfs.patterns import late

GUARDED = late(r"<(?:unknown|page|database|synced[-_]block[-_]reference)[ />]")
"""What stands for more than text. A line of it is never cut."""


class Stretches:
    """The stretches of a text, where they stand, and which of them must not be named.

    Guarded are addresses of hosted files, whose text differs between two reads, and lines whose
    loss deletes more than text. Without *strict* only the former: the others may be named as they
    are, beside a change.
    """

    def __init__(self, text: str, *, strict: bool = True) -> None:
        self.text = text
        self.texts = text.split("\n")
        before = accumulate(map(len, self.texts[:-1]), initial=0)
        self.starts: list[int] = list(map(add, before, count()))  # and a line end for each line
        guarded: set[int] = set()
        if may_have_hosted_file(text):
            guarded |= self._cut()
        if strict:
            guarded |= {self.at(found.start()) for found in GUARDED.finditer(text)}
        self.guards = frozenset(guarded)

    def _cut(self) -> set[int]:
        """Cut the lines at the addresses of hosted files, and return which stretches these are."""
        lines = list(zip(self.starts, self.texts, strict=True))
        self.starts, self.texts, guarded = [], [], set()
        for start, line in lines:
            for at, part in _parts(line):
                if has_hosted_file(part):
                    guarded.add(len(self.texts))
                self.starts.append(start + at)
                self.texts.append(part)
        return guarded

    def at(self, position: int) -> int:
        """Return the last stretch that begins at *position* or before it."""
        return bisect_right(self.starts, position) - 1

    def first_from(self, position: int) -> int:
        """Return the first stretch that begins at *position* or behind it."""
        return bisect_left(self.starts, position)

    def end(self, number: int) -> int:
        """Return where a stretch ends, before the line end that may be there."""
        return self.starts[number] + len(self.texts[number])

    def keys(self) -> list[str]:
        """Return what tells the stretches apart: text, and whether a line ends behind it."""
        behind = [*self.starts[1:], -1]
        return [
            text if start + len(text) == next_start else f"{text}\n"
            for text, start, next_start in zip(self.texts, self.starts, behind, strict=True)
        ]

    def files(self) -> Pins:
        """Return the stretches that are hosted files, and their addresses."""
        found = ((number, tuple(hosted_urls(self.texts[number]))) for number in sorted(self.guards))
        return [(number, urls) for number, urls in found if urls]


def _parts(line: str) -> Iterator[tuple[int, str]]:
    """Yield the parts of a line, and where they begin; before and behind an address is one."""
    spans = [] if GUARDED.search(line) else hosted_spans(line)
    done = 0
    for start, end in spans:
        yield done, line[done:start]
        yield start, line[start:end]
        done = end
    yield done, line[done:]
