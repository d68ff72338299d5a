"""Real exchanges as judges: every recorded request is played again, every answer compared.

The comparison is stricter than shapes: after ids are translated, answers must have the same keys,
the same nulls and the same values; only what cannot be equal (ids, times, cursors, addresses) is
excused.
"""

from __future__ import annotations

import msgspec
import pytest

from notionfs.simulator import Simulator
from notionfs.simulator.records import Records

from .conftest import client_of
from .replay import RECORDINGS, Translation, differences, fresh, latest, loaded, scenario

pytestmark = pytest.mark.skipif(
    not RECORDINGS.is_dir(),
    reason="the recordings of real exchanges are not there (../shared/recordings)",
)

# Where a recorded answer cannot be met, and why.
EXPLAINED = {
    # Two bots were given the same id when the recordings were made anonymous.
    "/v1/users?page_size=100",
    # What a search finds depends on a workspace nobody recorded; its objects appear elsewhere too.
    "/v1/search",
}


@pytest.fixture(scope="module")
def encoded() -> bytes:
    return loaded()


SCENARIOS = sorted(RECORDINGS.glob("*.jsonl")) if RECORDINGS.is_dir() else []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
async def test_a_recorded_scenario_plays_again(path, encoded: bytes) -> None:
    """Every recorded request is accepted or refused as it was, and answered alike."""
    sim = fresh(encoded)
    known = Translation(sim)
    found: list[str] = []
    now = 0.0
    async with client_of(sim) as http:
        for exchange in scenario(path):
            now = max(now, latest(exchange["response"]))
            if now:
                sim.clock.set(now)
            answer = await http.request(
                exchange["method"],
                known.path(exchange["path"]),
                json=known.request(exchange["request"]),
                headers={"Notion-Version": exchange["version"]},
            )
            place = f"{exchange['method']} {exchange['path']}"
            assert answer.status_code == exchange["status"], f"{place}: {answer.text}"
            if exchange["path"] in EXPLAINED:
                continue
            known.learn(exchange["response"], answer.json())
            recorded = known.request(exchange["response"])
            found += [f"{place}: {line}" for line in differences(recorded, answer.json())]
    assert not found


def test_recorded_objects_survive_being_kept(encoded: bytes) -> None:
    """What the recordings show can be written to a file and read back without loss."""
    records = msgspec.json.decode(encoded, type=Records)
    assert msgspec.json.encode(records) == encoded


def test_every_recorded_page_can_be_read_as_markdown(encoded: bytes) -> None:
    """A mount of the recordings can list and read all of them, in both dialects."""
    sim: Simulator = fresh(encoded)
    assert len(sim.workspace.pages) > 100
    for page_id in list(sim.workspace.pages):
        for version in ("v1", "v2"):
            assert isinstance(sim.markdown(page_id, version=version), str)
