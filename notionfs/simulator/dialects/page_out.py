"""One rendering of a body, and the shapes that all its blocks share: tags, titles, colors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from notionfs.simulator.blocks import Block
from notionfs.simulator.dialects.escapes import protect_lines, spelled_out_end
from notionfs.simulator.dialects.inline_out import inline_markdown
from notionfs.simulator.dialects.names import Names
from notionfs.simulator.dialects.tags import open_tag, short_color
from notionfs.simulator.richtext import plain_text

Attributes = Mapping[str, str | None]
MOST_UNKNOWN_IDS = 100


@dataclass(slots=True)
class Page:
    """One rendering: who knows names, how many records may still be shown, what was left out."""

    names: Names
    records: int
    render_siblings: Callable[[Sequence[Block], Page], str]
    include_transcript: bool = False
    truncated: bool = False
    unknown: list[str] = field(default_factory=list)

    def siblings(self, blocks: Sequence[Block]) -> str:
        """Return the blocks of one level as text."""
        return self.render_siblings(blocks, self)

    def leave_out(self, block: Block) -> None:
        """Note that *block* is beyond the limit of records."""
        self.truncated = True
        if len(self.unknown) < MOST_UNKNOWN_IDS:
            self.unknown.append(block.id)


Renderer = Callable[[Block, Page], str]


def inline_of(block: Block, page: Page) -> str:
    """Return a block's own text."""
    return inline_markdown(block.data["rich_text"], page.names)


def has_edge_space(block: Block) -> bool:
    """Say whether the text begins or ends with what a parser would trim."""
    text = plain_text(block.data["rich_text"])
    return text != text.strip()


def color_of(block: Block) -> str | None:
    """Return a block's color as an attribute, None for the default."""
    return short_color(block.data.get("color"))


def tagged(name: str, attributes: Attributes, title: str, block: Block, page: Page) -> str:
    """Return the tag form: the title behind the opening tag, a blank line, the children."""
    shown = protect_lines(title, first=False)
    opening = open_tag(name, attributes)
    if not block.children:
        return f"{opening}{shown}</{name}>"
    return f"{opening}{spelled_out_end(shown)}\n\n{page.siblings(block.children)}\n</{name}>"


def container(name: str, attributes: Attributes, inside: str) -> str:
    """Return a tag that has only blocks inside."""
    return (
        f"{open_tag(name, attributes)}\n{inside}\n</{name}>"
        if inside
        else (f"{open_tag(name, attributes)}</{name}>")
    )


def needs_tag(block: Block) -> bool:
    """Say whether a text block has what only the tag form can say."""
    return bool(color_of(block) or block.children or has_edge_space(block))
