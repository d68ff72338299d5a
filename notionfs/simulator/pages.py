"""Pages: create, retrieve, update, trash and move."""

from __future__ import annotations

import dataclasses
from typing import Any

from notionfs.simulator import documents, templates
from notionfs.simulator.blocks import Block
from notionfs.simulator.call import Call
from notionfs.simulator.content import Content, read_blocks, read_markdown
from notionfs.simulator.errors import invalid
from notionfs.simulator.icons import checked_cover, checked_icon
from notionfs.simulator.ids import same_property_id
from notionfs.simulator.objects import page_object
from notionfs.simulator.parents import TRASHED, requested_parent
from notionfs.simulator.positions import requested_index
from notionfs.simulator.records import WORKSPACE, DataSource, Page, Parent
from notionfs.simulator.rows import Changes, checked_values, initial_values
from notionfs.simulator.tasks import Accepted, start
from notionfs.simulator.trees import adopt, hang_in, put_back, take_out
from notionfs.simulator.workspace import PLAIN_SCHEMA

CREATE_KEYS = (
    "parent", "properties", "icon", "cover", "children", "content", "markdown", "markdown_version",
    "allow_async", "template", "position",
)  # fmt: skip
UPDATE_KEYS = (
    "properties", "icon", "cover", "is_locked", "in_trash", "is_archived", "template",
    "erase_content", "archived",
)  # fmt: skip


def get_page(call: Call) -> dict[str, Any]:
    """Answer with a page."""
    page = call.page(call.uuid())
    return page_object(call.world, page, wanted_properties(call, call.world.workspace.schema(page)))


def wanted_properties(call: Call, schema: dict[str, Any]) -> set[str] | None:
    """Return the property ids that `filter_properties` names (by id or name), or None for all."""
    names = call.names("filter_properties")
    if not names:
        return None
    most = call.world.limits.filter_properties
    if len(names) > most:
        raise invalid(f"query failed validation: filter_properties.length should be ≤ `{most}`.")
    found = set()
    for name in names:
        prop = next(
            (p for p in schema.values() if p.name == name or same_property_id(p.id, name)), None
        )
        if prop is None:
            raise invalid(f"filter_properties: {name} is not a property that exists.")
        found.add(prop.id)
    return found


def create_page(call: Call) -> dict[str, Any] | Accepted:
    """Make a page or a row, with its values and its content, in one step."""
    body = call.object_body(CREATE_KEYS)
    _check_content_sources(body)
    given = body.get("parent")
    parent = WORKSPACE if given is None else requested_parent(call, given)
    world = call.world
    source = world.workspace.data_sources.get(parent.id)
    schema = source.properties if source else PLAIN_SCHEMA
    changes = checked_values(call, source, body.get("properties") or {}, schema)
    icon = checked_icon(world, body.get("icon"))
    cover = checked_cover(world, body.get("cover"))
    index = requested_index(call, parent, body.get("position"))
    template = templates.requested(call, source, body.get("template"))
    if body.get("markdown") is not None and body.get("allow_async"):
        return start(call, "create_page", "POST /v1/pages", body=body)
    content = _content(call, body, parent, changes)
    page = _new_page(call, parent, source, content.blocks)
    page.icon, page.cover = icon, cover
    changes.apply(call, page)
    _place(call, page, index)
    call.committed["committed_resource_id"] = page.id
    if template is not None:
        templates.schedule(call, page, template)
    answer = page_object(world, page, wanted_properties(call, schema))
    if content.warnings:
        answer["warnings"] = content.warnings
    return answer


def _check_content_sources(body: dict[str, Any]) -> None:
    sources = [key for key in ("children", "content", "markdown") if body.get(key) is not None]
    if len(sources) > 1:
        raise invalid(f"body failed validation: only one of {', '.join(sources)} may be given.")
    if "markdown_version" in body and body.get("markdown") is None:
        raise invalid("body failed validation: body.markdown_version requires body.markdown.")
    template = body.get("template")
    if sources and isinstance(template, dict) and template.get("type") != "none":
        raise invalid(f"body failed validation: body.template excludes body.{sources[0]}.")


def _content(call: Call, body: dict[str, Any], parent: Parent, changes: Changes) -> Content:
    """Return the blocks of a new page.

    A first heading becomes the title of a page that has none.
    """
    if (markdown := body.get("markdown")) is not None:
        content = read_markdown(call, markdown, body.get("markdown_version"))
        if "title" not in changes.values and content.blocks:
            first = content.blocks[0]
            if first.type == "heading_1" and not first.children:
                changes.values["title"] = (PLAIN_SCHEMA["title"], first.data["rich_text"])
                content.blocks.pop(0)
        return content
    children = body.get("children") if body.get("children") is not None else body.get("content")
    if children is None:
        return Content([], [])
    where = "body.children" if body.get("children") is not None else "body.content"
    return Content(read_blocks(call, children, where), [])


