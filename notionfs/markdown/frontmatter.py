"""YAML frontmatter: what people write, and what we write for them.

Reading follows the YAML 1.2 core schema, so `yes`, `012` and `12:30` are text. Writing quotes
whatever YAML 1.1 or 1.2 would take for something else, so every tool reads the same values.
Anchors, aliases, tags, duplicate keys and bottomless nesting are refused: none of them has a
place in a page file, and each of them is a way to surprise somebody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from notionfs.patterns import late


class PlainInt(int):
    """An integer that remembers how it was written, for properties that want text."""

    text: str


class PlainFloat(float):
    """A number that remembers how it was written, for properties that want text."""

    text: str


class Timestamp(str):
    """Text that is written bare although YAML 1.1 calls it a date."""

    __slots__ = ()


# --- reading --------------------------------------------------------------------------------------


def load(text: str, *, first_line: int = 1) -> dict[str, Any]:
    """Return the mapping in *text*; keys are always text, in the order of the file.

    Raises InvalidPageFile with every problem that can be found; lines count from *first_line*.
    """
    from notionfs.markdown.reading import read  # PyYAML: only who opens a page pays for it

    return read(text, first_line)


# --- writing --------------------------------------------------------------------------------------

# What these characters spell is text to every YAML parser, unless the whole of it is one of the
# words or resembles a number below. Bidirectional and other invisible characters are not among
# them: they are written as escapes, so that a file looks like what it is.
_SYMBOLS = (
    "\u00a1-\u00ac\u00ae-\u00ff\u2010-\u2027\u2030-\u205e\u2070-\u2bff\u3001-\ud7ff\uff01-\uffef"
)
_EMOJI = "\ufe0f\U0001f000-\U0001faff"
_SAFE_PLAIN = late(
    rf"[\w./{_SYMBOLS}{_EMOJI}]"
    rf"(?:[\w /.()+;@$^&*!=<>'\"?%~|,{_SYMBOLS}{_EMOJI}-]++|:(?=[\w/])|(?<=\S)#)*+"
)
_LIKE_A_NUMBER = late(r"[-+.0-9_:,a-foxtzA-FOXTZ ]*")
_UUID = late(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_WORDS_OF_SOME_YAML = frozenset(
    ("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", ".nan", ".inf")
)
_LONGEST_WORD = max(map(len, _WORDS_OF_SOME_YAML))  # no case folding makes a text shorter
_BARE_TIME = late(r"\d[\w:+./-]*(?:\[[\w/+-]+\])?")
_LONGEST_SIMPLE_KEY = 1000
_FLOW_INDICATORS = late(r"[,\[\]{}?:]")
_ESCAPED = late(
    r"[\x00-\x1f\x7f-\xa0\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff"
    r'\ufeff\ufffe\uffff"\\]'
)
_LITERAL_UNSAFE = late(rf"[^\n \w!-~{_SYMBOLS}{_EMOJI}]")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def dump(mapping: Mapping[str, Any]) -> str:
    """Return *mapping* as YAML, one key a line, in order; `load` gives the same values back.

    Values are texts, numbers, booleans, None, lists of these, and mappings of all of them.
    """
    return _entries(mapping, "")


def _entries(mapping: Mapping[str, Any], indent: str) -> str:
    lines = [f"{_key(key, indent)}:{_value(value, indent)}" for key, value in mapping.items()]
    return "".join(lines)


def _value(value: Any, indent: str) -> str:
    """Return what stands behind a key and its colon."""
    if value is None:
        return "\n"
    if isinstance(value, str):
        literal = _literal(value, indent + "  ") if "\n" in value else None
        return f" {_text(value)}\n" if literal is None else literal
    if isinstance(value, int | float):
        return f" {_other(value)}\n"
    if not isinstance(value, Mapping):
        return f" [{', '.join(map(_flow, value))}]\n"
    return "\n" + _entries(value, indent + "  ") if value else " {}\n"


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return _text(value, flow=True)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_simple(_text(k, flow=True))}: {_flow(v)}" for k, v in value.items())
        return f"{{{inside}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(_flow(item) for item in value)}]"
    return "null" if value is None else _other(value)


@lru_cache(maxsize=1024)  # the rows of a table have the same keys
def _key(key: str, indent: str) -> str:
    return indent + _simple(_text(key, flow=":" in key), indent)


def _simple(key: str, indent: str = "") -> str:
    """Return a key so that YAML finds its colon, for which it looks only so far."""
    return key if len(key) <= _LONGEST_SIMPLE_KEY else f"? {key}\n{indent}"


def _other(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        digits = float.__repr__(value)
        mantissa, e, exponent = digits.partition("e")
        # YAML 1.1 sees a number only if there is a point.
        return digits if "." in mantissa or not e else f"{mantissa}.0e{exponent}"
    return int.__repr__(value)


def _text(text: str, *, flow: bool = False) -> str:
    if isinstance(text, Timestamp) and _BARE_TIME.fullmatch(text):
        return str(text)
    if _is_plain(text) and not (flow and _FLOW_INDICATORS.search(text)):
        return text
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _is_plain(text: str) -> bool:
    if not _SAFE_PLAIN.fullmatch(text) or text.endswith(" ") or "  " in text:
        return False
    if len(text) <= _LONGEST_WORD and text.casefold() in _WORDS_OF_SOME_YAML:
        return False
    numeric = (text[0].isdigit() or text[0] in "._") and _LIKE_A_NUMBER.fullmatch(text)
    return not numeric or _UUID.fullmatch(text) is not None


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    short = _SHORT_ESCAPES.get(character)
    if short is not None:
        return short
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _literal(text: str, indent: str) -> str | None:
    """Return several lines of text as a literal block, or None if that would not give them back."""
    if _LITERAL_UNSAFE.search(text):
        return None
    lines = text.split("\n")
    first = next((line for line in lines if line), "")
    if not first or first.startswith(" ") or any(line.isspace() for line in lines):
        return None
    if text.endswith("\n\n"):
        return None
    header = " |\n" if text.endswith("\n") else " |-\n"
    body = lines[:-1] if text.endswith("\n") else lines
    return header + "".join(f"{indent}{line}\n" if line else "\n" for line in body)
