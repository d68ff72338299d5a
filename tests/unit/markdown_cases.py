"""Reads `tests/cases/*.md`: a heading titles a case, its fenced blocks are its texts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

CASES = Path(__file__).parent.parent / "cases"

_CASE = re.compile(r"^## (.+)\n((?:(?!^## )(?:.|\n))*)", re.MULTILINE)
_TEXT = re.compile(r"^`````(\w+)\n((?:(?!^`````)(?:.|\n))*?)\n?^`````$", re.MULTILINE)


def cases(name: str) -> list[Any]:
    """Return the cases of one file as pytest parameters: a mapping of texts each."""
    text = (CASES / f"{name}.md").read_text(encoding="utf-8")
    found = [
        pytest.param(dict(_TEXT.findall(body)), id=title) for title, body in _CASE.findall(text)
    ]
    assert found, f"no case in {name}.md"
    return found
