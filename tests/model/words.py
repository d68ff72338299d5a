"""Texts made of words that each exist once: whoever finds `word17` twice, or nowhere, knows more.

A line with a word is a block. The same edits work on a page file and on Notion's markdown.
"""

from __future__ import annotations

import re
from enum import StrEnum

_WORD = re.compile(r"word\d+")
_HEAD = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_FORMS = ("{} stands here.", "- {} in a list", "> {} is quoted", "## {}")


class Edit(StrEnum):
    """What one edit does to a text."""

    APPEND = "append"
    INSERT = "insert"
    CHANGE = "change"
    DELETE = "delete"
    REWRITE = "rewrite"


def words(text: str) -> list[str]:
    """Return the words of a text in order, each time they stand there."""
    return _WORD.findall(text)


def word(number: int) -> str:
    """Return the word of a number; none is the beginning of another."""
    return f"word{number:04}"


def line(number: int) -> str:
    """Return a block that holds the word of that number."""
    return _FORMS[number % len(_FORMS)].format(word(number))


def edited(text: str, edit: Edit, spot: int, number: int) -> str:
    """Return *text* after an edit at about its *spot*th word; *number* names a new word."""
    head = _HEAD.match(text)
    start = head.end() if head else 0
    lines = text[start:].split("\n")
    spots = [n for n, each in enumerate(lines) if _WORD.search(each)]
    if edit is Edit.APPEND or not spots:
        return text.rstrip("\n") + f"\n\n{line(number)}\n"
    place = spots[spot % len(spots)]
    if edit is Edit.INSERT:
        lines[place:place] = [line(number), ""]
    elif edit is Edit.CHANGE:
        lines[place] = _WORD.sub(word(number), lines[place], count=1)
    elif edit is Edit.DELETE:
        del lines[place]
    else:  # every block of the text is another one afterwards
        rest = [each for each in lines[spots[0] :] if each and not _WORD.search(each)]
        lines[spots[0] :] = [line(number), "", *rest]
    return text[:start] + "\n".join(lines)


def split(path: str) -> tuple[str, str]:
    """Return the directory and the name of a path below the mount."""
    directory, _, name = path.rpartition("/")
    return directory, name


def retitled(text: str, title: str) -> str:
    """Return *text* with another first heading, or with one if it has none."""
    head = _HEAD.match(text)
    start = head.end() if head else 0
    body, count = re.subn(r"(?m)\A(\n*)# .*$", rf"\1# {title}", text[start:], count=1)
    return text[:start] + (body if count else f"# {title}\n\n{body}")
