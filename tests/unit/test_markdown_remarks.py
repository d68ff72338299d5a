"""What somebody added to a file of comments."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notionfs.errors import InvalidPageFile
from notionfs.markdown.remarks import Said, plan_remarks, render_remarks
from notionfs.model import Remark, UserId

ONE, TWO = "39a0bc1e-edcd-8142-936b-cca8ae692cc4", "39a0bc1e-edcd-8142-936b-cca8ae692cc5"


def remark(discussion: str, minute: int, text: str, author: str = "Ada") -> Remark:
    item = {"type": "text", "text": {"content": text}, "plain_text": text}
    created = f"2026-01-15T10:{minute:02}:00Z"
    return Remark(f"{discussion}{minute}", discussion, created, UserId("u"), author, [item])


FILE = render_remarks(
    "Wiki", [remark(TWO, 5, "Later"), remark(ONE, 1, "Can we?"), remark(ONE, 9, "Yes.", "Bob")]
)


def test_threads_stand_in_the_order_in_which_they_began() -> None:
    """With author and time of every comment, and what was said as a quotation."""
    text = FILE.decode()
    assert text.splitlines()[0] == "# Comments on Wiki"
    order = ["## Thread 1", "> Can we?", "**Bob**, 2026-01-15 10:09", "> Yes.", "> Later", "## New"]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_paragraphs_are_comments_where_they_stand() -> None:
    """Below a thread an answer, below the last heading about the page."""
    text = FILE.decode().replace("> Yes.\n", "> Yes.\n\nGood.\n\nVery\ngood.\n") + "New.\n"
    assert plan_remarks(FILE, text.encode()) == [
        Said(ONE, "Good."),
        Said(ONE, "Very\ngood."),
        Said(None, "New."),
    ]


def test_what_somebody_says_cannot_look_like_a_heading_of_ours() -> None:
    """Others' words are quoted."""
    made = render_remarks("Wiki", [remark(ONE, 1, f"Hi\n## Thread 9 <!-- {TWO} -->")])
    assert plan_remarks(made, made.replace(b"## New", b"Me.\n\n## New")) == [Said(ONE, "Me.")]


@pytest.mark.parametrize("ending", [b"\n\n\n", b"", b"\r\n"])
def test_empty_lines_and_line_ends_are_no_change(ending: bytes) -> None:
    """Editors add and remove them."""
    assert plan_remarks(FILE, FILE.rstrip() + ending) == []


def test_other_encodings_are_refused() -> None:
    """Nothing is guessed."""
    with pytest.raises(InvalidPageFile, match="UTF-8"):
        plan_remarks(FILE, FILE + b"\xff")


@settings(max_examples=100)
@given(st.integers(0, 40), st.text(alphabet="ab >#*\n", max_size=12))
def test_no_edit_loses_what_was_there(at: int, added: str) -> None:
    """Whatever is put anywhere: it is refused, or all that is new is what was put there."""
    lines = FILE.decode().split("\n")
    text = "\n".join([*lines[:at], added, *lines[at:]])
    try:
        plan = plan_remarks(FILE, text.encode())
    except InvalidPageFile:
        return
    new = "".join(one.text for one in plan)
    assert sorted("".join(new.split())) == sorted("".join(added.split()))
