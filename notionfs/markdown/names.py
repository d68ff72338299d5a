"""Names of pages and people inside a v2 body: Notion fills them in, so they are nobody's edit."""

from __future__ import annotations

import re

from notionfs.markdown.fences import pieces_by_code
from notionfs.patterns import late

_NAMED = late(r"<(mention|page|database)\b([^<>\n]*)>([^<\n]*)</\1>")


def with_names_of(text: str, other: str) -> str:
    """Return *text* with each mention and sub-page under the name that it has in *other*."""
    names = {(tag, facts): name for tag, facts, name in _NAMED.findall(other)}
    if not names:
        return text

    def named(found: re.Match[str]) -> str:
        tag, facts, name = found.groups()
        return f"<{tag}{facts}>{names.get((tag, facts), name)}</{tag}>"

    return "".join(
        piece if is_code else _NAMED.sub(named, piece) for piece, is_code in pieces_by_code(text)
    )
