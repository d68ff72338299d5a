"""What Notion's answers look like on the wire: the fields we use. Pure.

Absent and null mean the same, and nothing but what a mount cannot do without is required. Fields
that are not named here are skipped without being built.
"""

from __future__ import annotations

import re
from typing import Any, Literal, TypeVar

import msgspec

from notionfs.patterns import late

T = TypeVar("T")

NULL = msgspec.Raw(b"null")


class ParentShape(msgspec.Struct):
    """Where an object hangs; *type* names the field that holds the id."""

    type: str | None = None
    page_id: str | None = None
    block_id: str | None = None
    database_id: str | None = None
    data_source_id: str | None = None
    agent_id: str | None = None


class RichText(msgspec.Struct):
    """A run of text; only its plain form is used."""

    plain_text: str | None = None


class Reference(msgspec.Struct):
    """Anything that is named by id: a user, a page."""

    id: str


class PropertyValue(msgspec.Struct):
    """A property of a page, looked into only for the title."""

    type: str | None = None
    title: msgspec.Raw = NULL


class PageShape(msgspec.Struct):
    """A page. Its property values stay encoded."""

    object: Literal["page"]
    id: str
    created_time: str
    last_edited_time: str
    properties: msgspec.Raw
    parent: ParentShape | None = None
    url: str | None = None
    in_trash: bool | None = None
    archived: bool | None = None
    created_by: Reference | None = None
    last_edited_by: Reference | None = None
    icon: msgspec.Raw = NULL
    cover: msgspec.Raw = NULL


class SourceShape(msgspec.Struct):
    """A data source as its database lists it."""

    id: str
    name: str | None = None


class DatabaseShape(msgspec.Struct):
    """A database: the container, without a schema."""

    object: Literal["database"]
    id: str
    created_time: str
    last_edited_time: str
    title: list[RichText] | None = None
    parent: ParentShape | None = None
    data_sources: list[SourceShape] | None = None
    url: str | None = None
    in_trash: bool | None = None
    archived: bool | None = None
    is_inline: bool | None = None


class DataSourceShape(msgspec.Struct):
    """A data source with its schema, columns still encoded."""

    object: Literal["data_source"]
    id: str
    created_time: str
    last_edited_time: str
    properties: dict[str, dict[str, msgspec.Raw]]
    title: list[RichText] | None = None
    parent: ParentShape | None = None
    database_parent: ParentShape | None = None
    url: str | None = None
    in_trash: bool | None = None
    archived: bool | None = None


class Option(msgspec.Struct):
    """A value that a select, multi_select or status may take."""

    name: str


class Options(msgspec.Struct):
    """The configuration of a column with options."""

    options: list[Option] | None = None


class Owner(msgspec.Struct):
    """What a bot knows about its workspace."""

    workspace_id: str | None = None
    workspace_name: str | None = None
    workspace_limits: dict[str, int] | None = None


class Person(msgspec.Struct):
    """What the token may know about a person."""

    email: str | None = None


class UserShape(msgspec.Struct):
    """A person, bot or group, perhaps only by id."""

    id: str
    name: str | None = None
    type: str | None = None
    person: Person | None = None
    bot: Owner | None = None


class BlockShape(msgspec.Struct):
    """A block, looked into only if it is a child page."""

    object: Literal["block"]
    id: str
    type: str | None = None
    created_time: str | None = None
    parent: ParentShape | None = None
    child_page: msgspec.Raw = NULL


class ChildPageShape(msgspec.Struct):
    """The payload of a child page block."""

    title: str | None = None


class MarkdownShape(msgspec.Struct):
    """The text of a page, read or just written."""

    object: Literal["page_markdown"]
    markdown: str
    truncated: bool | None = None
    unknown_block_ids: list[str] | None = None
    warnings: list[Any] | None = None


class RequestStatus(msgspec.Struct):
    """Whether a list had to end before its end."""

    type: str | None = None


class ListShape(msgspec.Struct):
    """A part of any list, results still encoded."""

    object: Literal["list"]
    results: list[msgspec.Raw]
    has_more: bool | None = None
    next_cursor: str | None = None
    request_status: RequestStatus | None = None


class Kind(msgspec.Struct):
    """As much of an object as every object has."""

    object: str | None = None
    id: str | None = None


_DECODERS: dict[type, msgspec.json.Decoder[Any]] = {}


def decode(shape: type[T], content: bytes | msgspec.Raw) -> T:
    """Decode *content*.

    `msgspec.ValidationError` if it is JSON of another shape, `msgspec.DecodeError` if not JSON.
    """
    decoder = _DECODERS.get(shape)
    if decoder is None:
        decoder = _DECODERS[shape] = msgspec.json.Decoder(shape)
    try:
        decoded: T = decoder.decode(content)
    except UnicodeDecodeError as exc:
        raise msgspec.DecodeError("not UTF-8") from exc
    return decoded


# Alternatives in order: a proper pair, half a pair, any other escape.
_ESCAPE = late(rb"(\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|(\\u[dD][89a-fA-F]..)|\\.", re.DOTALL)


def repair(content: bytes) -> bytes:
    """Replace halves of UTF-16 pairs by U+FFFD.

    A title that was cut in the middle of an emoji holds one; valid JSON, but not Unicode, and it
    must not hide the ninety-nine other objects of its listing.
    """
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[2] else found[0], content)
