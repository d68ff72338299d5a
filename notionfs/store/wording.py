"""What a person typed into a search, as SQLite's full-text search understands it. Pure."""

from __future__ import annotations

from msgspec import Struct

from notionfs.patterns import late

_TERM = late(r'"([^"]*)"(\*?)|(\S+)')

# Writing without spaces between words: the index would hold a whole clause as one word.
_UNSPACED = late(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)


class Wording(Struct, frozen=True):
    """A search: an expression for the index, and pieces that must stand somewhere in the text."""

    match: str
    pieces: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not self.match and not self.pieces


def parse_wording(text: str) -> Wording:
    """Read words, `begin*` and `"exact phrases"`; all of them must be found, in any order.

    Nothing that people type is an error: what SQLite would take for an operator is a word here.
    """
    terms: list[str] = []
    pieces: list[str] = []
    for phrase, star, word in _TERM.findall(text):
        term, is_beginning = _without_star(word) if word else (phrase, bool(star))
        if _UNSPACED.search(term):
            pieces.append(term)
        elif any(char.isalnum() for char in term):
            quoted = term.replace('"', " ").replace("\0", " ")
            terms.append(f'"{quoted}"' + ("*" if is_beginning else ""))
    return Wording(" ".join(terms), tuple(pieces))


def _without_star(word: str) -> tuple[str, bool]:
    return word.rstrip("*"), word.endswith("*")
