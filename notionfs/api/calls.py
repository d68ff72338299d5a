"""The requests we make: one function for each operation of the Notion API. Pure.

A `Call` says what is asked, under which name it is counted, and whether asking twice is harmless.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct

from notionfs.errors import NotPermitted, UnplannableEdit
from notionfs.model import (
    COVER,
    ICON,
    JSON,
    BlockId,
    DatabaseId,
    DataSourceId,
    PageId,
    Parent,
    ParentType,
)

PAGE_SIZE = 100
MARKDOWN_VERSION = "v2"
# Notion takes at most this many elements in any array of a request.
MAX_EDITS = 100


class Form(Struct, frozen=True):
    """A file, or part number *part* of one, to send as a form."""

    name: str
    content_type: str
    content: bytes
    part: int | None = None


class Call(Struct, frozen=True):
    """One request. *what* is the verb phrase of an error message: "read page 39a0…"."""

    operation: str
    method: str
    path: str
    what: str
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, JSON] | None = None
    is_write: bool = False
    form: Form | None = None

    @property
    def text(self) -> str:
        """Return the page text this request carries, which no message may repeat."""
        return "" if self.body is None else str(self.body.get("markdown", ""))


def _get(operation: str, path: str, what: str, **query: str | None) -> Call:
    given = tuple((key, value) for key, value in query.items() if value is not None)
    return Call(operation, "GET", f"/v1/{path}", what, given)


def _write(operation: str, method: str, path: str, what: str, body: Mapping[str, JSON]) -> Call:
    return Call(operation, method, f"/v1/{path}", what, body=body, is_write=True)


def segment(identifier: str) -> str:
    """Escape an id for a path; property ids arrive escaped already and stay as they are."""
    return quote(identifier, safe="%")


# --- reading --------------------------------------------------------------------------------------


def fetch_me() -> Call:
    """Ask who the token is."""
    return _get("users_me", "users/me", "say whose token this is")


def list_users(cursor: str | None) -> Call:
    """Ask for the people and bots of the workspace."""
    return _get(
        "list_users", "users", "list the users", page_size=str(PAGE_SIZE), start_cursor=cursor
    )


def search(cursor: str | None, kind: str | None, in_trash: bool, query: str = "") -> Call:
    """Ask for everything the token can see, or what has *query* in its title, newest edit first."""
    wanted: dict[str, JSON] = {}
    if kind is not None:
        wanted |= {"property": "object", "value": kind}
    if in_trash:
        wanted["in_trash"] = True
    body: dict[str, JSON] = {
        "page_size": PAGE_SIZE,
        "sort": {"timestamp": "last_edited_time", "direction": "descending"},
    }
    if query:
        body["query"] = query
    body |= _narrowed(wanted, cursor)
    return Call("search", "POST", "/v1/search", "search the workspace", body=body)


def query(source: DataSourceId, cursor: str | None, created_from: str | None) -> Call:
    """Ask for the rows of a data source, oldest first, so that windows by creation can follow."""
    wanted: dict[str, JSON] = {}
    if created_from is not None:
        wanted = {"timestamp": "created_time", "created_time": {"on_or_after": created_from}}
    body: dict[str, JSON] = {
        "page_size": PAGE_SIZE,
        "sorts": [{"timestamp": "created_time", "direction": "ascending"}],
    }
    body |= _narrowed(wanted, cursor)
    path = f"/v1/data_sources/{segment(source)}/query"
    return Call("query", "POST", path, f"list the rows of data source {source}", body=body)


def _narrowed(wanted: dict[str, JSON], cursor: str | None) -> dict[str, JSON]:
    """Return the filter and cursor of a listing, if any: Notion refuses empty ones."""
    given = {"filter": wanted or None, "start_cursor": cursor}
    return {key: value for key, value in given.items() if value is not None}


def fetch_page(page_id: PageId) -> Call:
    """Ask for a page and its properties."""
    return _get("get_page", f"pages/{segment(page_id)}", f"read page {page_id}")


def fetch_database(database_id: DatabaseId) -> Call:
    """Ask for a database and the list of its data sources."""
    path = f"databases/{segment(database_id)}"
    return _get("get_database", path, f"read database {database_id}")


def fetch_data_source(source: DataSourceId) -> Call:
    """Ask for a data source and its schema."""
    path = f"data_sources/{segment(source)}"
    return _get("get_data_source", path, f"read data source {source}")


def fetch_block(block_id: BlockId) -> Call:
    """Ask for a single block."""
    return _get("get_block", f"blocks/{segment(block_id)}", f"read block {block_id}")


def list_children(parent_id: str, cursor: str | None) -> Call:
    """Ask for the blocks directly under a page or block."""
    return _get(
        "get_children",
        f"blocks/{segment(parent_id)}/children",
        f"list the children of {parent_id}",
        page_size=str(PAGE_SIZE),
        start_cursor=cursor,
    )


def list_templates(source: DataSourceId, cursor: str | None) -> Call:
    """Ask for the templates of a data source."""
    return _get(
        "list_templates",
        f"data_sources/{segment(source)}/templates",
        f"list the templates of data source {source}",
        page_size=str(PAGE_SIZE),
        start_cursor=cursor,
    )


def fetch_property(page_id: PageId, property_id: str, cursor: str | None) -> Call:
    """Ask for a property value whose list is longer than a page object shows."""
    return _get(
        "property_item",
        f"pages/{segment(page_id)}/properties/{segment(property_id)}",
        f"read a property of page {page_id}",
        page_size=str(PAGE_SIZE),
        start_cursor=cursor,
    )


def fetch_body(page_id: PageId, version: str | None = MARKDOWN_VERSION) -> Call:
    """Ask for the text of a page as Markdown, in the server's own version for None."""
    return _get(
        "get_markdown",
        f"pages/{segment(page_id)}/markdown",
        f"read the text of page {page_id}",
        markdown_version=version,
    )


