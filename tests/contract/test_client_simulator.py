"""The real client against the simulated Notion, through the whole path."""

import random
from collections.abc import AsyncIterator

import pytest
import trio
from trio.testing import MockClock

from notionfs.api.client import Client
from notionfs.api.pacing import Pace, Priority
from notionfs.api.wire import asgi_transport
from notionfs.errors import (
    CursorExpired,
    EditMissed,
    Refused,
    RemoteMissing,
    ServerTrouble,
    Unauthorized,
    Unreachable,
)
from notionfs.model import (
    BlockId,
    DatabaseId,
    DataSource,
    DataSourceId,
    Page,
    PageId,
    Parent,
    ParentType,
)
from notionfs.simulator import Simulator


@pytest.fixture
def sim() -> Simulator:
    return Simulator(token="t")


@pytest.fixture
async def client(sim: Simulator) -> AsyncIterator[Client]:
    async with Client("t", transport=asgi_transport(sim.app), pace=Pace(None)) as client:
        yield client


def under(page_id: str) -> Parent:
    return Parent(ParentType.PAGE, page_id)


def titled(title: str) -> dict[str, object]:
    return {"title": {"title": [{"text": {"content": title}}]}}


async def collect_search(client: Client, **wanted: object) -> list[Page | DataSource]:
    found: list[Page | DataSource] = []
    cursor: str | None = None
    while True:
        part = await client.search(cursor=cursor, **wanted)  # type: ignore[arg-type]
        found += part.results
        cursor = part.next_cursor
        if cursor is None:
            return found


# --- reading --------------------------------------------------------------------------------------


async def test_the_token_names_its_workspace(client: Client) -> None:
    """The mount's first call: who am I, and what is the workspace called."""
    me = await client.fetch_me()
    assert me.workspace_id
    assert me.workspace_name


async def test_a_tree_of_250_pages_takes_three_searches(sim: Simulator, client: Client) -> None:
    """A hundred things a call, each once, newest first."""
    ids = {sim.add_page(f"Page {number}") for number in range(250)}
    sim.reset_counts()

    found = await collect_search(client)

    assert {page.id for page in found} == ids
    assert len(found) == 250
    assert sim.count() == client.calls.total() == 3
    times = [page.last_edited for page in found]
    assert times == sorted(times, reverse=True)


async def test_a_database_is_found_with_its_sources_and_rows(
    sim: Simulator, client: Client
) -> None:
    """From search to schema to rows: every id leads to the next."""
    sources = {
        "Active": {"Name": "title", "Done": "checkbox"},
        "Archived": {"Name": "title"},
    }
    database_id, source_ids = sim.add_database("Projects", sources=sources)
    row = sim.add_page("Alpha", parent=source_ids[0], properties={"Done": True})

    database = await client.fetch_database(DatabaseId(database_id))
    assert database.title == "Projects"
    assert [ref.id for ref in database.sources] == source_ids
    assert [ref.name for ref in database.sources] == ["Active", "Archived"]

    source = await client.fetch_data_source(database.sources[0].id)
    assert source.database_id == database_id
    assert {(column.name, column.type) for column in source.schema} == {
        ("Name", "title"),
        ("Done", "checkbox"),
    }

    rows = await client.query(source.id)
    assert [page.id for page in rows.results] == [row]
    assert rows.results[0].title == "Alpha"
    assert rows.results[0].parent == Parent(
        ParentType.DATA_SOURCE, source.id, DatabaseId(database_id)
    )
    found = await collect_search(client, kind="data_source")
    assert {each.id for each in found} == set(source_ids)


async def test_rows_come_oldest_first_and_from_a_moment_on(sim: Simulator, client: Client) -> None:
    """So that a table of more than 10,000 rows can be read in windows."""
    _, (source_id,) = sim.add_database("Log", sources={"Log": {"Name": "title"}})
    for day in (3, 1, 2):
        sim.add_page(f"Day {day}", parent=source_id, created=f"2026-01-0{day}T00:00:00.000Z")

    rows = await client.query(DataSourceId(source_id))
    assert [page.title for page in rows.results] == ["Day 1", "Day 2", "Day 3"]
    later = await client.query(DataSourceId(source_id), created_from="2026-01-02T00:00:00Z")
    assert [page.title for page in later.results] == ["Day 2", "Day 3"]
    assert not rows.incomplete


async def test_children_and_their_parents_lead_to_each_other(
    sim: Simulator, client: Client
) -> None:
    """A root lists its child pages, and a page's block knows where it hangs."""
    root = sim.add_page("Root", markdown="Some text.\n")
    child = sim.add_page("Child", parent=root)

    pages, cursor = await client.fetch_child_pages(root)

    assert [(page.id, page.title) for page in pages] == [(child, "Child")]
    assert pages[0].created
    assert cursor is None
    assert await client.fetch_block_parent(BlockId(child)) == under(root)


