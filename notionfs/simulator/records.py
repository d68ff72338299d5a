"""The records of a simulated workspace: pages, tables, people, files and what else it holds.

Plain values in dictionaries, and nothing that depends on a request. They can be written to a file
as they are (`persist.py`); lookups over them live in `workspace.py`, caches and cursors elsewhere.

A page's body is a tree of blocks. A sub-page stands in its parent's body as a `child_page` block
with the page's own id, a database as a `child_database` block; rows of a data source stand in no
body. Bodies may be lazy (`LazyPages`): a workspace of a hundred thousand pages keeps only what
somebody changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from notionfs.simulator.blocks import Block

RichText = list[dict[str, Any]]


class Parent(NamedTuple):
    """Where a thing hangs.

    *kind* is the API's parent type, *id* is empty for the workspace itself.
    """

    kind: str
    id: str = ""


WORKSPACE = Parent("workspace")


@dataclass(slots=True)
class User:
    """A person or a bot."""

    id: str
    name: str
    type: str = "person"
    email: str | None = None
    avatar_url: str | None = None
    owner: dict[str, Any] | None = None  # bots only


@dataclass(slots=True)
class Prop:
    """One property of a data source; *config* is the object under its type key, as stored."""

    id: str
    name: str
    type: str
    config: dict[str, Any] = field(default_factory=dict)
    description: str | None = None


@dataclass(slots=True)
class Page:
    """A page or a row. *values* is keyed by property id; None means a `LazyPages` knows them."""

    id: str
    parent: Parent
    created: float
    edited: float
    created_by: str
    edited_by: str
    values: dict[str, Any] | None = None
    body: list[Block] | None = None
    icon: dict[str, Any] | None = None
    cover: dict[str, Any] | None = None
    in_trash: bool = False
    is_archived: bool = False
    is_locked: bool = False
    is_template: bool = False  # stands in no listing
    is_synced: bool = False  # an external page that must not be edited as markdown


@dataclass(slots=True)
class DataSource:
    """A table: its schema in order, and the database that shows it."""

    id: str
    database_id: str
    title: RichText
    properties: dict[str, Prop]
    created: float
    edited: float
    created_by: str
    edited_by: str
    icon: dict[str, Any] | None = None
    cover: dict[str, Any] | None = None
    in_trash: bool = False
    next_number: int = 1
    templates: list[dict[str, Any]] = field(default_factory=list)  # id, name, is_default


@dataclass(slots=True)
class Database:
    """A container of data sources."""

    id: str
    parent: Parent
    title: RichText
    created: float
    edited: float
    created_by: str
    edited_by: str
    description: RichText = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    icon: dict[str, Any] | None = None
    cover: dict[str, Any] | None = None
    is_inline: bool = False
    is_locked: bool = False
    in_trash: bool = False
    database_type: str | None = None


@dataclass(slots=True)
class Trashed:
    """A block that was taken out of a body: what it was and where it stood."""

    block: Block
    page_id: str
    container: str  # the block that held it, or the page itself
    after: str | None  # the sibling it stood behind


class LazyPages(Protocol):
    """Makes pages' contents on demand, always the same for the same id."""

    def values(self, page_id: str) -> dict[str, Any]:
        """Return the property values of the page."""

    def body(self, page_id: str) -> list[Block]:
        """Return the body of the page."""


@dataclass(slots=True)
class Comment:
    """One comment; comments with one *discussion_id* are one thread."""

    id: str
    discussion_id: str
    parent: Parent
    rich_text: RichText
    created: float
    edited: float
    created_by: str
    display_name: dict[str, Any]
    attachments: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class FileUpload:
    """A file on its way into the workspace, or in it."""

    id: str
    mode: str
    created: float
    edited: float
    created_by: str
    expires: float | None
    status: str = "pending"
    filename: str | None = None
    content_type: str | None = None
    external_url: str | None = None
    number_of_parts: int | None = None
    parts: dict[int, bytes] = field(default_factory=dict)
    import_error: str | None = None


@dataclass(slots=True)
class View:
    """A saved way to look at a data source."""

    id: str
    database_id: str
    data_source_id: str
    name: str
    type: str
    created: float
    edited: float
    created_by: str
    edited_by: str
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Task:
    """Work that happens after its answer: an asynchronous request or a template being applied."""

    id: str
    kind: str
    due: float
    created: float
    arguments: dict[str, Any]
    status: str = "queued"
    result: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


@dataclass(slots=True)
class Records:
    """All records of a workspace: what a file of it holds."""

    name: str = "Acme"
    id: str = "4bb9ce7b-60a4-817c-8dc5-0003eac3b97a"
    bot_id: str = ""
    id_counter: int = 0
    users: dict[str, User] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    databases: dict[str, Database] = field(default_factory=dict)
    data_sources: dict[str, DataSource] = field(default_factory=dict)
    bin: dict[str, Trashed] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)
    uploads: dict[str, FileUpload] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    views: dict[str, View] = field(default_factory=dict)
    tasks: dict[str, Task] = field(default_factory=dict)
    emojis: list[dict[str, Any]] = field(default_factory=list)
    shares: dict[str, bool] = field(default_factory=dict)  # explicit (un)sharing of an object


def plain(rich_text: RichText) -> str:
    """Return rich text as a plain string."""
    return "".join(item.get("plain_text", "") for item in rich_text)


def text(content: str) -> RichText:
    """Return a plain string as rich text in response form (one object per 2,000 characters)."""
    return [text_item(content[start : start + 2000]) for start in range(0, len(content), 2000)]


def text_item(content: str) -> dict[str, Any]:
    """Return one unadorned rich text object."""
    return {
        "type": "text",
        "text": {"content": content, "link": None},
        "annotations": dict(NO_ANNOTATIONS),
        "plain_text": content,
        "href": None,
    }


NO_ANNOTATIONS: dict[str, Any] = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}
