"""What Notion cannot hold as it stands in a file: a rule for each, which reads one line.

A rule yields sentences that follow "Line 7:"; none quotes the text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from notionfs.markdown.constructs import ALERTS
from notionfs.markdown.inline import is_page_path, read_path, unescape_label, wiki_target
from notionfs.markdown.languages import is_known_language
from notionfs.markdown.scanning import CONTAINERS
from notionfs.model import PageId, References
from notionfs.patterns import late

_INLINE_TAGS = frozenset(
    ("b", "i", "s", "u", "span", "mention", "date", "br", "th", "td", "tr", "colgroup", "col")
)
_TAG = late(r"</?([A-Za-z][A-Za-z0-9_-]*)(?:[\s/][^<>]*)?/?>")
_OTHER_HTML = late(r"<[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?$|<\?|<!(?!--)")
_COMMENT = late(r"<!--(?![ \t]*notion:(?:page|database)[ \t]*-->)")
_FOOTNOTE = late(r"\[\^(?!https?:)[^\]\s]+\]")
_HEADING = late(r"[ \t>]*#{5,6}(?:[ \t]|$)")
_IMAGE = late(r"!\[[^\[\]]*\](?:\([^()]*(?:\([^()]*\)[^()]*)*\)|\[[^\[\]]*\])")
_WIKI = late(r"(!?)\[\[[^\[\]\n]+\]\]")
_ALERT = late(r"[ \t]*>[ \t]?\[!([A-Za-z-]+)(?:\||\])")
_MATH = late(r"(?<![\\$])\$\$[^$\n]+\$\$")
_REMARK = late(r"%%.+?%%")
_LINK = late(r'(?<!!)\[((?:\\.|[^\[\]\\])*)\]\(([^()\s<>]+|<[^<>\n]+>)(?:[ \t]+"[^"\n]*")?\)')
_PICTURE = late(r"!\[[^\[\]]*\]\(([^()\s<>]+)")
_TITLE = r"""(?:"[^"]+"|'[^']+'|\([^()]+\))\s*"""
_TITLED = late(rf"\]\([^()\s<>]+\s+{_TITLE}\)|\]:\s*{_TITLE}$")
_LINKED_IMAGE = late(r"\[!\[[^\[\]]*\](?:\([^()]*\)|\[[^\[\]]*\])\][(\[]")
_ALIGNED = late(
    r"[ \t>]*(?=[^:]*:)(?=[^|]*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*"
)
_NUMBERED_TASK = late(r"[ \t>]*\d{1,9}[.)][ \t]+\[[ xX]\][ \t]")


class Line(Struct, frozen=True):
    """A line without its code, what it stands in, which links to pages keep their words, and under
    which names the stored text mentions pages.
    """

    text: str
    is_whole_block: bool
    is_table: bool
    refs: References
    language: str = ""
    is_too_wide: bool = False
    links: frozenset[tuple[str, str]] = frozenset()
    mentioned: frozenset[str] = frozenset()


_CHILD_MARK = "<!-- notion:"
_NO_WIKI_PAGE = "This wiki link does not name exactly one page; it is plain text in Notion."
_NO_PAGE = "This link leads to no page of the mount; in Notion it leads nowhere."
_NO_PICTURE = "There is no such picture in the mount; Notion cannot show it."
PASSING = frozenset({_NO_WIKI_PAGE, _NO_PAGE, _NO_PICTURE})
"""What is true until a page or picture is there, which may come after the text."""


def _tags(line: Line) -> Iterator[str]:
    for name in dict.fromkeys(_TAG.findall(line.text)):
        if name not in CONTAINERS and name not in _INLINE_TAGS:
            yield f"Notion has no <{name}>; the tag is shown as text there."


def _other_html(line: Line) -> Iterator[str]:
    found = _OTHER_HTML.search(line.text)
    if found and not found[0].startswith(tuple(f"<{name}" for name in CONTAINERS | _INLINE_TAGS)):
        yield "Notion has no HTML of this kind; it is shown as text there."


def _comments(line: Line) -> Iterator[str]:
    if _COMMENT.search(line.text):
        yield "Notion has no hidden comments; this one is shown as text there."


def _footnotes(line: Line) -> Iterator[str]:
    if _FOOTNOTE.search(line.text):
        yield "Notion has no footnotes; the mark and the note are plain text there."