async def test_a_long_relation_comes_whole(sim: Simulator, client: Client) -> None:
    """A page shows 25 of them; the property endpoint has the rest."""
    _, (target,) = sim.add_database("Tasks", sources={"Tasks": {"Name": "title"}})
    tasks = [sim.add_page(f"Task {number}", parent=target) for number in range(60)]
    relation = {"relation": {"data_source_id": target, "single_property": {}}}
    schema = {"Projects": {"Name": "title", "Tasks": relation}}
    _, (source,) = sim.add_database("Projects", sources=schema)
    row = sim.add_page("Alpha", parent=source, properties={"Tasks": tasks})
    columns = (await client.fetch_data_source(DataSourceId(source))).schema
    column = next(each for each in columns if each.name == "Tasks")

    entries = await client.fetch_entries(PageId(row), column.id)
    assert [entry["id"] for entry in entries] == tasks


async def test_what_is_in_the_trash_is_found_there(sim: Simulator, client: Client) -> None:
    """A direct read says so, and the trash can be searched."""
    page_id = PageId(sim.add_page("Old"))
    sim.add_page("New")
    sim.trash(page_id)

    assert (await client.fetch_page(page_id)).in_trash
    assert [page.id for page in await collect_search(client, in_trash=True)] == [page_id]


async def test_an_unshared_page_is_missing(sim: Simulator, client: Client) -> None:
    """404, whatever the reason."""
    page_id = PageId(sim.add_page("Secret"))
    sim.unshare(page_id)
    with pytest.raises(RemoteMissing) as caught:
        await client.fetch_page(page_id)
    assert caught.value.code == "object_not_found"
    assert caught.value.request_id


async def test_a_wrong_token_is_unauthorized(sim: Simulator) -> None:
    """And the token is not in the message."""
    async with Client("wrong-token", transport=asgi_transport(sim.app)) as client:
        with pytest.raises(Unauthorized) as caught:
            await client.fetch_me()
    assert "wrong-token" not in str(caught.value)


async def test_an_unknown_cursor_means_starting_again(sim: Simulator, client: Client) -> None:
    """Cursors die in the middle of long listings."""
    sim.add_page("Page")
    with pytest.raises(CursorExpired):
        await client.search(cursor="s:1:2")


# --- writing --------------------------------------------------------------------------------------


async def test_a_page_is_created_with_its_text_in_one_call(sim: Simulator, client: Client) -> None:
    """Title from the properties, text as it stands."""
    root = sim.add_page("Root")
    sim.reset_counts()
    page = await client.create_page(under(root), titled("New"), "# Heading\n\nText.\n")
    assert (page.title, page.parent) == ("New", under(root))
    assert sim.count() == 1
    assert (await client.fetch_body(page.id)).markdown.strip() == "# Heading\n\nText."


async def test_text_is_edited_appended_and_replaced(sim: Simulator, client: Client) -> None:
    """Each answer is the whole new text."""
    page_id = PageId(sim.add_page("Page", markdown="One.\n\nTwo.\n\nThree.\n"))

    edited = await client.edit_body(page_id, [("Two", "Zwei"), ("Three", "Drei")])
    assert edited.markdown.split() == ["One.", "Zwei.", "Drei."]
    appended = await client.append_body(page_id, "Four.")
    assert appended.markdown.split() == ["One.", "Zwei.", "Drei.", "Four."]
    replaced = await client.replace_body(page_id, "All new.")
    assert replaced.markdown.split() == ["All", "new."]
    assert (await client.fetch_body(page_id)).markdown == replaced.markdown


@pytest.mark.parametrize("old", ["absent", "twice"])
async def test_an_edit_that_finds_no_single_place_changes_nothing(
    sim: Simulator, client: Client, old: str
) -> None:
    """The guard that stands in for a revision number."""
    page_id = PageId(sim.add_page("Page", markdown="First.\n\nTwice.\n\nOnce twice twice.\n"))
    before = sim.markdown(page_id)
    with pytest.raises(EditMissed):
        await client.edit_body(page_id, [("First", "1st"), (old, "x")])
    assert sim.markdown(page_id) == before


async def test_text_without_its_child_page_is_refused(sim: Simulator, client: Client) -> None:
    """And not as an edit that missed: reading again would not help."""
    root = PageId(sim.add_page("Root", markdown="Text.\n"))
    child = PageId(sim.add_page("Child", parent=root))
    with pytest.raises(Refused) as caught:
        await client.replace_body(root, "Gone.")
    assert type(caught.value) is Refused
    assert not (await client.fetch_page(child)).in_trash


