"""Titles to file names, and file names to what they stand for. Pure.

Titles are written by other people: no title can leave its directory, hide itself, or send control
or bidirectional characters to a terminal.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Iterator
from fnmatch import fnmatchcase

from notionfs.config import NameStyle
from notionfs.patterns import late

PAGE_SUFFIX = ".md"
REMOTE_SUFFIX = ".remote.md"
COMMENTS_SUFFIX = ".comments.md"
_NO_PAGES = (REMOTE_SUFFIX, COMMENTS_SUFFIX)
ERROR_SUFFIX = ".error"
SCHEMA_NAME = ".schema.yaml"
TRASH_NAME = ".trash"
META_NAME = ".notionfs"
ASSETS_NAME = ".assets"
UNTITLED = "untitled"

MAX_NAME_BYTES = 255
# Room for "-" + 32 hex digits + ".comments.md" behind the stem.
_MAX_STEM_BYTES = MAX_NAME_BYTES - 33 - len(COMMENTS_SUFFIX)
_MAX_STEM_CHARS = 100
_MAX_SUFFIX_CHARS = 12
_FIRST_HEX_DIGITS = 8

_KEPT_CATEGORIES = frozenset("LNM")
_NO_ASCII_WORD = late("[^a-z0-9]+")
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def slug(title: str) -> str:
    """Return *title* as lower-case words joined by `-`; letters, digits and marks stay (NFC)."""
    text = unicodedata.normalize("NFC", title.lower())
    if not text.isascii():  # else no category needs to be looked up
        text = "".join(c if unicodedata.category(c)[0] in _KEPT_CATEGORIES else "-" for c in text)
        return _shortened(re.sub("-+", "-", text))
    return _shortened(_NO_ASCII_WORD.sub("-", text))


def _shortened(words: str) -> str:
    return _cut(words.strip("-")).strip("-") or UNTITLED


def literal(title: str) -> str:
    """Return *title* itself with only what a directory entry cannot safely hold replaced."""
    text = unicodedata.normalize("NFC", title)
    text = "".join("-" if _is_unsafe(c) else c for c in text).strip()
    if text.startswith((".", "~", "#")):
        text = "-" + text[1:]
    text = _cut(text).rstrip(" ~")
    if text.lower().endswith((".remote", ".comments")):
        text += "-"
    return text or UNTITLED


_STEMS: dict[NameStyle, Callable[[str], str]] = {NameStyle.SLUG: slug, NameStyle.TITLE: literal}


def choose_stem(
    title: str, object_id: str, style: NameStyle, is_taken: Callable[[str], bool]
) -> str:
    """Return the stem for a new object: its plain name, or that with enough hex digits of its id.

    *is_taken* answers for a folded stem (see `fold`). Ids of one workspace share prefixes, so the
    suffix grows until it is unique; the whole id always is.
    """
    return first_free(possible_stems(plain_stem(title, style), object_id), is_taken)


def plain_stem(title: str, style: NameStyle) -> str:
    """Return what an object is called that clashes with nothing."""
    return _STEMS[style](title)


def possible_stems(plain: str, object_id: str) -> Iterator[str]:
    """Yield what a new object may be called whose plain stem is *plain*, the best first."""
    yield plain
    digits = object_id.replace("-", "")
    for length in range(_FIRST_HEX_DIGITS, len(digits)):
        yield f"{plain}-{digits[:length]}"
    yield f"{plain}-{digits}"


def first_free(stems: Iterable[str], is_taken: Callable[[str], bool]) -> str:
    """Return the first of *stems* that is free, the last one in any case."""
    stem = UNTITLED
    for stem in stems:
        if not is_taken(fold(stem)):
            break
    return stem


def asset_name(name: str, digits: str, url: str, taken: Container[str]) -> str:
    """Return what a hosted file is called: hex digits of its id, and the name it was given.

    It is the same on every machine; files whose ids begin alike get more digits.
    """
    digits = digits or hashlib.sha256(url.encode()).hexdigest()
    stem, dot, suffix = name.rpartition(".")
    if not dot or not suffix.isalnum() or len(suffix) > _MAX_SUFFIX_CHARS:
        stem, dot, suffix = name, "", ""
    plain = literal(stem)[: _MAX_STEM_CHARS - _MAX_SUFFIX_CHARS] + dot + suffix
    for length in range(_FIRST_HEX_DIGITS, len(digits)):
        chosen = f"{digits[:length]}-{plain}"
        if chosen not in taken:
            return chosen
    return f"{digits}-{plain}"


def fits_title(stem: str, title: str, object_id: str, style: NameStyle) -> bool:
    """Tell whether *stem* is what *title* may have been given, with or without id digits."""
    plain = plain_stem(title, style)
    if fold(stem) == fold(plain):
        return True
    head, _, tail = stem.rpartition("-")
    digits = object_id.replace("-", "")
    return fold(head) == fold(plain) and len(tail) >= _FIRST_HEX_DIGITS and digits.startswith(tail)


def fold(name: str) -> str:
    """Return the form in which two names clash: NFC and case folded."""
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def title_from_name(name: str) -> str:
    """Return the title that a file or folder name chosen by a user stands for."""
    return stem_of(name).strip() or UNTITLED


def stem_of(name: str) -> str:
    """Return *name* without the page suffix."""
    return name.removesuffix(PAGE_SUFFIX)


def is_side_name(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a name that a program made is one of those that stay local."""
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def is_page_name(name: str, patterns: Iterable[str]) -> bool:
    """Tell whether a file of that name is a page: it ends in `.md` and is no side file."""
    if not name.endswith(PAGE_SUFFIX) or name == PAGE_SUFFIX or name.endswith(_NO_PAGES):
        return False
    return not is_side_name(name, patterns)


def printable(text: str) -> str:
    """Return *text* safe to show on a terminal: every unsafe character as an escape."""
    return "".join(c.encode("unicode_escape").decode() if _is_unsafe(c) else c for c in text)


def _is_unsafe(character: str) -> bool:
    return character == "/" or unicodedata.category(character) in _UNSAFE_CATEGORIES


def _cut(stem: str) -> str:
    stem = stem[:_MAX_STEM_CHARS]
    if stem.isascii():
        return stem  # so many characters are as many bytes
    while len(stem.encode("utf-8", "replace")) > _MAX_STEM_BYTES:
        stem = stem[:-1]
    return stem
