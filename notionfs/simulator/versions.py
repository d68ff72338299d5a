"""What depends on the API version: renamed fields and types of versions before 2026-03-11."""

from __future__ import annotations

import re
from typing import Any

from notionfs.simulator.call import V2025, V2026
from notionfs.simulator.errors import ApiError, invalid

DATED = re.compile(r"\d{4}-\d{2}-\d{2}")
WITH_ARCHIVED = frozenset({"page", "block", "database", "data_source"})


def checked_version(header: str | None) -> str:
    """Return the version a request is answered in; raises if it has none, or none we know."""
    if header is None:
        raise ApiError(
            400,
            "missing_version",
            "Notion-Version header should be defined, instead was `undefined`.",
        )
    if not DATED.fullmatch(header):
        raise invalid(f"Notion-Version header should be a valid version, instead was `{header}`.")
    if header < V2025:
        raise invalid(
            f"Notion-Version {header} is not supported by this simulator: use {V2025} or {V2026}."
        )
    return header


def adapted(answer: dict[str, Any], version: str) -> dict[str, Any]:
    """Return *answer* in the words of *version*."""
    if version >= V2026:
        return answer
    for thing in answer.get("results") or ():
        if isinstance(thing, dict):
            _older(thing)
    _older(answer)
    return answer


def _older(thing: dict[str, Any]) -> None:
    if thing.get("object") in WITH_ARCHIVED and "in_trash" in thing:
        thing["archived"] = thing["in_trash"]
    if thing.get("object") == "block" and thing["type"] == "meeting_notes":
        thing["type"] = "transcription"
        thing["transcription"] = thing.pop("meeting_notes")
