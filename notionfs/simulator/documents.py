"""Pages as markdown: reading a whole body as text, and changing it by text.

The dialects and the diff that keeps block ids live in `dialects/` and `edits.py`; this module lends
them the workspace's names and carries out what they decide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from notionfs.simulator.blocks import Block, BlockError, walk
from notionfs.simulator.call import Call
from notionfs.simulator.content import attach_files, requested_version
from notionfs.simulator.dialects import render
from notionfs.simulator.edits import EditError, apply_command
from notionfs.simulator.errors import ApiError, body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.masking import masked, unmasked
from notionfs.simulator.naming import names_for
from notionfs.simulator.records import Page
from notionfs.simulator.signing import HOSTED
from notionfs.simulator.tasks import Accepted, start
from notionfs.simulator.trees import settle

EDIT_KEYS = (
    "type", "update_content", "replace_content", "insert_content", "replace_content_range",
    "allow_async", "markdown_version",
)  # fmt: skip
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "update_content": ("content_updates", "allow_deleting_content"),
    "replace_content": ("new_str", "allow_deleting_content"),
    "insert_content": ("content", "after", "position"),
    "replace_content_range": ("content", "content_range", "allow_deleting_content"),
}
UPDATE_ITEM_KEYS = ("old_str", "new_str", "replace_all_matches")
UNKNOWN_IDS = 100


def get_markdown(call: Call) -> dict[str, Any]:
    """Answer with the body of a page, or of one block of it, as markdown."""
    version = requested_version(call, call.argument("markdown_version"), "query.markdown_version")
    thing_id = call.uuid()
    workspace = call.world.workspace
    if thing_id in workspace.databases or thing_id in workspace.data_sources:
        raise invalid(f"{thing_id} is a database: its content cannot be read as markdown.")
    if thing_id in workspace.owners and thing_id not in workspace.pages:
        spot = workspace.find_block(thing_id)
        if spot is None or not call.sees(spot.page.id):
            raise call.missing("block", thing_id)
        return markdown_object(call, thing_id, [spot.block], version)
    page = call.page(thing_id)
    transcript = call.argument("include_transcript") == "true"
    return markdown_object(call, page.id, workspace.body(page), version, transcript=transcript)


def markdown_object(
    call: Call, thing_id: str, blocks: list[Block], version: str, *, transcript: bool = False
) -> dict[str, Any]:
    """Return the `page_markdown` object of *blocks*."""
    limit = call.world.limits.records
    visible, hidden = masked(call, blocks)
    rendered = render(
        visible,
        names_for(call),
        version=version,
        record_limit=limit,
        include_transcript=transcript,
    )
    unknown = [*hidden, *rendered.unknown_block_ids]
    return {
        "object": "page_markdown",
        "id": thing_id,
        "markdown": rendered.markdown,
        "truncated": rendered.truncated or bool(hidden),
        "unknown_block_ids": unknown[:UNKNOWN_IDS],
    }


def patch_markdown(call: Call) -> dict[str, Any] | Accepted:
    """Change the body of a page by text; answers with the whole page."""
    body = call.object_body(EDIT_KEYS)
    page = _editable_page(call)
    version = requested_version(call, body.get("markdown_version"), "body.markdown_version")
    check_command(call, body)
    if body.get("allow_async"):
        return start(call, "patch_markdown", "PATCH /v1/pages/:page_id/markdown", body=body)
    return edit_page(call, page, body, version)


def edit_page(call: Call, page: Page, body: dict[str, Any], version: str) -> dict[str, Any]:
    """Carry out a checked markdown command on *page*."""
    world = call.world
    before = world.workspace.own_body(page)
    visible, hidden = masked(call, before)
    try:
        edited = apply_command(
            visible,
            _with_stored_addresses(call, body),
            names_for(call),
            version,
            partial=world.switches.partial_updates,
            record_limit=world.limits.records,
        )
    except EditError as exc:
        raise invalid(exc.message, **(exc.additional_data or {})) from exc
    except BlockError as exc:
        raise invalid(exc.message) from exc
    after = unmasked(edited.blocks, hidden)
    _finish_edit(call, before, after)
    settle(call, page, before, after, set(edited.touched))
    answer = markdown_object(call, page.id, world.workspace.body(page), version)
    if version == "v2" and edited.warnings:
        answer["warnings"] = list(edited.warnings)
    return answer


def _with_stored_addresses(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    """Return *body* with the addresses of our own files as they are stored.

    A server on loopback signs addresses below its own; the diff knows files by their stored
    address.
    """
    base = call.world.signer.base
    if base == HOSTED:
        return body
    own = f"{base}/{call.world.workspace.records.id}/"
    stored = f"{HOSTED}/{call.world.workspace.records.id}/"
    encoded = msgspec.json.encode(body).replace(own.encode(), stored.encode())
    return dict(msgspec.json.decode(encoded))


def _finish_edit(call: Call, before: list[Block], after: list[Block]) -> None:
    known = {block.id for block in walk(before)}
    for block in walk(after):
        if block.id in known:
            continue
        if block.type not in ("child_page", "child_database") or block.to_create:
            block.id = call.world.ids.record(call.world.now)
        attach_files(call, block, "body")


def replace_body(call: Call, page: Page, after: list[Block]) -> None:
    """Make *after* the body of *page*, with all that follows from it."""
    before = call.world.workspace.own_body(page)
    settle(call, page, before, after, {block.id for block in walk(after)})


def _editable_page(call: Call) -> Page:
    thing_id = call.uuid()
    workspace = call.world.workspace
    if thing_id in workspace.databases or thing_id in workspace.data_sources:
        raise invalid(f"{thing_id} is a database: its content cannot be edited as markdown.")
    if thing_id in workspace.owners and thing_id not in workspace.pages:
        raise invalid(f"{thing_id} is a block, not a page: edit its page instead.")
    page = call.page(thing_id)
    if page.is_synced:
        raise invalid("This page is synced from another source and cannot be edited.")
    if workspace.in_trash(page.id):
        raise invalid("Can't edit a page that is in the trash. Restore it first.")
    return page


def check_command(call: Call, body: dict[str, Any]) -> None:
    """Check the shape of a markdown command; what it matches is checked when it is carried out."""
    kind = str(body.get("type"))
    if kind not in COMMANDS:
        expected = ", ".join(f'`"{name}"`' for name in COMMANDS)
        raise body_invalid("body.type", expected, kind, missing="type" not in body)
    for other in COMMANDS:
        if other in body and other != kind:
            raise body_invalid(f"body.{other}", "not present", body[other])
    command = body.get(kind)
    if not isinstance(command, dict):
        raise body_invalid(f"body.{kind}", "an object", command, missing=command is None)
    for key in command:
        if key not in COMMANDS[kind]:
            raise body_invalid(f"body.{kind}.{key}", "not present", command[key])
    for key in ("new_str", "content"):
        if key in COMMANDS[kind] and not isinstance(command.get(key), str):
            raise body_invalid(
                f"body.{kind}.{key}", "a string", command.get(key), missing=key not in command
            )
    if kind == "update_content":
        _check_updates(call, command)


def _check_updates(call: Call, command: dict[str, Any]) -> None:
    where = "body.update_content.content_updates"
    updates = command.get("content_updates")
    if not isinstance(updates, list):
        raise body_invalid(where, "an array", updates, missing=updates is None)
    if len(updates) > call.world.limits.array:
        raise invalid(
            f"body failed validation: {where}.length should be ≤ `{call.world.limits.array}`."
        )
    for index, item in enumerate(updates):
        if not isinstance(item, dict):
            raise body_invalid(f"{where}[{index}]", "an object", item)
        for key in item:
            if key not in UPDATE_ITEM_KEYS:
                raise body_invalid(f"{where}[{index}].{key}", "not present", item[key])
        for key in ("old_str", "new_str"):
            if not isinstance(item.get(key), str):
                place = f"{where}[{index}].{key}"
                raise body_invalid(place, "a string", item.get(key), missing=key not in item)


# --- what runs later -----------------------------------------------------------------------------


def run_patch(call: Call, arguments: dict[str, Any]) -> dict[str, Any]:
    """Carry out an asynchronous edit."""
    page_id = dashed(arguments["ids"][0]) or ""
    page = call.world.workspace.pages.get(page_id)
    if page is None:
        raise ApiError(404, "object_not_found", f"Could not find page with ID: {page_id}.")
    body = arguments["body"]
    version = requested_version(call, body.get("markdown_version"), "body")
    return edit_page(call, page, body, version)
