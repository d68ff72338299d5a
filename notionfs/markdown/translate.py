"""One block at a time between v2 and the form that people edit.

A block is shown in another form only if reading that form gives its bytes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NoReturn, cast

from notionfs.markdown.blocks import join_blocks, split_blocks
from notionfs.markdown.constructs import CONSTRUCTS, is_opaque, read_container
from notionfs.markdown.cutting import Alone, Piece
from notionfs.markdown.definitions import definitions_of
from notionfs.markdown.fences import lines_outside_code
from notionfs.markdown.inline import (
    escape_label,
    is_page_path,
    read_path,
    restore_inline,
    show_inline,
    show_path,
    unescape_label,
)
from notionfs.markdown.known import Child, Known, find_children
from notionfs.markdown.media import restore_media, show_media
from notionfs.markdown.suspects import is_suspect, leads_elsewhere, storable
from notionfs.markdown.tags import Tag, parse_tag, render_tag
from notionfs.model import PageId, References
from notionfs.patterns import late

MAX_DEPTH = 12
"""How deep containers are looked into; what is deeper is shown as sent."""

_CHILD_LINE = late(
    r"\[((?:\\.|[^\[\]\\\n])*)\]\(([^()\s]*)\)[ \t]*<!--[ \t]*notion:(page|database)[ \t]*-->"
)
_MATH_LINE = late(r"\$\$[ \t]*([^$\n]+?)[ \t]*\$\$")


def cut_space(block: str) -> tuple[str, str]:
    """Return a block of `split_blocks` and the line ends behind it."""
    text = block.rstrip("\n")
    return text, block[len(text) :]


class Translator:
    """Translates single blocks of one body in both directions.

    `show` notes in *known* which blocks have to be taken as they are on the way back.
    """

    def __init__(self, refs: References, known: Known) -> None:
        self._refs = refs
        self._known = known

    @property
    def minds_links(self) -> bool:
        """Whether a link to the web may have to look different in the file, too."""
        return bool(self._known.definitions or self._known.links)

    # --- to the file ---

    def show_pieces(self, pieces: Iterable[Piece], depth: int = 0) -> list[str]:
        """Show the pieces of a cut, without the line ends around them."""
        minds = self.minds_links
        return [
            piece.text
            if piece.stays and not (minds and piece.has_link)
            else self._show_piece(piece, depth, minds=minds)
            for piece in pieces
        ]

    def _show_piece(self, piece: Piece, depth: int, *, minds: bool) -> str:
        if depth or self._known.definitions or (minds and piece.has_link):
            return self.show(piece.text, depth)
        alone = piece.alone or self._note_alone(piece)
        if alone is None:
            return self.show(piece.text)
        self._known.verbatim |= alone[1]
        return alone[0]

    def _note_alone(self, piece: Piece) -> Alone:
        """Note on a piece how it is shown, if that depends on nothing else."""
        text = piece.text
        may_keep = len(text) <= _MOST_KEPT and self._refs is not _NOBODY
        if may_keep and (is_suspect(text) or leads_elsewhere(text)):
            found = _show_alone(text, 0)
            if found is not None and found[0] is not None:
                piece.alone = storable(found[0]), found[1]
        return piece.alone

    def show_with_space(self, block: str, depth: int = 0) -> str:
        """Show one piece of `split_blocks`, keeping the line ends behind it."""
        text, space = cut_space(block)
        return self.show(text, depth) + space

    def show(self, block: str, depth: int = 0) -> str:
        """Return a v2 block as people edit it, or as it is if that could not be undone."""
        # Links to the web look the same in a file, unless they lead to a page, or other links there
        # are defined elsewhere.
        leads = leads_elsewhere(block) or (self.minds_links and "](" in block)
        if (not leads and not is_suspect(block)) or depth > MAX_DEPTH:
            return storable(block)
        shown = self._show_once(block, depth)
        if shown is None:
            self._known.verbatim.add(block)
            return storable(block)
        return storable(shown)

    def _show_once(self, block: str, depth: int) -> str | None:
        alone = None
        linked = self._known.definitions or (self._known.links and "](" in block)
        if len(block) <= _MOST_KEPT and not linked and self._refs is not _NOBODY:
            alone = _show_alone(block, depth)
        if alone is None:
            return self._show(block, depth)
        shown, verbatim = alone
        self._known.verbatim |= verbatim
        return shown

    def _show(self, block: str, depth: int) -> str | None:
        child = self._child_of(block)
        if child is not None:
            return self._show_child(child)
        if is_opaque(block):
            shown = show_media(block, self._refs)
            return shown if restore_media(shown, self._refs) == block else None
        tag = parse_tag(block) if block.startswith("<") else None
        if tag is None or tag.name not in CONSTRUCTS:
            return self._checked_inline(block)
        title = self._checked_inline(tag.title or "")
        if title is None:
            return None
        children = tag.children and self._show_all(tag.children, depth + 1)
        shown_tag = Tag(tag.name, tag.attributes, None if tag.title is None else title, children)
        shown = CONSTRUCTS[tag.name].show(shown_tag)
        # Each child has its own check, so the shape is all that is left to compare.
        return shown if self._is_one_block(shown) and read_container(shown) == shown_tag else None

    def _show_all(self, children: str, depth: int) -> str:
        return "".join(self.show_with_space(block, depth) for block in split_blocks(children))

    def _is_one_block(self, shown: str) -> bool:
        is_quote = all(line.startswith(">") for line in shown.split("\n"))
        return is_quote or len(split_blocks(shown)) == 1

    def _checked_inline(self, text: str) -> str | None:
        shown = show_media(show_inline(text, self._refs, self._known), self._refs)
        if self._child_line(shown) or read_container(shown):
            return None
        return shown if self._inline(shown) == text else None

    def _inline(self, shown: str) -> str:
        return restore_inline(restore_media(shown, self._refs), self._refs, self._known)

    def _child_of(self, block: str) -> Child | None:
        if not block.startswith(("<page", "<database")) or "\n" in block:
            return None
        return next(iter(find_children(block)), None)

    def _show_child(self, child: Child) -> str | None:
        path = self._refs.page_path(PageId(child.id))
        label = unescape_label(child.label)
        if path is None or not label.strip() or "\n" in label:
            return None
        shown = f"[{escape_label(label)}]({show_path(path)}) <!-- notion:{child.kind} -->"
        return shown if self._restore_child(shown) == child.source else None

    # --- back to v2 ---

    def restore(self, block: str, depth: int = 0) -> str:
        """Return the v2 block that a shown block stands for; "" if it stands for nothing."""
        if block.startswith(("* ", "+ ")):
            block = _dashed(block)
        if depth > MAX_DEPTH or block in self._known.verbatim:
            return block
        if self._known.definitions and self._is_used_definition(block):
            return ""
        if "](" not in block and not is_suspect(block) and not self._known.definitions:
            return block
        if math := _MATH_LINE.fullmatch(block):
            return f"$$\n{math[1]}\n$$"
        if self._child_line(block):
            return self._restore_child(block)
        child = self.child_named(block)
        if child is not None:
            return child.source  # a page's title is edited in its own file
        tag = read_container(block)
        if is_opaque(block):
            return restore_media(block, self._refs)
        if tag is None:
            return self._inline(block)
        return render_tag(self.restore_shell(tag, self.restore_all(tag.children, depth + 1)))

    def restore_shell(self, tag: Tag, children: str | None) -> Tag:
        """Return a shown container with these v2 children and its title as v2."""
        title = tag.title
        if title is not None:
            title = self._inline(title)
        return Tag(tag.name, tag.attributes, title, children)

    def is_verbatim(self, block: str) -> bool:
        """Tell whether *block* is shown as sent because reading it would make something else."""
        return block in self._known.verbatim

    def restore_all(self, children: str | None, depth: int) -> str | None:
        """Return the v2 text of shown children."""
        if children is None:
            return None
        return join_blocks(
            self.restore(cut_space(block)[0], depth) for block in split_blocks(children)
        )

    def child_named(self, block: str) -> Child | None:
        """Return the stored child that a shown line stands for."""
        line = self._child_line(block)
        if line is None:
            tag = self._child_of(block)
            return self._known.children.get(tag.id) if tag is not None else None
        label, target, kind = unescape_label(line[1]), line[2], line[3]
        for page_id in self._pages(target):
            if page_id in self._known.children:
                return self._known.children[page_id]
        # The child may have been renamed or moved since the line was shown.
        same = [
            child
            for child in self._known.children.values()
            if child.kind == kind and unescape_label(child.label) == label
        ]
        return same[0] if len(same) == 1 else None

    def _child_line(self, block: str) -> re.Match[str] | None:
        return _CHILD_LINE.fullmatch(block) if "<!--" in block else None

    def _restore_child(self, block: str) -> str:
        child = self.child_named(block)
        if child is not None:
            return child.source
        # A line copied from another page's file cannot move that child: it only mentions it.
        line = self._child_line(block)
        link = f"[{line[1]}]({line[2]})" if line else block
        mention = restore_inline(link, self._refs, self._known)
        return mention if mention != link else ""

    def _is_used_definition(self, block: str) -> bool:
        """Tell whether *block* only says where links lead, which are sent with their address."""
        found = definitions_of(block)
        return bool(found) and all(label in self._known.settled for label, _ in found)

    def _pages(self, target: str) -> list[PageId]:
        return self._refs.find_pages(read_path(target)) if is_page_path(target) else []


class _AskedError(Exception):
    """Another page or a person was asked for."""


class _Nobody:
    """References that know nothing, and do not say so."""

    def __getattr__(self, name: str) -> NoReturn:
        raise _AskedError


_NOBODY = cast(References, _Nobody())
_MOST_KEPT = 2000  # characters


@lru_cache(maxsize=4096)
def _show_alone(block: str, depth: int) -> tuple[str | None, frozenset[str]] | None:
    """Return how a block is shown, and which parts of it as they are; most need nothing else.

    None is the answer for a block that names pages or files: what it looks like depends on them. A
    save shows every block of its page several times, so the answers are kept.
    """
    known = Known()
    try:
        shown = Translator(_NOBODY, known)._show(block, depth)
    except _AskedError:
        return None
    return shown, frozenset(known.verbatim)


_BULLET = late(r"^([ \t]*)[*+](?=[ \t])(?![ \t]*[*+-]?[ \t]*[*+-][ \t]*$)")


def _dashed(item: str) -> str:
    """Return a list item with the bullets that Notion writes, so that its answer is no surprise."""
    code = set(item.split("\n")) - set(lines_outside_code(item))
    lines = item.split("\n")
    return "\n".join(line if line in code else _BULLET.sub(r"\1-", line) for line in lines)
