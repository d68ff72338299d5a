"""From an edited body back to v2, touching only what the user touched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import cast

from cachetools import LRUCache
from msgspec import Struct
from msgspec.structs import replace

from notionfs.errors import InvalidPageFile
from notionfs.markdown.aligning import Region, changed_regions, pair_alike
from notionfs.markdown.asking import Asked, Asking, has_same_answers
from notionfs.markdown.blocks import is_paragraph, join_pieces, split_blocks
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


class _Stored(Struct, frozen=True):
    """The visible blocks of the stored body, and the empty paragraphs around them.

    *gaps* are the empty paragraphs below a block, by its number; -1 are those before the first.
    """

    pieces: Sequence[Piece]
    shown: list[str]
    keys: list[str]
    gaps: dict[int, list[str]]

    def gap_below(self, number: int) -> Sequence[str]:
        """Return the empty paragraphs below a block."""
        return self.gaps.get(number, ())

    def as_it_is(self, start: int, end: int) -> Iterable[Piece]:
        """Return some of the blocks, with the empty paragraphs below them."""
        if not self.gaps:
            return self.pieces[start:end]
        return (
            piece
            for number in range(start, end)
            for piece in (self.pieces[number], *map(Piece, self.gap_below(number)))
        )


def _edited_regions(stored: _Stored, new: Sequence[str], keys: Sequence[str]) -> Iterator[Region]:
    """Yield where the texts say different things; blocks that merely look different are no edit."""
    for i1, i2, j1, j2 in changed_regions(stored.keys, keys):
        if i1 == i2 or j1 == j2:
            yield i1, i2, j1, j2
            continue
        before = meanings(stored.shown[i1:i2], stored.shown[i1 - 1] if i1 else "")
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
        stored = self._stored(base, depth)
        pieces = list(self._shown_pieces(shown))
        new, keys = [piece.text for piece in pieces], [piece.key for piece in pieces]
        if keys == stored.keys:
            return None
        known = dict(zip(stored.keys, stored.pieces, strict=True))
        out = [*map(Piece, stored.gap_below(-1))]
        done = 0
        for region in _edited_regions(stored, new, keys):
            out += stored.as_it_is(done, region[0])
            out += map(Piece, self._changed(stored, new, region, known, depth))
            done = region[1]
        return join_pieces([*out, *stored.as_it_is(done, len(stored.pieces))])

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

    def _stored(self, base: str, depth: int) -> _Stored:
        pieces: Sequence[Piece] = cut_body(base).pieces
        gaps: dict[int, list[str]] = {}
        if depth == 0 and "<p" in base:
            visible: list[Piece] = []
            for piece in pieces:
                if is_hidden(piece.text):
                    gaps.setdefault(len(visible) - 1, []).append(piece.text)
                else:
                    visible.append(piece)
            pieces = visible
        shown = self._translator.show_pieces(pieces, depth)
        keys = [
            piece.key if text is piece.text else piece.key_as(text)
            for piece, text in zip(pieces, shown, strict=True)
        ]
        return _Stored(pieces, shown, keys, gaps)

    def _changed(
        self,
        stored: _Stored,
        new: Sequence[str],
        region: Region,
        known: Mapping[str, Piece],
        depth: int,
    ) -> Iterator[str]:
        """Yield the v2 blocks of a changed region."""
        i1, i2, j1, j2 = region
        pairs = pair_alike(stored.shown[i1:i2], new[j1:j2])
        partner = {j1 + after: i1 + before for before, after in pairs}
        survivors = set(partner.values())
        pending = i1  # the first stored block whose surroundings were not seen to yet
        for position in range(j1, j2):
            text = new[position]
            old = partner.get(position)
            if old is None:
                same = known.get(normal_text(text))
                yield same.text if same else self._translator.restore(text, depth)
                continue
            for skipped in range(pending, old):
                yield from self._left_behind(stored, skipped, keep_gap=skipped + 1 == old)
            yield self._edited(stored.pieces[old].text, text, depth)
            yield from stored.gap_below(old)
            pending = old + 1
        is_last = i2 == len(stored.pieces)
        for skipped in range(pending, i2):
            # What follows the region survives, so the gap above it has a neighbour.
            keep = skipped + 1 == i2 or skipped + 1 in survivors
            yield from self._left_behind(stored, skipped, keep_gap=keep or is_last)

    def _left_behind(self, stored: _Stored, number: int, *, keep_gap: bool) -> Iterator[str]:
        """Yield what stays of a deleted block: lines of children, and empty paragraphs below."""
        for child in find_children(stored.pieces[number].text):
            if child.id not in self._present:
                yield child.source
        if keep_gap:
            yield from stored.gap_below(number)

    def _edited(self, source: str, text: str, depth: int) -> str:
        """Return the v2 text of an edited block, reusing what of it was not edited."""
        tag = read_container(text)
        base_tag = parse_tag(source) if tag is not None else None
        if tag is not None and base_tag is not None and depth < MAX_DEPTH:
            children = tag.children
            if base_tag.children is not None:
                inner = self.restore(children or "", base_tag.children, depth + 1)
                children = base_tag.children if inner is None else (inner or None)
            elif children is not None:
                children = self._translator.restore_all(children, depth + 1)
            return render_tag(self._restore_shell(tag, base_tag, children))
        is_child = self._translator.child_named(text) is not None
        if not is_child and self._translator.is_verbatim(source):
            # What this block shows is not what the same text would mean.
            restored = text
        else:
            restored = self._translator.restore(text, depth)
        kept = {child.id for child in find_children(restored)} | self._present
        lost = [child.source for child in find_children(source) if child.id not in kept]
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
