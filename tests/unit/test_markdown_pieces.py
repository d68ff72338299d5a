"""Large changes in pieces: small enough, in order, and at the end everything is there."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from notionfs.markdown.blocks import join_blocks, same_text, split_blocks
from notionfs.markdown.hunks import apply_plan, plan_body
from notionfs.markdown.pieces import largest_new_block, next_piece, request_size

BLOCKS = st.lists(st.sampled_from([f"Block {n} {'x' * (n % 7) * 9}." for n in range(60)]))


def steps(base: str, wanted: str, max_bytes: int, max_blocks: int) -> list[str]:
    """All bodies on the way."""
    found = [base]
    while not same_text(found[-1], wanted):
        found.append(next_piece(found[-1], wanted, max_bytes=max_bytes, max_blocks=max_blocks))
        assert len(found) < 400
    return found


@given(BLOCKS, BLOCKS, st.integers(60, 400), st.integers(1, 9))
def test_pieces_lead_from_any_body_to_any_other(
    before: list[str], after: list[str], max_bytes: int, max_blocks: int
) -> None:
    """Each piece brings something new or takes something old, until nothing is left."""
    bodies = steps(join_blocks(before), join_blocks(after), max_bytes, max_blocks)
    for old, new in pairwise(bodies):
        assert not same_text(old, new)


def test_every_piece_fits_its_request() -> None:
    """The largest part of a request is bounded, in bytes as they are sent and in blocks."""
    base = "First.\n\nLast."
    wanted = "\n\n".join(["First.", *(f'A "quoted" line {n}.' for n in range(100)), "Last."])
    bodies = steps(base, wanted, 300, 50)
    for old, new in pairwise(bodies):
        edits = plan_body(old, new).edits
        assert sum(request_size(text) for edit in edits for text in edit) < 300 + 100
        assert same_text(apply_plan(old, plan_body(old, new)), new)
    assert len(bodies) > 8


def test_a_change_that_fits_is_one_piece() -> None:
    """Nothing is cut that need not be."""
    base = "\n\n".join(f"Paragraph {n} of a long page." for n in range(5000))
    wanted = base.replace("Paragraph 2500 ", "Another paragraph ")
    assert next_piece(base, wanted) == wanted


def test_the_size_of_a_new_block_is_what_is_sent() -> None:
    """Quotes and line ends take two bytes in a request; old blocks take none."""
    text = "x" * 100_000 + "\n\n" + '"' * 100_000
    assert largest_new_block("", text) > 200_000
    assert largest_new_block(text, text) == 0
    assert len(split_blocks(text)) == 2
