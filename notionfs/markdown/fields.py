"""What the property types have in common: the context of a value, problems, texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from notionfs.markdown.frontmatter import PlainFloat, PlainInt
from notionfs.model import JSON, PropertySchema, References

MAX_ENTRIES = 100


class ProblemError(ValueError):
    """A value cannot be sent; the message ends a sentence that names the property."""


class Context(Struct, frozen=True):
    """What a value may need to know besides itself. *base* is the stored payload or None."""

    schema: PropertySchema
    refs: References
    base: JSON = None
    create_options: bool = False


def nearest(word: str, candidates: Sequence[str]) -> str | None:
    """Return the candidate that *word* was most likely meant to be, or None.

    First one with a few letters typed wrong, then one that *word* is a part of.
    """
    from rapidfuzz import fuzz, process  # only a mistake pays for these imports
    from rapidfuzz.distance import OSA

    for scorer, enough in ((OSA.normalized_similarity, 0.5), (fuzz.WRatio, 75)):
        found = process.extractOne(
            word, candidates, scorer=scorer, processor=str.casefold, score_cutoff=enough
        )
        if found:
            return str(found[0])
    return None


def as_text(value: Any) -> str:
    """Return a scalar as its author wrote it."""
    if isinstance(value, PlainInt | PlainFloat):
        return value.text
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ProblemError("must be a text, not a list or a group of lines")


def as_texts(value: Any, *, commas: bool = False) -> list[str]:
    """Return a list of texts; one text alone is a list of one, or of several with *commas*."""
    if isinstance(value, Mapping):
        raise ProblemError("must be a list like [one, two]")
    if not isinstance(value, list):
        text = as_text(value)
        items = text.split(",") if commas else [text]
        return [item.strip() for item in items if item.strip()]
    flat: list[str] = []
    for item in value:
        if isinstance(item, list):
            # `[[Design Notes]]` without quotes is a list in a list.
            flat += [as_text(inner) for inner in item if inner is not None]
        elif item is not None:
            flat.append(as_text(item))
    return flat


def short(value: Any) -> str:
    """Return *value* for a sentence, cut if it is long."""
    text = str(value)
    return text if len(text) <= 60 else text[:59] + "…"


def check_count(names: Sequence[object]) -> None:
    """Raise ProblemError if Notion does not take so many entries."""
    if len(names) > MAX_ENTRIES:
        raise ProblemError(f"has {len(names)} entries, and Notion allows {MAX_ENTRIES}")
