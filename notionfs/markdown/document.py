"""A page file: frontmatter, the title as its first heading, the body.

The first `# ` heading that opens the text is always the title, also when a person removed the one
we wrote and the body begins with a heading of its own: a file cannot say which was meant, and the
title is what every file that we render begins with.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct, field

from notionfs.errors import InvalidPageFile
from notionfs.markdown import frontmatter
from notionfs.markdown.frontmatter import Timestamp
from notionfs.markdown.look import COVER_KEY, ICON_KEY, render_look
from notionfs.markdown.parts import hide_parts, show_parts
from notionfs.markdown.prettify import prettify_body
from notionfs.markdown.properties import render_properties
from notionfs.markdown.suspects import storable
from notionfs.model import Body, DataSource, Page, ParentType, References
from notionfs.patterns import late

METADATA_KEYS = (
    "notion_id",
    "notion_parent_id",
    "notion_data_source_id",
    "notion_data_source_name",
    "last_edited",
    "notion_url",
)
COMPUTED_KEY = "computed"
TEMPLATE_KEY = "notion_template"
"""Only in new rows, and never written by us."""
MAX_FRONTMATTER = 256 * 1024

_RESERVED = frozenset((*METADATA_KEYS, COMPUTED_KEY, TEMPLATE_KEY, ICON_KEY, COVER_KEY))
_SUFFIX = " (property)"
_BOM = b"\xef\xbb\xbf"
_FENCE = late(r"---[ \t]*\n")
_END = late(r"^(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE)
_TITLE = late(r"\n*#(?:[ \t]+([^\n]*))?(?:\n|\Z)")
_TITLE_LINE = late(rb"#(?:[ \t]+[^\r\n]*)?(?=\r?\n|\r|\Z)")
_LINE_END = late(r"\r\n?|\n")
_PARTIAL = "# Notion sent only a part of this page. What is missing here is never deleted.\n"


class Document(Struct, frozen=True):
    """A page file taken apart. *body* is still in the form that people edit, not v2.

    *properties* has Notion's names; *title* is None if no heading opens the text.
    """

    metadata: Mapping[str, Any]
    properties: Mapping[str, Any]
    title: str | None
    body: str
    first_line: int = 1
    """The number of the body's first line in the file."""
    look: Mapping[str, Any] = field(default_factory=dict)
    """Icon and cover, as far as they are named."""


# --- reading --------------------------------------------------------------------------------------


def parse_document(data: bytes) -> Document:
    """Return the parts of a page file; raises InvalidPageFile with every problem."""
    return _parse_again(data) if len(data) < _TOO_MANY else _parse(data)


_FRONT_AS_TEXT = late(r"\s*(?:[-*_]{3,}\s*)?#{1,6} notion_id:")
FRONT_AS_TEXT = (
    "the lines between the two --- at the top were turned into a heading; take that back "
    "(mdformat leaves them alone with its plugin mdformat-frontmatter)."
)


def _parse(data: bytes) -> Document:
    text = _decode(data)
    front, rest = _split_frontmatter(text)
    if not front and (made_text := _FRONT_AS_TEXT.match(rest)):
        line = made_text[0].count("\n") + 1
        raise InvalidPageFile([f"Line {line}: {FRONT_AS_TEXT}"])
    found = frontmatter.load(front, first_line=2) if front else {}
    title, body = _split_title(rest)
    above = len(text) - len(body.lstrip("\n"))
    first_line = text.count("\n", 0, above) + 1
    return Document(
        metadata={key: found[key] for key in (*METADATA_KEYS, TEMPLATE_KEY) if key in found},
        properties={_name_of(key): found[key] for key in found if key not in _RESERVED},
        title=title,
        body=hide_parts(body.strip("\n"), first_line).strip("\n"),
        first_line=first_line,
        look={key: found[key] for key in (ICON_KEY, COVER_KEY) if key in found},
    )


# One save asks several times about the same two or three files.
_parse_again = lru_cache(maxsize=8)(_parse)
_TOO_MANY = 1_000_000  # bytes that are not worth keeping


def _decode(data: bytes) -> str:
    """Return the text of a file with LF line ends and no byte order mark."""
    problems = []
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        problems.append(f"Line {line} contains a NUL character, which no text has.")
    try:
        text = data.removeprefix(_BOM).decode()
    except UnicodeDecodeError as exc:
        line = data[: exc.start].count(b"\n") + 1
        problems.append(f"Line {line} is not valid UTF-8; save the file in that encoding.")
        text = ""
    if problems:
        raise InvalidPageFile(problems)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split_frontmatter(text: str) -> tuple[str, str]:
    opening = _FENCE.match(text)
    if opening is None:
        return "", text
    closing = _END.search(text, opening.end())
    if closing is None:
        if re.match(r"[^\n:]+:(?:[ \n]|\Z)", text[opening.end() : opening.end() + 200]):
            raise InvalidPageFile(
                ["The frontmatter that begins in line 1 has no closing `---` line."]
            )
        return "", text  # a divider opens the text
    if closing.start() - opening.end() > MAX_FRONTMATTER:
        raise InvalidPageFile([f"The frontmatter is larger than {MAX_FRONTMATTER // 1024} KB."])
    return text[opening.end() : closing.start()], text[closing.end() :]


