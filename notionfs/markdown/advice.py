"""What a saved text holds that Notion cannot: said once, as a warning; it never stops a save.

Sentences name a line and a construct and never quote the text, so that they may be logged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from notionfs.markdown.blocks import split_blocks
from notionfs.markdown.constructs import ALERTS
from notionfs.markdown.definitions import collect_definitions, definitions_of
from notionfs.markdown.fences import code_languages, numbered_lines_outside_code
from notionfs.markdown.inline import is_page_path, read_path, wiki_target
from notionfs.markdown.languages import is_known_language
from notionfs.markdown.scanning import CONTAINERS
from notionfs.model import References

MOST = 20
"""How many sentences are said about one text."""

_INLINE_TAGS = frozenset(
    ("b", "i", "s", "u", "span", "mention", "date", "br", "th", "td", "tr", "colgroup", "col")
)
_CODE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\\.")
_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9_-]*)(?:[\s/][^<>]*)?/?>")
_OTHER_HTML = re.compile(r"<[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?$|<\?|<!(?!--)")
_COMMENT = re.compile(r"<!--(?![ \t]*notion:(?:page|database)[ \t]*-->)")
_FOOTNOTE = re.compile(r"\[\^(?!https?:)[^\]\s]+\]")
_HEADING = re.compile(r"[ \t>]*#{5,6}(?:[ \t]|$)")
_IMAGE = re.compile(r"!\[[^\[\]]*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_WIKI = re.compile(r"(!?)\[\[[^\[\]\n]+\]\]")
_ALERT = re.compile(r"[ \t]*>[ \t]?\[!([A-Za-z-]+)(?:\||\])")
_MATH = re.compile(r"(?<![\\$])\$\$[^$\n]+\$\$")
_REMARK = re.compile(r"%%.+?%%")
_LINK = re.compile(r"(?<!!)\[(?:\\.|[^\[\]\\])*\]\(([^()\s<>]+)\)")
_TITLE = r"""(?:"[^"]+"|'[^']+'|\([^()]+\))\s*"""
_TITLED = re.compile(rf"\]\([^()\s<>]+\s+{_TITLE}\)|\]:\s*{_TITLE}$")
_ADDRESS = re.compile(r"(\]:\s*)(?:<[^<>\n]*>|\S+)")
_LINKED_IMAGE = re.compile(r"\[!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])\][(\[]")
_ALIGNED = re.compile(
    r"[ \t>]*(?=[^:]*:)(?=[^|]*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*"
)
_NUMBERED_TASK = re.compile(r"[ \t>]*\d{1,9}[.)][ \t]+\[[ xX]\][ \t]")
_INDENTED = ("    ", "\t")
_SUSPECT = re.compile(r"[<\[]|#{5}|\$\$|%%|```|~~~|:-|-:")
"""What every rule below needs to find anything: most blocks need not be looked at."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line without its code, and what it stands in."""

    text: str
    is_whole_block: bool
    is_table: bool
    refs: References
    language: str = ""


def find_advice(body: str, refs: References, *, first_line: int = 1) -> tuple[str, ...]:
    """Return a sentence for each thing in the shown *body* that Notion keeps differently.

    *first_line* is the number of the body's first line in its file.
    """
    found: list[str] = []
    if not _SUSPECT.search(body):
        return ()
    for number, line in _lines(body, refs):
        sentences = (text for rule in _RULES for text in rule(line))
        found += [f"Line {number + first_line}: {text}" for text in sentences]
        if len(found) >= MOST:
            return (*found[: MOST - 1], "There is more like this below.")
    return tuple(found)


def _lines(body: str, refs: References) -> Iterator[tuple[int, _Line]]:
    """Yield the lines that no code encloses, with their numbers."""
    used = collect_definitions(body)
    at = 0
    for block in split_blocks(body):
        text = block.strip("\n")
        start = at + block[: block.index(text)].count("\n")
        at += block.count("\n")
        if not _SUSPECT.search(text) or text.startswith(_INDENTED):
            continue
        defined = definitions_of(text)
        if defined and all(label in used for label, _ in defined):
            text = _ADDRESS.sub(r"\1", text)  # sent with the links, whatever it looks like
        is_table = text.lstrip().startswith("|")
        for number, line in numbered_lines_outside_code(text):
            if line.strip():
                shown = _CODE.sub("", line)
                yield start + number, _Line(shown, "\n" not in text, is_table, refs)
        for number, language in code_languages(text):
            yield start + number, _Line("", False, False, refs, language)


