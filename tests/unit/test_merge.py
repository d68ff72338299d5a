"""Three-way merges: each block and each property is a surface of its own, and nothing is lost."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from notionfs.markdown.blocks import join_blocks, split_blocks
from notionfs.planning.merge import alike, has_arrived, merge_bodies, merge_properties, respell

BASE = "One\n\nTwo\n\n- a\n- b\n- c\n\nThree"


def merge(base: str, mine: str, theirs: str) -> str | None:
    return merge_bodies(base, mine, theirs, split=split_blocks, join=join_blocks)


def test_changes_in_different_blocks_are_both_kept() -> None:
    """Neighbouring blocks are different surfaces."""
    assert merge(BASE, BASE.replace("One", "1"), BASE.replace("Two", "2")) == (
        BASE.replace("One", "1").replace("Two", "2")
    )


def test_items_of_one_list_are_different_blocks() -> None:
    """Two people tick two tasks of one list."""
    mine, theirs = BASE.replace("- a", "- A"), BASE.replace("- b", "- B")
    assert merge(BASE, mine, theirs) == BASE.replace("- a\n- b", "- A\n- B")


def test_the_same_block_changed_differently_is_a_conflict() -> None:
    """A person must choose."""
    assert merge(BASE, BASE.replace("One", "1"), BASE.replace("One", "I")) is None
    assert merge(BASE, BASE.replace("One\n\n", ""), BASE.replace("One", "I")) is None
    assert merge(BASE, BASE.replace("One", "1"), BASE.replace("One\n\n", "")) is None


def test_the_same_change_on_both_sides_is_no_conflict() -> None:
    """Both meant the same."""
    changed = BASE.replace("One", "One!").replace("Two\n\n", "")
    assert merge(BASE, changed, changed) == changed
    assert merge(BASE, changed, BASE.replace("One", "One!")) == changed
    assert merge(BASE, "Three", BASE.replace("Two\n\n", "")) == "Three"


def test_new_blocks_at_one_place_are_both_kept() -> None:
    """Two people append: theirs comes first, nothing is lost, and what both wrote stands once."""
    assert merge(BASE, f"{BASE}\n\nmine", f"{BASE}\n\ntheirs") == f"{BASE}\n\ntheirs\n\nmine"
    assert merge(BASE, f"{BASE}\n\nx\n\nmine", f"{BASE}\n\nx") == f"{BASE}\n\nx\n\nmine"


def test_white_space_is_no_change() -> None:
    """A side that only moved blank lines has changed nothing."""
    theirs = BASE.replace("Two", "2")
    assert merge(BASE, BASE.replace("\n\n", "\n\n\n") + "\n", theirs) == theirs


def test_a_side_without_changes_yields_the_other() -> None:
    """Byte by byte."""
    other = BASE.replace("Two", "2  ")
    assert merge(BASE, BASE, other) == other
    assert merge(BASE, other, BASE) == other


def test_a_new_block_inside_what_the_other_side_deleted_is_kept() -> None:
    """Blocks that one side never saw are not deleted by it."""
    base, theirs = "A\n\nB\n\nC\n\nD", "A\n\nB\n\nnew\n\nC\n\nD"
    assert merge(base, "A\n\nD", theirs) == "A\n\nnew\n\nD"


LINE = st.sampled_from(["a", "b", "c", "d", "- x", "- y"])


@settings(max_examples=150, deadline=None)
@given(st.lists(LINE, max_size=8), st.lists(LINE, max_size=8), st.lists(LINE, max_size=8))
def test_a_merge_has_the_same_blocks_whoever_merges(
    base: list[str], mine: list[str], theirs: list[str]
) -> None:
    """Both sides see the same conflicts, and without one the same blocks."""
    texts = [join_blocks(blocks) for blocks in (base, mine, theirs)]
    one, other = merge(*texts), merge(texts[0], texts[2], texts[1])
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert sorted(b.strip() for b in split_blocks(one)) == sorted(
            b.strip() for b in split_blocks(other)
        )


@settings(max_examples=100, deadline=None)
@given(st.lists(LINE, max_size=8), st.lists(LINE, max_size=8))
def test_merging_with_oneself_or_with_nothing_changes_nothing(
    base: list[str], mine: list[str]
) -> None:
    """The trivial merges are exact."""
    before, after = join_blocks(base), join_blocks(mine)
    assert merge(before, after, before) == after
    assert merge(before, before, after) == after
    assert (merge(before, after, after) or "").split() == after.split()


# --- properties -----------------------------------------------------------------------------------

COLUMNS = {
    "Status": {"id": "s", "type": "status", "status": {"id": "1", "name": "Done", "color": "red"}},
    "Tags": {"id": "t", "type": "multi_select", "multi_select": [{"id": "a", "name": "A"}]},
    "Files": {
        "id": "f",
        "type": "files",
        "files": [{"name": "x", "file": {"url": "https://h/x?sig=1", "expiry_time": "1"}}],
    },
}


def _with(name: str, payload: object) -> dict[str, object]:
    changed = {**COLUMNS[name], COLUMNS[name]["type"]: payload}
    return {**COLUMNS, name: changed}


def test_a_property_changed_on_both_sides_to_different_values_is_a_conflict() -> None:
    """Its name is returned; properties that only one side changed are not."""
    theirs = _with("Status", {"id": "2", "name": "Open", "color": "blue"})
    assert merge_properties({"s": {"status": {"name": "New"}}}, COLUMNS, theirs) == {"Status"}
    assert merge_properties({"t": {"multi_select": []}}, COLUMNS, theirs) == frozenset()
    assert merge_properties({"s": {"status": {"name": "New"}}}, COLUMNS, COLUMNS) == frozenset()


def test_the_same_new_value_on_both_sides_is_no_conflict() -> None:
    """A request names less than an answer does; what it names must be there."""
    theirs = _with("Status", {"id": "2", "name": "Open", "color": "blue"})
    assert merge_properties({"s": {"status": {"name": "Open"}}}, COLUMNS, theirs) == frozenset()
    theirs = _with("Tags", [{"id": "b", "name": "B"}])
    patch = {"t": {"multi_select": [{"name": "B"}]}}
    assert merge_properties(patch, COLUMNS, theirs) == frozenset()


def test_a_renewed_signature_is_no_change() -> None:
    """Addresses of hosted files differ on every read."""
    theirs = _with(
        "Files", [{"name": "x", "file": {"url": "https://h/x?sig=2", "expiry_time": "2"}}]
    )
    assert merge_properties({"f": {"files": []}}, COLUMNS, theirs) == frozenset()


def test_a_renamed_property_is_still_the_same() -> None:
    """Ids decide, and the name returned is the present one."""
    theirs = {
        "State": {**COLUMNS["Status"], "status": {"id": "2", "name": "Open", "color": "blue"}}
    }
    assert merge_properties({"s": {"status": {"name": "New"}}}, COLUMNS, theirs) == {"State"}


def test_mine_can_win_block_by_block() -> None:
    """Where both changed the same block mine stands; everything else of theirs stays."""
    mine, theirs = BASE.replace("One", "1"), BASE.replace("One", "I").replace("Two", "II")
    merged = merge_bodies(BASE, mine, theirs, split=split_blocks, join=join_blocks, mine_wins=True)
    assert merged == BASE.replace("One", "1").replace("Two", "II")


def test_only_what_we_sent_is_respelled() -> None:
    """Another person's change of marks in an old block is a change."""
    base, sent = "Old words", "Old words\n\n* ours\n* and ours"
    theirs = "**Old** words\n\n- ours\n- and ours\n\nTheirs"
    words = respell(theirs, base=base, sent=sent, split=split_blocks, join=join_blocks)
    assert words == "**Old** words\n\n* ours\n* and ours\n\nTheirs"


