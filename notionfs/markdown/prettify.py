"""A v2 body as people edit it, and the v2 body that an edited one stands for.

Three promises keep the server's text safe. A block is shown in another form only if reading that
form gives its bytes back. A block whose text was not touched is the stored block, whatever it looks
like. And what a file cannot hold (child pages, empty paragraphs, blocks nobody can show) survives
edits around it: lines of child pages return when they are deleted, and touching a part that only
Notion can change is refused.
"""

from __future__ import annotations

from notionfs.markdown.cutting import cut_body
from notionfs.markdown.known import collect_known
from notionfs.markdown.restore import restore_body
from notionfs.markdown.suspects import is_hidden
from notionfs.markdown.translate import Translator, cut_space
from notionfs.model import References

__all__ = ["prettify_body", "restore_body"]


def prettify_body(body: str, refs: References) -> str:
    """Return the v2 *body* as it stands in a page file; empty paragraphs are not shown."""
    if not body:
        return ""  # as of most rows
    translator = Translator(refs, collect_known(body))
    pieces = [piece for piece in cut_body(body).pieces if not is_hidden(piece.source)]
    shown = zip(translator.show_pieces(pieces), pieces, strict=True)
    return "".join(text + cut_space(piece.source)[1] for text, piece in shown).strip("\n")
