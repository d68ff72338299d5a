"""A body that is cut anew only where it changed is cut as it would be from the beginning."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notionfs.markdown import cutting
from notionfs.markdown.cutting import cut_body, shared_ends
from notionfs.markdown.scanning import Scanner

LINES = (
    "", "", "", "", "Text", "More text", "# Title", "- item", "  - nested", "  more", "1. one",
    "> quote", "---", "===", "    code", "```", "```python", "~~~", " ```", "   ```", "$$", "x = 1",
    "<callout>Hot", "</callout>", "<toggle>T", "</toggle>", "<p />", "</p>", "<p>open",
    "<p>one</p>", "- <toggle>in an item", "\t<toggle>inside", "> ```", "| a | b |", "| - | - |",
    "Text with <b>bold</b>", "$$ x $$", "<unknown />", "+ other", "* * *", "\\</toggle>",
)  # fmt: skip
FILLER = tuple(f"Paragraph {n} is here so that the body is a large one." for n in range(12))

texts = st.lists(st.sampled_from(LINES), max_size=12).map("\n".join)


def fresh(body: str) -> list[str]:
    """Return the blocks of *body* by one pass over all of it."""
    lines = body.split("\n")
    starts = [sum(len(line) + 1 for line in lines[:at]) for at in Scanner(lines).starts()]
    bounds = [0, *starts[1:], len(body)]
    return [body[a:b] for a, b in pairwise(bounds) if a < b]


@given(above=texts, before=texts, after=texts, below=texts, glue=st.sampled_from(["\n", "\n\n"]))
@settings(max_examples=300)
def test_an_edited_body_is_cut_as_if_it_was_read_from_the_beginning(
    above: str, before: str, after: str, below: str, glue: str
) -> None:
    """Whatever is opened, closed or left open by an edit: no block is cut differently."""
    head, tail = "\n\n".join(FILLER[:6]), "\n\n".join(FILLER[6:])
    for middle in (before, after, before):
        body = glue.join([head, above, middle, below, tail])
        assert [piece.source for piece in cut_body(body).pieces] == fresh(body)


@pytest.mark.parametrize("change", ["Another line", "```\nx\n```", "<toggle>T\n\nx\n</toggle>"])
def test_what_was_not_edited_is_not_cut_again(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an edit the blocks far from it are the same objects, with all that is known of them."""
    seen: list[int] = []

    class Watched(Scanner):
        def __init__(self, lines: list[str]) -> None:
            seen.append(len(lines))
            super().__init__(lines)

    monkeypatch.setattr(cutting, "Scanner", Watched)
    blocks = [f"Paragraph {n} of a page like {len(change)}." for n in range(200)]
    old = cut_body("\n\n".join(blocks)).pieces
    new = cut_body("\n\n".join([*blocks[:100], change, *blocks[101:]])).pieces
    assert old[:99] == new[:99]
    assert old[102:] == new[102:]
    assert seen[1] < 20


@given(st.text("ab\n", max_size=30), st.text("ab\n", max_size=30))
def test_texts_share_a_beginning_and_an_end_that_do_not_overlap(one: str, other: str) -> None:
    """Both are as long as they can be, the beginning first."""
    head, tail = shared_ends(one, other)
    assert one[:head] == other[:head]
    assert head + tail <= min(len(one), len(other))
    assert one[len(one) - tail :] == other[len(other) - tail :]
    assert one[head : head + 1] != other[head : head + 1] or head == min(len(one), len(other))
