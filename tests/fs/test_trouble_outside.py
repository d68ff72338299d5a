"""Networks come and go, laptops sleep, clocks jump: it recovers by itself and says since when."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import Unreachable
from notionfs.simulator import Simulator
from tests.desk import EPOCH, open_desk

WIKI = "acme/wiki.md"
ROADMAP = "acme/wiki/roadmap.md"
TROUBLES = {
    "captive portal": {"status": 200, "html": True},
    "portal that redirects": {"status": 302, "html": True},
    "gateway": {"status": 502, "html": True},
    "no route": {"drop": True},
    "answers cut short": {"truncate": True},
}


def notion_time() -> float:
    """Notion's own clock, which jumps with nobody else's."""
    try:
        return EPOCH + trio.current_time()
    except RuntimeError:  # before the test's own loop runs
        return EPOCH


@pytest.fixture
def sim() -> Simulator:
    sim = Simulator(clock=notion_time)
    wiki = sim.add_page("Wiki", parent="workspace", markdown="First paragraph.\n")
    sim.add_page("Roadmap", parent=wiki, markdown="Later.\n")
    return sim


def move_clock(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Turn this computer's clock; the time that passes is not touched."""
    monkeypatch.setattr("tests.desk.EPOCH", EPOCH + seconds)


@pytest.mark.parametrize("name", TROUBLES)
async def test_a_network_in_the_way_is_no_harm(
    name: str, sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Known pages are read, saves queue, nothing is taken for deleted, status says since when;
    and when Notion is there again everything goes on within a minute."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        text = await desk.read(WIKI)
        await trio.sleep(100)
        sim.fail_next(times=10_000, **TROUBLES[name])
        began = trio.current_time()
        await desk.append(WIKI, "\nWritten offline.\n")
        await trio.sleep(1800)
        status = await desk.ask("status")
        assert not status["online"]
        assert status["problem"]
        since = trio.current_time() - began
        assert since > 1700
        assert status["offline_since"] is not None
        assert len(status["queue"]) == 1
        assert (await desk.read(WIKI)).startswith(text[:50])
        assert await desk.ls("acme/wiki") == ["roadmap.md"]
        with pytest.raises(Unreachable):
            await desk.read(ROADMAP)
        sim.heal()
        await trio.sleep(61)
        status = await desk.ask("status")
        assert status["online"]
        assert status["offline_since"] is status["problem"] is None
        assert status["queue"] == []
        assert "Written offline." in sim.markdown(desk.page_id(WIKI))


async def test_a_name_that_cannot_be_resolved_is_being_offline(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No DNS: the sentence names the reason."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:

        async def unresolved(_self: object, request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)

        with monkeypatch.context() as patch:
            patch.setattr("notionfs.api.wire._AsgiTransport.handle_async_request", unresolved)
            await trio.sleep(300)
            status = await desk.ask("status")
            assert "Name or service not known" in status["problem"]
        await trio.sleep(61)
        assert (await desk.ask("status"))["online"]


async def test_the_first_answer_after_silence_starts_a_look(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """Somebody opens a page and it comes: nobody waits for the next poll to notice the rest."""
    async with open_desk(sim, tmp_path, poll=600.0) as desk:
        await trio.sleep(1)
        sim.fail_next(times=4, drop=True)
        with pytest.raises(Unreachable):
            await desk.read(ROADMAP)
        sim.edit_title(sim.find("Roadmap"), "Way Ahead")
        await desk.read(WIKI)
        await trio.sleep(1)
        assert "way-ahead.md" in await desk.ls("acme/wiki")


async def test_a_laptop_that_slept_looks_at_everything(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The clock jumped ahead by a night, while no time passed for timers."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        await trio.sleep(20)
        await desk.append(WIKI, "\nBefore sleep.\n")
        sim.trash(sim.find("Roadmap"))
        move_clock(monkeypatch, 8 * 3600)
        await trio.sleep(40)
        assert await desk.ls("acme/wiki") == []
        assert "Before sleep." in sim.markdown(desk.page_id(WIKI))


async def test_a_clock_that_was_turned_back_delays_no_save(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By a day: what was due in two seconds would be due tomorrow."""
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        await desk.append(WIKI, "\nJust saved.\n")
        roadmap = sim.find("Roadmap")
        desk.rm(ROADMAP)
        move_clock(monkeypatch, -86_400)
        await trio.sleep(40)
        assert "Just saved." in sim.markdown(desk.page_id(WIKI))
        assert sim.page(roadmap)["in_trash"]
        assert "turned back" in caplog.text


async def test_a_clock_that_was_turned_back_hides_no_edit(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Texts that seem to be from tomorrow are read again, also by the next mount."""
    move_clock(monkeypatch, 86_400)
    async with open_desk(sim, tmp_path) as desk:
        await desk.read(WIKI)
    move_clock(monkeypatch, 0)
    await trio.sleep(300)
    async with open_desk(sim, tmp_path, poll=30.0) as desk:
        await trio.sleep(1)
        sim.replace_text(desk.page_id(WIKI), "First paragraph.", "First remote.")
        await trio.sleep(100)
        assert "First remote." in await desk.read(WIKI)


async def test_what_waits_for_tomorrow_by_a_wrong_clock_is_sent_by_the_next_mount(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It was saved while the clock was wrong, and the mount ended before it was sent."""
    move_clock(monkeypatch, 86_400)
    async with open_desk(sim, tmp_path) as desk:
        await desk.append(WIKI, "\nFrom tomorrow.\n")
    move_clock(monkeypatch, 0)
    async with open_desk(sim, tmp_path) as desk:
        await trio.sleep(10)
        assert "From tomorrow." in sim.markdown(desk.page_id(WIKI))
