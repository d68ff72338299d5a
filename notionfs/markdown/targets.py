"""Which pages of the mount the links of a text may lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from notionfs.markdown.fences import pieces_by_code
from notionfs.markdown.inline import is_page_path, read_path, wiki_target
from notionfs.patterns import late

_LINK = late(r"\](?:\(|:[ \t]*)(<[^<>\n]+>|[^()\s<>]+)")
_CODE = late(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_WIKI = late(r"\[\[[^\[\]\n]+\]\]")


def linked_paths(body: str) -> Iterator[str]:
    """Yield the paths of page files that links of a shown *body* name, in its order."""
    for piece, is_code in pieces_by_code(body):
        if is_code or "]" not in piece:
            continue
        text = _CODE.sub("", piece) if "`" in piece else piece
        for found in _LINK.finditer(text):
            target = found[1].strip("<>")
            if is_page_path(target):
                yield read_path(target)
        for found in _WIKI.finditer(text):
            yield f"{wiki_target(found[0])}.md"
