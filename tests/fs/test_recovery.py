"""Lost answers and crashes: nothing twice, nothing lost, nobody else's text touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from notionfs.errors import InvalidPageFile
from notionfs.model import Parent, ParentType
from notionfs.planning.states import DocState
from notionfs.simulator import Simulator
from notionfs.store.outbox import Action
from notionfs.store.store import Store
from tests.desk import Desk, open_desk, wall

NEW = "acme/projects/New Idea.md"
WIKI = "acme/wiki.md"
ALPHA = "acme/projects/project-alpha.md"


def titles(sim: Simulator, path_parent: str) -> list[str]:
    """The titles of all live pages under a parent, in order."""
    return sorted(
        sim.title(page_id)
        for page_id, page in sim.workspace.pages.items()
        if page.parent.id == path_parent and not page.in_trash
    )


def parent_of(desk: Desk, path: str) -> str:
    """The data source or page that holds the page at *path*."""
    page = desk.sim.page(desk.page_id(path))
    return str(page["parent"].get("data_source_id") or page["parent"].get("page_id"))


# --- creates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True},
        {"status": 502, "html": True},
        {"status": 503},
        {"status": 504},
        {"truncate": True},
    ],
)
@pytest.mark.parametrize("arrived", [True, False])
async def test_a_create_without_an_answer_is_one_page(
    desk: Desk, autojump_clock: MockClock, fault: dict[str, object], arrived: bool
) -> None:
    """Whatever was lost, and whether or not it arrived: one page, and the file has it."""
    source = parent_of(desk, ALPHA)
    desk.sim.fail_next(operation="create_page", after_applying=arrived, **fault)
    await desk.write(NEW, "Just a *thought*.\n\n* one\n* two\n")
    await desk.sent()
    assert titles(desk.sim, source).count("New Idea") == 1
    assert "thought" in desk.sim.markdown(desk.page_id(NEW))
    assert await desk.read(NEW) == "Just a *thought*.\n\n* one\n* two\n"


async def test_doubt_outlives_a_failed_look(desk: Desk, autojump_clock: MockClock) -> None:
    """The answer is lost, then the search for the page fails too: still one page."""
    source = parent_of(desk, ALPHA)
    desk.sim.fail_next(operation="create_page", drop=True, after_applying=True)
    desk.sim.fail_next(operation="query", status=503, times=5)
    desk.sim.fail_next(operation="users_me", status=503, times=5)
    await desk.write(NEW, "Just a thought.\n")
    await desk.sent()
    assert desk.sim.count("create_page") == 1
    assert titles(desk.sim, source).count("New Idea") == 1


async def test_a_lagging_index_does_not_make_a_second_page(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """A query shows a new row only after a while: its absence means nothing before."""
    source = parent_of(desk, ALPHA)
    desk.sim.lag = 20
    desk.sim.fail_next(operation="create_page", drop=True, after_applying=True)
    await desk.write(NEW, "Just a thought.\n")
    await desk.sent()
    assert titles(desk.sim, source).count("New Idea") == 1


async def test_a_refresh_during_the_doubt_does_not_make_a_second_file(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The page shows up in a poll before its creation is known to have worked."""
    desk.sim.fail_next(operation="create_page", drop=True, after_applying=True)
    await desk.write(NEW, "Just a thought.\n")
    await trio.sleep(3)
    await desk.engine.refresher.poll()
    await desk.sent()
    await desk.engine.refresher.poll()
    names = [name for name in await desk.ls("acme/projects") if "idea" in name.lower()]
    assert names == ["New Idea.md"]
    assert desk.sim.count("create_page") == 1


