"""What a saved text changes, seen from what it grew from. Never waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from notionfs.errors import InvalidPageFile
from notionfs.markdown.blocks import join_blocks, same_text, split_blocks
from notionfs.markdown.document import Document, parse_document, same_title
from notionfs.markdown.properties import plan_properties, title_value
from notionfs.markdown.restore import restore_body
from notionfs.model import JSON, Base, DataSource, References
from notionfs.planning.merge import merge_bodies
from notionfs.store.documents import SavedBase

MAX_BODY_BYTES = 500_000
"""Notion takes at most 500 KB in one request; the JSON around the text needs a little of it."""


@dataclass(frozen=True, slots=True)
class Patch:
    """The difference to send: changed properties by id (the title among them), the wanted body.

    *body* is None when the body did not change.
    """

    properties: Mapping[str, JSON]
    title: str | None
    body: str | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to send."""
        return not self.properties and self.body is None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a text is read against, besides its base."""

    source: DataSource | None
    references: References
    create_options: bool
    wanted_title: str | None = None


def plan_patch(text: bytes, saved: SavedBase, around: Surroundings) -> Patch:
    """Return what *text* changes; InvalidPageFile names everything that must be corrected."""
    document = parse_document(text)
    problems: list[str] = []
    properties: dict[str, JSON] = {}
    try:
        properties = plan_properties(
            around.source,
            saved.base.properties,
            document.properties,
            around.references,
            create_options=around.create_options,
        )
    except InvalidPageFile as exc:
        problems.extend(exc.problems)
    body: str | None = None
    try:
        body = wanted_body(document, saved, around.references)
    except InvalidPageFile as exc:
        problems.extend(exc.problems)
    if problems:
        raise InvalidPageFile(problems)
    title = _changed_title(document, saved.base, around.wanted_title)
    if title is not None:
        properties["title"] = title_value(title)
    return Patch(properties, title, body)


def wanted_body(document: Document, saved: SavedBase, references: References) -> str | None:
    """Return the body that Notion should have, or None if the text leaves it as it is."""
    base = saved.base.body
    mine = restore_body(document.body, base, references)
    if saved.spelled is not None:
        mine = rebase_spelling(saved.spelled, mine, base)
    if same_text(mine, base):
        return None
    if len(mine.encode()) > MAX_BODY_BYTES:
        raise InvalidPageFile(
            [f"The page is too large: Notion takes {MAX_BODY_BYTES:,} bytes in one request."]
        )
    return mine


def rebase_spelling(spelled: str, mine: str, base: str) -> str:
    """Return *base* with what the user changed between *spelled* and *mine*.

    *spelled* and *base* say the same in other words (Notion normalises what it is sent), so where
    both differ from *mine*, the user's block wins.
    """
    if same_text(spelled, mine):
        return base
    if same_text(spelled, base):
        return mine
    merged = merge_blocks(spelled, mine, base)
    return mine if merged is None else merged


def merge_blocks(base: str, mine: str, theirs: str) -> str | None:
    """Merge two descendants of *base*; None where both changed the same block differently."""
    return merge_bodies(base, mine, theirs, split=split_blocks, join=join_blocks)


def _changed_title(document: Document, base: Base, wanted: str | None) -> str | None:
    title = document.title if document.title is not None else wanted
    return None if same_title(title, base.title) else title
