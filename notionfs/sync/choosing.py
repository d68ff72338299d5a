"""Which data source a new row belongs to, by what its file says of itself. Never waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from notionfs.errors import InvalidPageFile
from notionfs.model import DatabaseId, DataSource, DataSourceId, PageId, normalize_id

OwnerOf = Callable[[PageId], DataSourceId | None]


def choose_source(
    sources: Sequence[DataSource],
    database_id: DatabaseId,
    metadata: Mapping[str, Any],
    owner_of: OwnerOf,
) -> DataSource:
    """Return the data source that a new file's *metadata* names, else the first one.

    An old file may know only the database: then its page's own data source (*owner_of*) counts, or
    the only one there is. Raises InvalidPageFile with the candidates.
    """
    wanted_id = _id_in(metadata, "notion_data_source_id")
    wanted_name = metadata.get("notion_data_source_name")
    by_id = [source for source in sources if source.id == wanted_id]
    found = by_id or [source for source in sources if source.name == wanted_name]
    if found:
        return _the_only(found, f"called {wanted_name!r}")
    if _knows_only_database(metadata, wanted_id, wanted_name, database_id):
        owner = owner_of(PageId(_id_in(metadata, "notion_id") or ""))
        own = [source for source in sources if source.id == owner]
        return _the_only(own or sources, "in this database")
    wanted = wanted_name or metadata.get("notion_data_source_id")
    is_copy = "notion_id" in metadata  # the identity keys of a copy are another page's
    if wanted is not None and not is_copy:
        names = ", ".join(repr(source.name) for source in sources)
        raise InvalidPageFile([f"There is no data source {wanted!r} here, only {names}."])
    return sources[0]


def _knows_only_database(
    metadata: Mapping[str, Any], wanted_id: str | None, name: Any, database_id: DatabaseId
) -> bool:
    if wanted_id == database_id:
        return True
    says_parent = _id_in(metadata, "notion_parent_id") == database_id
    return says_parent and "notion_id" in metadata and wanted_id is None and name is None


def _the_only(found: Sequence[DataSource], where: str) -> DataSource:
    if len(found) == 1:
        return found[0]
    names = ", ".join(f"{source.name!r} ({source.id})" for source in found)
    raise InvalidPageFile(
        [f"Several data sources are {where}; name one with notion_data_source_id: {names}."]
    )


def _id_in(metadata: Mapping[str, Any], key: str) -> str | None:
    value = metadata.get(key)
    return normalize_id(value) if isinstance(value, str) else None
