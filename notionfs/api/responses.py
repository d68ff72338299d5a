"""Notion's answers as values of `model.py`. Pure.

Only the fields we use are decoded; new fields and unknown types pass by. What a mount needs to find
and name an object must be there, else `msgspec.ValidationError` is raised. JSON we do not look into
(property values, schema configuration, icons) is kept byte for byte.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from notionfs.api.shapes import (
    BlockShape,
    ChildPageShape,
    DatabaseShape,
    DataSourceShape,
    Kind,
    ListShape,
    MarkdownShape,
    Options,
    Owner,
    PageShape,
    ParentShape,
    PropertyItemShape,
    PropertyValue,
    Reference,
    RichText,
    UserShape,
    decode,
)
from notionfs.model import (
    WORKSPACE,
    Body,
    Database,
    DatabaseId,
    DataSource,
    DataSourceId,
    Identity,
    Page,
    PageId,
    Parent,
    ParentType,
    PropertySchema,
    SourceRef,
    User,
    UserId,
    normalize_id,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listing:
    """A part of a search, newest first; *incomplete* means Notion itself left something out."""

    results: tuple[Page | DataSource, ...]
    next_cursor: str | None
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class RowListing:
    """A part of the rows of a data source; wikis also hold *sources*."""

    results: tuple[Page, ...]
    next_cursor: str | None
    incomplete: bool = False
    sources: tuple[DataSource, ...] = ()


@dataclass(frozen=True, slots=True)
class ChildPage:
    """A page as its parent's block list shows it."""

    id: PageId
    title: str
    created: str


# --- words inside objects -------------------------------------------------------------------------

_UTC_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(?:Z|[+-]00:00)")


def normalize_time(text: str) -> str:
    """Return a time as `2026-01-15T10:30:00Z`, so that the order of strings is that of times.

    Pages carry `.000Z`, databases milliseconds and `+00:00`; an unknown form is kept.
    """
    found = _UTC_TIME.fullmatch(text)
    if found:
        return found[1] + "Z"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    if moment.tzinfo is None:
        return text
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _identifier(text: str) -> str:
    is_plain = len(text) == 36 and text[8] == "-" and text == text.lower()
    return text if is_plain else normalize_id(text) or text


def _plain(parts: Iterable[RichText] | None) -> str:
    return "".join(part.plain_text or "" for part in parts or ())


def _user_id(reference: Reference | None) -> UserId | None:
    return None if reference is None else UserId(_identifier(reference.id))


def _json(raw: msgspec.Raw) -> bytes | None:
    found = bytes(raw)
    return None if found == b"null" else found


_PARENTS_WITH_ID = frozenset(ParentType) - {ParentType.WORKSPACE}


def _parent(wire: ParentShape | None) -> Parent:
    """Return where an object hangs. A kind of parent we do not know counts as the workspace's top,
    where everything appears whose parent cannot be shown."""
    kind = None if wire is None else wire.type
    if wire is None or kind not in _PARENTS_WITH_ID:
        return WORKSPACE
    found: str | None = getattr(wire, kind)
    if found is None:
        return WORKSPACE
    has_database = kind == ParentType.DATA_SOURCE and wire.database_id is not None
    database_id = DatabaseId(_identifier(wire.database_id or "")) if has_database else None
    return Parent(ParentType(kind), _identifier(found), database_id)


def _title(properties: msgspec.Raw) -> str:
    for value in decode(dict[str, PropertyValue], properties).values():
        if value.type == "title":
            return _plain(decode(list[RichText], _json(value.title) or b"[]"))
    return ""


# --- whole objects --------------------------------------------------------------------------------


def parse_page(content: bytes | msgspec.Raw) -> Page:
    """Decode a page object."""
    wire = decode(PageShape, content)
    return Page(
        id=PageId(_identifier(wire.id)),
        title=_title(wire.properties),
        parent=_parent(wire.parent),
        created=normalize_time(wire.created_time),
        last_edited=normalize_time(wire.last_edited_time),
        url=wire.url or "",
        properties=bytes(wire.properties),
        in_trash=bool(wire.in_trash or wire.archived),
        created_by=_user_id(wire.created_by),
        last_edited_by=_user_id(wire.last_edited_by),
        icon=_json(wire.icon),
    )


def parse_database(content: bytes | msgspec.Raw) -> Database:
    """Decode a database object."""
    wire = decode(DatabaseShape, content)
    return Database(
        id=DatabaseId(_identifier(wire.id)),
        title=_plain(wire.title),
        parent=_parent(wire.parent),
        sources=tuple(
            SourceRef(DataSourceId(_identifier(source.id)), source.name or "")
            for source in wire.data_sources or ()
        ),
        created=normalize_time(wire.created_time),
        last_edited=normalize_time(wire.last_edited_time),
        url=wire.url or "",
        in_trash=bool(wire.in_trash or wire.archived),
        is_inline=bool(wire.is_inline),
    )


