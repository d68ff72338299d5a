"""Ids in what people paste."""

from __future__ import annotations

import pytest

from notionfs.model import normalize_id

ID = "e751f98a-ba20-59c2-b584-9adbf44d6a76"
BARE = ID.replace("-", "")


@pytest.mark.parametrize(
    "text",
    [
        ID,
        BARE.upper(),
        f"https://www.notion.so/acme/Project-Alpha-{BARE}",
        f"https://www.notion.so/acme/Roadmap-2026-{BARE}?pvs=4#{'0' * 32}",
        f"https://app.notion.com/p/{ID}/",
    ],
)
def test_an_id_is_found_behind_any_title(text: str) -> None:
    """A title may end in letters that could be digits of the id."""
    assert normalize_id(text) == ID


def test_a_text_without_an_id_has_none() -> None:
    """Nothing is guessed."""
    assert normalize_id("https://www.notion.so/acme") is None
    assert normalize_id(BARE[1:]) is None
