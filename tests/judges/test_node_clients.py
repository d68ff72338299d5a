"""Programs from npm use the simulator: Notion's own client, and converters built on it."""

from __future__ import annotations

import pytest

from .served import Served
from .tools import needs_node, run_node


@needs_node("@notionhq/client")
@pytest.mark.parametrize("version", ["2025-09-03", "2026-03-11"])
def test_the_official_client_walks_the_main_paths(served: Served, version: str):
    """Ten chapters: people, search, blocks, tables, pages, markdown, comments, files, views."""
    steps = run_node("notionhq_client.mjs", served.url, version)
    assert len(steps) == 10
    assert len(served.refusals()) == 4  # those it asked for
    assert {one.version for one in served.exchanges} == {version}
