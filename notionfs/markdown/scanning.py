"""Which line of a body begins which block: one pass over the lines, no parser."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

from notionfs.patterns import late

CONTAINERS = frozenset(
    (
        "p", "h1", "h2", "h3", "h4", "quote", "toggle", "callout", "ul", "ol", "li", "todo",
        "columns", "column", "tabs", "tab", "mail", "table", "equation", "synced-block",
        "synced-block-reference", "synced_block", "synced_block_reference", "meeting-notes",
        "meeting-notes-section-notes", "meeting-notes-section-summary",
        "meeting-notes-section-transcript", "image", "pdf", "file", "audio", "video", "bookmark",
        "embed", "external_object_instance", "page", "database", "folder", "custom-block",
        "details", "summary", "table-of-contents", "table_of_contents", "unknown",
    )
)  # fmt: skip
"""Tags that are blocks. Every other tag is inline or literal text."""

TAG_LINE = late(r"<([a-z][a-z0-9_-]*)(?=[\s/>])")
_END_TAG = late(r"(?<!\\)(?:\\\\)*</([a-z][a-z0-9_-]*)>[ \t]*$")
_SELF_CLOSED = late(r"<[^<>]*/>[ \t]*$")
_FENCE = late(r" {0,3}(`{3,}|~{3,})([^\n]*)")
_NESTED_FENCE = late(r"(?:[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t])*(`{3,}|~{3,})([^\n]*)")
_HEADING = late(r" {0,3}#{1,6}(?:[ \t]|$)")
_DIVIDER = late(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$")
_SETEXT = late(r" {0,3}(?:-+|=+)[ \t]*$")
_ITEM = late(r"( {0,3})([-*+]|\d{1,9}[.)])(?:([ \t]+)(?=\S)|[ \t]*$)")
# A tag in a quote or a list item is closed in there.
_BELONGS_ELSEWHERE = late(r"[ \t>]|(?:[-*+]|\d{1,9}[.)])[ \t]")
_MATH = late(r" {0,3}\$\$[ \t]*$")
_QUOTE = late(r" {0,3}>")
_INDENTED = late(r"(?: {4}| {0,3}\t)")
_MARK = late(r" {0,3}[`~$<#>*+_\d-]")
"""What every block but text and indented code begins with."""


def closes_fence(line: str, fence: str) -> bool:
    """Tell whether *line* ends the code that *fence* began."""
    stripped = line.strip(" \t")
    return len(stripped) >= len(fence) and stripped == fence[0] * len(stripped)


def is_inline_code(opening: re.Match[str]) -> bool:
    """Tell whether what looks like a fence is code inside a line; its groups are marker, rest."""
    return opening[1][0] == "`" and "`" in opening[2]


def nested_fence(line: str) -> re.Match[str] | None:
    """Return the fence that begins code in *line*, in quotes and list items as well.

    Its groups are the fence and the rest of the line.
    """
    found = _NESTED_FENCE.match(line)
    return None if found is None or is_inline_code(found) else found


def list_item(line: str) -> re.Match[str] | None:
    """Return the marker of a list item: its groups are indent, marker, space."""
    found = _ITEM.match(line)
    return None if found is None or _DIVIDER.match(line) else found


class Scanner:
    """Finds the first line of every block."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = lines
        self._marked = marked = _lines_with_marks(lines)
        self._unsettled: set[int] = set()  # marked lines behind which something is open
        self.math_ends = _match_math(lines, marked, self._unsettled) if marked else {}
        self.tag_ends = (
            _match_tags(lines, marked, self.math_ends, self._unsettled) if marked else {}
        )

    def starts(self) -> list[int]:
        """Return the lines at which blocks begin."""
        starts = []
        lines = self.lines
        at, count = 0, len(lines)
        while at < count:
            line = lines[at]
            if not line or not line.strip(" \t"):
                at += 1
                continue
            starts.append(at)
            is_alone = line[0].isalpha() and (at + 1 == count or not lines[at + 1])
            at = at + 1 if is_alone else self._block_end(at)  # most blocks are a line of text
        return starts

    def settled(self, starts: Iterable[int]) -> list[bool]:
        """Tell for each of *starts* whether no code, math or tag is open there.

        Whether a tag is open is a matter of all lines before: one without an end is open for good.
        """
        marked, unsettled = self._marked, self._unsettled
        if not unsettled:
            return [True for _ in starts]
        places = (bisect_left(marked, at) for at in starts)
        return [not place or marked[place - 1] not in unsettled for place in places]

    def is_special(self, at: int) -> bool:
        """Tell whether a block that begins at this line is none of text."""
        return self._interrupts(at) or _INDENTED.match(self.lines[at]) is not None

    def _block_end(self, at: int) -> int:
        line = self.lines[at]
        if line[0].isalpha():
            return self._paragraph(at + 1)
        for applies, end in _rules_for(line):
            if applies(self, at):
                return end(self, at)
        return self._indented(at) if _INDENTED.match(line) else self._paragraph(at + 1)

    def _interrupts(self, at: int) -> bool:
        """Tell whether the line begins a block even right behind a line of another."""
        return any(applies(self, at) for applies, _ in _rules_for(self.lines[at]))

    def _interrupts_text(self, at: int) -> bool:
        """Tell the same behind a line of text, where `1986. ` and a lone `-` are text, too."""
        item = list_item(self.lines[at])
        if item is not None:
            return item[3] is not None and (len(item[2]) == 1 or item[2][:-1] == "1")
        return self._interrupts(at)

    def _paragraph(self, at: int) -> int:
        """Follow a paragraph or a table from its second line."""
        while at < len(self.lines) and self.lines[at].strip(" \t"):
            if _SETEXT.match(self.lines[at]):
                return at + 1
            if self._interrupts_text(at):
                return at
            at += 1
        return at

    def quote_end(self, at: int) -> int:
        """Follow a quote, and the lazy lines behind it."""
        at += 1
        while at < len(self.lines) and self.lines[at].strip(" \t"):
            if not _QUOTE.match(self.lines[at]) and self._interrupts(at):
                return at
            at += 1
        return at

    def code_end(self, at: int) -> int:
        """Follow code to the line that closes its fence."""
        fence = _FENCE.match(self.lines[at])
        marker = fence[1] if fence else "```"
        at += 1
        while at < len(self.lines):
            if closes_fence(self.lines[at], marker):
                return at + 1
            at += 1
        return at

    def _indented(self, at: int) -> int:
        """Follow indented code, which blank lines do not end."""
        end = at + 1
        while at < len(self.lines):
            if self.lines[at].strip(" \t"):
                if not _INDENTED.match(self.lines[at]):
                    break
                end = at + 1
            at += 1
        return end

    def item_end(self, at: int) -> int:
        """Follow one item with its children and its lazy lines."""
        width = content_column(self.lines[at])
        end = at + 1
        after_blank = False
        for position in range(at + 1, len(self.lines)):
            line = self.lines[position]
            if not line.strip(" \t"):
                after_blank = True
                continue
            if _indent(line) < width and (after_blank or self._interrupts(position)):
                break
            after_blank = False
            end = position + 1
        return end


