"""Takes in many new pages at once. Nothing here waits; callers hold the transaction.

A first tree consists of nothing else: one look-up for all their names in a directory, and one
statement for each kind of row, instead of a dozen for each page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice

from notionfs.model import Page, PageId
from notionfs.naming import PAGE_SUFFIX, first_free, fold, possible_stems
from notionfs.store.dentries import Holder
from notionfs.store.newcomers import NewFile, Spot
from notionfs.sync.context import Context, EntryChanged
from notionfs.sync.placement import FILE_MODE, Placement
from notionfs.sync.renditions import nanoseconds
from notionfs.sync.seniority import Rank, Seniority, rank_of

_LIKELY = 5
"""How many names of a page are looked up together, if the first one is taken."""


class Newcomers:
    """The pages that nobody knew before, from their first row in the store to their file."""

    def __init__(self, context: Context, placement: Placement) -> None:
        self._context = context
        self._store = context.store
        self._placement = placement
        self._new: dict[PageId, tuple[Page, Page]] = {}  # as told, and as kept

    def store(self, pages: Iterable[Page]) -> None:
        """Store those of *pages* that are not known yet."""
        told = {page.id: page for page in pages}
        known = self._store.snapshots.list_known(told)
        unknown = [page for page in told.values() if page.id not in known]
        for kept in self._store.snapshots.save_pages(unknown):
            self._new[kept.id] = told[kept.id], kept

    def recall(self, pages: Iterable[Page]) -> None:
        """Let *pages*, just loaded from the store, count as new: they had to wait for a place."""
        self._new |= {page.id: (page, page) for page in pages}

    def knows(self, page_id: PageId) -> bool:
        """Tell whether a page was stored and has not been taken in yet."""
        return page_id in self._new

    def kept(self, page: Page) -> Page | None:
        """Return a page as it stands in the store; None if that was not made of this object."""
        told, kept = self._new.get(page.id, (None, None))
        return kept if told is page else None

    def take(self, page: Page) -> Page | None:
        """As `kept`, and forget the page: it is being taken in."""
        kept = self.kept(page)
        self._new.pop(page.id, None)
        return kept

    def place(self, pages: Sequence[Page]) -> list[Page]:
        """Place *pages* in their order, as `Placement.place_new` does one by one.

        None of them is in the trash, all are `kept`. Returns those that are not done, since they
        have a document: one may stand above another, and got its place because of that.
        """
        kept = [known for page in pages if (known := self.kept(page)) is not None]
        is_expected = self._placement.is_expected_now()
        wanted = [(p, self._placement.directory_of(p)) for p in kept if not is_expected(p)]
        owned = self._store.newcomers.list_owned(page.id for page, _ in wanted)
        self._add([(page, ino) for page, ino in wanted if page.id not in owned])
        for page in kept:
            if page.id not in owned:
                del self._new[page.id]
        return [page for page in pages if page.id in owned]

    def _add(self, placed: Sequence[tuple[Page, int]]) -> None:
        style = self._context.settings.names
        names = _Names(self._context, self._placement.seniority)
        names.look_up_likely(
            (ino, list(islice(possible_stems(page.title, page.id, style), _LIKELY)))
            for page, ino in placed
        )
        files = [
            NewFile(
                page.id,
                ino,
                names.take(ino, possible_stems(page.title, page.id, style), rank_of(page)),
                nanoseconds(page.last_edited),
            )
            for page, ino in placed
        ]
        self._store.newcomers.add(files, mode=FILE_MODE)
        for file in files:
            self._context.tell(EntryChanged(file.parent_ino, file.name))


class _Names:
    """The names in directories, as far as somebody asks, with those that are about to be added.

    Stems are folded, and stand beside the inode of their directory.
    """

    def __init__(self, context: Context, seniority: Seniority) -> None:
        self._store = context.store
        self._seniority = seniority
        self._looked_up: set[Spot] = set()
        self._taken: set[Spot] = set()  # by names, not stems
        self._given: set[Spot] = set()
        self._holders: dict[Spot, list[Holder]] = {}

    def look_up_likely(self, likely: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Learn at once what the next to `take` names will ask: for each a directory and the first
        of its stems.
        """
        folded = [(ino, [fold(stem) for stem in stems]) for ino, stems in likely]
        self._look_up((ino, stems[0]) for ino, stems in folded)
        clashing: dict[int, list[list[str]]] = defaultdict(list)
        seen: set[Spot] = set()
        for ino, stems in folded:
            spot = ino, stems[0]
            if spot in seen or self._is_taken(spot):
                clashing[ino].append(stems)
            seen.add(spot)
        self._look_up((i, stem) for i, some in clashing.items() for stems in some for stem in stems)
        for ino, some in clashing.items():
            held = self._seniority.look_up(ino, [stems[0] for stems in some])
            self._holders |= {(ino, stem): holders for stem, holders in held.items()}

    def take(self, ino: int, stems: Iterable[str], rank: Rank) -> str:
        """Return the file name of the first free one of *stems*, which is taken from now on."""

        def is_taken(folded: str) -> bool:
            return self._is_taken((ino, folded)) and not self._make_way((ino, folded), rank)

        name = first_free(stems, is_taken) + PAGE_SUFFIX
        self._given.add((ino, fold(name)))
        return name

    def _look_up(self, spots: Iterable[Spot]) -> None:
        fresh = {spot for spot in spots if spot not in self._looked_up}
        self._taken |= self._store.newcomers.list_taken(n for spot in fresh for n in _names(spot))
        self._looked_up |= fresh

    def _make_way(self, spot: Spot, rank: Rank) -> bool:
        """Tell whether a younger page gave its name away; what it is called now may be known as
        free.
        """
        if not self._given.isdisjoint(_names(spot)):
            return False
        ino, folded = spot
        if not self._seniority.make_way(ino, folded, rank, self._holders.get(spot)):
            return False
        changed = {s for s in self._looked_up if s[0] == ino and s[1].startswith(folded)}
        for each in changed:
            self._holders.pop(each, None)
            self._taken.difference_update(_names(each))
        self._looked_up -= changed
        return True

    def _is_taken(self, spot: Spot) -> bool:
        """Tell whether a page or folder could not have the stem."""
        if spot not in self._looked_up:
            self._look_up([spot])
        return any(name in self._taken or name in self._given for name in _names(spot))


def _names(spot: Spot) -> tuple[Spot, Spot]:
    """Return the names with which a stem clashes: of a folder and of a file."""
    ino, folded = spot
    return spot, (ino, folded + PAGE_SUFFIX)
