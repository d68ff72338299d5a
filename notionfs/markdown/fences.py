"""Which lines of a text are code or a formula, where nothing is a link, a tag or a marker.

In quotes and list items, too: what matters is only that a line is not taken for what it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from notionfs.markdown.scanning import closes_fence, nested_fence

_FORMULA = "$$"


def lines_outside_code(text: str) -> Iterator[str]:
    """Return the lines of *text* that are no part of code or of a formula."""
    return (line for _, line in numbered_lines_outside_code(text))


def numbered_lines_outside_code(text: str) -> Iterator[tuple[int, str]]:
    """Return the same lines with their numbers, from 0."""
    return ((number, line) for number, line, language in _read(text) if language is None)


def code_languages(text: str) -> Iterator[tuple[int, str]]:
    """Return the numbers of the lines that begin code, with what stands behind the fence."""
    return ((number, language) for number, _, language in _read(text) if language)


def _read(text: str) -> Iterator[tuple[int, str, str | None]]:
    """Yield number, line, and None for text, else the language where code begins, or nothing."""
    lines = text.split("\n")
    last_formula = _last_formula_mark(lines) if _FORMULA in text else -1
    end: str | None = None
    for number, line in enumerate(lines):
        bare = line.strip(" \t>")
        language: str | None = ""
        if end == _FORMULA:
            end = None if bare == _FORMULA else end
        elif end is not None:
            end = None if closes_fence(bare, end) else end
        elif bare == _FORMULA and number < last_formula:
            end = _FORMULA
        elif opening := nested_fence(line):
            end, language = opening[1], opening[2].strip()
        else:
            language = None
        yield number, line, language


def pieces_by_code(text: str) -> Iterator[tuple[str, bool]]:
    """Cut *text* into what is code or a formula, and what is not."""
    if "```" not in text and "~~~" not in text and _FORMULA not in text:
        yield text, False
        return
    lines = text.split("\n")
    outside = {number for number, _ in numbered_lines_outside_code(text)}
    last = len(lines) - 1
    for is_code, run in groupby(range(len(lines)), key=lambda number: number not in outside):
        yield "".join(lines[n] if n == last else lines[n] + "\n" for n in run), is_code


def _last_formula_mark(lines: Sequence[str]) -> int:
    """Return the line that can end a formula and cannot begin one."""
    marks = (n for n in range(len(lines) - 1, -1, -1) if lines[n].strip(" \t>") == _FORMULA)
    return next(marks, -1)
