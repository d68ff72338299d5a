"""Notion's objects as values of `model.py`. Pure.

Only the fields we use are decoded; new fields and unknown types pass by. What a mount needs to find
and name an object must be there, else `msgspec.ValidationError` is raised. JSON we do not look into
(property values, schema configuration, icons) is kept byte for byte.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from notionfs.api.shapes import (
    NULL,
    BlockShape,
    DatabaseShape,
    DataSourceShape,
    Kind,
    MarkdownShape,
    Options,
    Owner,
    PageShape,
    PropertyValue,
    RichText,
    UserShape,
    decode,
)
from notionfs.api.words import as_json, identifier, normalize_time, parent, plain_text, user_id
from notionfs.model import (
    COVER,
    ICON,
    Body,
    Database,
    DatabaseId,
    DataSource,
    DataSourceId,
    Identity,
    Page,
    PageId,
    Parent,
    PropertySchema,
    SourceRef,
    UserId,
)

_Values = dict[str, PropertyValue]
_Texts = list[RichText]


def _title(properties: msgspec.Raw) -> str:
    for value in decode(_Values, properties).values():
        if value.type == "title":
            return plain_text(decode(_Texts, as_json(value.title) or b"[]"))
    return ""


def parse_page(content: bytes | msgspec.Raw) -> Page:
    """Decode a page object."""
    wire = decode(PageShape, content)
    return Page(
        id=PageId(identifier(wire.id)),
        title=_title(wire.properties),
        parent=parent(wire.parent),
        created=normalize_time(wire.created_time),
        last_edited=normalize_time(wire.last_edited_time),
        url=wire.url or "",
        properties=_with_look(wire),
        in_trash=bool(wire.in_trash or wire.archived),
        created_by=user_id(wire.created_by),
        last_edited_by=user_id(wire.last_edited_by),
        icon=as_json(wire.icon),
    )


def _with_look(wire: PageShape) -> bytes:
    """Return the property values with icon and cover, if the page has them, among them."""
    values = bytes(wire.properties)
    if wire.icon == NULL and wire.cover == NULL:
        return values
    for name, field, raw in ((ICON, "icon", wire.icon), (COVER, "cover", wire.cover)):
        look = as_json(raw)
        if look is not None:
            key = msgspec.json.encode(name)
            entry = key + b':{"id":' + key + b',"type":"%b","%b":' % ((field.encode(),) * 2)
            comma = b"" if values.strip() == b"{}" else b","
            values = values.rstrip()[:-1] + comma + entry + look + b"}}"
    return values


def parse_database(content: bytes | msgspec.Raw) -> Database:
    """Decode a database object."""
    wire = decode(DatabaseShape, content)
    return Database(
        id=DatabaseId(identifier(wire.id)),
        title=plain_text(wire.title),
        parent=parent(wire.parent),
        sources=tuple(
            SourceRef(DataSourceId(identifier(source.id)), source.name or "")
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
        id=DataSourceId(identifier(wire.id)),
        name=plain_text(wire.title),
        database_id=None if database_id is None else DatabaseId(identifier(database_id)),
        database_parent=parent(wire.database_parent),
        schema=tuple(_column(name, entry) for name, entry in wire.properties.items()),
        last_edited=normalize_time(wire.last_edited_time),
        created=normalize_time(wire.created_time),
        url=wire.url or "",
        in_trash=bool(wire.in_trash or wire.archived),
    )


_TYPES_WITH_OPTIONS = frozenset({"select", "multi_select", "status"})


def _column(name: str, entry: Mapping[str, msgspec.Raw]) -> PropertySchema:
    kind = decode(str, entry["type"]) if "type" in entry else ""
    config = (as_json(entry[kind]) if kind in entry else None) or b"{}"
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
        unknown_ids=tuple(map(identifier, wire.unknown_block_ids or ())),
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
        user_id=UserId(identifier(wire.id)),
        name=wire.name or "",
        workspace_id=identifier(bot.workspace_id or wire.id),
        workspace_name=bot.workspace_name or "",
    )


def parse_block_parent(content: bytes) -> Parent:
    """Decode where a block hangs."""
    return parent(decode(BlockShape, content).parent)


def parse_id(content: bytes) -> str | None:
    """Return the id in an answer that could not be decoded otherwise, or None."""
    try:
        found = decode(Kind, content).id
    except msgspec.DecodeError:
        return None
    return None if found is None else identifier(found)
