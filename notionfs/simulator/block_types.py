"""The types of blocks: which keys each has, what it may hold, what clients may do with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from notionfs.simulator import richtext
from notionfs.simulator.block_fields import (
    Field,
    clean_cells,
    clean_flag,
    clean_icon,
    clean_ratio,
    clean_source,
    clean_start,
    clean_string,
    clean_width,
    default_icon,
    nothing,
    one_of,
)
from notionfs.simulator.languages import LANGUAGES


@dataclass(frozen=True, slots=True)
class BlockType:
    """What the API allows for one block type."""

    fields: Mapping[str, Field]
    children: frozenset[str] | None = frozenset()  # None: any type
    least: int = 0  # children a request must bring
    creatable: bool = True
    updatable: bool = True
    is_file: bool = False

    @property
    def has_rich_text(self) -> bool:
        """Say whether blocks of this type hold text of their own."""
        return "rich_text" in self.fields

    @property
    def may_have_children(self) -> bool:
        """Say whether blocks of this type can hold other blocks."""
        return self.children is None or bool(self.children)


TEXT = Field(richtext.normalise)
CAPTION = Field(richtext.normalise, list)
COLOR = Field(richtext.color, lambda: "default")
URL = Field(richtext.url)
FLAG = Field(clean_flag, lambda: False)
TEXT_FIELDS = {"rich_text": TEXT, "color": COLOR}
NUMBER_FIELDS = {
    "list_start_index": Field(clean_start, nothing, shown=False),
    "list_format": Field(one_of("numbers", "letters", "roman"), nothing, shown=False),
}
SYNCED = {"synced_from": Field(clean_source, nothing)}
LINK_KINDS = ("page_id", "database_id", "comment_id")

ANY: frozenset[str] | None = None
HEADING = BlockType({**TEXT_FIELDS, "is_toggleable": FLAG}, ANY)
MEDIA = BlockType({"caption": CAPTION}, is_file=True)

BLOCK_TYPES: Mapping[str, BlockType] = {
    "paragraph": BlockType({**TEXT_FIELDS, "icon": Field(clean_icon, nothing)}, ANY),
    "heading_1": HEADING,
    "heading_2": HEADING,
    "heading_3": HEADING,
    "heading_4": HEADING,
    "bulleted_list_item": BlockType(TEXT_FIELDS, ANY),
    "numbered_list_item": BlockType({**TEXT_FIELDS, **NUMBER_FIELDS}, ANY),
    "to_do": BlockType({**TEXT_FIELDS, "checked": FLAG}, ANY),
    "toggle": BlockType(TEXT_FIELDS, ANY),
    "quote": BlockType(TEXT_FIELDS, ANY),
    "callout": BlockType({**TEXT_FIELDS, "icon": Field(clean_icon, default_icon)}, ANY),
    "code": BlockType(
        {"caption": CAPTION, "rich_text": TEXT, "language": Field(one_of(*LANGUAGES))}
    ),
    "equation": BlockType({"expression": Field(richtext.expression)}),
    "divider": BlockType({}, updatable=False),
    "breadcrumb": BlockType({}, updatable=False),
    "table_of_contents": BlockType({"color": COLOR}),
    "table": BlockType(
        {
            "table_width": Field(clean_width, writable=False),
            "has_column_header": FLAG,
            "has_row_header": FLAG,
        },
        frozenset({"table_row"}),
        least=1,
    ),
    "table_row": BlockType({"cells": Field(clean_cells)}),
    "column_list": BlockType({}, frozenset({"column"}), least=2, updatable=False),
    "column": BlockType({"width_ratio": Field(clean_ratio, nothing, shown=False)}, ANY),
    "tab": BlockType({}, frozenset({"paragraph"}), updatable=False),
    "synced_block": BlockType(SYNCED, ANY, updatable=False),
    "link_to_page": BlockType({"type": Field(one_of(*LINK_KINDS))}),
    "bookmark": BlockType({"caption": CAPTION, "url": URL}),
    "embed": BlockType({"caption": CAPTION, "url": URL}),
    "image": MEDIA,
    "video": MEDIA,
    "pdf": MEDIA,
    "audio": MEDIA,
    "file": BlockType({"caption": CAPTION, "name": Field(clean_string, str)}, is_file=True),
    "template": BlockType({"rich_text": TEXT}, ANY),
    "child_page": BlockType({"title": Field(clean_string)}, creatable=False, updatable=False),
    "child_database": BlockType({"title": Field(clean_string)}, creatable=False, updatable=False),
    "link_preview": BlockType({"url": URL}, creatable=False, updatable=False),
    "meeting_notes": BlockType({}, ANY, creatable=False, updatable=False),
    "transcription": BlockType({}, ANY, creatable=False, updatable=False),
    "unsupported": BlockType({}, ANY, creatable=False, updatable=False),
}

# What stands only in its own container, wherever else blocks of any type are welcome.
HOMES: Mapping[str, str] = {"table_row": "table", "column": "column_list"}


def may_hold(parent: str, child: str) -> bool:
    """Say whether a block (or `page`) of type *parent* may hold one of type *child*."""
    if HOMES.get(child, parent) != parent:
        return False
    rules = BLOCK_TYPES.get(parent)
    return rules is None or rules.children is None or child in rules.children