# --- writing --------------------------------------------------------------------------------------


def create_page(
    parent: Parent,
    properties: Mapping[str, JSON],
    markdown: str | None,
    version: str | None = MARKDOWN_VERSION,
    template: Mapping[str, JSON] | None = None,
) -> Call:
    """Make a page; one without text is made empty, or filled from a template after the answer."""
    body: dict[str, JSON] = {"parent": _reference(parent, _CREATE_UNDER), **_values(properties)}
    if markdown:
        body |= {"markdown": markdown, **_dialect(version)}
    if template:
        body["template"] = template
    return _write("create_page", "POST", "pages", "create a page", body)


def update_page(
    page_id: PageId, properties: Mapping[str, JSON] | None, in_trash: bool | None
) -> Call:
    """Change the given properties, or put the page into the trash or take it out."""
    body = {} if properties is None else _values(properties)
    if in_trash is not None:
        body["in_trash"] = in_trash
    path = f"pages/{segment(page_id)}"
    return _write("update_page", "PATCH", path, f"change page {page_id}", body)


def _values(properties: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return property values as a request has them: icon and cover stand beside the others."""
    look = {field: properties[name][field] for name, field in _LOOK if name in properties}
    others = {key: value for key, value in properties.items() if key not in (ICON, COVER)}
    return {"properties": others, **look} if others or not look else look


_LOOK = ((ICON, "icon"), (COVER, "cover"))


def move_page(page_id: PageId, parent: Parent) -> Call:
    """Hang a page under another parent."""
    body = {"parent": _reference(parent, _MOVE_UNDER)}
    path = f"pages/{segment(page_id)}/move"
    return _write("move_page", "POST", path, f"move page {page_id}", body)


def edit_body(
    page_id: PageId, edits: Sequence[tuple[str, str]], version: str | None = MARKDOWN_VERSION
) -> Call:
    """Replace texts that each occur exactly once."""
    if not 0 < len(edits) <= MAX_EDITS:
        raise UnplannableEdit(f"Notion takes 1 to {MAX_EDITS} replacements at once.")
    updates = [{"old_str": old, "new_str": new} for old, new in edits]
    return _patch_body(page_id, version, "update_content", {"content_updates": updates})


def append_body(page_id: PageId, content: str, version: str | None = MARKDOWN_VERSION) -> Call:
    """Add blocks behind the last one."""
    arguments = {"content": content, "position": {"type": "end"}}
    return _patch_body(page_id, version, "insert_content", arguments)


def replace_body(page_id: PageId, content: str, version: str | None = MARKDOWN_VERSION) -> Call:
    """Replace the whole text. Notion refuses if a child page would vanish, and so it should."""
    return _patch_body(page_id, version, "replace_content", {"new_str": content})


def _patch_body(
    page_id: PageId, version: str | None, command: str, arguments: Mapping[str, JSON]
) -> Call:
    body = {"type": command, command: arguments, **_dialect(version)}
    path = f"pages/{segment(page_id)}/markdown"
    return _write("patch_markdown", "PATCH", path, f"change the text of page {page_id}", body)


def _dialect(version: str | None) -> dict[str, JSON]:
    return {} if version is None else {"markdown_version": version}


# --- parents --------------------------------------------------------------------------------------

_Writer = Callable[[Parent], Mapping[str, JSON]]


def _by_id(parent: Parent) -> Mapping[str, JSON]:
    return {"type": parent.type.value, parent.type.value: parent.id}


def _workspace(_: Parent) -> Mapping[str, JSON]:
    return {"type": "workspace", "workspace": True}


_MOVE_UNDER: Mapping[ParentType, _Writer] = {
    ParentType.PAGE: _by_id,
    ParentType.DATA_SOURCE: _by_id,
}
_CREATE_UNDER: Mapping[ParentType, _Writer] = {
    **_MOVE_UNDER,
    ParentType.DATABASE: _by_id,
    ParentType.WORKSPACE: _workspace,
}


def _reference(parent: Parent, allowed: Mapping[ParentType, _Writer]) -> Mapping[str, JSON]:
    """Write a parent for a request; NotPermitted if the operation does not take its kind."""
    writer = allowed.get(parent.type)
    if writer is None:
        raise NotPermitted(f"Notion's API puts no page under a {parent.type.value} parent.")
    return writer(parent)
