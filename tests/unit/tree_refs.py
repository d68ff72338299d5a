"""References that know the pages and people of random trees."""

from __future__ import annotations

from tests.simulator import trees
from tests.unit.markdown_refs import FakeReferences


class TreeReferences(FakeReferences):
    """Knows the pages and people that random trees mention."""

    def __init__(self) -> None:
        super().__init__()
        self.paths |= {page_id: f"{number}.md" for number, page_id in enumerate(trees.PAGES)}
        self.paths |= dict.fromkeys(trees.DATABASES, "rows/")