def _split_title(text: str) -> tuple[str | None, str]:
    heading = _TITLE.match(text)
    if heading is None:
        return None, text
    return (heading[1] or "").strip(), text[heading.end() :]


def _name_of(key: str) -> str:
    """Return the property that *key* stands for."""
    name = key.removesuffix(_SUFFIX)
    return name if name != key and _is_reserved(name) else key


def _is_reserved(name: str) -> bool:
    """Tell whether *name* needs the suffix: it is ours, or would read as ours with a suffix."""
    while name not in _RESERVED and name.endswith(_SUFFIX):
        name = name.removesuffix(_SUFFIX)
    return name in _RESERVED


# --- writing --------------------------------------------------------------------------------------


def render_document(
    page: Page,
    body: Body,
    source: DataSource | None,
    refs: References,
    *,
    show: Callable[[str, References], str] = prettify_body,
) -> bytes:
    """Return the page file of *page*; *source* is its data source if it is a row."""
    values = msgspec.json.decode(page.properties)
    writable, computed = render_properties(source, values, refs)
    front: dict[str, Any] = {
        **_metadata(page, source),
        **render_look(values, refs),
        **{_key_of(name): value for name, value in writable.items()},
    }
    if computed:
        front[COMPUTED_KEY] = computed
    partial = _PARTIAL if body.truncated else ""
    parts = ["---\n", frontmatter.dump(front), partial, "---\n\n", _heading(page.title), "\n"]
    inside = {key: show(text, refs) for key, text in (body.parts or {}).items()}
    shown = show_parts(show(body.markdown, refs), inside).strip("\n")
    if shown:
        parts += ["\n", shown, "\n"]
    return "".join(parts).encode()


def _metadata(page: Page, source: DataSource | None) -> dict[str, Any]:
    facts = {
        "notion_id": page.id,
        "notion_parent_id": _parent_id(page, source),
        "notion_data_source_id": source.id if source else None,
        "notion_data_source_name": source.name if source else None,
        "last_edited": Timestamp(page.last_edited.replace(".000Z", "Z")),
        "notion_url": page.url,
    }
    return {key: facts[key] for key in METADATA_KEYS if facts[key] is not None}


def _parent_id(page: Page, source: DataSource | None) -> str | None:
    parent = page.parent
    if source is not None or parent.type in (ParentType.DATA_SOURCE, ParentType.DATABASE):
        return parent.database_id or (source.database_id if source else None)
    # A block is not what people call the parent; whoever knows the page around it passes that.
    return parent.id if parent.type is ParentType.PAGE else None


@lru_cache(maxsize=1024)  # the rows of a table have the same names
def _key_of(name: str) -> str:
    return name + _SUFFIX if _is_reserved(name) else name


def _heading(title: str) -> str:
    return f"# {shown_title(title)}".rstrip()


def shown_title(title: str) -> str:
    """Return *title* as a heading shows it: in one line, without space around it."""
    return storable(_LINE_END.sub(" ", title)).strip()


def same_title(shown: str | None, title: str) -> bool:
    """Tell whether a heading read as *shown* leaves *title* as it is; None always does."""
    return shown is None or shown == shown_title(title)


def replace_title(data: bytes, title: str) -> bytes:
    """Return *data* with another text in its title line, every other byte kept.

    Without a title line nothing changes.
    """
    start = _title_position(data)
    if start is None:
        return data
    line = _TITLE_LINE.match(data, start)
    if line is None:
        return data
    heading = _heading(title).encode()
    return data[:start] + heading + data[line.end() :]


_FRONT_BYTES = late(rb"---[ \t]*\r?\n")
_END_BYTES = late(rb"^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.MULTILINE)
_BLANK_BYTES = late(rb"[\r\n]*")


def _title_position(data: bytes) -> int | None:
    """Return where the title line begins, as `parse_document` would find it."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    opening = _FRONT_BYTES.match(data, start)
    closing = _END_BYTES.search(data, opening.end()) if opening else None
    blank = _BLANK_BYTES.match(data, closing.end() if closing else start)
    position = blank.end() if blank else start
    return position if data.startswith(b"#", position) else None