_Rule: TypeAlias = tuple[Callable[[Scanner, int], bool], Callable[[Scanner, int], int]]
"""Whether a block begins at a line, and which line is behind it."""

_CODE: _Rule = (lambda scan, at: _opens_fence(scan.lines[at]), Scanner.code_end)
_EQUATION: _Rule = (lambda scan, at: at in scan.math_ends, lambda scan, at: scan.math_ends[at] + 1)
_TAG: _Rule = (lambda scan, at: at in scan.tag_ends, lambda scan, at: scan.tag_ends[at] + 1)
_TITLE: _Rule = (lambda scan, at: bool(_HEADING.match(scan.lines[at])), lambda scan, at: at + 1)
_RULE: _Rule = (lambda scan, at: bool(_DIVIDER.match(scan.lines[at])), lambda scan, at: at + 1)
_LIST: _Rule = (lambda scan, at: list_item(scan.lines[at]) is not None, Scanner.item_end)
_SPEECH: _Rule = (lambda scan, at: bool(_QUOTE.match(scan.lines[at])), Scanner.quote_end)

_RULES: Mapping[str, Sequence[_Rule]] = {
    "`": (_CODE,),
    "~": (_CODE,),
    "$": (_EQUATION,),
    "<": (_TAG,),
    "#": (_TITLE,),
    "_": (_RULE,),
    "*": (_RULE, _LIST),
    "-": (_RULE, _LIST),
    ">": (_SPEECH,),
}
"""What may begin with a character. A plus and digits begin a list."""