def _new_page(call: Call, parent: Parent, source: DataSource | None, body: list[Block]) -> Page:
    world = call.world
    now = world.now
    page = Page(world.ids.record(now), parent, now, now, call.actor, call.actor, body=[])
    page.values = initial_values(source) if source else {"title": []}
    world.workspace.add(page)
    world.created(page)
    world.stamp(body, call.actor)
    world.workspace.set_body(page, body)
    adopt(call, page)
    return page


def _place(call: Call, page: Page, index: int | None) -> None:
    if page.parent.kind in ("page_id", "block_id"):
        hang_in(call.world, page, page.parent, call.actor, index)


def update_page(call: Call) -> dict[str, Any]:
    """Change values, icon, cover, lock; trash or restore; erase or fill the content."""
    body = call.object_body(UPDATE_KEYS)
    page = call.page(call.uuid())
    world = call.world
    trash = _requested_trash(call, body)
    _check_editable(call, page, body, trash)
    schema = world.workspace.schema(page)
    source = world.workspace.data_sources.get(page.parent.id)
    changes = checked_values(call, source, body.get("properties") or {}, schema)
    icon = checked_icon(world, body.get("icon"))
    cover = checked_cover(world, body.get("cover"))
    template = templates.requested(call, source, body.get("template"))
    flags = {key: call.flag(key) for key in ("is_locked", "is_archived") if key in body}
    wanted = wanted_properties(call, schema)
    if body:
        world.touch(page, call.actor)
    changes.apply(call, page)
    if "icon" in body:
        page.icon = icon
    if "cover" in body:
        page.cover = cover
    for key, value in flags.items():
        setattr(page, key, value)
    if body.get("erase_content"):
        documents.replace_body(call, page, [])
    if template is not None:
        templates.schedule(call, page, template)
    if trash is not None:
        set_trashed(call, page, trashed=trash)
    return page_object(world, page, wanted)


def _requested_trash(call: Call, body: dict[str, Any]) -> bool | None:
    for key in ("in_trash", "archived"):
        if body.get(key) is not None:
            return call.flag(key)
    return None


def _check_editable(call: Call, page: Page, body: dict[str, Any], trash: bool | None) -> None:
    if trash is None and body and call.world.workspace.in_trash(page.id):
        raise invalid(TRASHED)
    if trash and page.parent.kind == "workspace":
        raise invalid("Archiving workspace level pages via API not supported.")


def set_trashed(call: Call, page: Page, *, trashed: bool) -> None:
    """Move *page* to the trash or back, with its block in its parent's body."""
    if page.in_trash == trashed:
        return
    world = call.world
    home = world.workspace.home_of(page.parent)
    page.in_trash = trashed
    world.workspace.version += 1
    if home is None:
        return
    world.touch(home, call.actor)
    if trashed:
        take_out(world, page.id, keep=True)
    elif put_back(world, page.id) is None:
        hang_in(world, page, page.parent, call.actor)


def move_page(call: Call) -> dict[str, Any]:
    """Give a page another parent.

    A row of another table keeps the values whose names and types fit.
    """
    body = call.object_body(("parent", "position"))
    page = call.page(call.uuid())
    parent = requested_parent(
        call, body.get("parent"), ("page_id", "data_source_id", "database_id")
    )
    if call.world.workspace.in_trash(page.id):
        raise invalid(TRASHED)
    if page.id in call.world.workspace.ancestors(parent.id):
        raise invalid("A page cannot be moved into itself or one of its sub-pages.")
    relocate(call, page, parent, requested_index(call, parent, body.get("position")))
    return page_object(call.world, page)


def relocate(call: Call, page: Page, parent: Parent, index: int | None = None) -> None:
    """Move *page* under *parent*: its block, its values and its place among rows."""
    world = call.world
    workspace = world.workspace
    values = _values_under(call, page, parent)
    world.touch(page, call.actor)
    old_home = workspace.home_of(page.parent)
    if old_home is not None:
        world.touch(old_home, call.actor)
        take_out(world, page.id, keep=False)
    page.values = values
    workspace.rehang(page, parent)
    _place(call, page, index)


def _values_under(call: Call, page: Page, parent: Parent) -> dict[str, Any]:
    workspace = call.world.workspace
    before = workspace.values(page)
    source = workspace.data_sources.get(parent.id)
    if source is None:
        return {"title": before.get("title", [])}
    if page.parent == parent:
        return dict(before)
    values = initial_values(source)
    known = {(prop.name, prop.type): prop for prop in workspace.schema(page).values()}
    for prop in source.properties.values():
        old = PLAIN_SCHEMA["title"] if prop.type == "title" else known.get((prop.name, prop.type))
        if old is None or prop.type in (
            "unique_id",
            "status",
            "select",
            "multi_select",
            "relation",
        ):
            continue  # options and partners belong to the old table
        values[prop.id] = before.get(old.id, values[prop.id])
    return values


def run_create(call: Call, arguments: dict[str, Any]) -> dict[str, Any]:
    """Carry out an asynchronous creation."""
    body = {key: value for key, value in arguments["body"].items() if key != "allow_async"}
    later = dataclasses.replace(
        call,
        body=body,
        actor=arguments["actor"],
        version=arguments["version"],
        query={},
        committed={},
    )
    made = create_page(later)
    assert isinstance(made, dict)
    return made
