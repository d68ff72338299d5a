"""The two markdown dialects of Notion: block trees out, block trees in.

`render` and `parse` are inverse on whatever a block tree can say in the dialect; ids of blocks are
not in the text, so `edits` finds them again.
"""

from __future__ import annotations

from collections.abc import Sequence

from notionfs.simulator.blocks import Block
from notionfs.simulator.dialects.blocks_in import parse_blocks
from notionfs.simulator.dialects.blocks_out import render_blocks
from notionfs.simulator.dialects.names import Names, Parsed, Rendered, id_in_url
from notionfs.simulator.dialects.v1_in import parse_v1
from notionfs.simulator.dialects.v1_out import render_v1

__all__ = ["VERSIONS", "Names", "Parsed", "Rendered", "id_in_url", "parse", "render"]

VERSIONS = ("v1", "v2")


def render(
    blocks: Sequence[Block],
    names: Names,
    *,
    version: str = "v1",
    record_limit: int = 20_000,
    include_transcript: bool = False,
) -> Rendered:
    """Return *blocks* as markdown; at most *record_limit* of them, the rest as `<unknown>`."""
    renderer = render_v1 if version == "v1" else render_blocks
    return renderer(blocks, names, record_limit=record_limit, include_transcript=include_transcript)


def parse(markdown: str, names: Names, *, version: str) -> Parsed:
    """Return the blocks that *markdown* describes; ids are fresh unless the text names one."""
    return parse_v1(markdown, names) if version == "v1" else parse_blocks(markdown, names)
