"""Objects made after Notion's documentation, taken into the simulator and shown again."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from notionfs.simulator import Simulator, richtext
from tests.simulator.replay import differences

from .schema import API

SAMPLES_FILE = API / "samples.json"
pytestmark = pytest.mark.skipif(
    not SAMPLES_FILE.is_file(),
    reason="the sample objects are not there (../shared/notion-api/samples.json)",
)
SAMPLES: dict[str, Any] = json.loads(SAMPLES_FILE.read_text()) if SAMPLES_FILE.is_file() else {}
ENDPOINTS = {
    "page": "pages",
    "data_source": "data_sources",
    "database": "databases",
    "block": "blocks",
    "user": "users",
    "comment": "comments",
}
NOT_JUDGED = {
    "_note",
    "samples_schema_map",
    "webhook_page_properties_updated",  # the simulator sends no webhooks: nothing could reach them
    "data_source_extra_property_configs",  # part of the test of the data source
}

# Where an object comes back differently, and why.
EXPLAINED = {
    r"(people\[\]|_by) has (avatar_url|name|person|type) too": (
        "samples show stubs of people; real answers show whole people in values"
    ),
    r"plain_text is .* instead of .*": "a mention shows the present name of what it mentions",
    r"^mention_\w+ \.href is NoneType": "an address is added when the text is shown",
    r"expiry_time": "an address is signed for an hour from now",
    r"properties has (Office|Run|Verification) too": "the sample row has more than its table",
    r"has_children is False": "the samples are single blocks; their children are not among them",
    r"^user_bot_internal \.bot lacks": "only the bot of the token is shown whole",
    r"workspace_limits\.max_file": "one workspace has one limit",
}


def unexplained(name: str, recorded: Any, shown: Any) -> list[str]:
    """Return what differs without a reason."""
    found = [f"{name} {line}" for line in differences(recorded, shown)]
    return [line for line in found if not any(re.search(row, line) for row in EXPLAINED)]


def objects() -> dict[str, dict[str, Any]]:
    """Return the samples that can be asked for by id."""
    named = {**SAMPLES, **{f"block {name}": one for name, one in SAMPLES["blocks"].items()}}
    return {
        name: one
        for name, one in named.items()
        if isinstance(one, dict) and one.get("object") in ENDPOINTS
    }


def workspace_of(samples: list[dict[str, Any]], directory: Path) -> Simulator:
    """Return a workspace that holds *samples*."""
    exchange = {
        "method": "GET",
        "path": "/v1/samples",
        "request": None,
        "status": 200,
        "response": {"results": samples},
    }
    (directory / "samples.jsonl").write_text(json.dumps(exchange))
    sim = Simulator(clock=lambda: 1_788_500_000.0)
    sim.load_recordings(directory)
    return sim


def client_of(sim: Simulator) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(sim.app),
        base_url="https://api.notion.com/v1/",
        headers={"Authorization": "Bearer demo-token", "Notion-Version": "2026-03-11"},
    )


async def test_every_sample_object_comes_back(tmp_path: Path):
    """Pages, tables, people, comments and blocks of 40 types are kept and shown as they were."""
    samples = objects()
    sim = workspace_of(list(samples.values()), tmp_path)
    found: list[str] = []
    async with client_of(sim) as http:
        for name, sample in samples.items():
            answer = await http.get(f"{ENDPOINTS[sample['object']]}/{sample['id']}")
            shown = answer.json()
            assert answer.status_code == 200, (name, shown)
            found += unexplained(name, sample, shown)
    assert not [line for line in found if "request_id" not in line]


@pytest.mark.parametrize("name", SAMPLES.get("rich_text", {}))
def test_every_sample_of_text_survives_the_way_in(name: str):
    """What an answer shows may be sent back, and means the same."""
    sample = SAMPLES["rich_text"][name]
    assert not unexplained(name, sample, richtext.normalise([sample])[0])


@pytest.mark.parametrize("name", SAMPLES.get("data_source_extra_property_configs", {}))
async def test_unusual_properties_of_a_table_come_back(name: str, tmp_path: Path):
    """Buttons, places and verifications, which no request can make."""
    config = SAMPLES["data_source_extra_property_configs"][name]
    source = SAMPLES["data_source"]
    source = {**source, "properties": {**source["properties"], name: config}}
    sim = workspace_of([SAMPLES["database"], source], tmp_path)
    async with client_of(sim) as http:
        shown = (await http.get(f"data_sources/{source['id']}")).json()
    assert shown["properties"][name] == config


def shape(value: Any) -> Any:
    """Return the keys of an object and the kinds of its values."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return value if value is None or isinstance(value, bool) else type(value).__name__


