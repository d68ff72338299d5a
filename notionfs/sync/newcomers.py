"""Takes in many new pages at once. Nothing here waits; callers hold the transaction.

A first tree consists of nothing else: one look-up for all their names in a directory, and one
statement for each kind of row, instead of a dozen for each page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec import Struct

from notionfs.model import Page, PageId
from notionfs.naming import PAGE_SUFFIX, first_free, fold, plain_stem, possible_stems
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
        plain = [(page, ino, plain_stem(page.title, style)) for page, ino in placed]
        wanted = [_Wanted(page, ino, stem, (ino, fold(stem))) for page, ino, stem in plain]
        names = _Names(self._context, self._placement.seniority)
        names.look_up_likely(wanted)
        files = [
            NewFile(w.page.id, w.ino, *names.take(w), nanoseconds(w.page.last_edited))
            for w in wanted
        ]
        self._store.newcomers.add(files, mode=FILE_MODE)
        for file in files:
            self._context.tell(EntryChanged(file.parent_ino, file.name))


class _Wanted(Struct, frozen=True):
    """The plain stem that a page would like to have in a directory, and its spot there."""

    page: Page
    ino: int
    plain: str
    spot: Spot

    def stems(self) -> Iterator[str]:
        """Yield what the page may be called, the best first."""
        return possible_stems(self.plain, self.page.id)


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

    def look_up_likely(self, wanted: Sequence[_Wanted]) -> None:
        """Learn at once what the next to `take` names will ask."""
        self._look_up(each.spot for each in wanted)
        clashing: dict[int, list[_Wanted]] = defaultdict(list)
        seen: set[Spot] = set()
        for each in wanted:
            if each.spot in seen or self._is_taken(each.spot):
                clashing[each.ino].append(each)
            seen.add(each.spot)
        for ino, some in clashing.items():
            likely = [stem for each in some for stem in islice(each.stems(), _LIKELY)]
            self._look_up((ino, fold(stem)) for stem in likely)
            held = self._seniority.look_up(ino, [each.spot[1] for each in some])
            self._holders |= {(ino, stem): holders for stem, holders in held.items()}

    def take(self, wanted: _Wanted) -> tuple[str, str]:
        """Return the best file name that is free, and its folded form; it is taken from now on."""
        if self._is_taken(wanted.spot):
            name = self._free_stem(wanted) + PAGE_SUFFIX
            folded = fold(name)
        else:
            name, folded = wanted.plain + PAGE_SUFFIX, wanted.spot[1] + PAGE_SUFFIX
        self._given.add((wanted.ino, folded))
        return name, folded

    def _free_stem(self, wanted: _Wanted) -> str:
        ino, rank = wanted.ino, rank_of(wanted.page)

        def is_taken(folded: str) -> bool:
            return self._is_taken((ino, folded)) and not self._make_way((ino, folded), rank)

        return first_free(wanted.stems(), is_taken)

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
        file = spot[0], spot[1] + PAGE_SUFFIX
        taken, given = self._taken, self._given
        return spot in taken or file in taken or spot in given or file in given


def _names(spot: Spot) -> tuple[Spot, Spot]:
    """Return the names with which a stem clashes: of a folder and of a file."""
    ino, folded = spot
    return spot, (ino, folded + PAGE_SUFFIX)
