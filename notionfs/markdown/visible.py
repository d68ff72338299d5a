"""The words of a body that people see, so that somebody else's words can be told from spelling."""

from __future__ import annotations

import re

from notionfs.patterns import late

# Notion puts the names in: of people, pages, dates.
_MENTION = late(r"<(mention(?:-[a-z-]+)?)\b[^>]*?(?:/>|>.*?</\1>)", re.DOTALL)
_PAGE = late(r"<(page|database)\b[^>]*>.*?</\1>", re.DOTALL)
_MARKUP = late(r"<[^>]*>|\{[^}]*\}|\]\([^)]*\)|https?://\S+")
_WORD = late(r"[^\W_]+")


def visible_words(body: str) -> set[str]:
    """Return the words of *body* without markup, addresses, and what Notion fills in."""
    text = _PAGE.sub(" ", _MENTION.sub(" ", body))
    return set(_WORD.findall(_MARKUP.sub(" ", text).casefold()))


def brings_words(body: str, *known: str) -> bool:
    """Tell whether *body* has words that none of *known* has: somebody else wrote them."""
    return bool(visible_words(body).difference(*map(visible_words, known)))
