"""YAML frontmatter: what people write, and what we write for them.

Reading follows the YAML 1.2 core schema, so `yes`, `012` and `12:30` are text. Writing quotes
whatever YAML 1.1 or 1.2 would take for something else, so every tool reads the same values.
Anchors, aliases, tags, duplicate keys and bottomless nesting are refused: none of them has a
place in a page file, and each of them is a way to surprise somebody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
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
    reader = _Reader(first_line, text)
    try:
        root = reader.document(yaml.parse(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as exc:
        raise InvalidPageFile([*reader.problems, _explain(exc, text, first_line)]) from exc
    if root is not None and not isinstance(root, dict):
        reader.problems.append("The frontmatter must consist of lines like `Name: value`.")
    if reader.problems:
        raise InvalidPageFile(reader.problems)
    return root or {}


class _Reader:
    """Builds values from parser events, noting what a page file may not contain."""

    def __init__(self, first_line: int, text: str) -> None:
        self._first_line = first_line
        self._text = text
        self._may_have_remarks = " #" in text or "\t#" in text
        self.problems: list[str] = []

    def document(self, events: Iterator[Any]) -> Any:
        """Return the value of the only document in *events*."""
        root: Any = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._note(event, "a second document starts here; there can be only one")
            elif isinstance(event, _NODES):
                root = self._node(event, events, depth=0)
        return root

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Any:
        if isinstance(event, yaml.AliasEvent):
            self._note(event, "references (`*name`) are not supported; quote the text if it is one")
            return None
        if event.anchor is not None:
            self._note(event, "anchors (`&name`) are not supported; quote the text if it is one")
        if event.tag not in (None, "!"):
            self._note(event, "tags (`!name`) are not supported; quote the text if it is one")
        if isinstance(event, yaml.ScalarEvent):
            if not event.implicit[0]:
                return event.value
            self._check_remark(event.end_mark)
            return _scalar(event.value)
        if depth >= MAX_DEPTH:
            # The rest cannot be skipped without following it, so this ends the reading.
            raise yaml.parser.ParserError(None, None, "nested too deeply", event.start_mark)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, depth)
        return self._mapping(events, depth)

    def _sequence(self, events: Iterator[Any], depth: int) -> list[Any]:
        items = []
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, events, depth + 1))
        return items

    def _mapping(self, events: Iterator[Any], depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, events, depth)
            value = self._node(next(events), events, depth + 1)
            if key in found:
                self._note(event, f"the key “{key}” stands twice")
            else:
                found[key] = value
        return found

    def _key(self, event: Any, events: Iterator[Any], depth: int) -> str:
        if isinstance(event, yaml.ScalarEvent):
            self._node(event, events, depth)  # for its notes on tags and anchors
            return str(event.value)
        self._node(event, events, depth + 1)
        self._note(event, "a key must be one line of text")
        return ""

    def _check_remark(self, end: Any) -> None:
        """Note a ` #` behind a text (`see #12`): a remark to YAML, to people a part of it."""
        if self._may_have_remarks and _HASH.match(self._text, end.index):
            self.problems.append(
                f"Line {end.line + self._first_line}: what follows ` #` would be lost, since YAML "
                "takes it for a remark; put quotes around the text, or the remark above the line."
            )

    def _note(self, event: Any, what: str) -> None:
        self.problems.append(f"Line {event.start_mark.line + self._first_line}: {what}.")


_HASH = late(r"[ \t]+#")
_NODES = (yaml.ScalarEvent, yaml.SequenceStartEvent, yaml.MappingStartEvent, yaml.AliasEvent)


def _scalar(text: str) -> Any:
    """Return the value of a plain scalar in the YAML 1.2 core schema.

    Two exceptions keep more of what people mean: `012` stays text, because nobody writes it for
    twelve, and `.inf` and `.nan` do, because no property can hold them.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text) and len(text) < _MAX_INT_DIGITS:
        number = PlainInt(text)
        number.text = text
        return number
    if _FLOAT.fullmatch(text) and not _INT.fullmatch(text.lstrip("+-0") or "0"):
        value = PlainFloat(text)
        value.text = text
        return value if math.isfinite(value) else text
    return text


