"""The words: ids, and the values that rooms hand each other.

A database contains data sources; rows are pages of a data source. Times are the strings Notion
sent (ISO 8601, UTC); JSON that we keep but do not look into stays encoded in `bytes`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NewType, Protocol

from msgspec import Struct

from notionfs.patterns import late

PageId = NewType("PageId", str)
DatabaseId = NewType("DatabaseId", str)
DataSourceId = NewType("DataSourceId", str)
BlockId = NewType("BlockId", str)
UserId = NewType("UserId", str)

JSON = Any
"""A decoded JSON value."""

# The last one in a text, because a title before it may end in letters that are digits too.
_LAST_ID = late(r"(?is).*([0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12})")


def normalize_id(text: str) -> str | None:
    """Return the dashed lower-case id in *text*: an id with or without dashes, or a page URL.

    A URL ends in 32 hex digits before its query and fragment; None when there are none.
    """
    path = text.strip().split("?", 1)[0].split("#", 1)[0]
    found = _LAST_ID.match(path)
    if found is None:
        return None
    h = found[1].replace("-", "").lower()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


class ParentType(StrEnum):
    """Where an object hangs; the values are the `type` words of the API."""

    WORKSPACE = "workspace"
    PAGE = "page_id"
    BLOCK = "block_id"
    DATABASE = "database_id"
    DATA_SOURCE = "data_source_id"
    AGENT = "agent_id"


class Parent(Struct, frozen=True):
    """A parent reference. *id* is None for the workspace; rows also carry *database_id*."""

    type: ParentType
    id: str | None = None
    database_id: DatabaseId | None = None


WORKSPACE = Parent(ParentType.WORKSPACE)


ICON, COVER = "\0icon", "\0cover"
"""The names of a page's icon and cover among its property values; no property is called so."""


class Page(Struct, frozen=True):
    """A page as Notion described it.

    *properties* is the JSON object of its property values, with icon and cover if it has them.
    """

    id: PageId
    title: str
    parent: Parent
    created: str
    last_edited: str
    url: str
    properties: bytes
    in_trash: bool = False
    created_by: UserId | None = None
    last_edited_by: UserId | None = None
    icon: bytes | None = None


class SourceRef(Struct, frozen=True):
    """A data source as its database lists it; the first of the list is the default."""

    id: DataSourceId
    name: str


class Database(Struct, frozen=True):
    """A database container: a title and an ordered list of data sources."""

    id: DatabaseId
    title: str
    parent: Parent
    sources: tuple[SourceRef, ...]
    created: str
    last_edited: str
    url: str
    in_trash: bool = False
    is_inline: bool = False


class PropertySchema(Struct, frozen=True):
    """One column. *options* are the names a select, multi_select or status may take."""

    id: str
    name: str
    type: str
    options: tuple[str, ...] = ()
    config: bytes = b"{}"


class DataSource(Struct, frozen=True):
    """A table: its columns in schema order and the database it belongs to."""

    id: DataSourceId
    name: str
    database_id: DatabaseId | None
    database_parent: Parent
    schema: tuple[PropertySchema, ...]
    last_edited: str
    created: str
    url: str
    in_trash: bool = False


class Body(Struct, frozen=True):
    """A page's text as Notion-flavored Markdown v2, hosted-file signatures removed.

    *truncated* and *unknown_ids* are what the markdown endpoint said; *warnings* are what its
    parser said about the last write. *parts* are texts of unknown blocks by id without dashes, each
    read by itself; None if nobody asked for them.
    """

    markdown: str
    truncated: bool = False
    unknown_ids: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    parts: Mapping[str, str] | None = None

    @property
    def whole(self) -> str:
        """The text with all its parts, in no particular order."""
        return "\n\n".join((self.markdown, *(self.parts or {}).values()))


class User(Struct, frozen=True):
    """A person or bot of the workspace."""

    id: UserId
    name: str | None
    email: str | None = None
    is_bot: bool = False


class FileUpload(Struct, frozen=True):
    """A file on its way to Notion. *status*: pending, uploaded, expired or failed."""

    id: str
    status: str
    expires: str | None = None


class MediaBlock(Struct, frozen=True):
    """A block among the children of another: where a file is or may be.

    *url* is the file's address if it is a media block; *is_hosted* tells whether Notion keeps it.
    """

    id: BlockId
    type: str
    has_children: bool
    url: str | None = None
    is_hosted: bool = False


class Remark(Struct, frozen=True):
    """A comment in Notion. *author* is the name it was made under, if Notion told."""

    id: str
    discussion: str
    created: str
    author_id: UserId
    author: str
    rich_text: JSON


class Identity(Struct, frozen=True):
    """Who the token is, and in which workspace."""

    user_id: UserId
    name: str
    workspace_id: str
    workspace_name: str


class Base(Struct, frozen=True):
    """What a local text grew from: the parts of a page that a save compares with.

    *properties* maps property names to their JSON values, as in `Page.properties`.
    """

    title: str
    properties: Mapping[str, JSON]
    body: str


class References(Protocol):
    """How one page file names other pages and people, and back.

    Every reference is relative to the directory of that file. Implementations answer from the
    local store and never wait.
    """

    def page_path(self, page_id: PageId) -> str | None:
        """Return the relative path of a mounted page's file, or of a database's folder, or None.

        A folder's path ends in `/`; `find_pages` returns the database's id for it.
        """

    def page_title(self, page_id: PageId) -> str | None:
        """Return the title of a known page, or None."""

    def find_pages(self, reference: str) -> list[PageId]:
        """Return the pages that *reference* (path, title, URL or id) may mean: 0, 1 or more."""

    def asset_path(self, url: str) -> str | None:
        """Return the relative path of a hosted file that the page shows, or None."""

    def find_asset(self, reference: str) -> str | None:
        """Return the address that stands for the file at the relative path *reference*, or None."""

    def user_label(self, user_id: UserId) -> str | None:
        """Return a user's name if unique, else their e-mail address, else None."""

    def find_users(self, reference: str) -> list[UserId]:
        """Return the users that *reference* (name, e-mail or id) may mean: 0, 1 or more."""


class Secret(str):
    """A token: an ordinary string whose `repr` hides it."""

    def __repr__(self) -> str:
        return "Secret('…')"
