"""The life of a page file as one table. What is not in the table is an error.

The state is stored with every document, so the words here are also the words on disk.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class DocState(StrEnum):
    """Where a page file stands between the disk and Notion."""

    UNREAD = "unread"  # no text yet: the body has not been fetched
    CLEAN = "clean"  # the text is what Notion has, as far as we know
    DIRTY = "dirty"  # saved, waits to be sent
    UPLOADING = "uploading"  # a request is on the wire
    RESAVED = "resaved"  # saved again while a request is on the wire
    UNSURE = "unsure"  # a request may or may not have arrived: read before sending
    PARKED = "parked"  # waits for a person; the text is safe
    CONFLICT = "conflict"  # changed here and in Notion at the same place; waits for a person


class DocEvent(StrEnum):
    """What can happen to a page file."""

    FETCH = "fetch"  # Notion's text was stored
    SAVE = "save"  # a valid text was committed
    SAVE_INVALID = "save_invalid"  # a text was committed that cannot be sent as it stands
    CLAIM = "claim"  # the uploader takes it
    CONFIRM = "confirm"  # Notion has it
    POSTPONE = "postpone"  # surely not applied: try again later
    LOSE = "lose"  # no good answer: it may have been applied
    REFUSE = "refuse"  # Notion, or our own check, says no: repeating is useless
    DIVERGE = "diverge"  # the same place changed in Notion
    RETRY = "retry"  # a person asks to try again
    RESOLVE = "resolve"  # a person settled the conflict
    DISCARD = "discard"  # a person gives the text up for Notion's
    RESTART = "restart"  # the program starts and finds this state in the store


_S, _E = DocState, DocEvent

TRANSITIONS: Mapping[tuple[DocState, DocEvent], DocState] = {
    (_S.UNREAD, _E.FETCH): _S.CLEAN,
    (_S.UNREAD, _E.SAVE): _S.DIRTY,
    (_S.UNREAD, _E.SAVE_INVALID): _S.PARKED,
    (_S.CLEAN, _E.FETCH): _S.CLEAN,
    (_S.CLEAN, _E.SAVE): _S.DIRTY,
    (_S.CLEAN, _E.SAVE_INVALID): _S.PARKED,
    (_S.DIRTY, _E.SAVE): _S.DIRTY,
    (_S.DIRTY, _E.SAVE_INVALID): _S.PARKED,
    (_S.DIRTY, _E.CLAIM): _S.UPLOADING,
    (_S.DIRTY, _E.DISCARD): _S.CLEAN,
    (_S.UPLOADING, _E.SAVE): _S.RESAVED,
    # The bad text is found again, and parked, when its turn comes.
    (_S.UPLOADING, _E.SAVE_INVALID): _S.RESAVED,
    (_S.UPLOADING, _E.CONFIRM): _S.CLEAN,
    (_S.UPLOADING, _E.POSTPONE): _S.DIRTY,
    (_S.UPLOADING, _E.LOSE): _S.UNSURE,
    (_S.UPLOADING, _E.REFUSE): _S.PARKED,
    (_S.UPLOADING, _E.DIVERGE): _S.CONFLICT,
    (_S.UPLOADING, _E.RESTART): _S.UNSURE,
    (_S.RESAVED, _E.SAVE): _S.RESAVED,
    (_S.RESAVED, _E.SAVE_INVALID): _S.RESAVED,
    (_S.RESAVED, _E.CONFIRM): _S.DIRTY,
    (_S.RESAVED, _E.POSTPONE): _S.DIRTY,
    (_S.RESAVED, _E.LOSE): _S.UNSURE,
    (_S.RESAVED, _E.REFUSE): _S.DIRTY,  # the newer text may be the correction
    (_S.RESAVED, _E.DIVERGE): _S.CONFLICT,
    (_S.RESAVED, _E.RESTART): _S.UNSURE,
    (_S.UNSURE, _E.SAVE): _S.UNSURE,
    (_S.UNSURE, _E.SAVE_INVALID): _S.UNSURE,
    (_S.UNSURE, _E.CLAIM): _S.UPLOADING,
    (_S.PARKED, _E.SAVE): _S.DIRTY,
    (_S.PARKED, _E.SAVE_INVALID): _S.PARKED,
    (_S.PARKED, _E.RETRY): _S.DIRTY,
    (_S.PARKED, _E.DISCARD): _S.CLEAN,
    (_S.CONFLICT, _E.SAVE): _S.CONFLICT,
    (_S.CONFLICT, _E.SAVE_INVALID): _S.CONFLICT,
    (_S.CONFLICT, _E.RESOLVE): _S.DIRTY,
    (_S.CONFLICT, _E.DISCARD): _S.CLEAN,
}

PENDING: frozenset[DocState] = frozenset(
    {_S.DIRTY, _S.UPLOADING, _S.RESAVED, _S.UNSURE, _S.PARKED, _S.CONFLICT}
)
"""States in which the file holds a text that Notion does not surely have."""

ON_THE_WIRE: frozenset[DocState] = frozenset({_S.UPLOADING, _S.RESAVED, _S.UNSURE})
"""States in which a request is out, or its answer never came: it may be in Notion already."""


def next_state(state: DocState, event: DocEvent) -> DocState:
    """Return where *event* leads; LookupError if it cannot happen in *state*.

    RESTART changes nothing unless a request was on the wire.
    """
    if event is DocEvent.RESTART:
        return TRANSITIONS.get((state, event), state)
    return TRANSITIONS[state, event]
