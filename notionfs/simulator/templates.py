"""Templates of data sources: listed, and applied to pages some time after the answer."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.blocks import Block, new_block
from notionfs.simulator.call import Call
from notionfs.simulator.cursors import Listing
from notionfs.simulator.errors import body_invalid, invalid
from notionfs.simulator.ids import dashed
from notionfs.simulator.records import DataSource, Page, Task


def list_templates(call: Call) -> dict[str, Any]:
    """List the templates of a data source."""
    source = call.source(call.uuid())
    name = call.argument("name")
    found = [one for one in source.templates if name is None or name.lower() in one["name"].lower()]
    shown = call.listing("template", lambda: Listing(found), dict)
    return {
        "templates": shown["results"],
        "has_more": shown["has_more"],
        "next_cursor": shown["next_cursor"],
    }


def requested(call: Call, source: DataSource | None, value: Any) -> str | None:
    """Return the id of the template a request asks for, or None."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise body_invalid("body.template", "an object", value)
    kind = value.get("type")
    known = source.templates if source else []
    if kind == "none":
        return None
    if kind == "default":
        default = next((one["id"] for one in known if one.get("is_default")), None)
        if default is None:
            raise invalid("body.template: this data source has no default template.")
        return str(default)
    if kind != "template_id":
        raise body_invalid("body.template.type", '"none", "default" or "template_id"', kind)
    wanted = value.get("template_id")
    template = dashed(wanted) if isinstance(wanted, str) else None
    if template is None or (template not in call.world.workspace.pages):
        raise invalid(f"Could not find template with ID: {wanted}.")
    return template


def schedule(call: Call, page: Page, template_id: str) -> None:
    """Fill *page* from a template a little later; nothing tells when that is done."""
    world = call.world
    task_id = world.ids.free()
    world.workspace.records.tasks[task_id] = Task(
        id=task_id,
        kind="template",
        due=world.now + world.switches.template_seconds,
        created=world.now,
        arguments={"page": page.id, "template": template_id, "actor": call.actor},
    )


def copied(blocks: list[Block]) -> list[Block]:
    """Return a copy of *blocks* with ids of its own; sub-pages are left out."""
    return [
        new_block(block.type, dict(block.data), copied(block.children))
        for block in blocks
        if block.type not in ("child_page", "child_database")
    ]


def run_template(call: Call, arguments: dict[str, Any]) -> None:
    """Fill a page from its template, if both are still there."""
    from notionfs.simulator.content import finish
    from notionfs.simulator.documents import replace_body

    workspace = call.world.workspace
    page = workspace.pages.get(arguments["page"])
    template = workspace.pages.get(arguments["template"])
    if page is None or template is None:
        return
    blocks = copied(workspace.body(template))
    finish(call, blocks, "template")
    replace_body(call, page, [*workspace.body(page), *blocks])
