"""What holds for every test: nothing that is logged may give a page or a token away."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from tests.canary import LISTENER


@pytest.fixture(autouse=True)
def canary() -> Iterator[None]:
    """Listen to all that the package logs, debug lines included."""
    logger = logging.getLogger("notionfs")
    level = logger.level
    LISTENER.lines.clear()
    logger.addHandler(LISTENER)
    logger.setLevel(logging.DEBUG)
    yield
    logger.setLevel(level)
    logger.removeHandler(LISTENER)