def parse_data_source(content: bytes | msgspec.Raw) -> DataSource:
    """Decode a data source object; its columns keep the order of the answer."""
    wire = decode(DataSourceShape, content)
    database_id = wire.parent.database_id if wire.parent else None
    return DataSource(
        id=DataSourceId(_identifier(wire.id)),
        name=_plain(wire.title),
        database_id=None if database_id is None else DatabaseId(_identifier(database_id)),
        database_parent=_parent(wire.database_parent),
        schema=tuple(_column(name, entry) for name, entry in wire.properties.items()),
        last_edited=normalize_time(wire.last_edited_time),
        created=normalize_time(wire.created_time),
        url=wire.url or "",
        in_trash=bool(wire.in_trash or wire.archived),
    )


_TYPES_WITH_OPTIONS = frozenset({"select", "multi_select", "status"})


def _column(name: str, entry: Mapping[str, msgspec.Raw]) -> PropertySchema:
    kind = decode(str, entry["type"]) if "type" in entry else ""
    config = (_json(entry[kind]) if kind in entry else None) or b"{}"
    options = decode(Options, config).options or [] if kind in _TYPES_WITH_OPTIONS else []
    return PropertySchema(
        id=decode(str, entry["id"]) if "id" in entry else name,
        name=name,
        type=kind,
        options=tuple(option.name for option in options),
        config=config,
    )


def parse_body(content: bytes) -> Body:
    """Decode the text of a page, as sent."""
    wire = decode(MarkdownShape, content)
    return Body(
        markdown=wire.markdown,
        truncated=bool(wire.truncated),
        unknown_ids=tuple(map(_identifier, wire.unknown_block_ids or ())),
        warnings=tuple(map(_warning, wire.warnings or ())),
    )


def _warning(warning: object) -> str:
    """Return a warning as text; the documentation does not say what shape it has."""
    if isinstance(warning, Mapping):
        warning = warning.get("message", warning)
    return warning if isinstance(warning, str) else msgspec.json.encode(warning).decode()


def parse_identity(content: bytes) -> Identity:
    """Decode the owner of the token. A token that names no workspace is known by its own id."""
    wire = decode(UserShape, content)
    bot = wire.bot or Owner()
    return Identity(
        user_id=UserId(_identifier(wire.id)),
        name=wire.name or "",
        workspace_id=_identifier(bot.workspace_id or wire.id),
        workspace_name=bot.workspace_name or "",
    )


def parse_block_parent(content: bytes) -> Parent:
    """Decode where a block hangs."""
    return _parent(decode(BlockShape, content).parent)


# --- lists ----------------------------------------------------------------------------------------


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
    title = decode(ChildPageShape, _json(block.child_page) or b"{}").title
    created = normalize_time(block.created_time or "")
    return ChildPage(PageId(_identifier(block.id)), title or "", created)


def parse_users(content: bytes) -> tuple[tuple[User, ...], str | None]:
    """Decode a part of the list of users."""
    wire = decode(ListShape, content)
    return tuple(_user(decode(UserShape, raw)) for raw in wire.results), _next_cursor(wire)


def _user(wire: UserShape) -> User:
    email = None if wire.person is None else wire.person.email
    return User(UserId(_identifier(wire.id)), wire.name, email, is_bot=wire.type == "bot")


def parse_relation(content: bytes) -> tuple[tuple[PageId, ...], str | None]:
    """Decode a part of a relation."""
    wire, items = _items(content)
    ids = (item.relation.id for item in items if item.relation is not None)
    return tuple(PageId(_identifier(found)) for found in ids), _next_cursor(wire)


def parse_people(content: bytes) -> tuple[tuple[User, ...], str | None]:
    """Decode a part of a list of people; groups appear as users without an e-mail address."""
    wire, items = _items(content)
    people = (item.people for item in items if item.people is not None)
    return tuple(map(_user, people)), _next_cursor(wire)


def _items(content: bytes) -> tuple[ListShape, list[PropertyItemShape]]:
    wire = decode(ListShape, content)
    return wire, [decode(PropertyItemShape, raw) for raw in wire.results]


_PARSERS: Mapping[str, Callable[[msgspec.Raw], Page | DataSource]] = {
    "page": parse_page,
    "data_source": parse_data_source,
}


def _objects(results: Iterable[msgspec.Raw]) -> Iterable[Page | DataSource]:
    """Decode what a listing holds. Objects of unknown kind or in part (an insert-only token) are
    left out with a note in the log, so that one of them cannot hide ten thousand others."""
    for raw in results:
        kind = decode(Kind, raw)
        parse = _PARSERS.get(kind.object or "")
        if parse is None:
            logger.debug("left out an object of kind %r", kind.object)
            continue
        try:
            yield parse(raw)
        except msgspec.ValidationError as exc:
            logger.info("left out %s %s: %s", kind.object, kind.id, exc)


def _next_cursor(wire: ListShape) -> str | None:
    return wire.next_cursor if wire.has_more else None


def _is_incomplete(wire: ListShape) -> bool:
    return wire.request_status is not None and wire.request_status.type == "incomplete"


# --- anything -------------------------------------------------------------------------------------


def parse_id(content: bytes) -> str | None:
    """Return the id in an answer that could not be decoded otherwise, or None."""
    try:
        found = decode(Kind, content).id
    except msgspec.DecodeError:
        return None
    return None if found is None else _identifier(found)
