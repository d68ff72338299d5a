"""Notion's lists, one part at a time, as values. Pure.

A cursor is returned only if Notion says there is more.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct

from notionfs.api.responses import parse_data_source, parse_page
from notionfs.api.shapes import (
    BlockShape,
    ChildPageShape,
    Kind,
    ListShape,
    UserShape,
    decode,
)
from notionfs.api.words import as_json, identifier, normalize_time
from notionfs.model import JSON, DataSource, Page, PageId, User, UserId

logger = logging.getLogger(__name__)


class Listing(Struct, frozen=True):
    """A part of a search, newest first; *incomplete* means Notion itself left something out."""

    results: tuple[Page | DataSource, ...]
    next_cursor: str | None
    incomplete: bool = False


class RowListing(Struct, frozen=True):
    """A part of the rows of a data source; wikis also hold *sources*."""

    results: tuple[Page, ...]
    next_cursor: str | None
    incomplete: bool = False
    sources: tuple[DataSource, ...] = ()


class ChildPage(Struct, frozen=True):
    """A page as its parent's block list shows it."""

    id: PageId
    title: str
    created: str


class Template(msgspec.Struct, frozen=True):
    """A template of a data source."""

    id: str
    name: str
    is_default: bool = False


class _Templates(msgspec.Struct):
    templates: list[Template]
    has_more: bool = False
    next_cursor: str | None = None


def parse_templates(content: bytes) -> tuple[tuple[Template, ...], str | None]:
    """Decode a part of a data source's templates."""
    wire = decode(_Templates, content)
    return tuple(wire.templates), wire.next_cursor if wire.has_more else None


def parse_listing(content: bytes) -> Listing:
    """Decode a part of a search."""
    wire = decode(ListShape, content)
    found = tuple(_objects(wire.results))
    return Listing(found, _next_cursor(wire), _is_incomplete(wire))


def parse_rows(content: bytes) -> RowListing:
    """Decode a part of a query."""
    wire = decode(ListShape, content)
    found = tuple(_objects(wire.results))
    pages = tuple(each for each in found if isinstance(each, Page))
    sources = tuple(each for each in found if isinstance(each, DataSource))
    return RowListing(pages, _next_cursor(wire), _is_incomplete(wire), sources)


def parse_child_pages(content: bytes) -> tuple[tuple[ChildPage, ...], str | None]:
    """Decode a part of a block's children: the pages among them."""
    wire = decode(ListShape, content)
    blocks = [decode(BlockShape, raw) for raw in wire.results]
    return tuple(_child_page(b) for b in blocks if b.type == "child_page"), _next_cursor(wire)


def _child_page(block: BlockShape) -> ChildPage:
    title = decode(ChildPageShape, as_json(block.child_page) or b"{}").title
    created = normalize_time(block.created_time or "")
    return ChildPage(PageId(identifier(block.id)), title or "", created)


def parse_users(content: bytes) -> tuple[tuple[User, ...], str | None]:
    """Decode a part of the list of users."""
    wire = decode(ListShape, content)
    return tuple(_user(decode(UserShape, raw)) for raw in wire.results), _next_cursor(wire)


def _user(wire: UserShape) -> User:
    email = None if wire.person is None else wire.person.email
    return User(UserId(identifier(wire.id)), wire.name, email, is_bot=wire.type == "bot")


def parse_entries(content: bytes) -> tuple[tuple[JSON, ...], str | None]:
    """Decode a part of a long property value: its entries, as a page object would show them."""
    wire = decode(ListShape, content)
    items = [decode(dict[str, Any], raw) for raw in wire.results]
    entries = (item.get(str(item.get("type"))) for item in items)
    return tuple(entry for entry in entries if entry is not None), _next_cursor(wire)


def _objects(results: Iterable[msgspec.Raw]) -> Iterable[Page | DataSource]:
    """Decode what a listing holds.

    Objects of unknown kind or in part (an insert-only token) are left out with a note in the log,
    so that one of them cannot hide ten thousand others.
    """
    for raw in results:
        try:
            yield parse_page(raw)  # nearly all are: nobody looks first
        except msgspec.ValidationError as exc:
            source = _other(raw, exc)
            if source is not None:
                yield source


def _other(raw: msgspec.Raw, why_no_page: msgspec.ValidationError) -> DataSource | None:
    kind, reason = decode(Kind, raw), why_no_page
    if kind.object == "data_source":
        try:
            return parse_data_source(raw)
        except msgspec.ValidationError as exc:
            reason = exc
    if kind.object in ("page", "data_source"):
        logger.info("left out %s %s: %s", kind.object, kind.id, reason)
    else:
        logger.debug("left out an object of kind %r", kind.object)
    return None


def _next_cursor(wire: ListShape) -> str | None:
    return wire.next_cursor if wire.has_more else None


def _is_incomplete(wire: ListShape) -> bool:
    return wire.request_status is not None and wire.request_status.type == "incomplete"
