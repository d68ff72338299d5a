"""Three-way merges: each block and each property is a surface of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from notionfs.model import JSON

_ALIKE = 60.0
_MOST_COMPARED = 400
_SURELY = 95.0

MAX_DEPTH = 20
"""How deep blocks are looked into."""

Split = Callable[[str], list[str]]
Join = Callable[[Iterable[str]], str]
Open = Callable[[str], tuple[str, str, Callable[[str, str], str]] | None]
"""Takes a block apart: its own text, the body inside of it, how to put such two together."""


class _Grammar(Struct, frozen=True):
    """What a merge has to know about bodies."""

    split: Split
    join: Join
    open: Open | None
    mine_wins: bool
    depth: int = 0


class _Edit(Struct, frozen=True):
    """Blocks start..end of the base became *blocks*."""

    start: int
    end: int
    blocks: tuple[str, ...]


def merge_bodies(
    base: str,
    mine: str,
    theirs: str,
    *,
    split: Split,
    join: Join,
    open_block: Open | None = None,
    mine_wins: bool = False,
) -> str | None:
    """Return the body with both sides' changes, or None if they changed the same block.

    With *open_block* the blocks inside of a block are told apart, too. With *mine_wins* my block
    stands where both changed the same one, and the answer is never None. New blocks at the same
    place are both kept, theirs first. White space at the end of a block is no change.
    """
    return _merge(base, mine, theirs, _Grammar(split, join, open_block, mine_wins))


def _merge(base: str, mine: str, theirs: str, grammar: _Grammar) -> str | None:
    pieces = [_trimmed(grammar.split(text)) for text in (base, mine, theirs)]
    mine_edits, their_edits = (list(_edits(pieces[0], side)) for side in pieces[1:])
    if not mine_edits:
        return theirs
    if not their_edits:
        return mine
    edits = _combine(mine_edits, their_edits, pieces[0], grammar)
    return None if edits is None else grammar.join(_apply(pieces[0], edits))


def _trimmed(blocks: Iterable[str]) -> list[str]:
    return [text for block in blocks if (text := block.strip("\n"))]


def _edits(base: Sequence[str], side: Sequence[str]) -> Iterator[_Edit]:
    """Yield what *side* changed, in order."""
    from rapidfuzz.distance import Indel  # only a save pays for this import

    base_keys, side_keys = ([block.rstrip() for block in blocks] for blocks in (base, side))
    head = _common_start(base_keys, side_keys)
    tail = _common_start(base_keys[head:][::-1], side_keys[head:][::-1])
    base_end, side_end = len(base) - tail, len(side) - tail
    i1 = j1 = head
    for code in Indel.opcodes(base_keys[head:base_end], side_keys[head:side_end]):
        if code.tag == "equal":
            yield from _edit(
                i1, base[i1 : head + code.src_start], side[j1 : head + code.dest_start]
            )
            i1, j1 = head + code.src_end, head + code.dest_end
    yield from _edit(i1, base[i1:base_end], side[j1:side_end])


def _common_start(one: Sequence[str], other: Sequence[str]) -> int:
    pairs = zip(one, other, strict=False)
    return next((at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _edit(start: int, base: Sequence[str], blocks: Sequence[str]) -> Iterator[_Edit]:
    """Yield a changed stretch as edits of single blocks where it is clear which became which."""
    done = used = 0
    for old, new in _pairs(base, blocks):
        yield from _rest(start + done, old - done, blocks[used:new])
        yield _Edit(start + old, start + old + 1, (blocks[new],))
        done, used = old + 1, new + 1
    yield from _rest(start + done, len(base) - done, blocks[used:])


def _rest(start: int, count: int, blocks: Sequence[str]) -> Iterator[_Edit]:
    if blocks:
        yield _Edit(start, start + count, tuple(blocks))
    else:
        for at in range(start, start + count):
            yield _Edit(at, at + 1, ())


def _pairs(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield which new block is an edited form of which old one: as many as before, or alike."""
    if len(before) == len(after):
        yield from zip(range(len(before)), range(len(after)), strict=True)
        return
    if len(before) * len(after) > _MOST_COMPARED:
        return
    from rapidfuzz import fuzz  # only a save pays for this import

    next_old = 0
    for new, text in enumerate(after):
        scores = [(fuzz.ratio(before[old], text), -old) for old in range(next_old, len(before))]
        score, best = max(scores, default=(0.0, 0))
        if score >= _ALIKE:
            yield -best, new
            next_old = 1 - best


def _combine(
    mine: Sequence[_Edit], theirs: Sequence[_Edit], base: Sequence[str], grammar: _Grammar
) -> list[_Edit] | None:
    """Return the edits of both in order, or None if two of them clash and mine do not win."""
    combined: list[_Edit] = []
    mine_left, theirs_left = list(mine[::-1]), list(theirs[::-1])
    while mine_left and theirs_left:
        one, other = mine_left[-1], theirs_left[-1]
        if one == other:
            combined.append(mine_left.pop())
            theirs_left.pop()
        elif one.start == one.end == other.start == other.end:
            combined.append(_both(mine_left.pop(), theirs_left.pop()))
        elif one.end <= other.start:
            combined.append(mine_left.pop())
        elif other.end <= one.start:
            combined.append(theirs_left.pop())
        elif (merged := _merge_inside(one, other, base, grammar)) is not None:
            combined.append(merged)
            mine_left.pop()
            theirs_left.pop()
        elif grammar.mine_wins:
            theirs_left.pop()
        else:
            return None
    return [*combined, *reversed(mine_left), *reversed(theirs_left)]


