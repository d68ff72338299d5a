"""Parts of a page that were read by themselves: in the file, and out of it again."""

from __future__ import annotations

import re

import pytest

from notionfs.errors import InvalidPageFile
from notionfs.markdown.parts import block_of, hide_parts, show_parts

ID = "0123456789abcdef0123456789abcdef"
OTHER = "f" * 32
URL = f"https://www.notion.so/{'a' * 32}#{ID}"
PLACE = f'<unknown url="{URL}" alt="paragraph" />'
BELOW = f'<unknown url="https://www.notion.so/{OTHER}" alt="toggle" />'


def test_the_block_is_the_last_id_of_the_address() -> None:
    """The page's own id stands before it."""
    assert block_of(PLACE) == ID
    assert block_of("<unknown />") is None


@pytest.mark.parametrize(
    "part",
    [
        "Text.",
        "- one\n- two",
        "```\n</unknown>\n```",
        "```\na",
        "<unknown/>",
        "> q\n\n\n\nx",
        BELOW,
    ],
)
def test_what_is_shown_leads_back(part: str) -> None:
    """Whatever the part says; every other line keeps its number."""
    body = f"Above.\n\n{PLACE}\n\nBelow."
    shown = show_parts(body, {ID: part, OTHER: "Inner."})
    hidden = hide_parts(shown)
    assert [line for line in hidden.split("\n") if line] == ["Above.", PLACE, "Below."]
    assert hidden.split("\n").index("Below.") == shown.split("\n").index("Below.")


def test_the_mark_of_a_part_is_eight_digits_however_the_tag_was_spelled() -> None:
    """Both spellings of the tag come back as they were."""
    for place in (PLACE, PLACE.replace(" />", "/>")):
        shown = show_parts(place, {ID: "Text."})
        assert re.search(r' seen="[0-9a-f]{8}">$', shown.split("\n")[0])
        assert hide_parts(shown).strip() == place


def test_parts_have_parts() -> None:
    """And a part that contains itself is shown once."""
    shown = show_parts(PLACE, {ID: f"Outer.\n\n{BELOW}", OTHER: f"Inner.\n\n{PLACE}"})
    assert "Outer." in shown
    assert "Inner." in shown
    assert hide_parts(shown).strip() == PLACE


def test_blank_lines_are_no_edit() -> None:
    """Formatters add and remove them."""
    shown = show_parts(PLACE, {ID: "One.\n\nTwo."})
    assert hide_parts(shown.replace("One.\n\n", "One.  \n\n\n")).strip() == PLACE


def test_every_edited_part_is_named() -> None:
    """With the line in the file."""
    shown = show_parts(PLACE, {ID: "One."})
    with pytest.raises(InvalidPageFile, match="Line 10:"):
        hide_parts(shown.replace("One", "Two"), first_line=10)


def test_code_that_looks_like_a_part_is_code() -> None:
    """A page may be about this program."""
    body = f'```\n<unknown url="{URL}" seen="00000000">\n```\n\n```\n{PLACE}\n```'
    assert hide_parts(body) == body
    assert show_parts(body, {ID: "Text."}) == body
