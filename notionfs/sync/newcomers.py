"""Takes in many new pages at once. Nothing here waits; callers hold the transaction.

A first tree consists of nothing else: one look-up for all their names in a directory, and one
statement for each kind of row, instead of a dozen for each page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from notionfs.model import Page, PageId
from notionfs.naming import PAGE_SUFFIX, first_free, fold, possible_stems
from notionfs.store.dentries import Holder
from notionfs.store.newcomers import NewFile
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
        directories: dict[int, list[Page]] = defaultdict(list)
        for page, parent_ino in placed:
            directories[parent_ino].append(page)
        for parent_ino, pages in directories.items():
            files = self._name(parent_ino, pages)
            self._store.newcomers.add(files, mode=FILE_MODE)
            self._store.dentries.touch_directory(parent_ino, max(f.mtime_ns for f in files))
            for file in files:
                self._context.tell(EntryChanged(parent_ino, file.name))

    def _name(self, parent_ino: int, pages: Sequence[Page]) -> list[NewFile]:
        """Return the files of pages of one directory; the first of a name gets the plain one."""
        style = self._context.settings.names
        names = _Names(self._context, parent_ino, self._placement.seniority)
        likely = [
            list(islice(possible_stems(page.title, page.id, style), _LIKELY)) for page in pages
        ]
        names.look_up(stems[0] for stems in likely)
        names.look_up_clashing(likely)
        return [
            NewFile(
                page.id,
                parent_ino,
                names.take(possible_stems(page.title, page.id, style), rank_of(page)),
                nanoseconds(page.last_edited),
            )
            for page in pages
        ]


class _Names:
    """The names of a directory, as far as somebody asks, with those that are about to be added."""

    def __init__(self, context: Context, parent_ino: int, seniority: Seniority) -> None:
        self._store = context.store
        self._parent_ino = parent_ino
        self._seniority = seniority
        self._looked_up: set[str] = set()
        self._taken: set[str] = set()
        self._given: set[str] = set()
        self._holders: dict[str, list[Holder]] = {}

    def look_up(self, stems: Iterable[str]) -> None:
        """Learn at once which of *stems* are taken."""
        folded = [fold(stem) for stem in stems]
        both = [name for stem in folded for name in (stem, stem + PAGE_SUFFIX)]
        self._taken |= self._store.newcomers.list_taken(self._parent_ino, both)
        self._looked_up.update(folded)

    def look_up_clashing(self, likely: Iterable[Sequence[str]]) -> None:
        """Learn what pages may be called whose first stem is taken, and who has that."""
        clashing = list(self._clashing(likely))
        self.look_up(stem for stems in clashing for stem in stems[1:])
        firsts = [fold(stems[0]) for stems in clashing]
        self._holders = self._seniority.look_up(self._parent_ino, firsts)

    def _clashing(self, likely: Iterable[Sequence[str]]) -> Iterator[Sequence[str]]:
        """Yield those of *likely* whose first stem is taken, or will be by one before it."""
        seen: set[str] = set()
        for stems in likely:
            folded = fold(stems[0])
            if folded in seen or self._is_taken(folded):
                yield stems
            seen.add(folded)

    def take(self, stems: Iterable[str], rank: Rank) -> str:
        """Return the file name of the first free one of *stems*, which is taken from now on."""

        def is_taken(folded: str) -> bool:
            return self._is_taken(folded) and not self._make_way(folded, rank)

        name = first_free(stems, is_taken) + PAGE_SUFFIX
        self._given.add(fold(name))
        return name

    def _make_way(self, folded: str, rank: Rank) -> bool:
        """Tell whether a younger page gave its name away; all that is known may be otherwise."""
        if folded + PAGE_SUFFIX in self._given:
            return False
        held = self._holders.get(folded)
        if not self._seniority.make_way(self._parent_ino, folded, rank, held):
            return False
        changed = {name for name in self._looked_up if name.startswith(folded)}
        for name in changed:
            self._holders.pop(name, None)
        self._looked_up -= changed
        self._taken -= {name for stem in changed for name in (stem, stem + PAGE_SUFFIX)}
        return True

    def _is_taken(self, folded_stem: str) -> bool:
        """Tell whether a page or folder could not be called *folded_stem*."""
        if folded_stem not in self._looked_up:
            self.look_up([folded_stem])
        names = (folded_stem, folded_stem + PAGE_SUFFIX)
        return any(name in self._taken or name in self._given for name in names)
