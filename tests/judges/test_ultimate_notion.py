"""PyPI `ultimate-notion` maps the simulator's answers to its own, strictly typed, objects."""

from __future__ import annotations

from .served import Served
from .tools import needs_python, run_python


@needs_python("ultimate_notion")
def test_a_strict_object_mapper_walks_the_main_paths(served: Served):
    """Users, search, every demo page and row, a new table, queries, blocks, trash."""
    steps = run_python("ultimate_paths.py", served.url)
    assert steps[-1] == "sub-pages"
    assert not served.refusals()
