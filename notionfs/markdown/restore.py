"""From an edited body back to v2, touching only what the user touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import cast

from cachetools import LRUCache
from msgspec import Struct, field
from msgspec.structs import replace

from notionfs.errors import InvalidPageFile
from notionfs.markdown.aligning import Region, changed_regions, pair_alike
from notionfs.markdown.asking import Asked, Asking, has_same_answers
from notionfs.markdown.blocks import is_paragraph, join_blocks, split_blocks
from notionfs.markdown.constructs import read_container
from notionfs.markdown.cutting import Piece, cut_body
from notionfs.markdown.definitions import collect_definitions, settled_labels
from notionfs.markdown.fences import lines_outside_code
from notionfs.markdown.known import collect_known, find_children
from notionfs.markdown.meaning import meaning, meanings
from notionfs.markdown.normal import normal_text
from notionfs.markdown.suspects import is_hidden
from notionfs.markdown.tags import Tag, parse_tag, read_attributes, render_tag
from notionfs.markdown.translate import MAX_DEPTH, Translator
from notionfs.model import References

_REFERENCES = ("synced-block-reference", "synced_block_reference")


def restore_body(shown: str, base: str, refs: References, first_line: int = 1) -> str:
    """Return the v2 body that *shown*, grown from the v2 body *base*, stands for.

    Raises InvalidPageFile, counting from *first_line*, if a part was edited or removed that only
    Notion can change.

    A save asks for the same several times: the last answers are kept with what they rest on.
    """
    kept = _kept.get((shown, base))
    if kept is not None and has_same_answers(refs, kept.asked):
        return kept.body
    asking = Asking(refs)
    body = _restore(shown, base, cast(References, asking), first_line)
    _kept[shown, base] = _Kept(body, asking.asked)
    return body


class _Kept(Struct, frozen=True):
    """A restored body, and the questions that led to it with their answers."""

    body: str
    asked: Asked


_kept: LRUCache[tuple[str, str], _Kept] = LRUCache(maxsize=4)


def _restore(shown: str, base: str, refs: References, first_line: int) -> str:
    known = collect_known(base)
    known.definitions = collect_definitions(shown)
    known.settled = settled_labels(shown, known.definitions)
    translator = Translator(refs, known)
    restorer = _Restorer(translator, _children_present(shown, translator))
    restored = restorer.restore(shown, base)
    if restored is None:
        return base
    refuse_changes(_untouchable(base), _untouchable(restored), shown, first_line)
    return restored


def _children_present(shown: str, translator: Translator) -> frozenset[str]:
    """Return the children that still have a line somewhere in *shown*."""
    if "notion:" not in shown and "<page" not in shown and "<database" not in shown:
        return frozenset()
    children = (
        translator.child_named(line.lstrip(" \t>").rstrip()) for line in lines_outside_code(shown)
    )
    return frozenset(child.id for child in children if child is not None)


# --- aligning -------------------------------------------------------------------------------------


class _BaseBlock(Struct):
    """A visible block of the stored body, and the empty paragraphs around it that nobody sees."""

    source: str
    shown: str
    key: str
    gap_below: list[str] = field(default_factory=list)


def _as_stored(blocks: Iterable[_BaseBlock]) -> Iterator[str]:
    for block in blocks:
        yield block.source
        yield from block.gap_below


def _edited_regions(
    blocks: Sequence[_BaseBlock], new: Sequence[str], keys: Sequence[str]
) -> Iterator[Region]:
    """Yield where the texts say different things; blocks that merely look different are no edit."""
    for i1, i2, j1, j2 in changed_regions([block.key for block in blocks], keys):
        if i1 == i2 or j1 == j2:
            yield i1, i2, j1, j2
            continue
        shown = [block.shown for block in blocks[max(i1 - 1, 0) : i2]]
        before = meanings(shown[-(i2 - i1) :], shown[0] if i1 else "")
        after = meanings(new[j1:j2], new[j1 - 1] if j1 else "")
        for a1, a2, b1, b2 in changed_regions(before, after):
            yield i1 + a1, i1 + a2, j1 + b1, j1 + b2


class _Restorer:
    """Restores one body; its containers are restored by the same rules."""

    def __init__(self, translator: Translator, present: frozenset[str]) -> None:
        self._translator = translator
        self._present = present

    def restore(self, shown: str, base: str, depth: int = 0) -> str | None:
        """Return the v2 text, or None if nothing was changed."""
        leading, blocks = self._base_blocks(base, depth)
        pieces = list(self._shown_pieces(shown))
        new, keys = [piece.text for piece in pieces], [piece.key for piece in pieces]
        base_keys = [block.key for block in blocks]
        if keys == base_keys:
            return None
        stored = {block.key: block.source for block in blocks}
        out = list(leading)
        done = 0
        for i1, i2, j1, j2 in _edited_regions(blocks, new, keys):
            out += _as_stored(blocks[done:i1])
            is_last = i2 == len(blocks)
            out += self._changed(blocks[i1:i2], new[j1:j2], stored, is_last, depth)
            done = i2
        return join_blocks([*out, *_as_stored(blocks[done:])])

    def _shown_pieces(self, shown: str) -> Iterable[Piece]:
        """Return the blocks of a text; a child's line needs no blank lines around it.

        An `echo >>` behind one means a new paragraph, and not that the child is to go.
        """
        pieces = cut_body(shown).pieces
        if "notion:" not in shown:
            return pieces
        return (part for piece in pieces for part in self._children_apart(piece))

    def _children_apart(self, piece: Piece) -> Iterator[Piece]:
        block = piece.text
        if "\n" not in block or "notion:" not in block or not _may_go_on(block):
            yield piece
            return
        for is_child, group in groupby(block.split("\n"), self._is_child):
            lines = list(group)
            yield from map(Piece, lines if is_child else ["\n".join(lines)])

    def _is_child(self, line: str) -> bool:
        return self._translator.child_named(line.rstrip(" \t")) is not None

    def _base_blocks(self, base: str, depth: int) -> tuple[list[str], list[_BaseBlock]]:
        leading: list[str] = []
        blocks: list[_BaseBlock] = []
        for piece in cut_body(base).pieces:
            source = piece.text
            if depth == 0 and is_hidden(source):
                (blocks[-1].gap_below if blocks else leading).append(source)
                continue
            shown = self._translator.show_piece(piece, depth)
            key = piece.key if shown is source else normal_text(shown)
            blocks.append(_BaseBlock(source, shown, key))
        return leading, blocks

    def _changed(
        self,
        before: Sequence[_BaseBlock],
        after: Sequence[str],
        stored: dict[str, str],
        is_last: bool,
        depth: int,
    ) -> Iterator[str]:
        """Yield the v2 blocks of a changed region."""
        pairs = pair_alike([block.shown for block in before], after)
        partner = {new: old for old, new in pairs}
        survivors = {old for old, _ in pairs}
        pending = 0  # the first stored block whose surroundings were not seen to yet
        for position, text in enumerate(after):
            old = partner.get(position)
            if old is None:
                yield stored.get(normal_text(text)) or self._translator.restore(text, depth)
                continue
            for skipped in range(pending, old):
                yield from self._left_behind(before[skipped], keep_gap=skipped + 1 == old)
            yield self._edited(before[old], text, depth)
            yield from before[old].gap_below
            pending = old + 1
        for skipped in range(pending, len(before)):
            # What follows the region survives, so the gap above it has a neighbour.
            keep = skipped + 1 == len(before) or skipped + 1 in survivors
            yield from self._left_behind(before[skipped], keep_gap=keep or is_last)

    def _left_behind(self, block: _BaseBlock, *, keep_gap: bool) -> Iterator[str]:
        """Yield what stays of a deleted block: lines of children, and empty paragraphs below."""
        for child in find_children(block.source):
            if child.id not in self._present:
                yield child.source
        if keep_gap:
            yield from block.gap_below

    def _edited(self, block: _BaseBlock, text: str, depth: int) -> str:
        """Return the v2 text of an edited block, reusing what of it was not edited."""
        tag = read_container(text)
        base_tag = parse_tag(block.source) if tag is not None else None
        if tag is not None and base_tag is not None and depth < MAX_DEPTH:
            children = tag.children
            if base_tag.children is not None:
                inner = self.restore(children or "", base_tag.children, depth + 1)
                children = base_tag.children if inner is None else (inner or None)
            elif children is not None:
                children = self._translator.restore_all(children, depth + 1)
            return render_tag(self._restore_shell(tag, base_tag, children))
        is_child = self._translator.child_named(text) is not None
        if not is_child and self._translator.is_verbatim(block.source):
            # What this block shows is not what the same text would mean.
            restored = text
        else:
            restored = self._translator.restore(text, depth)
        kept = {child.id for child in find_children(restored)} | self._present
        lost = [child.source for child in find_children(block.source) if child.id not in kept]
        return "\n\n".join([restored, *lost])

    def _restore_shell(self, tag: Tag, base: Tag, children: str | None) -> Tag:
        """Return the edited container, with what of *base* still says the same as it is."""
        restored = self._translator.restore_shell(tag, children)
        if tag.title is not None and base.title is not None:
            shown = self._translator.show(base.title)
            if meaning(tag.title) == meaning(shown):
                restored = replace(restored, title=base.title)
        if read_attributes(tag.attributes) == read_attributes(base.attributes):
            restored = replace(restored, attributes=base.attributes)
        return restored


def _may_go_on(block: str) -> bool:
    """Tell whether a line at the margin behind *block* would be taken for more of its text."""
    return block[0] in "-*+>" or block[0].isdecimal() or is_paragraph(block)


# --- what must stay -------------------------------------------------------------------------------


def refuse_changes(
    before: Counter[str], after: Counter[str], shown: str, first_line: int = 1
) -> None:
    """Raise InvalidPageFile if a part that only Notion can change is gone, new or different."""
    problems = [
        f"Line {_line_of(part, shown) + first_line}: {_explain(part)}; put it back as it was, or "
        "take it out of a copy."
        for part in (after - before)
    ]
    problems += [
        f"The line {_first_line(part)} must stay as it was: {_explain(part)}."
        for part in (before - after)
    ]
    if problems:
        raise InvalidPageFile(problems)


def _untouchable(body: str) -> Counter[str]:
    if "<unknown" not in body and not any(f"<{name}" in body for name in _REFERENCES):
        return Counter()
    return Counter(_untouchable_parts(split_blocks(body)))


def _untouchable_parts(blocks: Iterable[str], depth: int = 0) -> Iterator[str]:
    for piece in blocks:
        block = piece.strip("\n")
        if block.startswith(tuple(f"<{name}" for name in _REFERENCES)):
            yield normal_text(block)
            continue
        tag = parse_tag(block) if block.startswith("<") and depth <= MAX_DEPTH else None
        if tag is not None and tag.children is not None:
            yield from _untouchable_parts(split_blocks(tag.children), depth + 1)
            continue
        for line in lines_outside_code(block):
            unknown = line.lstrip(" \t>")
            if unknown.startswith("<unknown"):
                yield unknown.rstrip()


def _explain(part: str) -> str:
    if part.startswith("<unknown"):
        return "it stands for a block that can only be changed in Notion"
    return "it shows a synced block of another page, and can only be changed there"


def _first_line(part: str) -> str:
    return part.split("\n", 1)[0]


def _line_of(part: str, shown: str) -> int:
    for number, line in enumerate(shown.split("\n")):
        if _first_line(part) in line:
            return number
    return 0
