"""The values that a dialect exchanges with its caller: names for ids, and the two results."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from notionfs.simulator.blocks import Block

ID_IN_URL = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")


def _nothing(_: str) -> None:
    return None


def _no_blocks(_: str) -> Sequence[Block]:
    return ()


@dataclass(frozen=True)
class Names:
    """How ids show in markdown. The workspace supplies it; a dialect looks nothing up itself.

    `database_facts` answers `title`, `data_source_url` (`collection://…`), `inline` and `icon`, or
    None for an id that is no database.
    """

    page_title: Callable[[str], str | None]
    user_name: Callable[[str], str | None]
    page_url: Callable[[str], str]
    database_facts: Callable[[str], Mapping[str, Any] | None]
    file_url: Callable[[str], str]  # a hosted file's stored address, freshly signed
    custom_emoji: Callable[[str], Mapping[str, Any] | None] = _nothing  # by name, without colons
    synced_children: Callable[[str], Sequence[Block]] = _no_blocks  # of the original, by its id


Piece = tuple[str, int]  # text with the gap before it, and how many blocks it shows


@dataclass(frozen=True)
class Rendered:
    """A body as markdown, and what of it could not be shown. The pieces joined are the markdown."""

    markdown: str
    truncated: bool = False
    unknown_block_ids: list[str] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Parsed:
    """The blocks that a markdown text describes, and what the parser had to change or ignore."""

    blocks: list[Block]
    warnings: list[dict[str, Any]] = field(default_factory=list)


def id_in_url(address: str) -> str | None:
    """Return the id that an address of Notion ends with, dashed, or None."""
    tail = re.split(r"[?#]", address, maxsplit=1)[0]
    found = ID_IN_URL.findall(tail) or ID_IN_URL.findall(address)
    return str(uuid.UUID(found[-1])) if found else None


def warning(kind: str, message: str) -> dict[str, Any]:
    """Return one entry of an answer's `warnings`."""
    return {"type": kind, "message": message}
