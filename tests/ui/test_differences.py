"""Two texts side by side, and a text made of choices."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notionfs.ui.differences import Choice, compare, merge, pair, pieces, texts_of

LINES = st.lists(st.sampled_from(["", "one", "two", "three", "a\u2028b", " ", "<x>"]), max_size=12)
TEXTS = LINES.map(lambda lines: "".join(f"{line}\n" for line in lines))


@given(TEXTS, TEXTS)
def test_one_side_throughout_is_that_side(theirs: str, mine: str) -> None:
    """Nothing is lost, added or turned round, whatever the texts are."""
    parts = compare(theirs, mine)
    numbers = [part.number for part in parts if part.number is not None]
    assert numbers == list(range(len(numbers)))
    assert merge(parts, {}) == mine
    assert merge(parts, dict.fromkeys(numbers, Choice.THEIRS)) == theirs


@given(TEXTS, TEXTS)
def test_every_line_of_both_sides_is_shown(theirs: str, mine: str) -> None:
    """In its order, next to the other side's."""
    rows = [both for part in compare(theirs, mine) for both in pair(part)]
    assert [left for left, _ in rows if left is not None] == theirs.split("\n")[:-1]
    assert [right for _, right in rows if right is not None] == mine.split("\n")[:-1]


def test_both_puts_notions_lines_first() -> None:
    """What two people added at the same place stays."""
    parts = compare("a\ntheirs\nz\n", "a\nmine\nz\n")
    assert merge(parts, {0: Choice.BOTH}) == "a\ntheirs\nmine\nz\n"


@given(st.text(max_size=60), st.text(max_size=60))
def test_pieces_of_a_line_are_the_line(line: str, other: str) -> None:
    """Marking words changes none."""
    assert "".join(piece.text for piece in pieces(line, other)) == line


def test_line_ends_of_another_system_are_no_difference() -> None:
    """A file with CRLF is compared as what Notion keeps of it."""
    assert [part.number for part in compare("a\nb\n", "a\r\nb\r\n")] == [None]


def test_a_file_without_frontmatter_is_compared_without_notions() -> None:
    """It was made here, and gets its frontmatter later."""
    sides = {"notion": "---\nnotion_id: x\n---\n\n# T\n", "file": "# T\n", "is_bare": True}
    assert texts_of(sides) == ("# T\n", "# T\n")