async def test_properties_trash_and_parent_are_changed(sim: Simulator, client: Client) -> None:
    """Each answer is the page as it is now."""
    one, two = (sim.add_page(name) for name in ("One", "Two"))
    page_id = PageId(sim.add_page("Page", parent=one))

    assert (await client.update_page(page_id, properties=titled("Renamed"))).title == "Renamed"
    assert (await client.move_page(page_id, under(two))).parent == under(two)
    assert (await client.update_page(page_id, in_trash=True)).in_trash
    assert not (await client.update_page(page_id, in_trash=False)).in_trash


# --- faults ---------------------------------------------------------------------------------------


async def test_a_read_survives_a_bad_minute(
    sim: Simulator, client: Client, autojump_clock: MockClock
) -> None:
    """A full window, a dropped connection, a proxy's page and half an answer, one after another."""
    page_id = PageId(sim.add_page("Page"))
    sim.fail_next(operation="get_page", status=429, retry_after=20)
    sim.fail_next(operation="get_page", drop=True)
    sim.fail_next(operation="get_page", html=True)
    sim.fail_next(operation="get_page", truncate=True)
    started = trio.current_time()

    assert (await client.fetch_page(page_id)).title == "Page"

    assert trio.current_time() - started >= 20
    assert sim.count("get_page") == 5


@pytest.mark.parametrize("status", [429, 529])
async def test_a_create_is_made_once_after_a_full_window(
    sim: Simulator, client: Client, autojump_clock: MockClock, status: int
) -> None:
    """Waiting and going again does not make two pages."""
    root = sim.add_page("Root")
    sim.fail_next(operation="create_page", status=status, retry_after=5)
    await client.create_page(under(root), titled("New"), None)
    assert len((await client.fetch_child_pages(root))[0]) == 1
    assert sim.count("create_page") == 2


@pytest.mark.parametrize("fault", [{"drop": True}, {"html": True}, {"truncate": True}])
async def test_a_create_whose_answer_is_lost_is_in_doubt(
    sim: Simulator, client: Client, fault: dict[str, bool]
) -> None:
    """The page exists, the client cannot know, and it neither hides that nor tries again."""
    root = sim.add_page("Root")
    sim.fail_next(operation="create_page", after_applying=True, **fault)
    with pytest.raises(Unreachable) as caught:
        await client.create_page(under(root), titled("New"), None)
    assert caught.value.maybe_applied
    assert sim.count("create_page") == 1
    assert len((await client.fetch_child_pages(root))[0]) == 1


async def test_a_committed_create_names_its_page(sim: Simulator, client: Client) -> None:
    """A 503 can carry the id of what exists now."""
    root = sim.add_page("Root")
    sim.fail_next(operation="create_page", status=503, after_applying=True)
    with pytest.raises(ServerTrouble) as caught:
        await client.create_page(under(root), titled("New"), None)
    (child,) = (await client.fetch_child_pages(root))[0]
    assert caught.value.committed_id == child.id


async def test_a_hanging_server_does_not_hold_the_caller(
    sim: Simulator, client: Client, autojump_clock: MockClock
) -> None:
    """A deadline around the call ends it, and the next call works."""
    page_id = PageId(sim.add_page("Page"))
    sim.fail_next(operation="get_page", hang=True)
    with trio.move_on_after(3) as scope:
        await client.fetch_page(page_id)
    assert scope.cancelled_caught
    assert (await client.fetch_page(page_id)).id == page_id


# --- the pace, proved -----------------------------------------------------------------------------


async def test_a_strict_server_never_answers_429(autojump_clock: MockClock) -> None:
    """Thirty minutes of mixed load against 180 requests in fixed windows, in real exchanges."""
    sim = Simulator(token="t", clock=lambda: 1_760_000_000 + trio.current_time(), rate_limit=180)
    page_id = PageId(sim.add_page("Page"))
    waits: list[float] = []
    sim.reset_counts()

    async with Client("t", transport=asgi_transport(sim.app)) as client:

        async def load(priority: Priority, rate: float) -> None:
            chance = random.Random(priority)
            view = client.at(priority)
            while True:
                await trio.sleep(chance.expovariate(rate))
                started = trio.current_time()
                await view.fetch_page(page_id)
                if priority is Priority.PROMPT:
                    waits.append(trio.current_time() - started)

        await client.fetch_page(page_id)  # opens the server's first window
        await trio.sleep(23.5)
        with trio.move_on_after(30 * 60):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(load, Priority.PROMPT, 0.5)
                nursery.start_soon(load, Priority.UPLOAD, 0.1)
                nursery.start_soon(load, Priority.REFRESH, 0.5)
                for _ in range(4):
                    nursery.start_soon(load, Priority.FILL, 3)

    assert {request.status for request in sim.requests} == {200}
    assert client.calls.total() >= 30 * 180 * 0.9
    assert sorted(waits)[int(len(waits) * 0.95)] < 1
