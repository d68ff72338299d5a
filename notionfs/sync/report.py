"""What a look at Notion found, for people: counts, what changed, what could not be asked."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct, field

from notionfs.model import PageId


class News(StrEnum):
    """What became of a page."""

    NEW = "new"
    CHANGED = "changed"
    GONE = "gone"


class Errand(NamedTuple):
    """One question to Notion: what is asked for, and the id of whom."""

    kind: str
    id: str


class Failure(NamedTuple):
    """Why a question has no answer; *is_transient*: asking again soon may help."""

    reason: str
    is_transient: bool


class Report(Struct):
    """What a refresh found, in pages; *failed* says why some questions have no answer yet.

    *placed* counts the pages of a first listing, which are not told one by one.
    *repeated*: only what had failed last time was asked again, and what changed since.
    """

    seen: int = 0
    placed: int = 0
    news: dict[PageId, News] = field(default_factory=dict)
    failed: dict[Errand, Failure] = field(default_factory=dict)
    repeated: bool = False

    def count(self, what: News) -> int:
        """Return how many pages are *what*."""
        placed = self.placed if what is News.NEW else 0
        return placed + sum(1 for news in self.news.values() if news is what)

    def note(self, news: Mapping[PageId, News]) -> None:
        """Add what became of some pages; what is new stays new however often it changes."""
        for page_id, what in news.items():
            if what is not News.CHANGED or page_id not in self.news:
                self.news[page_id] = what

    def as_dict(self) -> dict[str, int]:
        """Return the counts by name."""
        counts = {"seen": self.seen, **{news.value: self.count(news) for news in News}}
        return {**counts, "failed": len(self.failed)}
