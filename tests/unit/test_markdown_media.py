"""Hosted files as paths, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_refs import FakeReferences

from notionfs.markdown.media import hosted_name, local_targets, restore_media, show_media
from notionfs.markdown.prettify import prettify_body, restore_body
from notionfs.naming import asset_name

HOST = "https://prod-files-secure.s3.us-west-2.amazonaws.com/0e5f/"
PLAN = HOST + "3f2a77c1-0000-4000-8000-000000000001/plan%20(1).png".replace("(", "%28").replace(
    ")", "%29"
)
PAPER = HOST + "3f2a77c1-0000-4000-8000-000000000002/paper.pdf"


def refs() -> FakeReferences:
    made = FakeReferences()
    made.assets = {
        "wiki/.assets/3f2a77c1-plan (1).png": PLAN,
        "wiki/.assets/3f2a77c10-paper.pdf": PAPER,
    }
    return made


def test_media_are_shown_by_their_paths_and_nothing_else_is() -> None:
    """An image, a tag; not code, not other people's addresses, not a link."""
    body = (
        f"![A plan]({PLAN})\n\n"
        f'<pdf source="{PAPER}" color="red">Paper</pdf>\n\n'
        f"`![A plan]({PLAN})`\n\n"
        f"```\n![A plan]({PLAN})\n```\n\n"
        "![Other](https://example.com/a.png)\n"
    )
    shown = prettify_body(body, refs())
    assert shown == (
        "![A plan](wiki/.assets/3f2a77c1-plan%20%281%29.png)\n\n"
        '<pdf source="wiki/.assets/3f2a77c10-paper.pdf" color="red">Paper</pdf>\n\n'
        f"`![A plan]({PLAN})`\n\n"
        f"```\n![A plan]({PLAN})\n```\n\n"
        "![Other](https://example.com/a.png)"
    )
    assert restore_body(shown, body, refs()) == body


def test_media_inside_columns_and_lists_are_shown_too() -> None:
    """Whatever is looked into."""
    body = f"<columns>\n<column>\n![A]({PLAN})\n</column>\n</columns>\n\n- item\n\n  ![B]({PLAN})\n"
    shown = prettify_body(body, refs())
    assert shown.count("wiki/.assets/") == 2
    assert restore_body(shown, body, refs()) == body


def test_what_is_local_in_a_text_is_known() -> None:
    """Web addresses and anchors are not."""
    text = '![a](b.png) ![c](https://d.com) ![e](#f) <file source="g.zip">h</file> `![i](j)`'
    assert local_targets(text) == ["b.png", "g.zip"]


@given(st.text(alphabet='![](<>`"=a./ \nsource:image', max_size=60))
def test_no_text_is_changed_by_a_way_there_and_back(text: str) -> None:
    """Unless it names a file by its path, which is what the way back is for."""
    shown = show_media(text, refs())
    if not local_targets(text):
        assert restore_media(shown, refs()) == text


@pytest.mark.parametrize(
    ("url", "digits", "name"),
    [
        (PAPER, "3f2a77c1000040008000000000000002", "paper.pdf"),
        ("https://file.notion.so/f/a%2Fb.png", "", "a/b.png"),
    ],
)
def test_an_address_tells_id_and_name(url: str, digits: str, name: str) -> None:
    """As far as it has them."""
    assert hosted_name(url) == (digits, name)


def test_names_of_files_are_safe_sticky_and_the_same_everywhere() -> None:
    """They begin with digits of the id; more of them when that is not enough."""
    digits = "3f2a77c1000040008000000000000002"
    assert asset_name("a.png", digits, "u", set()) == "3f2a77c1-a.png"
    assert asset_name("a.png", digits, "u", {"3f2a77c1-a.png"}) == "3f2a77c10-a.png"
    assert asset_name("../\x1b[0m.png", digits, "u", set()) == "3f2a77c1--.--[0m.png"
    long = asset_name("x" * 300 + ".jpeg", digits, "u", set())
    assert long.endswith("x.jpeg")
    assert len(long.encode()) < 255
    assert asset_name("ü" * 300, "", "u", set()) == asset_name("ü" * 300, "", "u", set())
