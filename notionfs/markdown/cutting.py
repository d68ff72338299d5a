"""A body cut into its blocks; after an edit only the part of it that changed is cut anew."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from threading import Lock
from typing import Generic, TypeAlias, TypeVar

from msgspec import Struct

from notionfs.markdown.items import item_kind
from notionfs.markdown.normal import normal_text
from notionfs.markdown.scanning import Scanner
from notionfs.markdown.suspects import is_suspect, leads_elsewhere, storable

_LARGE = 500
_MOST_CUTS = 8  # a save looks at the same few bodies again and again
_MOST_COMPARED = 4
_NEARLY_ALL = 50  # what differs in one part of so many needs no better likeness


T = TypeVar("T")


class Fact(Generic[T]):
    """A property of a piece that is found out once; `functools.cached_property` takes a lock."""

    def __init__(self, find: Callable[[Piece], T]) -> None:
        self._find = find
        self._name = find.__name__
        self.__doc__ = find.__doc__

    def __get__(self, piece: Piece, owner: type[Piece]) -> T:
        value = piece.__dict__[self._name] = self._find(piece)
        return value


Alone: TypeAlias = tuple[str, frozenset[str]] | None
"""How a block is shown, and which parts of it are to be taken as they are on the way back."""


class Piece:
    """A block with the line ends behind it. What is found out about it is not asked again."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.alone: Alone = None
        """How it is shown in a file whatever the rest of the page says, if that is known."""
        self._shown = ("", "")

    @Fact
    def text(self) -> str:
        """The block without the line ends around it."""
        return self.source.strip("\n")

    @Fact
    def kind(self) -> str | None:
        """What the block is an item of; see `items`."""
        return item_kind(self.text)

    @Fact
    def stays(self) -> bool:
        """Whether the block looks in a file as it does in Notion, unless links are special."""
        text = self.text
        return not (is_suspect(text) or leads_elsewhere(text)) and storable(text) == text

    @Fact
    def has_link(self) -> bool:
        """Whether there may be a link in the block."""
        return "](" in self.text

    @Fact
    def key(self) -> str:
        """The block without what formatters change."""
        return normal_text(self.text)

    def key_as(self, shown: str) -> str:
        """Return the same of a form in which the block is shown."""
        if shown is not self._shown[0]:
            self._shown = (shown, self.key if shown == self.text else normal_text(shown))
        return self._shown[1]


class Cut(Struct, frozen=True, eq=False):
    """The pieces of a body, where each ends, and whether nothing is open where it begins."""

    body: str
    pieces: tuple[Piece, ...]
    ends: Sequence[int]
    settled: Sequence[bool]

    def start(self, number: int) -> int:
        """Return where a piece begins, or where the last one ends."""
        return self.ends[number - 1] if number else 0


def cut_body(body: str) -> Cut:
    """Return the pieces of *body*; joined they are *body*."""
    if len(body) <= _LARGE:
        return _cut(body)
    kept = _kept.copy()  # another thread may be at it
    cut = next((cut for cut in kept if cut.body == body), None) or _cut_like(body, kept)
    with _keeping:
        _kept[:] = [cut, *(other for other in _kept if other is not cut)][:_MOST_CUTS]
    return cut


_kept: list[Cut] = []  # the last used first
_keeping = Lock()


def split_body(body: str) -> list[str]:
    """Return the same as `cut_body`, as mere texts."""
    if len(body) > _LARGE:
        return [piece.source for piece in cut_body(body).pieces]
    if "\n" not in body:
        return [body] if body else []
    lines = body.split("\n")
    return _texts(body, lines, Scanner(lines).starts())


def _texts(body: str, lines: Sequence[str], starts: Sequence[int]) -> list[str]:
    before = [0, *accumulate(map(len, lines))]  # and a line end for each line
    bounds = [0, *(before[start] + start for start in starts[1:]), len(body)]
    return [body[a:b] for a, b in pairwise(bounds) if a < b]


def _cut(body: str) -> Cut:
    lines = body.split("\n")
    scanner = Scanner(lines)
    starts = scanner.starts()
    texts = _texts(body, lines, starts)
    return _assembled(body, map(Piece, texts), scanner.settled(starts or [0]))


def _assembled(body: str, pieces: Iterable[Piece], settled: Sequence[bool]) -> Cut:
    pieces = tuple(pieces)
    return Cut(body, pieces, list(accumulate([len(piece.source) for piece in pieces])), settled)


# --- a body that grew from another ----------------------------------------------------------------


def _cut_like(body: str, others: Iterable[Cut]) -> Cut:
    """Cut *body* like the one of *others* that it shares most with, if that is enough."""
    most = 0
    alike = sorted(others, key=lambda cut: abs(len(cut.body) - len(body)))
    for cut in alike[:_MOST_COMPARED]:
        head, tail = shared_ends(cut.body, body)
        if head + tail > most:
            most, best = head + tail, (cut, head, tail)
        if most * _NEARLY_ALL > len(body) * (_NEARLY_ALL - 1):
            break
    return (_cut_between(body, *best) if most * 2 > len(body) else None) or _cut(body)


def _cut_between(body: str, like: Cut, head: int, tail: int) -> Cut | None:
    """Cut what *body* has between the first and the last characters that it shares with *like*.

    A piece depends on those before it only by what they leave open, and on those behind it only up
    to the first line of the next. None if the pieces around the change are not what they were.
    """
    first = max(0, bisect_right(like.ends, head) - 1)
    behind = bisect_left(like.ends, len(like.body) - tail) + 1
    start, end = like.start(first), len(body) - (len(like.body) - like.start(behind))
    if behind < first or not like.settled[first]:
        return None
    rest = like.pieces[behind:]
    if not rest:
        between = _cut(body[start:])
        pieces, settled = between.pieces, between.settled
    else:
        if end < start or not like.settled[behind]:
            return None
        between = _cut(body[start:end] + rest[0].source)
        if not _ends_with(between, rest[0]):
            return None
        pieces, settled = between.pieces[:-1], between.settled[:-1]
    return _assembled(
        body,
        [*like.pieces[:first], *pieces, *rest],
        [*like.settled[:first], *settled, *like.settled[behind:]],
    )


def _ends_with(cut: Cut, piece: Piece) -> bool:
    """Tell whether the last piece is that one, and nothing before it is still open there."""
    return bool(cut.pieces) and cut.pieces[-1].source == piece.source and cut.settled[-1]


def shared_ends(one: str, other: str) -> tuple[int, int]:
    """Return how many characters two texts share at the beginning, and behind that at the end."""
    most = min(len(one), len(other))
    head = _most(most, lambda low, high: one[low:high] == other[low:high])
    a, b = len(one), len(other)
    tail = _most(
        most - head, lambda low, high: one[a - high : a - low] == other[b - high : b - low]
    )
    return head, tail


def _most(most: int, is_same: Callable[[int, int], bool]) -> int:
    """Return how far *is_same* holds from 0, at most up to *most*."""
    same, different = 0, most + 1
    while different - same > 1:
        middle = (same + different) // 2
        if is_same(same, middle):
            same = middle
        else:
            different = middle
    return same
