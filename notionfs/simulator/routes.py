"""The table of endpoints.

Method, path, the operation's name, who answers, and what the token must be allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from notionfs.simulator import (
    children,
    comments,
    databases,
    documents,
    file_uploads,
    meeting_notes,
    pages,
    property_items,
    queries,
    search,
    tasks,
    templates,
    users,
    views,
)
from notionfs.simulator.call import Call
from notionfs.simulator.errors import ApiError
from notionfs.simulator.tasks import Accepted

Handler = Callable[[Call], dict[str, Any] | Accepted]
READ, UPDATE, INSERT = "read", "update", "insert"
READ_COMMENTS, INSERT_COMMENTS, USERS = "read_comments", "insert_comments", "user_info"
CAPABILITIES = frozenset({READ, UPDATE, INSERT, READ_COMMENTS, INSERT_COMMENTS, USERS})


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. A `*` in its path stands for a variable part."""

    method: str
    path: str
    operation: str
    handler: Handler
    capability: str = ""
    form: bool = False  # the body is a form, not JSON


ROUTES: Sequence[Route] = (
    Route("GET", "users/me", "users_me", users.users_me),
    Route("GET", "users", "list_users", users.list_users, USERS),
    Route("GET", "users/*", "get_user", users.get_user, USERS),
    Route("POST", "search", "search", search.search, READ),
    Route("POST", "pages", "create_page", pages.create_page, INSERT),
    Route("GET", "pages/*", "get_page", pages.get_page, READ),
    Route("PATCH", "pages/*", "update_page", pages.update_page, UPDATE),
    Route("POST", "pages/*/move", "move_page", pages.move_page, UPDATE),
    Route("GET", "pages/*/properties/*", "get_property", property_items.get_property, READ),
    Route("GET", "pages/*/markdown", "get_markdown", documents.get_markdown, READ),
    Route("PATCH", "pages/*/markdown", "patch_markdown", documents.patch_markdown, UPDATE),
    Route("GET", "async_tasks/*", "get_task", tasks.get_task),
    Route("GET", "blocks/*", "get_block", children.get_block, READ),
    Route("PATCH", "blocks/*", "update_block", children.update_block, UPDATE),
    Route("DELETE", "blocks/*", "delete_block", children.delete_block, UPDATE),
    Route("GET", "blocks/*/children", "get_children", children.get_children, READ),
    Route("PATCH", "blocks/*/children", "append_children", children.append_children, INSERT),
    Route(
        "POST",
        "blocks/meeting_notes",
        "create_meeting_notes",
        meeting_notes.create_meeting_notes,
        INSERT,
    ),
    Route(
        "POST",
        "blocks/meeting_notes/query",
        "query_meeting_notes",
        meeting_notes.query_meeting_notes,
        READ,
    ),
    Route("POST", "databases", "create_database", databases.create_database, INSERT),
    Route("GET", "databases/*", "get_database", databases.get_database, READ),
    Route("PATCH", "databases/*", "update_database", databases.update_database, UPDATE),
    Route("POST", "data_sources", "create_data_source", databases.create_data_source, INSERT),
    Route("GET", "data_sources/*", "get_data_source", databases.get_data_source, READ),
    Route("PATCH", "data_sources/*", "update_data_source", databases.update_data_source, UPDATE),
    Route("POST", "data_sources/*/query", "query", queries.query_data_source, READ),
    Route("GET", "data_sources/*/templates", "list_templates", templates.list_templates, READ),
    Route("POST", "comments", "create_comment", comments.create_comment, INSERT_COMMENTS),
    Route("GET", "comments", "list_comments", comments.list_comments, READ_COMMENTS),
    Route("GET", "comments/*", "get_comment", comments.get_comment, READ_COMMENTS),
    Route("PATCH", "comments/*", "update_comment", comments.update_comment, INSERT_COMMENTS),
    Route("DELETE", "comments/*", "delete_comment", comments.delete_comment, INSERT_COMMENTS),
    Route("POST", "file_uploads", "create_upload", file_uploads.create_upload, INSERT),
    Route("GET", "file_uploads", "list_uploads", file_uploads.list_uploads, INSERT),
    Route("GET", "file_uploads/*", "get_upload", file_uploads.get_upload, INSERT),
    Route(
        "POST", "file_uploads/*/send", "send_upload", file_uploads.send_upload, INSERT, form=True
    ),
    Route(
        "POST", "file_uploads/*/complete", "complete_upload", file_uploads.complete_upload, INSERT
    ),
    Route("GET", "custom_emojis", "list_emojis", users.list_emojis, READ),
    Route("GET", "views", "list_views", views.list_views, READ),
    Route("POST", "views", "create_view", views.create_view, UPDATE),
    Route("GET", "views/*", "get_view", views.get_view, READ),
    Route("PATCH", "views/*", "update_view", views.update_view, UPDATE),
    Route("DELETE", "views/*", "delete_view", views.delete_view, UPDATE),
    Route("POST", "views/*/queries", "create_view_query", views.create_view_query, READ),
    Route("GET", "views/*/queries/*", "get_view_query", views.get_view_query, READ),
    Route("DELETE", "views/*/queries/*", "delete_view_query", views.delete_view_query, READ),
)

WORKERS: Mapping[str, tasks.Worker] = {
    "patch_markdown": documents.run_patch,
    "create_page": pages.run_create,
    "template": templates.run_template,
}

Pattern = tuple[list[str], Route]


def _table() -> dict[tuple[str, int, str], list[Pattern]]:
    table: dict[tuple[str, int, str], list[Pattern]] = {}
    for route in ROUTES:
        parts = route.path.split("/")
        table.setdefault((route.method, len(parts), parts[0]), []).append((parts, route))
    for patterns in table.values():  # fixed words before variables
        patterns.sort(key=lambda pattern: pattern[0].count("*"))
    return table


TABLE = _table()


def find_route(method: str, path: str) -> tuple[Route, list[str]]:
    """Return the endpoint and the variable parts of *path*; raises for an unknown one."""
    parts = path.split("/")
    if len(parts) > 2 and parts[0] == "" and parts[1] == "v1":
        parts = [part for part in parts[2:] if part]
        for pattern, route in TABLE.get((method, len(parts), parts[0] if parts else ""), ()):
            ids = _match(pattern, parts)
            if ids is not None:
                return route, ids
    raise ApiError(400, "invalid_request_url", "Invalid request URL.")


def _match(pattern: list[str], parts: list[str]) -> list[str] | None:
    ids = []
    for wanted, part in zip(pattern, parts, strict=True):
        if wanted == "*":
            ids.append(part)
        elif wanted != part:
            return None
    return ids
