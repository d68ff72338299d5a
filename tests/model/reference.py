"""What the contract promises about each page, kept beside the real thing.

A word is in the page if somebody put it there and nobody took it out. Where two local editors
overwrite each other, or somebody in Notion and somebody here name the same thing, either may stand;
nothing may ever stand twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.model.words import words


@dataclass(eq=False)
class Known:
    """A page that somebody made, here or in Notion."""

    path: str
    title: str | None
    page_id: str | None = None
    folder: Known | str | None = None
    put: set[str] = field(default_factory=set)
    taken: set[str] = field(default_factory=set)
    either: set[str] = field(default_factory=set)
    ours: set[str] = field(default_factory=set)
    titles: set[str] = field(default_factory=set)
    score: int | None = None
    text: str | None = None
    is_new: bool = False
    is_gone: bool = False
    may_be_gone: bool = False
    is_rendered: bool = False
    is_above: bool = False  # it has, or had, sub-pages, whose titles its text shows
    was_theirs: bool = False
    generation: int = 0
    blocks: dict[str, str] = field(default_factory=dict)

    @property
    def must(self) -> set[str]:
        """Words that have to stand in the page, once."""
        return self.put - self.taken - self.either

    @property
    def must_not(self) -> set[str]:
        """Words that somebody took out."""
        return self.taken - self.either

    def save(self, before: str, after: str, present: str | None = None) -> None:
        """Somebody here who read *before* wrote *after* where *present* (or that) stood."""
        old, new = set(words(before)), set(words(after))
        here = old if present is None else set(words(present))
        self.put |= new - old
        self.ours |= new - old
        self.taken |= old - new
        # Written by another program here since this one read the file: the last writer may win.
        self.either |= (here - old - new) & self.ours
        # Taken out by another program here, and this one wrote it back.
        self.either |= (old & new) - here
        self.text = after

    def edit_in_notion(self, before: str, after: str) -> None:
        """Somebody in Notion changed the body."""
        old, new = set(words(before)), set(words(after))
        self.put |= new - old
        self.taken |= old - new
        self.was_theirs = True

    def retitle(self, title: str, *, in_notion: bool = False) -> None:
        """Somebody gave the page another title; if both sides did, either may stand."""
        self.titles.add(title)
        if in_notion:
            self.was_theirs = True
            return
        self.title = title

    def forget_words(self) -> None:
        """The page starts anew with another text: what it had may go, or was taken out."""
        self.taken |= self.put