def _rules_for(line: str) -> Sequence[_Rule]:
    mark = _MARK.match(line)
    return _RULES.get(line[mark.end() - 1], (_LIST,)) if mark else ()


def _opens_fence(line: str) -> bool:
    found = _FENCE.match(line)
    return found is not None and not is_inline_code(found)


def content_column(line: str) -> int:
    """Return the column at which the content of a list item begins that begins with *line*."""
    item = list_item(line)
    if item is None:
        return 0
    marker = len(item[1]) + len(item[2])
    space = len((item[3] or " ").expandtabs(4))
    return marker + (space if space <= 4 else 1)


def _indent(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip(" "))


def _lines_with_marks(lines: Sequence[str]) -> list[int]:
    """Return the lines that may open or close code, math or a tag; most lines do nothing."""
    return [
        at
        for at, line in enumerate(lines)
        if "<" in line or "$$" in line or "```" in line or "~~~" in line
    ]


def _match_tags(
    lines: Sequence[str], marked: Iterable[int], math: Mapping[int, int], unsettled: set[int]
) -> Mapping[int, int]:
    """Return for each line that opens a block tag the line that closes it.

    Noted as *unsettled* is every marked line behind which code or a tag is open.
    """
    ends: dict[int, int] = {}
    open_tags = _OpenTags(ends)
    fence: str | None = None
    math_end = -1
    for at in marked:
        line = lines[at]
        math_end = math.get(at, math_end)
        if fence is not None:
            fence = None if closes_fence(line, fence) else fence
        elif at <= math_end:
            pass
        elif "<" not in line:
            fence = _fence_marker(line)
        elif not _BELONGS_ELSEWHERE.match(line):
            open_tags.read(line, at)
        if fence is not None or open_tags:
            unsettled.add(at)
    return ends


class _OpenTags:
    """The tags that are open at a line, innermost last."""

    def __init__(self, ends: dict[int, int]) -> None:
        self._ends = ends
        self._stack: list[tuple[str, int]] = []
        self._count: dict[str, int] = defaultdict(int)

    def __bool__(self) -> bool:
        return bool(self._stack)

    def read(self, line: str, at: int) -> None:
        """Note what *line* opens and closes."""
        opening = TAG_LINE.match(line)
        if opening and opening[1] in CONTAINERS:
            if _SELF_CLOSED.match(line):
                self._ends[at] = at
                return
            self._stack.append((opening[1], at))
            self._count[opening[1]] += 1
        closing = _END_TAG.search(line)
        if closing and self._count[closing[1]]:
            self._close(closing[1], at)

    def _close(self, name: str, at: int) -> None:
        """End the innermost open tag of that name; those inside it have no end."""
        while self._stack:
            found, opened = self._stack.pop()
            self._count[found] -= 1
            if found == name:
                self._ends[opened] = at
                return


def _fence_marker(line: str) -> str | None:
    if not line.startswith(("```", "~~~", " ```", " ~~~")):
        return None
    found = _FENCE.match(line)
    return found[1] if found and not is_inline_code(found) else None


def _match_math(
    lines: Sequence[str], marked: Iterable[int], unsettled: set[int]
) -> Mapping[int, int]:
    """Return for each line that opens a `$$` block the line that closes it.

    Noted as *unsettled* is every marked line behind which code or math is open.
    """
    ends: dict[int, int] = {}
    opened: int | None = None
    fence: str | None = None
    for at in marked:
        line = lines[at]
        if fence is not None:
            fence = None if closes_fence(line, fence) else fence
        elif "$$" in line and _MATH.match(line):
            if opened is None:
                opened = at
            else:
                ends[opened] = at
                opened = None
        elif opened is None:
            fence = _fence_marker(line)
        if fence is not None or opened is not None:
            unsettled.add(at)
    return ends
