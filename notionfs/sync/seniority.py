"""Who gets the plain name while the first listing runs: the oldest, in whatever order they come.

Notion lists what was edited last first, so the younger of two pages of one title often comes first.
Its name is only a guess as long as nobody was shown the directory, and then gives way. A name that
somebody may have seen stays. Nothing here waits; callers hold the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from notionfs.model import Database, Page
from notionfs.naming import PAGE_SUFFIX, choose_stem, fold
from notionfs.store.dentries import Holder, NodeKind
from notionfs.sync.context import Context, EntryChanged


class Rank(NamedTuple):
    """The order of names: databases before pages, and the oldest first."""

    is_page: bool
    created: str
    object_id: str


def rank_of(thing: Page | Database) -> Rank:
    """Return where a page or database stands in the order of names."""
    return Rank(isinstance(thing, Page), thing.created, thing.id)


class Seniority:
    """Takes plain names from younger pages in directories that nobody was shown yet."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store

    def look_up(self, parent_ino: int, stems: Sequence[str]) -> dict[str, list[Holder]]:
        """Return who has each of some folded *stems*, for `make_way`; a few, or many at once."""
        if not stems or not self._store.dentries.shown.is_unseen(parent_ino):
            return {stem: [] for stem in stems}
        names = [name for stem in stems for name in (stem, stem + PAGE_SUFFIX)]
        found: dict[str, list[Holder]] = {name: [] for name in names}
        for holder in self._store.dentries.list_holders(parent_ino, names):
            found[fold(holder.dentry.name)].append(holder)
        return {stem: found[stem] + found[stem + PAGE_SUFFIX] for stem in stems}

    def make_way(
        self, parent_ino: int, folded: str, rank: Rank, held: list[Holder] | None = None
    ) -> bool:
        """Tell whether a stem was freed for whoever has *rank*; *held* is who has it, if known."""
        if not self._store.dentries.shown.is_unseen(parent_ino):
            return False
        if held is None:
            held = self.look_up(parent_ino, [folded])[folded]
        ids = {holder.object_id for holder in held}
        if len(ids) != 1 or None in ids or _rank_of_holder(held[0]) < rank:
            return False
        shown = self._store.dentries.shown
        if not all(shown.is_guess(h.dentry.dentry_id, chosen=h.dentry.chosen) for h in held):
            return False
        self._rename(parent_ino, held)
        return True

    def _rename(self, parent_ino: int, held: list[Holder]) -> None:
        """Give a page and its folder, or a database, the next name with digits.

        That may be one of a still younger page: in the end names are as if all had come in the
        order of their age, however few digits tell their ids apart.
        """
        names = [holder.dentry for holder in held]
        own = frozenset(dentry.ino for dentry in names)
        given_up = {fold(dentry.name.removesuffix(PAGE_SUFFIX)) for dentry in names}
        rank = _rank_of_holder(held[0])

        def is_taken(folded: str) -> bool:
            if folded in given_up:
                return True
            is_free = not self._store.dentries.is_taken(parent_ino, folded, but=own)
            return not (is_free or self.make_way(parent_ino, folded, rank))

        stem = choose_stem(held[0].title, rank.object_id, self._context.settings.names, is_taken)
        for dentry in names:
            suffix = PAGE_SUFFIX if dentry.name.endswith(PAGE_SUFFIX) else ""
            self._store.dentries.correct(dentry.dentry_id, stem + suffix)
            self._context.tell(EntryChanged(parent_ino, dentry.name))
            self._context.tell(EntryChanged(parent_ino, stem + suffix))


def _rank_of_holder(holder: Holder) -> Rank:
    return Rank(holder.kind is not NodeKind.DATABASE, holder.created, holder.object_id or "")