async def test_a_file_that_a_refresh_made_gives_its_page_back(
    desk: Desk, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if the poll did not recognise the page: no second page, no second file."""
    desk.sim.fail_next(operation="create_page", drop=True, after_applying=True)
    await desk.write(NEW, "# New Idea\n\nJust a thought.\n")
    monkeypatch.setattr(desk.engine.placement, "is_expected_now", lambda: lambda page: False)
    await trio.sleep(3)
    await desk.engine.refresher.poll()
    await desk.sent()
    names = [name for name in await desk.ls("acme/projects") if "idea" in name.lower()]
    assert names == ["New Idea.md"]
    assert desk.sim.count("create_page") == 1


@pytest.mark.parametrize("hours", [-5, 5, 24 * 40])
async def test_a_clock_that_differs_from_notions_makes_no_second_page(
    desk: Desk, autojump_clock: MockClock, hours: int
) -> None:
    """The page is not as old as our clock says; Notion's answers say what time it is there."""
    source = parent_of(desk, ALPHA)
    desk.engine.context.now_ns = lambda: int((wall() + hours * 3600) * 1e9)
    desk.sim.fail_next(operation="create_page", drop=True, after_applying=True)
    await desk.write(NEW, "Just a thought.\n")
    await trio.sleep(3)
    await desk.sent()
    assert desk.sim.count("create_page") == 1
    assert titles(desk.sim, source).count("New Idea") == 1


async def test_a_page_with_another_text_is_not_taken_for_ours(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Same title, same parent, same token, same minute: but it is somebody else's page."""
    source = parent_of(desk, ALPHA)
    desk.sim.fail_next(operation="create_page", drop=True)
    await desk.write(NEW, "Just a thought.\n")
    await trio.sleep(2.1)
    other = await desk.client.create_page(
        Parent(ParentType.DATA_SOURCE, source),
        {"title": {"title": [{"text": {"content": "New Idea"}}]}},
        "Precious.",
    )
    await desk.sent()
    assert desk.page_id(NEW) != other.id
    assert desk.sim.markdown(other.id).strip() == "Precious."
    assert titles(desk.sim, source).count("New Idea") == 2


async def test_a_bad_text_during_the_doubt_creates_nothing_twice(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """The page is found, the bad text is parked on it, and the correction is an update."""
    source = parent_of(desk, ALPHA)
    desk.sim.fail_next(operation="create_page", drop=True, after_applying=True)
    await desk.write(NEW, "---\nPoints: 1\n---\n\nText.\n")
    await trio.sleep(2.5)
    with pytest.raises(InvalidPageFile):
        await desk.write(NEW, "---\nPoints: many\n---\n\nText.\n")
    await desk.sent()
    assert desk.reason(NEW) is not None
    await desk.write(NEW, "---\nPoints: 2\n---\n\nText.\n")
    await desk.sent()
    assert titles(desk.sim, source).count("New Idea") == 1
    assert desk.sim.page(desk.page_id(NEW))["properties"]["Points"]["number"] == 2


async def test_a_refusal_while_looking_keeps_the_doubt(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """A look that is forbidden for now says nothing about the page: it is not created again."""
    source = parent_of(desk, ALPHA)
    desk.sim.fail_next(operation="create_page", drop=True, after_applying=True)
    desk.sim.fail_next(operation="query", status=403, times=2)
    await desk.write(NEW, "Just a thought.\n")
    await desk.sent()
    assert titles(desk.sim, source).count("New Idea") == 1


async def test_a_crash_after_a_resave_leaves_one_change(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """The request on the wire and the save behind it are one page after the restart."""
    async with open_desk(sim, tmp_path) as desk:
        sim.fail_next(operation="create_page", hang=True, after_applying=True)
        await desk.write(NEW, "One.\n")
        await trio.sleep(3)
        await desk.write(NEW, "One.\n\nTwo.\n")
    async with open_desk(sim, tmp_path) as desk:
        await desk.sent()
        source = parent_of(desk, ALPHA)
        assert titles(sim, source).count("New Idea") == 1
        assert sim.markdown(desk.page_id(NEW)).split() == ["One.", "Two."]
        assert (await desk.read(NEW)).endswith("\n\nOne.\n\nTwo.\n")


async def test_a_removed_new_page_that_got_through_is_trashed(
    sim: Simulator, tmp_path: Path, autojump_clock: MockClock
) -> None:
    """`rm` while the create is on the wire, saved again meanwhile: no ghost, no crash."""
    async with open_desk(sim, tmp_path) as desk:
        sim.fail_next(operation="create_page", delay=20)
        await desk.write(NEW, "One.\n")
        await trio.sleep(3)
        await desk.write(NEW, "One.\n\nTwo.\n")
        desk.rm(NEW)
        await trio.sleep(60)
        await desk.sent()
        assert titles(sim, parent_of(desk, ALPHA)).count("New Idea") == 0
        await desk.edit(WIKI, "Last paragraph.", "The mount lives.")
        await desk.sent()
        assert "The mount lives." in sim.markdown(desk.page_id(WIKI))


# --- a crash at every request ---------------------------------------------------------------------


@pytest.mark.parametrize("applied", [True, False])
@pytest.mark.parametrize("skip", [0, 1])
@pytest.mark.parametrize(
    "operation", ["create_page", "update_page", "patch_markdown", "move_page", "get_markdown"]
)
async def test_a_crash_at_any_request_loses_and_repeats_nothing(
    sim: Simulator,
    tmp_path: Path,
    autojump_clock: MockClock,
    operation: str,
    skip: int,
    applied: bool,
) -> None:
    """The program dies with that request on the wire; the next start finishes everything, once."""
    async with open_desk(sim, tmp_path) as desk:
        wiki, roadmap = desk.page_id(WIKI), desk.page_id("acme/wiki/roadmap.md")
        beta = desk.page_id("acme/projects/project-beta.md")
        text = await desk.read(ALPHA)
        await desk.read(WIKI)
        sim.fail_next(operation=operation, skip=skip, hang=True, after_applying=applied, times=99)
        await desk.append(WIKI, "\n* Appended.\n")
        text = text.replace("Points: 3", "Points: 4").replace("Content here.", "Text here.")
        await desk.write(ALPHA, text)
        await desk.write(NEW, "New.\n")
        desk.mkdir("acme/wiki/design-notes")
        await desk.write("acme/wiki/design-notes/child.md", "Child.\n")
        desk.mv("acme/wiki/roadmap.md", "acme/wiki/design-notes/roadmap.md")
        desk.rm("acme/projects/project-beta.md")
        await trio.sleep(20)
    sim.heal()
    async with open_desk(sim, tmp_path) as desk:
        await desk.sent()
        assert desk.engine.store.outbox.list_changes() == []
        assert sim.markdown(wiki).count("Appended.") == 1
        row = sim.page(desk.page_id(ALPHA))
        assert row["properties"]["Points"]["number"] == 4
        assert "Text here." in sim.markdown(row["id"])
        assert titles(sim, row["parent"]["data_source_id"]).count("New Idea") == 1
        assert sim.markdown(desk.page_id(NEW)).strip() == "New."
        notes = desk.page_id("acme/wiki/design-notes.md")
        assert sorted(titles(sim, str(notes))) == ["Roadmap", "child"]
        assert sim.page(roadmap)["parent"]["page_id"] == notes
        assert sim.page(beta)["in_trash"]
        assert desk.engine.store.docs.list_explained() == []


# --- updates --------------------------------------------------------------------------------------


@pytest.mark.parametrize("arrived", [True, False])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Last paragraph.\n", "Last paragraph.\n\nAppended *once*.\n\n* and this\n"),
        ("First paragraph.", "First words."),
        ("- one\n- two\n", "- one\n"),
    ],
)
async def test_a_lost_answer_to_a_save_changes_nothing_twice(
    desk: Desk, autojump_clock: MockClock, arrived: bool, old: str, new: str
) -> None:
    """An appended paragraph stands once, an edit is made once, a removal removes one thing."""
    page_id = desk.page_id(WIKI)
    await desk.read(WIKI)
    desk.sim.fail_next(operation="patch_markdown", drop=True, after_applying=arrived)
    desk.sim.fail_next(operation="get_markdown", status=503, times=5)
    await desk.edit(WIKI, old, new)
    text = await desk.read(WIKI)
    await desk.sent()
    remote = desk.sim.markdown(page_id)
    assert remote.count("Appended") == new.count("Appended")
    assert remote.count("and this") == new.count("and this")
    assert remote.count("First words.") == new.count("First words.")
    assert ("two" in remote) is not (new == "- one\n")
    assert await desk.read(WIKI) == text


async def test_a_lost_answer_and_a_newer_save_send_only_the_rest(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """What arrived is not sent again because the user went on writing."""
    page_id = desk.page_id(WIKI)
    await desk.read(WIKI)
    desk.sim.fail_next(operation="patch_markdown", drop=True, after_applying=True)
    await desk.append(WIKI, "\n* Draft one\n")
    await trio.sleep(2.5)
    await desk.edit(WIKI, "* Draft one\n", "* Draft two\n")
    await desk.sent()
    assert "Draft two" in desk.sim.markdown(page_id)
    assert "Draft one" not in desk.sim.markdown(page_id)


async def test_a_lost_answer_beside_a_remote_change_keeps_both(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Ours had arrived, then somebody else wrote: nothing is doubled, nothing taken back."""
    page_id = desk.page_id(WIKI)
    await desk.read(WIKI)
    desk.sim.fail_next(operation="patch_markdown", drop=True, after_applying=True)
    await desk.append(WIKI, "\n* Ours\n")
    await trio.sleep(2.5)
    desk.sim.replace_text(page_id, "First paragraph.", "Theirs.")
    await desk.sent()
    remote = desk.sim.markdown(page_id)
    assert remote.count("Ours") == 1
    assert "Theirs." in remote
    assert "Theirs." in await desk.read(WIKI)


async def test_a_lost_property_change_is_no_conflict_with_itself(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Notion has the first attempt's value; the newer one is sent over it."""
    desk.sim.fail_next(operation="update_page", drop=True, after_applying=True)
    await desk.edit(ALPHA, "Points: 3", "Points: 4")
    await trio.sleep(2.5)
    await desk.edit(ALPHA, "Points: 4", "Points: 5")
    await desk.sent()
    assert desk.reason(ALPHA) is None
    assert desk.sim.page(desk.page_id(ALPHA))["properties"]["Points"]["number"] == 5


async def test_properties_that_arrived_are_not_repeated_with_the_body(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """Half of a save got through: only the other half is sent again."""
    text = await desk.read(ALPHA)
    desk.sim.reset_counts()
    desk.sim.fail_next(operation="patch_markdown", status=429, retry_after=5)
    desk.sim.fail_next(operation="patch_markdown", status=500)
    text = text.replace("Points: 3", "Points: 4").replace("Content", "Text")
    await desk.write(ALPHA, text)
    await desk.sent()
    assert desk.sim.count("update_page") == 1
    assert "Text here." in desk.sim.markdown(desk.page_id(ALPHA))


async def test_a_page_that_is_gone_after_a_lost_answer_keeps_its_text_here(
    desk: Desk, autojump_clock: MockClock
) -> None:
    """There is nothing left to find out: the text is parked with the reason."""
    await desk.read(WIKI)
    desk.sim.fail_next(operation="patch_markdown", drop=True)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await trio.sleep(2.5)
    desk.sim.unshare(desk.page_id(WIKI))
    await desk.sent()
    assert "Last words." in await desk.read(WIKI)
    assert "not shared" in (desk.reason(WIKI) or "")


async def test_a_collision_is_read_again_and_sent(desk: Desk, autojump_clock: MockClock) -> None:
    """409 means that Notion was busy with the page, not that the text is wrong."""
    desk.sim.fail_next(operation="patch_markdown", status=409)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.sent()
    assert "Last words." in desk.sim.markdown(desk.page_id(WIKI))
    assert desk.reason(WIKI) is None


# --- moves and the trash --------------------------------------------------------------------------


@pytest.mark.parametrize("arrived", [True, False])
async def test_a_lost_answer_to_a_move_moves_once(
    desk: Desk, autojump_clock: MockClock, arrived: bool
) -> None:
    page_id = desk.page_id("acme/wiki/roadmap.md")
    desk.mkdir("acme/wiki/design-notes")
    desk.sim.fail_next(operation="move_page", drop=True, after_applying=arrived)
    desk.mv("acme/wiki/roadmap.md", "acme/wiki/design-notes/roadmap.md")
    await desk.sent()
    assert desk.sim.page(page_id)["parent"]["page_id"] == desk.page_id("acme/wiki/design-notes.md")
    assert desk.sim.count("move_page") == (1 if arrived else 2)


async def test_a_refused_move_stands_in_nobodys_way(desk: Desk, autojump_clock: MockClock) -> None:
    """The file is again where the page is, says why, and can be saved."""
    desk.mkdir("acme/wiki/design-notes")
    desk.sim.fail_next(operation="move_page", status=400, message="No.")
    desk.mv("acme/wiki/roadmap.md", "acme/wiki/design-notes/roadmap.md")
    await desk.sent()
    assert desk.engine.store.outbox.list_changes() == []
    assert desk.reason("acme/wiki/roadmap.md") is not None
    await desk.edit("acme/wiki/roadmap.md", "Later.", "Sooner.")
    await desk.sent()
    assert "Sooner." in desk.sim.markdown(desk.page_id("acme/wiki/roadmap.md"))


async def test_a_page_moved_and_removed_is_trashed(desk: Desk, autojump_clock: MockClock) -> None:
    """The move does not wait for ever for a name that is gone."""
    page_id = desk.page_id("acme/wiki/roadmap.md")
    desk.mkdir("acme/wiki/design-notes")
    desk.mv("acme/wiki/roadmap.md", "acme/wiki/design-notes/roadmap.md")
    desk.rm("acme/wiki/design-notes/roadmap.md")
    await desk.sent()
    assert desk.sim.page(page_id)["in_trash"]


# --- bugs and full disks --------------------------------------------------------------------------


def failing(times: int, real: Callable[..., object], error: Exception) -> Callable[..., object]:
    """A function that raises *times* times before it does what *real* does."""
    left = [times]

    def call(*args: object, **kwargs: object) -> object:
        if left[0] > 0:
            left[0] -= 1
            raise error
        return real(*args, **kwargs)

    return call


async def test_a_bug_after_a_create_is_no_second_page(
    desk: Desk,
    autojump_clock: MockClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The answer came, and then we stumbled: the page is found again."""
    source = parent_of(desk, ALPHA)
    docs = desk.engine.store.docs
    monkeypatch.setattr(docs, "set_page", failing(1, docs.set_page, RuntimeError("bug")))
    await desk.write(NEW, "Just a thought.\n")
    await desk.sent()
    assert titles(desk.sim, source).count("New Idea") == 1
    assert desk.page_id(NEW) is not None
    assert "failed" in caplog.text


async def test_a_disk_that_is_full_when_the_answer_comes_loses_nothing(
    desk: Desk,
    autojump_clock: MockClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even the failure can be noted for a while; afterwards there is one page."""
    source = parent_of(desk, ALPHA)
    store = desk.engine.store
    error = sqlite3.OperationalError("disk I/O error")
    monkeypatch.setattr(store.outbox, "finish", failing(1, store.outbox.finish, error))
    monkeypatch.setattr(store.outbox, "put_back", failing(2, store.outbox.put_back, error))
    await desk.write(NEW, "Just a thought.\n")
    await trio.sleep(120)
    await desk.sent()
    assert titles(desk.sim, source).count("New Idea") == 1
    assert desk.engine.store.outbox.list_changes() == []


async def test_a_bug_in_a_refresh_does_not_end_the_mount(
    desk: Desk,
    autojump_clock: MockClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One page that cannot be taken in keeps neither the others nor the saves out."""
    bad = desk.page_id(ALPHA)
    placement = desk.engine.placement
    real = placement.place_page

    def place(page: object, old_title: str | None = None) -> int | None:
        if getattr(page, "id", None) == bad:
            raise RuntimeError("bug")
        return real(page, old_title)

    monkeypatch.setattr(placement, "place_page", place)
    desk.sim.edit_title(bad, "Moonshot")
    desk.sim.edit_title(desk.page_id("acme/wiki/roadmap.md"), "Way Ahead")
    await desk.engine.refresher.poll()
    assert "way-ahead.md" in await desk.ls("acme/wiki")
    assert "cannot be taken in" in caplog.text


async def test_a_queue_row_without_a_document_is_dropped(desk: Desk) -> None:
    """What nobody can explain is not worth a mount."""
    store = desk.engine.store
    with store.transaction():
        store.outbox.put(9999, Action.SAVE, now_ns=0, due_ns=0)
    await desk.edit(WIKI, "Last paragraph.", "Last words.")
    await desk.sent()
    assert store.outbox.list_changes() == []


def test_a_waiting_text_without_a_queue_row_gets_one(tmp_path: Path) -> None:
    """It cannot happen, and it would be a text that is silently never sent."""
    store = Store(tmp_path)
    with store.transaction():
        doc_id = store.docs.add(None, mtime_ns=0)
        store.docs.save_text(doc_id, b"text", mtime_ns=1, by_user=True)
        store._connection.db.execute("UPDATE docs SET state = ?", (DocState.DIRTY.value,))
    store.close()
    again = Store(tmp_path)
    assert [change.doc_id for change in again.outbox.list_changes()] == [doc_id]
    again.close()
