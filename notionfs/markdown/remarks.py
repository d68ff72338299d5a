"""The comments of a page as a file, and what somebody added to that file.

    ## Thread 1 <!-- 39a0bc1eedcd8142936bcca8ae692cc4 -->

    **Ada Lovelace**, 2026-01-15 10:30

    > Can we ship this?

    ## New comment

What others said is quoted, so headings are ours. Paragraphs added below a thread answer in it,
those below the last heading comment on the page; every other change is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from notionfs.errors import InvalidPageFile
from notionfs.markdown.richtext import render_rich_text
from notionfs.model import JSON, Remark
from notionfs.patterns import late

_GUIDE = (
    "<!-- Add a paragraph below a thread to answer in it, or at the end of the file to comment on "
    "the page. What is here already can only be changed in Notion. -->"
)
_NEW = "## New comment"
_THREAD = late(r"## Thread \d+ <!-- ([0-9a-f-]{32,36}) -->")


class Said(Struct, frozen=True):
    """A paragraph that somebody added: an answer in *discussion*, or (None) about the page."""

    discussion: str | None
    text: str


def render_remarks(title: str, remarks: Sequence[Remark]) -> bytes:
    """Return the comments of a page as a file, threads in the order in which they began."""
    parts = [f"# Comments on {title}".strip(), _GUIDE]
    ordered = sorted(remarks, key=lambda remark: remark.created)
    began = {remark.discussion: n for n, remark in reversed(list(enumerate(ordered)))}
    ordered.sort(key=lambda remark: began[remark.discussion])
    for number, (discussion, thread) in enumerate(groupby(ordered, key=lambda r: r.discussion), 1):
        parts.append(f"## Thread {number} <!-- {discussion} -->")
        for remark in thread:
            parts += [_head(remark), _quoted(remark.rich_text)]
    return ("\n\n".join([*parts, _NEW]) + "\n\n").encode()


def _head(remark: Remark) -> str:
    moment = remark.created.replace("T", " ")[:16]
    return f"**{' '.join(remark.author.split())}**, {moment}"


def _quoted(rich_text: JSON) -> str:
    text = render_rich_text(rich_text or ()) or "(no text)"
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def plan_remarks(before: bytes, after: bytes) -> list[Said]:
    """Return what *after* adds to *before*, both files of comments.

    Raises InvalidPageFile if anything else changed.
    """
    old, new = _lines(before), _lines(after)
    said: list[Said] = []
    section: str | None = ""  # of the line before: "" is the head of the file, None its end
    position = 0
    for is_old, run in _runs(old, new):
        if is_old:
            for line in run:
                section = _section(line.text, section)
            continue
        position = run[0].number
        if section == "":
            raise _refusal(position, "write below a thread, or at the end of the file")
        if any(_THREAD.fullmatch(line.text) or line.text == _NEW for line in run):
            raise _refusal(position, "a comment cannot have such a heading")
        said += [Said(section, text) for text in _paragraphs(run)]
    return said


class _Line(Struct, frozen=True):
    """A line with text; *opens* tells whether an empty one stands above it."""

    text: str
    number: int
    opens: bool


def _lines(data: bytes) -> list[_Line]:
    try:
        lines = data.decode().replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError as exc:
        raise InvalidPageFile(["The comments are not valid UTF-8; save them so."]) from exc
    found = []
    opens = True
    for number, line in enumerate(lines, 1):
        if line.strip():
            found.append(_Line(line.rstrip(), number, opens))
        opens = not line.strip()
    return found


def _runs(old: Sequence[_Line], new: Sequence[_Line]) -> Iterator[tuple[bool, list[_Line]]]:
    """Yield the lines of *new* in runs: known from *old*, or added. Every old one must be there."""
    done = 0
    marked: list[tuple[bool, _Line]] = []
    for line in new:
        is_old = done < len(old) and old[done].text == line.text
        done += is_old
        marked.append((is_old, line))
    if done < len(old):
        number = next((line.number for is_old, line in marked if not is_old), 1)
        raise _refusal(number, "what is here already can only be changed or removed in Notion")
    for is_old, run in groupby(marked, key=lambda mark: mark[0]):
        yield is_old, [line for _, line in run]


def _section(line: str, section: str | None) -> str | None:
    if line == _NEW:
        return None
    thread = _THREAD.fullmatch(line)
    return thread[1] if thread else section


def _paragraphs(run: Sequence[_Line]) -> Iterator[str]:
    paragraph: list[str] = []
    for line in run:
        if line.opens and paragraph:
            yield "\n".join(paragraph)
            paragraph = []
        paragraph.append(line.text)
    yield "\n".join(paragraph)


def _refusal(line: int, reason: str) -> InvalidPageFile:
    return InvalidPageFile([f"Line {line}: {reason}."])
