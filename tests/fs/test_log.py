"""`notionfs log` tells what happened to a page, with request ids, and gives nothing away."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest
import trio.testing

from notionfs.cli.log import describe
from notionfs.errors import InvalidPageFile, NoSuchEntry
from notionfs.simulator import Simulator
from notionfs.sync import activity
from notionfs.sync.activity import ACTIVITY_NAME, Activity, Event
from tests import canary
from tests.desk import Desk, open_desk

WIKI = "acme/wiki.md"
ALPHA = "acme/projects/project-alpha.md"


async def log(desk: Desk, path: str | None = None, **more: object) -> list[Any]:
    arguments = more if path is None else {"path": path, **more}
    return list((await desk.ask("log", **arguments))["entries"])


async def events(desk: Desk, path: str | None = None) -> list[str]:
    return [entry["event"] for entry in await log(desk, path)]


async def test_the_way_of_a_save_is_told(
    desk: Desk, autojump_clock: trio.testing.MockClock
) -> None:
    """Read, saved, sent; what took requests has their ids; other pages are not in between."""
    await desk.edit(WIKI, "Last paragraph.", "Changed.")
    await desk.read("acme/wiki/roadmap.md")
    await desk.sent()
    entries = await log(desk, WIKI)
    assert [entry["event"] for entry in entries] == ["fetched", "saved", "sent"]
    assert all(entry["requests"] for entry in (entries[0], entries[2]))
    assert {entry["path"] for entry in entries} == {WIKI}
    assert {entry["page"] for entry in entries} == {desk.page_id(WIKI)}
    assert "sent      acme/wiki.md  [" in describe(entries[2])


async def test_a_first_tree_is_no_news_and_later_changes_are(desk: Desk) -> None:
    """Ten thousand lines would say nothing; a page that comes or goes does."""
    assert await log(desk) == []
    new = desk.sim.add_page("Newcomer", parent="workspace", markdown="Hello.\n")
    await desk.ask("sync")
    assert (await events(desk))[0] == "new"
    assert (await log(desk))[0]["path"] == "acme/newcomer.md"
    desk.sim.trash(new)
    await desk.ask("sync")
    assert (await events(desk))[-1] == "gone"


async def test_refusals_conflicts_and_merges_are_told(
    desk: Desk, autojump_clock: trio.testing.MockClock
) -> None:
    """Without a word of the page, although the reasons beside the files quote it."""
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, "---\nStatus: Nonsense\n---\n\nText.\n")
    refused = (await log(desk, ALPHA))[-1]
    assert refused["event"] == "refused"
    assert "Nonsense" in str(desk.reason(ALPHA))
    assert "Nonsense" not in json.dumps(refused)

    page_id = desk.page_id(WIKI)
    assert page_id is not None
    await desk.read(WIKI)
    desk.sim.replace_text(page_id, "First paragraph.", "Theirs.")
    await desk.edit(WIKI, "Last paragraph.", "Ours.")
    await desk.sent()
    assert (await events(desk, WIKI))[-2:] == ["merged", "sent"]

    await desk.ask("sync")
    await desk.read(WIKI)
    desk.sim.replace_text(page_id, "Theirs.", "Theirs again.")
    await desk.edit(WIKI, "Theirs.", "Ours again.")
    await desk.sent()
    assert (await events(desk, WIKI))[-1] == "conflict"


async def test_a_postponed_save_names_the_request(
    desk: Desk, autojump_clock: trio.testing.MockClock
) -> None:
    """Notion's support asks for its id."""
    await desk.read(WIKI)
    desk.sim.fail_next(status=503, times=1, operation="patch_markdown")
    await desk.edit(WIKI, "Last paragraph.", "Changed.")
    await desk.sent()
    told = await log(desk, WIKI)
    assert [entry["event"] for entry in told] == ["fetched", "saved", "postponed", "sent"]
    assert told[2]["requests"]
    assert told[2]["reason"]


async def test_a_directory_and_what_comes_after_a_number(desk: Desk) -> None:
    """So that a reader can follow."""
    await desk.read(WIKI)
    await desk.read(ALPHA)
    assert {entry["path"] for entry in await log(desk, "acme/projects")} == {ALPHA}
    answer = await desk.ask("log")
    assert await log(desk, after=answer["next"]) == []
    await desk.read("acme/wiki/roadmap.md")
    [entry] = await log(desk, after=answer["next"])
    assert entry["path"] == "acme/wiki/roadmap.md"
    with pytest.raises(NoSuchEntry):
        await log(desk, "acme/nowhere.md")


async def test_the_log_outlives_the_mount(sim: Simulator, tmp_path: Path) -> None:
    """Numbers go on; a line that a crash cut off is left out; only the owner can read it."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(WIKI)
    file = tmp_path / "store" / ACTIVITY_NAME
    assert file.stat().st_mode & 0o777 == 0o600
    with file.open("a") as stream:
        stream.write('{"n": 2, "event": "fetch\n')
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(ALPHA)
        assert [entry["n"] for entry in await log(desk)] == [1, 2]


def test_the_log_is_rotated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It never takes more than four files of that size."""
    monkeypatch.setattr(activity, "MAX_BYTES", 1000)
    kept = Activity(tmp_path, lambda: 0)
    for _ in range(200):
        kept.note(Event.FETCHED, doc_id=1)
    files = list(tmp_path.iterdir())
    assert len(files) == 4
    assert all(file.stat().st_size <= 1000 for file in files)
    numbers = [entry["n"] for entry in kept.read()]
    assert numbers == list(range(201 - len(numbers), 201))


async def test_the_canary_sings(sim: Simulator, tmp_path: Path) -> None:
    """A line of a page, or a token, in any log fails the test in which it was logged."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(WIKI)
        for said in ("it says First paragraph.", f"Bearer {sim.token}"):
            logging.getLogger("notionfs.somewhere").debug("%s", said)
            with pytest.raises(AssertionError, match="is in a log"):
                canary.check(sim, desk.engine.store)
            canary.LISTENER.lines.clear()
