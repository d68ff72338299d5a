"""Words that people see, told from markup and addresses."""

from __future__ import annotations

import pytest

from notionfs.markdown.visible import brings_words


@pytest.mark.parametrize(
    "spelled",
    [
        'One <mention-user url="user://1f00">Ada Lovelace</mention-user>',
        '<page url="https://app.notion.com/p/1f00">Notes</page>\n\nOne',
        '[One](https://example.com/other "Title")',
        '<callout icon="x" color="red_bg">\n\tOne\n</callout>',
        'ONE {color="red"}',
    ],
)
def test_what_notion_fills_in_is_nobodys_work(spelled: str) -> None:
    """Names of people and pages, attributes, addresses, capitals."""
    assert not brings_words(spelled, "one")


def test_a_word_that_nobody_here_knows_is_somebodys_work() -> None:
    assert brings_words("One and two", "One", "and")
