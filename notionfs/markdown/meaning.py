"""Whether two blocks say the same in CommonMark, so that running a formatter is no edit.

Other bullets, another emphasis mark, wrapped lines, padded tables, another kind of fence: all of
that reads the same. What Notion adds to CommonMark is kept apart: a dollar sign or an at sign
with a backslash is not one without.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from notionfs.markdown.blocks import space_between
from notionfs.markdown.normal import normal_text
from notionfs.patterns import late

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

MAX_LENGTH = 64 * 1024
"""A longer block is compared by its text: parsing it would take longer than sending it."""

_NOTIONS_OWN = late(r"\\([$@:^])")
_NUMBER = late(r'<ol start="\d+">')
_LOOSE = late(r"</?p>\n?")
_SPACE = late(r"\s*\n\s*")


def meanings(blocks: Sequence[str], before: str = "") -> list[str]:
    """Return a key for each of *blocks*, which follow *before*; equal keys mean equal blocks."""
    keys = []
    for block in blocks:
        # A number counts where a list begins; after that every number means "the next one".
        goes_on = bool(before) and space_between(before, block) == "\n"
        keys.append(meaning(block, keeps_number=not goes_on))
        before = block
    return keys


def meaning(block: str, *, keeps_number: bool = True) -> str:
    """Return a key that is equal for blocks that say the same."""
    if len(block) > MAX_LENGTH:
        return normal_text(block)
    html: str = _parser().render(_NOTIONS_OWN.sub("\\\\\\\\\\1", block))
    if not keeps_number:
        html = _NUMBER.sub("<ol>", html)
    if "<pre" in html:
        return html
    return _SPACE.sub("\n", _LOOSE.sub("\n", html)) if "<li>" in html else html


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # only a save pays for this import

    parser = MarkdownIt("commonmark", {"html": True, "maxNesting": 40})
    parser.enable(["table", "strikethrough"])
    parser.add_render_rule("softbreak", lambda self, tokens, idx, options, env: " ")
    return parser
