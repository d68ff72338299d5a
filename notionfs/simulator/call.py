"""One request on its way through a handler: what was asked, by whom, and what they may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator.cursors import Listing, list_object, page_of
from notionfs.simulator.errors import ApiError, body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.records import Database, DataSource, Page
from notionfs.simulator.world import World

V2025 = "2025-09-03"
V2026 = "2026-03-11"
LEGACY = frozenset({"archived", "after"})  # body fields that version 2026-03-11 renamed


@dataclass(slots=True)
class Call:
    """A routed, authorised request. *ids* are the variable parts of its path, in order."""

    world: World
    operation: str
    method: str
    ids: list[str]
    query: dict[str, list[str]]
    body: Any
    version: str
    actor: str
    roots: frozenset[str] | None = None  # what the token is connected to; None: everything
    sees_all: bool = False  # a person at work in the workspace, not a token
    raw: bytes = b""
    content_type: str = ""
    committed: dict[str, Any] = field(default_factory=dict)  # for a 503 after applying
    capabilities: Collection[str] = ()

    # --- reading the request ---------------------------------------------------------------------

    def object_body(self, allowed: Iterable[str]) -> dict[str, Any]:
        """Return the body, which must be an object with no other keys than *allowed*."""
        body = {} if self.body is None else self.body
        if not isinstance(body, dict):
            raise body_invalid("body", "an object", body)
        for key in body:
            if key not in allowed or (key in LEGACY and self.version >= V2026):
                raise body_invalid(f"body.{key}", "not present", body[key])
        return body

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Return a boolean of the body."""
        value = (self.body or {}).get(key, default)
        if not isinstance(value, bool):
            raise body_invalid(f"body.{key}", "a boolean", value)
        return value

    def argument(self, name: str) -> str | None:
        """Return the last value of a query parameter."""
        values = self.query.get(name)
        return values[-1] if values else None

    def names(self, name: str) -> list[str]:
        """Return a repeatable query parameter, with or without brackets."""
        return [*self.query.get(name, ()), *self.query.get(f"{name}[]", ())]

    def uuid(self, index: int = 0) -> str:
        """Return one id of the path; raises if it is none."""
        found = dashed(self.ids[index])
        if found is None:
            raise invalid(
                "path failed validation: path.id should be a valid uuid, instead was "
                f"`{self.ids[index]}`."
            )
        return found

    # --- what this token may see -----------------------------------------------------------------

    @property
    def sees_everything(self) -> bool:
        """Say whether nothing is hidden from this call."""
        shares = self.world.workspace.records.shares
        return self.sees_all or (not shares and self.roots is None)

    def sees(self, thing_id: str) -> bool:
        """Say whether the object is shared with this token: the nearest word about it counts."""
        if self.sees_everything:
            return True
        shares = self.world.workspace.records.shares
        for holder in self.world.workspace.ancestors(thing_id):
            mark = shares.get(holder)
            if mark is not None:
                return mark
            if self.roots is not None and holder in self.roots:
                return True
        return self.roots is None

    def missing(self, kind: str, thing_id: str) -> ApiError:
        """Return the 404 for an object that is not there or not shared; the two look the same."""
        records = self.world.workspace.records
        name = records.users[records.bot_id].name if records.bot_id else "simulator"
        return ApiError(
            404,
            "object_not_found",
            f"Could not find {kind} with ID: {thing_id}. Make sure the relevant pages and "
            f'databases are shared with your integration "{name}".',
            additional_data={"integration_id": records.bot_id},
        )

    def page(self, page_id: str) -> Page:
        """Return a page that this token sees."""
        page = self.world.workspace.pages.get(page_id)
        if page is None or not self.sees(page_id):
            raise self.missing("page", page_id)
        return page

    def database(self, database_id: str) -> Database:
        """Return a database that this token sees."""
        database = self.world.workspace.databases.get(database_id)
        if database is None or not self.sees(database_id):
            raise self.missing("database", database_id)
        return database

    def source(self, source_id: str) -> DataSource:
        """Return a data source that this token sees."""
        source = self.world.workspace.data_sources.get(source_id)
        if source is None or not self.sees(source_id):
            raise self.missing("data_source", source_id)
        return source

    # --- answering with lists --------------------------------------------------------------------

    def listing(
        self,
        kind: str,
        items: Callable[[], Listing],
        show: Callable[[Any], dict[str, Any] | None],
        **extra: Any,
    ) -> dict[str, Any]:
        """Return one page of a listing: *items* begins it, a cursor in the request continues it."""
        holder = "query" if self.method == "GET" else "body"
        cursor, size = self._position(holder)
        cursors = self.world.cursors
        listing, offset = (
            (items(), 0) if cursor is None else cursors.resume(cursor, f"{holder}.start_cursor")
        )
        results, following = page_of(cursors, listing, offset, size, show)
        if following is None and listing.incomplete:
            extra["request_status"] = {
                "type": "incomplete",
                "incomplete_reason": "query_result_limit_reached",
            }
        elif self.world.switches.include_request_status and kind != "block":
            extra.setdefault("request_status", {"type": "complete"})
        return list_object(kind, results, following, **extra)

    def _position(self, holder: str) -> tuple[Any, int]:
        if holder == "query":
            cursor: Any = self.argument("start_cursor")
            text = self.argument("page_size")
            size: Any = int(text) if text is not None and text.isdigit() else text
        else:
            body = self.body or {}
            cursor, size = body.get("start_cursor"), body.get("page_size")
        most = self.world.limits.page_size
        if size is None:
            return cursor, most
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise body_invalid(f"{holder}.page_size", "a positive integer", size)
        if size > most:
            raise invalid(
                f"{holder} failed validation: {holder}.page_size should be ≤ `{most}`, instead was "
                f"`{size}`."
            )
        return cursor, size
