"""What `status --json` says: complete, versioned, and with a way out of every trouble."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import trio
import trio.testing

from notionfs.config import Prefetch
from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from notionfs.store.outbox import Action
from tests.desk import Desk, open_desk

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "reference" / "status.schema.json").read_text()
)
WIKI = "acme/wiki.md"
ALPHA = "acme/projects/project-alpha.md"


def check(facts: Any) -> None:
    """The answer is what the published schema says, and has nothing that it does not know."""
    actions = SCHEMA["properties"]["queue"]["items"]["properties"]["action"]["enum"]
    assert actions == [action.value for action in Action]
    jsonschema.validate(json.loads(json.dumps(facts)), SCHEMA)
    assert set(facts) == set(SCHEMA["properties"])
    for key in ("queue", "uploads", "conflicts", "errors", "notes"):
        for entry in facts[key]:
            assert set(entry) == set(SCHEMA["properties"][key]["items"]["properties"])


async def test_the_answer_is_what_the_schema_says(desk: Desk) -> None:
    """Quiet, with a queue, and with a refused text."""
    check(await desk.ask("status"))
    await desk.edit(WIKI, "Last paragraph.", "Changed.")
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, "---\nStatus: Nonsense\n---\n\nText.\n")
    facts = await desk.ask("status")
    check(facts)
    assert facts["schema"] == 1
    assert [entry["path"] for entry in facts["queue"]] == [WIKI]
    [error] = facts["errors"]
    assert error["path"] == ALPHA
    assert f"notionfs discard {ALPHA}" in error["remedy"]
    assert error["commands"] == ["retry", "discard"]
    assert facts["store_bytes"] > 10_000


async def test_a_conflict_has_a_remedy(desk: Desk, autojump_clock: trio.testing.MockClock) -> None:
    """It names the file that shows Notion's text."""
    await desk.read(WIKI)
    page_id = desk.page_id(WIKI)
    assert page_id is not None
    desk.sim.replace_text(page_id, "First paragraph.", "Theirs.")
    await desk.edit(WIKI, "First paragraph.", "Ours.")
    await desk.sent()
    facts = await desk.ask("status")
    check(facts)
    [conflict] = facts["conflicts"]
    assert "acme/wiki.remote.md" in conflict["remedy"]
    assert f"notionfs resolve --mine {WIKI}" in conflict["remedy"]
    assert "resolve" not in conflict["reason"]  # what to do is said once


async def test_troubles_have_an_age(
    sim: Simulator, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """Since the first refusal, whatever was tried since; a restart forgets nothing."""
    async with open_desk(sim, tmp_path) as desk:
        with pytest.raises(InvalidPageFile):
            await desk.write(ALPHA, "---\nStatus: Nonsense\n---\n\nText.\n")
        await trio.sleep(100)
        with pytest.raises(InvalidPageFile):
            await desk.write(ALPHA, "---\nStatus: Nonsense, too\n---\n\nText.\n")
        [error] = (await desk.ask("status"))["errors"]
        assert error["age"] == pytest.approx(100, abs=5)
    async with open_desk(sim, tmp_path) as desk:
        [error] = (await desk.ask("status"))["errors"]
        assert error["age"] >= 100
        await desk.ask("discard", path=ALPHA)
        assert (await desk.ask("status"))["errors"] == []


async def test_a_refused_new_page_has_a_way_out_that_works(desk: Desk) -> None:
    """There is no text of Notion's to go back to: it is corrected or removed."""
    with pytest.raises(InvalidPageFile):
        await desk.write("acme/projects/new.md", "---\nStatus: Nonsense\n---\n\nText.\n")
    [error] = (await desk.ask("status"))["errors"]
    assert "rm gives it up" in error["remedy"]
    assert error["commands"] == ["retry"]


async def test_a_refused_new_page_that_was_removed_says_that_it_goes(
    desk: Desk, autojump_clock: trio.testing.MockClock
) -> None:
    """Until its time of grace ends, there is nothing else to do about it."""
    with pytest.raises(InvalidPageFile):
        await desk.write("acme/projects/new.md", "---\nStatus: Nonsense\n---\n\nText.\n")
    desk.rm("acme/projects/new.md")
    [error] = (await desk.ask("status"))["errors"]
    assert error["remedy"].startswith("It was removed")
    assert error["commands"] == []
    await trio.sleep(60)
    assert (await desk.ask("status"))["errors"] == []


async def test_offline_nobody_claims_to_have_refreshed(
    sim: Simulator, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """A look that gets no answer is none; the last one that did is told, after a restart too."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        await trio.sleep(1)
        last = (await desk.ask("status"))["last_refresh"]
        sim.fail_next(times=1000, drop=True)
        for _ in range(40):
            await trio.sleep(7)
            status = await desk.ask("status")
            assert status["online"] or not status["refreshing"]
        assert not status["online"]
        assert last <= status["last_refresh"] < status["offline_since"]
    async with open_desk(sim, tmp_path, refreshed=False) as desk:
        assert (await desk.ask("status"))["last_refresh"] == status["last_refresh"]


async def test_a_page_with_two_changes_is_named_once(desk: Desk) -> None:
    """What stays at an unmount is pages to a person, not rows."""
    await desk.append("acme/wiki/roadmap.md", "\nMore.\n")
    desk.mkdir("acme/projects/project-alpha")
    desk.mv("acme/wiki/roadmap.md", "acme/projects/project-alpha/roadmap.md")
    desk.sim.fail_next(times=50, drop=True)
    left = await desk.ask("drain", timeout=0)
    assert (left["queued"], left["paths"]) == (2, ["acme/projects/project-alpha/roadmap.md"])
    desk.sim.heal()


async def test_the_estimate_is_given_where_there_is_one(
    sim: Simulator, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    """Unread pages at nine tenths of the limit; nothing is said where nobody knows."""
    async with open_desk(sim, tmp_path / "off") as desk:
        facts = await desk.ask("status")
        assert (facts["unread"], facts["all_local_in"]) == (6, None)
    async with open_desk(sim, tmp_path / "slow", prefetch=Prefetch.ALL, rate_limit=10) as desk:
        facts = await desk.ask("status")
        assert facts["unread"] > 0
        assert facts["all_local_in"] == round(facts["unread"] * 60 / 9)
        await trio.sleep(600)
        assert (await desk.ask("status"))["all_local_in"] == 0.0
