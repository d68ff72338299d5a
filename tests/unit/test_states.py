"""The table of states: complete, closed, and never a dead end."""

from __future__ import annotations

import pytest

from notionfs.planning.states import PENDING, TRANSITIONS, DocEvent, DocState, next_state


def test_every_state_is_reached_and_left() -> None:
    """No row leads into a word that nothing leads out of."""
    reached = set(TRANSITIONS.values()) | {DocState.UNREAD}
    left = {state for state, _ in TRANSITIONS}
    assert reached == set(DocState)
    assert left == set(DocState)


@pytest.mark.parametrize("state", list(DocState))
def test_a_save_is_possible_in_every_state(state: DocState) -> None:
    """Whatever is going on, an editor can save, with a good text or a bad one."""
    assert next_state(state, DocEvent.SAVE) in PENDING
    assert next_state(state, DocEvent.SAVE_INVALID) in PENDING


@pytest.mark.parametrize("state", list(DocState))
@pytest.mark.parametrize("event", list(DocEvent))
def test_what_is_not_in_the_table_is_an_error(state: DocState, event: DocEvent) -> None:
    """Only RESTART is defined everywhere."""
    if (state, event) in TRANSITIONS or event is DocEvent.RESTART:
        assert next_state(state, event) in DocState
        return
    with pytest.raises(LookupError):
        next_state(state, event)


def test_a_restart_makes_unsure_only_what_was_on_the_wire() -> None:
    """A request in flight may have arrived; everything else is known."""
    unsure = {s for s in DocState if next_state(s, DocEvent.RESTART) is not s}
    assert unsure == {DocState.UPLOADING, DocState.RESAVED}


@pytest.mark.parametrize("state", sorted(PENDING))
def test_no_pending_state_becomes_clean_without_a_confirmation(state: DocState) -> None:
    """Only Notion's word, or a person's, ends a draft."""
    for (start, event), end in TRANSITIONS.items():
        if start is state and end is DocState.CLEAN:
            assert event in (DocEvent.CONFIRM, DocEvent.DISCARD)
