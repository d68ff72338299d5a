"""The reading of YAML frontmatter, by the core schema of YAML 1.2."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from notionfs.errors import InvalidPageFile
from notionfs.markdown.frontmatter import PlainFloat, PlainInt
from notionfs.patterns import late

MAX_DEPTH = 16

_INT = late(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = late(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: Mapping[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_MAX_INT_DIGITS = 400  # int() of more is slow, and no property holds it


def read(text: str, first_line: int) -> dict[str, Any]:
    """As `frontmatter.load`, which is how to call it."""
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