def _headings(line: Line) -> Iterator[str]:
    if _HEADING.match(line.text):
        yield "Notion has four levels of headings; this one is of level 4 there."


def _images(line: Line) -> Iterator[str]:
    image = _IMAGE.search(line.text)
    if image is None or line.text.strip(" \t>") == image[0]:
        return
    if line.is_table:
        yield "Notion has no pictures in tables; this one is left out there."
    else:
        yield "Notion has no pictures inside text; this one stands below the text there."


def _wiki_links(line: Line) -> Iterator[str]:
    for found in _WIKI.finditer(line.text):
        if found[1]:
            yield "Notion cannot embed another file like this; it is plain text there."
            continue
        pages = line.refs.find_pages(wiki_target(found[0]))
        label = found[0].strip("[]").partition("|")[2].strip()
        if len(pages) != 1:
            yield _NO_WIKI_PAGE
        elif _says_more(label, pages[0], line):
            yield _OTHER_WORDS


def _alerts(line: Line) -> Iterator[str]:
    alert = _ALERT.match(line.text)
    if alert and alert[1].upper() not in ALERTS:
        yield f"[!{alert[1]}] is no callout but a quote in Notion; there are {_ALERT_NAMES}."


def _formulas(line: Line) -> Iterator[str]:
    whole = _MATH.fullmatch(line.text.strip()) if line.is_whole_block else None
    if _MATH.search(line.text) and whole is None:
        yield "A formula inside text needs single dollar signs; this one is plain text in Notion."


def _remarks(line: Line) -> Iterator[str]:
    if _REMARK.search(line.text):
        yield "Notion has no hidden remarks; what stands between %% is shown there."


def _links(line: Line) -> Iterator[str]:
    for label, written in _LINK.findall(line.text):
        target = written.strip("<>")
        if target.startswith("#"):
            yield "Notion has no links to headings; this one leads nowhere there."
        elif _is_here(target):
            yield from _link_here(label, read_path(target), line)


def _is_here(target: str) -> bool:
    return not re.match(r"[A-Za-z][\w+.-]*:|//", target)


def _link_here(label: str, path: str, line: Line) -> Iterator[str]:
    pages = line.refs.find_pages(path) if is_page_path(path) else []
    is_old_name = label in line.mentioned or _CHILD_MARK in line.text
    if not pages and not is_old_name and line.refs.find_asset(path) is None:
        yield _NO_PAGE
    elif len(pages) == 1 and _says_more(label, pages[0], line):
        yield _OTHER_WORDS


def _says_more(label: str, page: PageId, line: Line) -> bool:
    """Tell whether a link to a page says something else than its title, which Notion shows."""
    title = line.refs.page_title(page)
    if title is None or (page, label) in line.links:
        return False
    return bool(label) and unescape_label(label).casefold() != title.casefold()


_OTHER_WORDS = "A link to a page shows the title of that page in Notion; these words are left out."


def _pictures(line: Line) -> Iterator[str]:
    for target in _PICTURE.findall(line.text):
        if _is_here(target) and line.refs.find_asset(read_path(target)) is None:
            yield _NO_PICTURE


def _cells(line: Line) -> Iterator[str]:
    if line.is_too_wide:
        yield "This row has more cells than the table has columns; the last ones are left out."


def _titles(line: Line) -> Iterator[str]:
    if _TITLED.search(line.text):
        yield "Notion keeps no titles of links and pictures; this one is left out there."


def _linked_images(line: Line) -> Iterator[str]:
    if _LINKED_IMAGE.search(line.text):
        yield "Notion has no pictures that are links; the address that this leads to is left out."


def _alignment(line: Line) -> Iterator[str]:
    if _ALIGNED.fullmatch(line.text):
        yield "Notion aligns no columns of tables; these begin at the left there."


def _numbered_tasks(line: Line) -> Iterator[str]:
    if _NUMBERED_TASK.match(line.text):
        yield "Notion has no numbered tasks; this one loses its number there."


def _languages(line: Line) -> Iterator[str]:
    if not is_known_language(line.language):
        yield "Notion does not know this language; the code is plain text there."


_ALERT_NAMES = ", ".join(ALERTS)
RULES: tuple[Callable[[Line], Iterator[str]], ...] = (
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
    _pictures,
    _cells,
    _titles,
    _linked_images,
    _alignment,
    _numbered_tasks,
    _languages,
)