# --- the rules ------------------------------------------------------------------------------------


def _tags(line: _Line) -> Iterator[str]:
    for name in dict.fromkeys(_TAG.findall(line.text)):
        if name not in CONTAINERS and name not in _INLINE_TAGS:
            yield f"Notion has no <{name}>; the tag is shown as text there."


def _other_html(line: _Line) -> Iterator[str]:
    found = _OTHER_HTML.search(line.text)
    if found and not found[0].startswith(tuple(f"<{name}" for name in CONTAINERS | _INLINE_TAGS)):
        yield "Notion has no HTML of this kind; it is shown as text there."


def _comments(line: _Line) -> Iterator[str]:
    if _COMMENT.search(line.text):
        yield "Notion has no hidden comments; this one is shown as text there."


def _footnotes(line: _Line) -> Iterator[str]:
    if _FOOTNOTE.search(line.text):
        yield "Notion has no footnotes; the mark and the note are plain text there."


def _headings(line: _Line) -> Iterator[str]:
    if _HEADING.match(line.text):
        yield "Notion has four levels of headings; this one is of level 4 there."


def _images(line: _Line) -> Iterator[str]:
    image = _IMAGE.search(line.text)
    if image is None or line.text.strip(" \t>") == image[0]:
        return
    if line.is_table:
        yield "Notion has no pictures in tables; this one is left out there."
    else:
        yield "Notion has no pictures inside text; this one stands below the text there."


def _wiki_links(line: _Line) -> Iterator[str]:
    for found in _WIKI.finditer(line.text):
        if found[1]:
            yield "Notion cannot embed another file like this; it is plain text there."
        elif len(line.refs.find_pages(wiki_target(found[0]))) != 1:
            yield "This wiki link does not name exactly one page; it is plain text in Notion."


def _alerts(line: _Line) -> Iterator[str]:
    alert = _ALERT.match(line.text)
    if alert and alert[1].upper() not in ALERTS:
        yield f"[!{alert[1]}] is no callout but a quote in Notion; there are {_ALERT_NAMES}."


def _formulas(line: _Line) -> Iterator[str]:
    whole = _MATH.fullmatch(line.text.strip()) if line.is_whole_block else None
    if _MATH.search(line.text) and whole is None:
        yield "A formula inside text needs single dollar signs; this one is plain text in Notion."


def _remarks(line: _Line) -> Iterator[str]:
    if _REMARK.search(line.text):
        yield "Notion has no hidden remarks; what stands between %% is shown there."


def _links(line: _Line) -> Iterator[str]:
    for target in _LINK.findall(line.text):
        if is_page_path(target) and not line.refs.find_pages(read_path(target)):
            yield "This link leads to no page of the mount; in Notion it leads nowhere."


def _titles(line: _Line) -> Iterator[str]:
    if _TITLED.search(line.text):
        yield "Notion keeps no titles of links and pictures; this one is left out there."


def _linked_images(line: _Line) -> Iterator[str]:
    if _LINKED_IMAGE.search(line.text):
        yield "Notion has no pictures that are links; the address that this leads to is left out."


def _alignment(line: _Line) -> Iterator[str]:
    if _ALIGNED.fullmatch(line.text):
        yield "Notion aligns no columns of tables; these begin at the left there."


def _numbered_tasks(line: _Line) -> Iterator[str]:
    if _NUMBERED_TASK.match(line.text):
        yield "Notion has no numbered tasks; this one loses its number there."


def _languages(line: _Line) -> Iterator[str]:
    if not is_known_language(line.language):
        yield "Notion does not know this language; the code is plain text there."


_ALERT_NAMES = ", ".join(ALERTS)
_RULES: tuple[Callable[[_Line], Iterator[str]], ...] = (
    _tags,
    _other_html,
    _comments,
    _footnotes,
    _headings,
    _images,
    _wiki_links,
    _alerts,
    _formulas,
    _remarks,
    _links,
    _titles,
    _linked_images,
    _alignment,
    _numbered_tasks,
    _languages,
)
