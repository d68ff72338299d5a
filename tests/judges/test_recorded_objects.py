"""What real exchanges showed last can be taken into the simulator, and comes back equal.

`tests/simulator/test_recordings.py` plays the exchanges themselves again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from notionfs.simulator import Simulator
from notionfs.simulator.seeds.recorded import Seen, exchanges
from tests.simulator.conftest import client_of
from tests.simulator.replay import RECORDINGS, differences

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason="the recordings of real exchanges are not there (../shared/recordings)",
)

# Where an object is not as it was last recorded, and why.
EXPLAINED = {
    r"\.in_trash is False": "the workspace is loaded as if nobody had cleaned up after recording",
    r"\.has_children is True": "children were added after the block was last shown",
    r"pages  lacks archived": "one exchange was recorded at version 2025-09-03",
    r"\.has_more is False": "nobody recorded the rest of a relation with more than 25 pages",
    r"\.data_sources has 0 items": "a table was moved afterwards",
    r"\.data_sources\[\]\.name": "a table was renamed afterwards",
}


@pytest.fixture(scope="module")
def seen() -> Seen:
    seen = Seen()
    for exchange in exchanges(RECORDINGS):
        if exchange["status"] == 200 and isinstance(exchange["response"], dict):
            seen.look(exchange["response"])
    return seen


async def test_every_recorded_object_comes_back_equal(seen: Seen):
    """Each page, table, block, comment and user: the same keys, nulls and values."""
    sim = Simulator(clock=lambda: 1_782_000_000.0)
    sim.load_recordings(RECORDINGS)
    kinds: Mapping[str, Mapping[str, Any]] = {
        "pages": seen.pages,
        "data_sources": seen.data_sources,
        "databases": seen.databases,
        "blocks": seen.blocks,
        "comments": seen.comments,
        "users": seen.users,
    }
    assert sum(map(len, kinds.values())) > 400
    found: list[str] = []
    async with client_of(sim) as http:
        for kind, things in kinds.items():
            for thing_id, thing in things.items():
                shown = (await http.get(f"/v1/{kind}/{thing_id}")).json()
                found += [f"{kind} {line}" for line in differences(thing, shown)]
    real = [line for line in found if "request_id" not in line]
    assert not [line for line in real if not any(re.search(row, line) for row in EXPLAINED)]


def test_every_kind_of_block_and_value_was_seen(seen: Seen):
    """The comparison above is about many kinds of things."""
    values = [value for page in seen.pages.values() for value in page["properties"].values()]
    assert len({block["type"] for block in seen.blocks.values()}) >= 29
    assert len({value["type"] for value in values}) >= 20