def test_a_ticked_task_is_another_spelling_of_nothing() -> None:
    """Letters and digits decide, and a tick is a letter."""
    sent, theirs = "- [ ] buy milk", "- [x] buy milk"
    assert respell(theirs, base="", sent=sent, split=split_blocks, join=join_blocks) == theirs


def arrived(base: str, sent: str, now: str) -> bool:
    return has_arrived(base=base, sent=sent, now=now, split=split_blocks)


def test_what_arrived_is_recognised_among_other_changes() -> None:
    """In Notion's spelling, and beside a block that somebody else removed."""
    sent = BASE + "\n\n* ours"
    assert arrived(BASE, sent, BASE + "\n\n- ours")
    assert arrived(BASE, sent, BASE.replace("Three", "- ours"))
    assert arrived(BASE, BASE.replace("One\n\n", ""), BASE.replace("One\n\n", "Zero\n\n"))
    assert arrived(BASE, BASE.replace("One", "**One**"), BASE.replace("One", "**One**") + "\n\nX")


def test_what_did_not_arrive_is_not_taken_for_somebody_elses_change() -> None:
    """Half of it is none of it: a request is carried out as a whole."""
    assert not arrived(BASE, BASE + "\n\n* ours", BASE + "\n\nTheirs")
    assert not arrived(BASE, BASE + "\n\n- c", BASE)
    assert not arrived(BASE, BASE.replace("One", "**One**"), BASE.replace("Two", "II"))
    assert not arrived(BASE, BASE + "\n\nA\n\nB", BASE + "\n\nA")


def test_texts_are_alike_but_for_spelling() -> None:
    """A short text is alike only if it is the same; a long one may lose a word."""
    assert alike("* one\n* *two*", "- one\n- _two_")
    assert alike("", "\n")
    assert not alike("Just a thought.", "Precious.")
    assert not alike("One.", "One. Two.")
    assert not alike("", "x")


def test_a_user_described_at_length_is_the_same_user() -> None:
    """Notion shows people now with, now without their names."""
    short = {"id": "p", "type": "people", "people": [{"object": "user", "id": "u"}]}
    full = {"id": "p", "type": "people", "people": [{"object": "user", "id": "u", "name": "Ada"}]}
    assert merge_properties({"p": {"people": []}}, {"Who": short}, {"Who": full}) == frozenset()