def _merge_inside(
    mine: _Edit, theirs: _Edit, base: Sequence[str], grammar: _Grammar
) -> _Edit | None:
    """Return both edits of one block as one, if they changed different blocks inside of it."""
    is_same_block = (mine.start, mine.end) == (theirs.start, theirs.end)
    if grammar.open is None or not is_same_block or mine.end - mine.start != 1:
        return None
    if len(mine.blocks) != 1 or len(theirs.blocks) != 1:
        return None
    blocks = (base[mine.start], mine.blocks[0], theirs.blocks[0])
    opened = [parts for block in blocks if (parts := grammar.open(block)) is not None]
    if len(opened) < len(blocks) or grammar.depth >= MAX_DEPTH:
        return None
    before, ours, others = opened
    own = _choose(before[0], ours[0], others[0], mine_wins=grammar.mine_wins)
    inside = _merge(before[1], ours[1], others[1], replace(grammar, depth=grammar.depth + 1))
    if own is None or inside is None:
        return None
    return _Edit(mine.start, mine.end, (others[2](own, inside),))


def _choose(base: str, mine: str, theirs: str, *, mine_wins: bool) -> str | None:
    if mine in (base, theirs):
        return theirs
    return mine if theirs == base or mine_wins else None


def respell(theirs: str, *, base: str, sent: str, split: Split, join: Join) -> str:
    """Return *theirs* with our own words where Notion only spells differently what we sent.

    Only blocks that *sent* has and *base* has not are put in, for blocks of *theirs* that *base*
    does not have either and whose letters and digits are the same.
    """
    pieces = [_trimmed(split(text)) for text in (base, sent, theirs)]
    known = {block.rstrip() for block in pieces[0]}
    words = {_letters(block): block for block in pieces[1] if block.rstrip() not in known}
    words.pop("", None)
    return join(
        block if block.rstrip() in known else words.get(_letters(block), block)
        for block in pieces[2]
    )


def has_arrived(*, base: str, sent: str, now: str, split: Split) -> bool:
    """Tell whether *now* has the changes that lead from *base* to *sent*, among others perhaps.

    All of them, since a request is carried out as a whole: what it added is there, in whatever
    spelling, and what it took away is gone.
    """
    before, wanted, there = (Counter(_trimmed(split(text))) for text in (base, sent, now))
    words = [_counted(blocks) for blocks in (wanted, there)]
    added, removed = wanted - before, before - wanted
    if not added and not removed:
        return False
    return all(words[1][_key(block)] >= words[0][_key(block)] for block in added) and all(
        there[block] <= wanted[block] for block in removed
    )


def _counted(blocks: Counter[str]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for block, number in blocks.items():
        counted[_key(block)] += number
    return counted


def _key(block: str) -> str:
    return _letters(block) or block.strip()


def alike(one: str, other: str) -> bool:
    """Tell whether two texts are surely the same but for the way Notion spells them."""
    from rapidfuzz import fuzz  # only a save pays for this import

    first, second = _letters(one), _letters(other)
    return first == second or fuzz.ratio(first, second) >= _SURELY


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _both(mine: _Edit, theirs: _Edit) -> _Edit:
    """Return two insertions at one place as one; what both inserted stands once."""
    known = Counter(block.rstrip() for block in theirs.blocks)
    own = []
    for block in mine.blocks:
        if known[block.rstrip()]:
            known[block.rstrip()] -= 1
        else:
            own.append(block)
    return _Edit(mine.start, mine.end, (*theirs.blocks, *own))


def _apply(base: Sequence[str], edits: Iterable[_Edit]) -> list[str]:
    blocks: list[str] = []
    position = 0
    for edit in edits:
        blocks += [*base[position : edit.start], *edit.blocks]
        position = edit.end
    return [*blocks, *base[position:]]


# --- properties -----------------------------------------------------------------------------------


def merge_properties(
    mine: Mapping[str, JSON], base: Mapping[str, JSON], theirs: Mapping[str, JSON]
) -> frozenset[str]:
    """Return the names of properties that both sides changed, to different values.

    *mine* is what is to be sent, by property id; *base* and *theirs* are page properties by name.
    """
    before = {value.get("id", name): value for name, value in base.items()}
    conflicts = set()
    for name, value in theirs.items():
        property_id = value.get("id", name)
        patch = mine.get(property_id)
        if patch is None or _same(before.get(property_id), value):
            continue
        if not says(patch, value):
            conflicts.add(name)
    return frozenset(conflicts)


def _same(one: JSON, other: JSON) -> bool:
    if one is None or other is None:
        return one is other
    kind = other.get("type")
    return one.get("type") == kind and bool(_stable(one.get(kind)) == _stable(other.get(kind)))


def _stable(value: JSON) -> JSON:
    """Return *value* without what Notion renews on every read."""
    if isinstance(value, list):
        return [_stable(item) for item in value]
    if not isinstance(value, dict):
        return value
    if "expiry_time" in value:
        return str(value.get("url", "")).split("?", 1)[0]
    if value.get("object") in ("user", "group") or value.keys() == {"id"}:
        return value["id"]  # however much else is told of a person
    return {key: _stable(item) for key, item in value.items()}


def says(patch: JSON, value: JSON) -> bool:
    """Tell whether *patch* would change nothing about *value*: all it names is there."""
    if isinstance(patch, Mapping) and isinstance(value, Mapping):
        return all(key in value and says(item, value[key]) for key, item in patch.items())
    if isinstance(patch, list) and isinstance(value, list):
        return len(patch) == len(value) and all(map(says, patch, value))
    return bool(patch == value)
