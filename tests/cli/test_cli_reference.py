"""The reference page says what the tables say."""

from __future__ import annotations

from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from notionfs.cli.exits import MEANINGS
from notionfs.config import KEYS, TOKEN_KEYS, Settings

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "command-line.md"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text()


@pytest.mark.parametrize("key", [*KEYS, *TOKEN_KEYS])
def test_every_setting_is_on_the_page(page, key):
    """A setting that nobody can find does not exist."""
    assert f"\n| `{key}` |" in page


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_defaults_are_told_as_they_are(page, field):
    """A plain default in the code is the one on the page."""
    if isinstance(field.default, bool | int | float):
        shown = str(field.default).lower().removesuffix(".0")
        assert f"\n| `{field.name}` | `{shown}` |" in page
    elif field.default is not MISSING and isinstance(field.default, str):
        assert any(f"\n| `{field.name}` | `{q}{field.default}{q}` |" in page for q in ('"', ""))


@pytest.mark.parametrize("code", MEANINGS)
def test_every_exit_code_is_on_the_page(page, code):
    """In the same words as in the help text."""
    assert f"\n| {int(code)} | {MEANINGS[code]} |" in page
