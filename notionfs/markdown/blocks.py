"""Where one top-level block of a body ends and the next begins.

A block is what can be changed without touching its neighbours. A list item is a block, as it is in
Notion; a container is one block from its tag to the matching end tag. Both dialects are understood,
v2 and what people edit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate, pairwise

from notionfs.markdown.scanning import (
    CONTAINERS,
    TAG_LINE,
    Scanner,
    closes_fence,
    list_item,
    nested_fence,
)

_LARGE = 500

_PART = re.compile(r"<(column|tab|li|meeting-notes-section)\b")
_TO_DO = re.compile(r"\[[ xX]\](?:[ \t]|$)")


def split_blocks(body: str) -> list[str]:
    """Return the blocks of *body*, each with the line ends behind it; joined they are *body*."""
    return list(_split_large(body)) if len(body) > _LARGE else _split(body)


def first_block(body: str) -> str:
    """Return the first of `split_blocks`, which there must be."""
    line = body.partition("\n")[0]
    rest = body[len(line) :].lstrip("\n")
    is_alone = len(line) + len(rest) + 1 < len(body) and rest[:1] not in (" ", "\t")
    if is_alone and line[:1].isalpha():
        return body[: len(body) - len(rest)]
    return split_blocks(body)[0]


@lru_cache(maxsize=8)
def _split_large(body: str) -> tuple[str, ...]:
    """A save looks at the same few bodies again and again."""
    return tuple(_split(body))


def _split(body: str) -> list[str]:
    if "\n" not in body:
        return [body] if body else []
    lines = body.split("\n")
    before = [0, *accumulate(map(len, lines))]  # and a line end for each line
    bounds = [0, *(before[start] + start for start in Scanner(lines).starts()[1:]), len(body)]
    return [body[a:b] for a, b in pairwise(bounds) if a < b]


def block_tag(block: str) -> str | None:
    """Return the name of the block tag that *block* begins with."""
    found = TAG_LINE.match(block)
    return found[1] if found and found[1] in CONTAINERS else None


def is_paragraph(block: str) -> bool:
    """Tell whether *block* is text (or a table), and no other kind of block."""
    if block[:1].isalpha():
        return True
    lines = block.split("\n")
    return bool(lines[0].strip(" \t")) and not Scanner(lines).is_special(0)


def join_blocks(blocks: Iterable[str]) -> str:
    """Return a body of *blocks*, taken from anywhere, in which each is a block again.

    Items of one list and parts of one container stand line by line, others a blank line apart.
    """
    texts = [block.strip("\n") for block in blocks]
    texts = [text for text in texts if text]
    parts = texts[:1]
    for before, after in pairwise(texts):
        parts += [space_between(before, after), after]
    return "".join(parts)


def space_between(before: str, after: str) -> str:
    """Return the line ends that keep two blocks apart, as Notion writes them."""
    kind = _item_kind(before)
    return "\n" if kind is not None and kind == _item_kind(after) else "\n\n"


def _item_kind(block: str) -> str | None:
    if block[:1].isalpha():
        return None
    first = block.split("\n", 1)[0]
    part = _PART.match(first)
    if part is not None:
        return part[1]
    item = list_item(first)
    if item is None:
        return None
    return "to-do" if _TO_DO.match(first, item.end()) else item[2][-1]


def normal_text(text: str) -> str:
    """Return *text* without what formatters change: spaces at line ends, numbers of blank lines.

    Inside a code fence every character counts.
    """
    if "\n" not in text:
        return text.rstrip(" \t")
    if not _is_untidy(text):
        return text
    result: list[str] = []
    fence: str | None = None
    for line in text.strip("\n").split("\n"):
        if fence is not None:
            result.append(line)
            if closes_fence(line.lstrip(" \t>"), fence):
                fence = None
            continue
        bare = line.rstrip(" \t")
        if bare.strip(" \t>") or not (result and not result[-1].strip(" \t>")):
            result.append(bare)
        opening = nested_fence(line)
        fence = opening[1] if opening else None
    return "\n".join(result).strip("\n")


def _is_untidy(text: str) -> bool:
    """Tell quickly whether a text of several lines may have what formatters change."""
    return (
        " \n" in text
        or "\t\n" in text
        or text[-1] in "\n \t"
        or not text[: text.index("\n")].strip(" \t>")
        or _BLANK_LINES.search(text) is not None
    )


_BLANK_LINES = re.compile(r"\n[ \t>]*\n[ \t>]*(?:\n|\Z)")


def same_text(one: str, other: str) -> bool:
    """Tell whether two bodies are equal but for white space that means nothing."""
    if one == other:
        return True
    if _bare(one) != _bare(other):
        return False
    if normal_text(one) == normal_text(other):
        return True
    first, second = split_blocks(one), split_blocks(other)
    return len(first) == len(second) and all(
        normal_text(a) == normal_text(b) for a, b in zip(first, second, strict=True)
    )


def _bare(text: str) -> str:
    """Return *text* without every character that white space without meaning may consist of."""
    return text.replace(" ", "").replace("\n", "").replace("\t", "").replace(">", "")