_NO_LINE = "this is no line like `Name: value`"
_NOT_CLOSED = "a bracket that was opened here or in the line above is not closed"
_NO_VALUE = "no value begins like this; put quotes around a text"
_PLAINLY: Mapping[str, str] = {
    "did not find expected key": _NO_LINE,
    "could not find expected ':'": _NO_LINE,
    "did not find expected ',' or ']'": _NOT_CLOSED,
    "did not find expected ',' or '}'": _NOT_CLOSED,
    "did not find expected comment or line break": "nothing may follow `|` or `>` in their line",
    "mapping values are not allowed in this context": "there are two names with values",
    "did not find expected '-' indicator": _NO_LINE,
    "did not find expected <document start>": _NO_LINE,
    "did not find expected node content": _NO_VALUE,
    "block sequence entries are not allowed in this context": _NO_VALUE,
    "found unexpected end of stream": "a quotation mark is not closed",
    "found character that cannot start any token": "no text begins with this character",
    "found unknown escape character": "inside double quotes a backslash is written twice",
}
"""What the YAML parser says, in words for people who never heard of its tokens."""


def _explain(exc: yaml.YAMLError, text: str, first_line: int) -> str:
    if isinstance(exc, yaml.reader.ReaderError):
        return f"The frontmatter contains the character U+{exc.character:04X}, which YAML forbids."
    mark = getattr(exc, "problem_mark", None) or getattr(exc, "context_mark", None)
    problem = getattr(exc, "problem", None) or "it is not valid YAML"
    reason = _PLAINLY.get(problem, problem)
    line = mark.line + first_line if mark is not None else first_line
    return f"Line {line}: {reason}{_hint(text, mark)}."


def _hint(text: str, mark: Any) -> str:
    if mark is None:
        return ""
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    if "\t" in line[: mark.column + 1]:
        return " (YAML does not indent with tabs)"
    if line[mark.column : mark.column + 1] in set("@`%"):
        return f" (put quotes around a text that starts with {line[mark.column]})"
    if line.count(":") > 1:
        return " (put quotes around a text that contains a colon)"
    return ""


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
    return "".join(_entries(mapping, indent=""))


def _entries(mapping: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in mapping.items():
        yield f"{indent}{_key(key, indent=indent)}:"
        yield from _value(value, indent)


def _value(value: Any, indent: str) -> Iterator[str]:
    if value is None:
        yield "\n"
    elif isinstance(value, str):
        literal = _literal(value, indent + "  ")
        yield literal if literal is not None else f" {_text(value)}\n"
    elif isinstance(value, int | float):
        yield f" {_other(value)}\n"
    elif not isinstance(value, Mapping):
        yield f" [{', '.join(map(_flow, value))}]\n"
    elif not value:
        yield " {}\n"
    else:
        yield "\n"
        yield from _entries(value, indent + "  ")


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return _text(value, flow=True)
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_key(k, flow=True)}: {_flow(v)}" for k, v in value.items())
        return f"{{{inside}}}"
    if isinstance(value, Sequence):
        return f"[{', '.join(_flow(item) for item in value)}]"
    return "null" if value is None else _other(value)


@lru_cache(maxsize=1024)  # the rows of a table have the same keys
def _key(key: str, *, flow: bool = False, indent: str = "") -> str:
    text = _text(key, flow=flow or ":" in key)
    # YAML looks for the colon of a key only so far; a longer key says that it is one.
    return text if len(text) <= _LONGEST_SIMPLE_KEY else f"? {text}\n{indent}"


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
    if text.casefold() in _WORDS_OF_SOME_YAML:
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
    """Return *text* as a literal block, or None if that would not give it back."""
    if "\n" not in text or _LITERAL_UNSAFE.search(text):
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
