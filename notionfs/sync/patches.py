"""What a saved text changes, seen from what it grew from. Never waits."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import unquote

from msgspec import Struct

from notionfs.errors import InvalidPageFile, PageTooLarge
from notionfs.markdown.belonging import without_strangers
from notionfs.markdown.dialects import V2, Dialect
from notionfs.markdown.document import Document, parse_document, same_title
from notionfs.markdown.look import plan_look
from notionfs.markdown.media import crowded_lines, local_targets, misplaced
from notionfs.markdown.names import with_names_of
from notionfs.markdown.pieces import largest_new_block
from notionfs.markdown.properties import is_title_cut, named_as, plan_properties, title_value
from notionfs.model import JSON, Base, DataSource, References
from notionfs.planning import merge
from notionfs.planning.merge import merge_bodies, respell, says
from notionfs.store.documents import SavedBase

MAX_BLOCK_BYTES = 490_000
"""Notion takes at most 500 KB in one request, and a block cannot be cut (see `pieces`)."""

_ASSETS = ".assets/"

EMPTY_REASON = (
    "The file is empty, and an empty text is never sent: write something and save again; "
    "in Notion the page is as it was."
)


CUT_TITLE_REASON = (
    "The title is longer than Notion showed so far; take this change back, save, and open the file "
    "again when Notion answers."
)


class Patch(Struct, frozen=True):
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


class Surroundings(Struct, frozen=True):
    """What a text is read against, besides its base."""

    source: DataSource | None
    references: References
    create_options: bool
    wanted_title: str | None = None
    dialect: Dialect = V2


def plan_patch(text: bytes, saved: SavedBase, around: Surroundings) -> Patch:
    """Return what *text* changes; InvalidPageFile names everything that must be corrected."""
    if not text.strip():
        raise InvalidPageFile([EMPTY_REASON])
    document = parse_document(text)
    problems: list[InvalidPageFile] = []
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
        problems.append(exc)
    try:
        properties |= plan_look(document.look, saved.base.properties, around.references)
    except InvalidPageFile as exc:
        problems.append(exc)
    body: str | None = None
    try:
        body = wanted_body(document, saved, around.references, around.dialect)
    except InvalidPageFile as exc:
        problems.append(exc)
    title = _changed_title(document, saved.base, around.wanted_title)
    if title is not None and is_title_cut(saved.base.properties):
        problems.append(InvalidPageFile([CUT_TITLE_REASON]))
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise InvalidPageFile([text for exc in problems for text in exc.problems])
    if title is not None:
        properties["title"] = title_value(title)
    return Patch(properties, title, body)


def wanted_body(
    document: Document, saved: SavedBase, references: References, dialect: Dialect
) -> str | None:
    """Return the body that Notion should have, or None if the text leaves it as it is."""
    base = saved.base.body
    mine = dialect.restore(document.body, base, references, document.first_line)
    if saved.spelled is not None:
        mine = rebase_spelling(saved.spelled, mine, base, dialect)
    mine = without_strangers(mine, base, saved.spelled or base)
    if dialect.same_text(mine, base):
        return None
    _check_size(base, mine, dialect)
    _check_files(base, mine, document)
    return mine


def _check_files(base: str, mine: str, document: Document) -> None:
    """Raise InvalidPageFile if *mine* refers to a file that cannot be found, or cannot be shown."""
    known = set(local_targets(base)) if _ASSETS in mine else set()
    problems = [
        f"{unquote(target)} is no file that this page can show: there is none, or it is empty; "
        "copy one there first."
        for target in (local_targets(mine) if _ASSETS in mine else ())
        if target not in known and f"/{_ASSETS}" in f"/{target}"
    ]
    if misplaced(mine):
        lines = [number + document.first_line for number in crowded_lines(document.body)]
        where = f"Line {', '.join(map(str, lines))}: a" if lines else "A"
        problems.append(
            f"{where} picture or file of yours must stand in a line of its own, with empty ones "
            "around."
        )
    if problems:
        raise InvalidPageFile(problems)


def _check_size(base: str, mine: str, dialect: Dialect) -> None:
    """Raise PageTooLarge if a new block of *mine* does not fit into one request."""
    if largest_new_block(base, mine, dialect.split) > MAX_BLOCK_BYTES:
        raise PageTooLarge(
            [
                f"A paragraph, list item or code block of this page is larger than the "
                f"{MAX_BLOCK_BYTES:,} bytes that Notion takes at once; split it."
            ]
        )


def rebase_spelling(spelled: str, mine: str, base: str, dialect: Dialect) -> str:
    """Return *base* with what the user changed between *spelled* and *mine*.

    *spelled* and *base* say the same in other words (Notion normalises what it is sent), so where
    both differ from *mine*, the user's block wins.
    """
    if dialect.same_text(spelled, mine):
        return base
    if dialect.same_text(spelled, base):
        return mine
    merged = merge_bodies(
        spelled,
        mine,
        base,
        split=dialect.split,
        join=dialect.join,
        open_block=dialect.open_block,
        mine_wins=True,
    )
    return mine if merged is None else merged


def patched(base: Base, patch: Patch, answer: Base) -> Base:
    """Return *base* with the values that *patch* sent, in the words of Notion's *answer*.

    What others changed meanwhile stays out, names too: the text that was sent does not show it.
    """
    kept = {n: v for n, v in base.properties.items() if v.get("id", n) not in patch.properties}
    sent = {n: v for n, v in answer.properties.items() if v.get("id", n) in patch.properties}
    return Base(
        title=base.title if patch.title is None else answer.title,
        properties={**kept, **named_as(sent, base.properties)},
        body=base.body if patch.body is None else patch.body,
    )


def arrived_values(base: Base, sent: Mapping[str, JSON], now: Base) -> Base:
    """Return *base* with those values of *sent*, by property id, that *now* has."""
    there = {
        name: value
        for name, value in now.properties.items()
        if (key := value.get("id", name)) in sent and says(sent[key], value)
    }
    title = now.title if any(v.get("type") == "title" for v in there.values()) else base.title
    return Base(title, {**base.properties, **there}, base.body)


def in_our_words(theirs: str, base: str, sent: str, dialect: Dialect) -> str:
    """Return *theirs* with what we sent as we spelled it; see `merge.respell`."""
    return respell(theirs, base=base, sent=sent, split=dialect.split, join=dialect.join)


def has_arrived(base: str, sent: str, now: str, dialect: Dialect) -> bool:
    """Tell whether *now* has what led from *base* to *sent*; see `merge.has_arrived`."""
    if dialect.same_text(now, base):
        return False
    return dialect.same_text(now, sent) or merge.has_arrived(
        base=base, sent=sent, now=now, split=dialect.split
    )


def merge_blocks(base: str, mine: str, theirs: str, dialect: Dialect) -> str | None:
    """Merge two descendants of *base*; None where both changed the same block differently.

    That a mentioned page has another name by now is no change of the block that mentions it.
    """
    return merge_bodies(
        with_names_of(base, theirs),
        with_names_of(mine, theirs),
        theirs,
        split=dialect.split,
        join=dialect.join,
        open_block=dialect.open_block,
    )


def _changed_title(document: Document, base: Base, wanted: str | None) -> str | None:
    title = document.title if document.title is not None else wanted
    return None if same_title(title, base.title) else title