OTHER = ("additional_data", "results", "request_id")  # as the occasion gives them


def alike(sample: Any, shown: Any) -> bool:
    """Say whether an answer has the keys and kinds of its sample."""
    parts = [{k: shape(v) for k, v in one.items() if k not in OTHER} for one in (sample, shown)]
    return parts[0] == parts[1]


async def test_envelopes_have_the_keys_of_their_samples():
    """Lists, errors, tasks, markdown, uploads and property items."""
    sim = Simulator()
    home = sim.add_page("Home", markdown="a\n\nb\n\nc")
    others = [sim.add_page(f"Row {number}", parent=home) for number in range(2)]
    _, (source,) = sim.add_database("Table", sources={"Table": {"N": "number"}})
    sim.change_schema(source, {"Links": {"relation": source}})
    row = sim.add_page("Row", parent=source, properties={"N": 8})
    sim.edit_property(row, "Links", [row])
    answers: dict[str, Any] = {}
    async with client_of(sim) as http:

        async def ask(name: str, method: str, path: str, body: Any = None) -> None:
            answers[name] = (await http.request(method, path, json=body)).json()

        values = (await http.get(f"pages/{row}")).json()["properties"]
        await ask("list_block_children", "GET", f"blocks/{home}/children?page_size=1")
        await ask("list_query", "POST", f"data_sources/{source}/query", {})
        sim.limits.query_results = 0
        await ask("list_query_capped", "POST", f"data_sources/{source}/query", {})
        await ask("property_item_number", "GET", f"pages/{row}/properties/{values['N']['id']}")
        links = values["Links"]["id"]
        await ask("property_item_list_relation", "GET", f"pages/{row}/properties/{links}")
        await ask("page_markdown", "GET", f"pages/{home}/markdown")
        change = {"type": "insert_content", "insert_content": {"content": "d"}}
        change["allow_async"] = True
        await ask("async_task_queued", "PATCH", f"pages/{home}/markdown", change)
        upload = {"filename": "a.txt", "content_type": "text/plain"}
        await ask("file_upload_pending", "POST", "file_uploads", upload)
        await ask("error_404", "GET", "pages/00000000-0000-4000-8000-000000000000")
        await ask("error_400", "POST", "pages", {"parent": {"page_id": home}, "no": 1})
        sim.fail_next(status=429, retry_after=12)
        await ask("error_429", "GET", "users/me")
        sim.fail_next(status=503, after_applying=True)
        await ask("error_503_committed", "POST", "pages", {"parent": {"page_id": others[0]}})
    differ = {
        name: (shape(SAMPLES[name]), shape(answer))
        for name, answer in answers.items()
        if not alike(SAMPLES[name], answer)
    }
    assert not differ
    limited, committed = answers["error_429"], answers["error_503_committed"]
    assert limited["additional_data"].keys() == SAMPLES["error_429"]["additional_data"].keys()
    sample = SAMPLES["error_503_committed"]["additional_data"]
    assert {"retry_guidance", "committed_resource_id"} <= committed["additional_data"].keys()
    assert committed["additional_data"].keys() <= sample.keys()
    judged = {*answers, *objects(), "rich_text", "blocks"}
    assert {name for name in SAMPLES if name not in judged} == NOT_JUDGED
