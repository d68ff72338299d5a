"""Rich text in requests: checked, completed, and neighbours of one style made one."""

from __future__ import annotations

from typing import Any

from notionfs.simulator.blocks import BlockError
from notionfs.simulator.errors import invalid
from notionfs.simulator.records import RichText
from notionfs.simulator.richtext import merge_runs, normalise


def checked_rich_text(value: Any, where: str) -> RichText:
    """Return requested rich text in response form; raises a validation error."""
    try:
        return merge_runs(normalise(value, where))
    except BlockError as exc:
        raise invalid(exc.message) from exc
