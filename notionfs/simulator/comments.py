"""Comments on pages and blocks, in threads."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.call import Call
from notionfs.simulator.clock import minute_time
from notionfs.simulator.content import read_markdown
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.parents import requested_parent
from notionfs.simulator.records import Comment, Parent, RichText
from notionfs.simulator.shown import file_object, mentions_refreshed, parent_object, partial_user
from notionfs.simulator.texts import checked_rich_text
from notionfs.simulator.uploads import attach

CREATE_KEYS = (
    "parent", "discussion_id", "rich_text", "markdown", "markdown_version", "attachments",
    "display_name",
)  # fmt: skip
UPDATE_KEYS = ("rich_text", "markdown", "markdown_version")
CATEGORIES = {"image": "image", "audio": "audio", "video": "video", "application/pdf": "pdf"}


def comment_object(call: Call, comment: Comment) -> dict[str, Any]:
    """Return a comment as clients see it."""
    shown: dict[str, Any] = {
        "object": "comment",
        "id": comment.id,
        "parent": parent_object(call.world, comment.parent),
        "discussion_id": comment.discussion_id,
        "created_time": minute_time(comment.created),
        "last_edited_time": minute_time(comment.edited),
        "created_by": partial_user(comment.created_by),
        "rich_text": mentions_refreshed(call.world, comment.rich_text),
        "display_name": comment.display_name,
    }
    if comment.attachments:
        shown["attachments"] = [
            {"category": entry["category"], "file": file_object(call.world, entry)["file"]}
            for entry in comment.attachments
        ]
    return shown


def create_comment(call: Call) -> dict[str, Any]:
    """Start a thread on a page or block, or answer in one."""
    body = call.object_body(CREATE_KEYS)
    parent, discussion = _place(call, body)
    rich_text = _text(call, body)
    attachments = _attachments(call, body.get("attachments"))
    world = call.world
    comment = Comment(
        id=world.ids.record(world.now),
        discussion_id=discussion or world.ids.record(world.now),
        parent=parent,
        rich_text=rich_text,
        created=world.now,
        edited=world.now,
        created_by=call.actor,
        display_name=_display_name(call, body.get("display_name")),
        attachments=attachments,
    )
    world.workspace.records.comments[comment.id] = comment
    world.workspace.version += 1
    return comment_object(call, comment)


def _place(call: Call, body: dict[str, Any]) -> tuple[Parent, str | None]:
    given = [key for key in ("parent", "discussion_id") if body.get(key) is not None]
    if len(given) != 1:
        raise invalid(
            "body failed validation: exactly one of body.parent, body.discussion_id is needed."
        )
    if given == ["parent"]:
        return requested_parent(call, body["parent"], ("page_id", "block_id")), None
    wanted = dashed(str(body["discussion_id"]))
    for comment in call.world.workspace.records.comments.values():
        if comment.discussion_id == wanted:
            return comment.parent, wanted
    raise call.missing("discussion", str(body["discussion_id"]))


def _text(call: Call, body: dict[str, Any]) -> RichText:
    if body.get("markdown") is not None:
        if body.get("rich_text") is not None:
            raise invalid("body failed validation: only one of rich_text, markdown may be given.")
        blocks = read_markdown(call, body["markdown"], body.get("markdown_version")).blocks
        if len(blocks) > 1 or any(block.type != "paragraph" for block in blocks):
            raise invalid("body.markdown: comments can only hold inline formatting.")
        return blocks[0].data["rich_text"] if blocks else []
    if "rich_text" not in body:
        raise body_invalid("body.rich_text", "defined", missing=True)
    return checked_rich_text(body["rich_text"], "body.rich_text")


def _attachments(call: Call, value: Any) -> list[dict[str, Any]]:
    if value is None:
        return []
    most = call.world.limits.attachments
    if not isinstance(value, list) or len(value) > most:
        raise body_invalid("body.attachments", f"an array of at most {most}", value)
    found = []
    for index, entry in enumerate(value):
        wanted = entry.get("file_upload_id") if isinstance(entry, dict) else None
        upload = {"type": "file_upload", "file_upload": {"id": wanted}}
        stored = attach(call.world, upload, f"body.attachments[{index}]")
        record = call.world.workspace.records.uploads[dashed(str(wanted)) or ""]
        content_type = record.content_type or ""
        kind = CATEGORIES.get(
            content_type, CATEGORIES.get(content_type.split("/")[0], "productivity")
        )
        found.append({**stored, "category": kind})
    return found


def _display_name(call: Call, value: Any) -> dict[str, Any]:
    name = call.world.workspace.user_name(call.actor)
    if not isinstance(value, dict) or value.get("type") in (None, "integration"):
        return {"type": "integration", "resolved_name": name}
    if value["type"] == "custom":
        custom = value.get("custom") or {}
        return {"type": "custom", "resolved_name": custom.get("name")}
    return {"type": "user", "resolved_name": name}


def list_comments(call: Call) -> dict[str, Any]:
    """List the open comments of a page or block."""
    wanted = call.argument("block_id")
    block_id = dashed(wanted) if wanted else None
    if block_id is None:
        raise invalid("query failed validation: query.block_id should be a valid uuid.")
    workspace = call.world.workspace
    known = block_id in workspace.pages or block_id in workspace.owners
    if not known or not call.sees(block_id):
        raise call.missing("block", block_id)
    found = [one for one in workspace.records.comments.values() if one.parent.id == block_id]
    return call.listing("comment", lambda: Listing(found), lambda one: comment_object(call, one))


def _comment(call: Call) -> Comment:
    comment_id = call.uuid()
    comment = call.world.workspace.records.comments.get(comment_id)
    if comment is None or not call.sees(comment.parent.id):
        raise call.missing("comment", comment_id)
    return comment


def get_comment(call: Call) -> dict[str, Any]:
    """Answer with one comment."""
    return comment_object(call, _comment(call))


def update_comment(call: Call) -> dict[str, Any]:
    """Change the text of a comment."""
    body = call.object_body(UPDATE_KEYS)
    comment = _comment(call)
    comment.rich_text = _text(call, body)
    comment.edited = call.world.now
    call.world.workspace.version += 1
    return comment_object(call, comment)


def delete_comment(call: Call) -> dict[str, Any]:
    """Remove a comment; answers with what it was."""
    comment = _comment(call)
    shown = comment_object(call, comment)
    del call.world.workspace.records.comments[comment.id]
    call.world.workspace.version += 1
    return shown
