"""What Notion refuses: what waits, what is parked, and that every place says the same."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.simulator import Simulator
from tests.desk import Desk, open_desk

WIKI = "acme/wiki.md"
ALPHA = "acme/projects/project-alpha.md"


async def test_a_revoked_token_parks_nothing_and_waits_visibly(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Nothing is the text's fault: it stays queued, with the reason, and leaves by itself later."""
    token = desk.sim.token
    await desk.read(WIKI)
    desk.sim.revoke()
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.write("acme/wiki/new.md", "New.\n")
    await trio.sleep(600)
    status = await desk.ask("status")
    assert status["errors"] == status["conflicts"] == []
    assert {(c["path"], c["state"]) for c in status["queue"]} == {
        (WIKI, "queued"),
        ("acme/wiki/new.md", "queued"),
    }
    assert {c["reason"] for c in status["queue"]} == {status["problem"]}
    assert "token" in status["problem"]
    assert status["all_local_in"] in (None, 0.0)  # nothing is fetched meanwhile
    assert "Last words." in await desk.read(WIKI)
    desk.sim.tokens[token] = None
    await trio.sleep(600)
    assert "Last words." in desk.sim.markdown(str(desk.page_id(WIKI)))
    assert desk.page_id("acme/wiki/new.md") is not None
    status = await desk.ask("status")
    assert (status["queue"], status["problem"]) == ([], None)


async def test_a_revoked_token_survives_a_restart(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The queue is on disk; a new token takes it up."""
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(WIKI)
        token = sim.token
        sim.revoke()
        await desk.edit(WIKI, "Last paragraph.", "Last words.")
        await trio.sleep(60)
    sim.tokens[token] = None
    async with open_desk(sim, tmp_path) as desk:
        await desk.sent()
        assert "Last words." in sim.markdown(str(desk.page_id(WIKI)))


@pytest.mark.parametrize("status", [400, 403, 404])
async def test_status_error_file_and_log_say_the_same(
    desk: Desk, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    """One sentence, wherever a person looks."""
    page_id = str(desk.page_id(WIKI))
    await desk.read(WIKI)
    desk.sim.fail_next(operation="patch_markdown", status=status, times=2, path=page_id)
    with caplog.at_level(logging.WARNING):
        await desk.edit(WIKI, "Last paragraph.", "Last words.")
        await desk.sent()
    [error] = (await desk.ask("status"))["errors"]
    assert error["path"] == WIKI
    assert await desk.read(f"{WIKI}.error") == f"{error['reason']}\n"
    assert [r for r in caplog.records if error["reason"] in r.getMessage()]
    assert "Last words." in await desk.read(WIKI)


async def test_a_refused_part_does_not_repeat_the_one_that_landed(desk: Desk) -> None:
    """The property was accepted, the body refused: a retry sends the body alone."""
    text = await desk.read(ALPHA)
    page_id = str(desk.page_id(ALPHA))
    desk.sim.fail_next(operation="patch_markdown", status=403)
    await desk.write(ALPHA, text.replace("Points: 3", "Points: 4").replace("Content", "Words"))
    await desk.sent()
    assert desk.sim.page(page_id)["properties"]["Points"]["number"] == 4
    assert "Words here." not in desk.sim.markdown(page_id)
    desk.sim.reset_counts()
    await desk.ask("retry", path=ALPHA)
    assert desk.sim.count("update_page") == 0
    assert "Words here." in desk.sim.markdown(page_id)


# --- a schema that changes under a draft ----------------------------------------------------------


async def test_a_value_of_a_property_that_was_removed_waits_with_the_text(desk: Desk) -> None:
    """Neither is lost: nothing of the save is in Notion, all of it is here, and it says why."""
    text = await desk.read(ALPHA)
    page_id = str(desk.page_id(ALPHA))
    source = desk.sim.page(page_id)["parent"]["data_source_id"]
    await desk.write(ALPHA, text.replace("Points: 3", "Points: 4").replace("Content", "Words"))
    desk.sim.change_schema(source, {"Points": None})
    await desk.sent()
    assert "Points" in (desk.reason(ALPHA) or "")
    shown = await desk.read(ALPHA)
    assert "Points: 4" in shown
    assert "Words here." in shown
    assert "Content here." in desk.sim.markdown(page_id)
    await desk.write(ALPHA, "".join(shown.partition("Points: 4\n")[::2]))
    await desk.sent()
    assert "Words here." in desk.sim.markdown(page_id)
    assert desk.reason(ALPHA) is None


async def test_the_reason_stays_when_a_program_puts_the_earlier_text_back(desk: Desk) -> None:
    """vim undoes a save that fails, from its backup: the reason must not go with the text."""
    text = await desk.read(ALPHA)
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, text.replace("Points: 3", "Points: many"))
    await desk.write(ALPHA, text)
    assert "Points" in await desk.read(f"{ALPHA}.error")

    await desk.sent()
    assert "Points" in await desk.read(f"{ALPHA}.error")
    [trouble] = (await desk.ask("status"))["errors"]
    assert "corrected" in trouble["remedy"]

    await desk.write(ALPHA, text.replace("Points: 3", "Points: 4"))
    await desk.sent()
    assert "project-alpha.md.error" not in await desk.ls("acme/projects")


async def test_undoing_a_refused_text_later_is_a_correction(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Whoever takes the mistake back himself needs no reason any more."""
    text = await desk.read(ALPHA)
    with pytest.raises(InvalidPageFile):
        await desk.write(ALPHA, text.replace("Points: 3", "Points: many"))
    await trio.sleep(3)
    await desk.write(ALPHA, text)
    await desk.sent()
    assert "project-alpha.md.error" not in await desk.ls("acme/projects")


async def test_what_only_notion_can_change_is_named_by_its_line_in_the_file(desk: Desk) -> None:
    """Lines count from the top of the file, frontmatter and heading included."""
    placeholder = '<unknown url="https://app.notion.com/p/x" alt="button" />'
    text = (await desk.read(WIKI)).replace("- one", f"{placeholder}\n\n- one")
    with pytest.raises(InvalidPageFile) as refused:
        await desk.write(WIKI, text)
    line = text.split("\n").index(placeholder) + 1
    assert f"Line {line}: it stands for a block" in str(refused.value)
