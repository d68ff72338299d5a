"""Every block type and every property type, each in the forms it can have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from notionfs.simulator.blocks import BLOCK_TYPES, Block, new_block
from notionfs.simulator.records import Prop, text
from notionfs.simulator.richtext import COLORS, equation_item, mention_item, text_item

if TYPE_CHECKING:
    from notionfs.simulator.simulator import Simulator

PICTURE = {"type": "external", "external": {"url": "https://example.com/a(1) b.png?x=1&y=2#z"}}
STYLES = ("bold", "italic", "strikethrough", "underline", "code")
COLORED = (
    "paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "bulleted_list_item",
    "numbered_list_item", "to_do", "toggle", "quote", "callout",
)  # fmt: skip


def plant_every_block(simulator: Simulator) -> None:
    """Add pages with every block type, every colour, every inline form and odd containers."""
    parent = simulator.add_page("Every block")
    page = simulator.add_page("Types", parent=parent)
    child = simulator.add_page("A sub-page of types", parent=page)
    simulator.add_database("A table among blocks", parent=page, inline=True)
    simulator.put_blocks(page, _typed_blocks(simulator, child))
    colors = simulator.add_page("Colors", parent=parent)
    simulator.put_blocks(
        colors,
        [
            _block(simulator, kind, {"rich_text": text(f"{kind} {color}"), "color": color})
            for kind in COLORED
            for color in sorted(COLORS - {"default_background"})
        ],
    )
    inline = simulator.add_page("Inline", parent=parent)
    simulator.put_blocks(inline, [_block(simulator, "paragraph", {"rich_text": [item]})
                                  for item in _inline_items(simulator, child)])  # fmt: skip
    alone = simulator.add_page("Unknown to any dialect", parent=parent)
    simulator.put_blocks(alone, _unknown_blocks(simulator))


def _block(
    simulator: Simulator, kind: str, data: dict[str, Any] | None = None, *children: Block
) -> Block:
    return new_block(kind, data, children, id=simulator.world.ids.record(simulator.world.now))


def _typed_blocks(simulator: Simulator, child: str) -> list[Block]:
    def block(kind: str, data: dict[str, Any] | None = None, *children: Block) -> Block:
        return _block(simulator, kind, data, *children)

    def words(kind: str, *children: Block, **data: Any) -> Block:
        return block(kind, {"rich_text": text(f"A {kind}."), **data}, *children)

    rows = [block("table_row", {"cells": [text("a|b"), [], text("c\nd")]}) for _ in range(2)]
    table = {"table_width": 3, "has_column_header": True, "has_row_header": True}
    original = block("synced_block", {"synced_from": None}, words("paragraph"))
    copy = block("synced_block", {"synced_from": {"type": "block_id", "block_id": original.id}})
    tab = words("paragraph", words("to_do", checked=True), icon={"type": "emoji", "emoji": "🐍"})
    headings = [words(f"heading_{n}", is_toggleable=False) for n in range(1, 5)]
    toggles = [words(f"heading_{n}", words("paragraph"), is_toggleable=True) for n in range(1, 5)]
    lists = [
        words(kind, words(kind, words("paragraph"), words("code", language="python")))
        for kind in ("bulleted_list_item", "numbered_list_item", "to_do", "toggle", "quote")
    ]
    media = [block(kind, {**PICTURE, "caption": text("A caption")}) for kind in
             ("image", "video", "pdf", "audio")]  # fmt: skip
    return [
        words("paragraph", words("paragraph", words("paragraph"))),
        block("paragraph"),
        *headings,
        *toggles,
        *lists,
        words("numbered_list_item", list_start_index=7, list_format="roman"),
        words("callout", words("paragraph"), icon={"type": "emoji", "emoji": "💡"}),
        words("callout", icon={"type": "icon", "icon": {"name": "pizza", "color": "red"}}),
        words("code", language="plain text", caption=text("Four ticks: ````")),
        block("code", {"rich_text": text("```\nfence\n```\n~~~"), "language": "markdown"}),
        block("equation", {"expression": "E = mc^2 \\\\ \\$"}),
        block("divider"),
        block("table_of_contents", {"color": "gray"}),
        block("table", table, *rows),
        block("column_list", None, *[block("column", {"width_ratio": 0.5}, words("paragraph"))
                                     for _ in range(2)]),
        block("tab", None, tab, words("paragraph")),
        original,
        copy,
        block("bookmark", {"url": "https://example.com", "caption": text("A bookmark")}),
        block("embed", {"url": "https://example.com/embed", "caption": []}),
        *media,
        block("file", {**PICTURE, "caption": [], "name": "a b.png"}),
        block("link_to_page", {"type": "page_id", "page_id": child}),
    ]  # fmt: skip


def _unknown_blocks(simulator: Simulator) -> list[Block]:
    """Return blocks that no request can make and no dialect can say."""
    return [
        _block(simulator, "breadcrumb"),
        _block(simulator, "link_preview", {"url": "https://github.com/example/example"}),
        _block(simulator, "template", {"rich_text": text("Add a new one")}),
        _block(simulator, "unsupported", {"block_type": "button"}),
        _block(simulator, "unsupported", {"block_type": "form"}),
        _block(simulator, "paragraph", {"rich_text": text("Text between them.")}),
        _block(simulator, "meeting_notes", {"title": text("Weekly"), "status": "notes_ready"},
               _block(simulator, "paragraph", {"rich_text": text("We met.")})),
    ]  # fmt: skip


def _inline_items(simulator: Simulator, child: str) -> list[dict[str, Any]]:
    plain = text_item("x")["annotations"]
    user = next(iter(simulator.workspace.records.users.values()))
    emoji = simulator.add_emoji("acme", "https://example.com/acme.png")
    database = next(iter(simulator.workspace.databases))
    dates = [
        {"start": "2026-01-15", "end": None, "time_zone": None},
        {"start": "2026-01-15", "end": "2026-01-20", "time_zone": None},
        {"start": "2026-01-15T10:30:00.000+01:00", "end": None, "time_zone": None},
        {"start": "2026-06-15T10:30:00.000+01:00", "end": None, "time_zone": "Europe/London"},
    ]
    styled = [text_item(f"{style} text", {**plain, style: True}) for style in STYLES]
    colored = [text_item(color, {**plain, "color": color}) for color in sorted(COLORS)]
    everything = dict.fromkeys(STYLES[:4], True) | {"code": False, "color": "red_background"}
    return [
        *styled,
        *colored,
        text_item("all at once", everything),
        text_item("a (linked) text", plain, "https://example.com/a_(b)?c=d e"),
        equation_item("x_1 < \\$2"),
        mention_item("user", {"object": "user", "id": user.id}, shown=f"@{user.name}"),
        mention_item("page", {"id": child}, shown="A sub-page of types"),
        mention_item("database", {"id": database}, shown="A table"),
        mention_item("page", {"id": "00000000-0000-4000-8000-0000000000ff"}, shown="Untitled"),
        *[mention_item("date", date, shown=date["start"] or "") for date in dates],
        mention_item(
            "custom_emoji",
            {"id": emoji, "name": "acme", "url": "https://example.com/acme.png"},
            shown=":acme:",
        ),
        mention_item("link_preview", {"url": "https://example.com"}, shown="https://example.com"),
        mention_item(
            "template_mention",
            {"type": "template_mention_date", "template_mention_date": "today"},
            shown="@Today",
        ),
    ]


def plant_every_property(simulator: Simulator) -> None:
    """Add a table with every property type, a full row, an empty row and one of a future type."""
    _, (other,) = simulator.add_database("Related rows")
    related = [simulator.add_page(f"Related {n}", parent=other) for n in range(30)]
    schema: dict[str, Any] = {
        "Name": "title", "Text": "rich_text", "Number": "number",
        "Select": {"select": ["One", "Two"]}, "Many": {"multi_select": ["a", "b", "c"]},
        "Status": "status", "Date": "date", "Range": "date", "People": "people", "Files": "files",
        "Checkbox": "checkbox", "URL": "url", "Email": "email", "Phone": "phone_number",
        "Relation": {"relation": other}, "ID": {"unique_id": "EVERY"}, "Created": "created_time",
        "Created by": "created_by", "Edited": "last_edited_time", "Edited by": "last_edited_by",
        "Place": "place", "Formula": {"formula": 'prop("Number") / 4'},
        "Formula text": {"formula": 'format(prop("Checkbox")) + prop("Text")'},
        "Formula date": {"formula": 'dateAdd(prop("Date"), 1, "days")'},
        "Formula yes": {"formula": 'prop("Number") > 1'}, "Formula odd": {"formula": "nobody()"},
    }  # fmt: skip
    _, (source_id,) = simulator.add_database("Every property", sources={"Every property": schema})
    rollups = {
        f"Rollup {function}": {
            "rollup": {
                "relation_property_name": "Relation",
                "rollup_property_name": "Name",
                "function": function,
            }
        }
        for function in ("count", "show_original", "percent_not_empty", "count_per_group")
    }
    simulator.change_schema(source_id, rollups)
    source = simulator.workspace.data_sources[source_id]
    for kind in ("button", "verification", "last_visited_time"):  # nobody can create these
        source.properties[kind] = Prop(kind, f"The {kind}", kind)
    simulator.add_page("Empty row", parent=source_id)
    people = [user.id for user in simulator.workspace.records.users.values()]
    values = {
        "Text": "Some *text*", "Number": 42.5, "Select": "One", "Many": ["a", "c"],
        "Status": "Done",
        "Date": "2026-01-15",
        "Range": ("2026-01-15T10:00:00+01:00", "2026-01-16T11:30:00+01:00"),
        "People": people, "Checkbox": True, "URL": "https://example.com/?a=b&c", "Phone": "+1 555",
        "Email": "ada@example.com", "Relation": related,
        "Files": ["https://example.com/a.png", simulator.add_file("b.png", b"picture")],
        "Place": {"lat": 1.5, "lon": -2.5, "name": "Here", "address": "Street 1"},
    }  # fmt: skip
    row = simulator.add_page("Full row", parent=source_id, properties=values)
    page = simulator.workspace.pages[row]
    assert page.values is not None
    page.values["verification"] = {"state": "verified", "date": None, "verified_by": people[0]}
    page.values["last_visited_time"] = "2026-01-15T10:00:00.000Z"


def block_types_covered() -> set[str]:
    """Return the block types that the torture workspace must show."""
    return set(BLOCK_TYPES) - {"transcription"}
