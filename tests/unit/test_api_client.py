"""The client against a scripted server: what is sent, what is asked again, and what never is."""

import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import pytest
import trio
from trio.testing import MockClock

from notionfs.api.client import Client
from notionfs.api.exchange import MAX_THROTTLES, MAX_TROUBLES
from notionfs.api.pacing import Pace, Priority
from notionfs.api.wire import asgi_transport
from notionfs.errors import (
    BadAnswer,
    NotPermitted,
    RemoteError,
    RemoteMissing,
    ServerTrouble,
    Throttled,
    UnplannableEdit,
    Unreachable,
)
from notionfs.model import (
    WORKSPACE,
    BlockId,
    DatabaseId,
    DataSourceId,
    PageId,
    Parent,
    ParentType,
    Secret,
)

PAGE_ID = PageId("39a0bc1e-edcd-8142-936b-cca8ae692cc4")
SOURCE_ID = DataSourceId("5d2e0000-0000-4000-8000-000000000002")
TOKEN = "ntn_very_secret"

PAGE = {
    "object": "page",
    "id": PAGE_ID,
    "created_time": "2026-01-15T10:30:00.000Z",
    "last_edited_time": "2026-01-15T10:30:00.000Z",
    "properties": {},
}
BODY = {"object": "page_markdown", "id": PAGE_ID, "markdown": "Text.\n"}
EMPTY_LIST = {"object": "list", "results": [], "has_more": False, "next_cursor": None}
NOT_FOUND = {"object": "error", "status": 404, "code": "object_not_found", "message": "No."}


class Script:
    """An ASGI application that gives prepared answers in turn (the last one for ever)."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, dict[str, str]] | Exception] = []
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []

    def answer(self, content: Any, status: int = 200, **headers: str) -> None:
        self.answers.append((status, content, headers))

    def fail(self, status: int, **headers: str) -> None:
        complaint = {"object": "error", "status": status, "code": "trouble", "message": "Oh."}
        self.answer(complaint, status, **headers)

    def drop(self) -> None:
        self.answers.append(ConnectionResetError("dropped"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        sent = (await receive())["body"]
        query = dict(parse_qsl(scope["query_string"].decode()))
        body = json.loads(sent) if sent else None
        path = scope["raw_path"].decode().removeprefix("/v1/")
        self.requests.append((scope["method"], path, query, body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, content, headers = answer
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        names = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": names})
        await send({"type": "http.response.body", "body": raw})


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def client(script: Script) -> AsyncIterator[Client]:
    transport = asgi_transport(script)
    async with Client(Secret(TOKEN), transport=transport, pace=Pace(None)) as client:
        yield client


# --- what is sent ---------------------------------------------------------------------------------

Ask = Callable[[Client], Awaitable[object]]
UNDER_PAGE = Parent(ParentType.PAGE, PAGE_ID)
UNDER_SOURCE = Parent(ParentType.DATA_SOURCE, SOURCE_ID, DatabaseId("d"))
NEWEST_FIRST = {"timestamp": "last_edited_time", "direction": "descending"}
OLDEST_FIRST = [{"timestamp": "created_time", "direction": "ascending"}]
QUERY = f"data_sources/{SOURCE_ID}/query"
MARKDOWN = f"pages/{PAGE_ID}/markdown"


class Operation(NamedTuple):
    """A method of the client and the request it makes."""

    name: str
    ask: Ask
    answer: Any
    method: str
    path: str
    query: dict[str, str]
    body: Any


OPERATIONS = [
    Operation(
        "users_me",
        lambda c: c.fetch_me(),
        {"id": PAGE_ID},
        "GET",
        "users/me",
        {},
        None,
    ),
    Operation(
        "list_users",
        lambda c: c.fetch_users(),
        EMPTY_LIST,
        "GET",
        "users",
        {"page_size": "100"},
        None,
    ),
    Operation(
        "search",
        lambda c: c.search(),
        EMPTY_LIST,
        "POST",
        "search",
        {},
        {"page_size": 100, "sort": NEWEST_FIRST},
    ),
    Operation(
        "search",
        lambda c: c.search(cursor="c2", kind="page", in_trash=True),
        EMPTY_LIST,
        "POST",
        "search",
        {},
        {
            "page_size": 100,
            "sort": NEWEST_FIRST,
            "filter": {"property": "object", "value": "page", "in_trash": True},
            "start_cursor": "c2",
        },
    ),
    Operation(
        "query",
        lambda c: c.query(SOURCE_ID),
        EMPTY_LIST,
        "POST",
        QUERY,
        {},
        {"page_size": 100, "sorts": OLDEST_FIRST},
    ),
    Operation(
        "query",
        lambda c: c.query(SOURCE_ID, cursor="c2", created_from="2026-01-15T10:30:00Z"),
        EMPTY_LIST,
        "POST",
        QUERY,
        {},
        {
            "page_size": 100,
            "sorts": OLDEST_FIRST,
            "filter": {
                "timestamp": "created_time",
                "created_time": {"on_or_after": "2026-01-15T10:30:00Z"},
            },
            "start_cursor": "c2",
        },
    ),
    Operation(
        "get_page", lambda c: c.fetch_page(PAGE_ID), PAGE, "GET", f"pages/{PAGE_ID}", {}, None
    ),
    Operation(
        "get_block",
        lambda c: c.fetch_block_parent(BlockId(PAGE_ID)),
        {"object": "block", "id": PAGE_ID},
        "GET",
        f"blocks/{PAGE_ID}",
        {},
        None,
    ),
    Operation(
        "get_children",
        lambda c: c.fetch_child_pages(PAGE_ID, "c2"),
        EMPTY_LIST,
        "GET",
        f"blocks/{PAGE_ID}/children",
        {"page_size": "100", "start_cursor": "c2"},
        None,
    ),
    Operation(
        "property_item",
        lambda c: c.fetch_entries(PAGE_ID, "a%5Cb"),
        EMPTY_LIST,
        "GET",
        f"pages/{PAGE_ID}/properties/a%5Cb",
        {"page_size": "100"},
        None,
    ),
    Operation(
        "property_item",
        lambda c: c.fetch_entries(PAGE_ID, "../../users"),
        EMPTY_LIST,
        "GET",
        f"pages/{PAGE_ID}/properties/..%2F..%2Fusers",
        {"page_size": "100"},
        None,
    ),
    Operation(
        "get_markdown",
        lambda c: c.fetch_body(PAGE_ID),
        BODY,
        "GET",
        MARKDOWN,
        {"markdown_version": "v2"},
        None,
    ),
    Operation(
        "create_page",
        lambda c: c.create_page(UNDER_SOURCE, {"Name": {"title": []}}, "Text"),
        PAGE,
        "POST",
        "pages",
        {},
        {
            "parent": {"type": "data_source_id", "data_source_id": SOURCE_ID},
            "properties": {"Name": {"title": []}},
            "markdown": "Text",
            "markdown_version": "v2",
        },
    ),
    Operation(
        "create_page",
        lambda c: c.create_page(WORKSPACE, {}, None),
        PAGE,
        "POST",
        "pages",
        {},
        {"parent": {"type": "workspace", "workspace": True}, "properties": {}},
    ),
    Operation(
        "update_page",
        lambda c: c.update_page(PAGE_ID, properties={"Done": {"checkbox": True}}),
        PAGE,
        "PATCH",
        f"pages/{PAGE_ID}",
        {},
        {"properties": {"Done": {"checkbox": True}}},
    ),
    Operation(
        "update_page",
        lambda c: c.update_page(PAGE_ID, in_trash=False),
        PAGE,
        "PATCH",
        f"pages/{PAGE_ID}",
        {},
        {"in_trash": False},
    ),
    Operation(
        "move_page",
        lambda c: c.move_page(PAGE_ID, UNDER_PAGE),
        PAGE,
        "POST",
        f"pages/{PAGE_ID}/move",
        {},
        {"parent": {"type": "page_id", "page_id": PAGE_ID}},
    ),
    Operation(
        "patch_markdown",
        lambda c: c.edit_body(PAGE_ID, [("a", "b"), ("c", "")]),
        BODY,
        "PATCH",
        MARKDOWN,
        {},
        {
            "type": "update_content",
            "update_content": {
                "content_updates": [
                    {"old_str": "a", "new_str": "b"},
                    {"old_str": "c", "new_str": ""},
                ]
            },
            "markdown_version": "v2",
        },
    ),
    Operation(
        "patch_markdown",
        lambda c: c.append_body(PAGE_ID, "more"),
        BODY,
        "PATCH",
        MARKDOWN,
        {},
        {
            "type": "insert_content",
            "insert_content": {"content": "more", "position": {"type": "end"}},
            "markdown_version": "v2",
        },
    ),
    Operation(
        "patch_markdown",
        lambda c: c.replace_body(PAGE_ID, "all new"),
        BODY,
        "PATCH",
        MARKDOWN,
        {},
        {
            "type": "replace_content",
            "replace_content": {"new_str": "all new"},
            "markdown_version": "v2",
        },
    ),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_every_operation_is_one_exact_request(
    client: Client, script: Script, operation: Operation
) -> None:
    """One call, counted under its name, with nothing in it that was not asked for."""
    script.answer(operation.answer)
    await operation.ask(client)
    expected = (operation.method, operation.path, operation.query, operation.body)
    assert script.requests == [expected]
    assert client.calls == Counter({operation.name: 1})


async def test_no_request_ever_allows_deleting_children(client: Client, script: Script) -> None:
    """The guard of Notion's own stays on for every kind of text edit."""
    script.answer(BODY)
    await client.edit_body(PAGE_ID, [("a", "b")])
    await client.append_body(PAGE_ID, "c")
    await client.replace_body(PAGE_ID, "")
    assert "allow_deleting_content" not in json.dumps(script.requests)


@pytest.mark.parametrize(
    "parent", [WORKSPACE, Parent(ParentType.BLOCK, "b"), Parent(ParentType.DATABASE, "d")]
)
async def test_a_move_that_the_api_lacks_is_refused_before_anything_is_sent(
    client: Client, script: Script, parent: Parent
) -> None:
    """Pages move under pages and into data sources, nowhere else."""
    with pytest.raises(NotPermitted):
        await client.move_page(PAGE_ID, parent)
    assert not script.requests


@pytest.mark.parametrize("count", [0, 101])
async def test_edits_that_do_not_fit_one_request_are_refused(client: Client, count: int) -> None:
    """Half an edit would be worse than none."""
    with pytest.raises(UnplannableEdit):
        await client.edit_body(PAGE_ID, [("a", "b")] * count)


# --- asking again ---------------------------------------------------------------------------------


async def test_a_read_is_asked_again_after_trouble(
    client: Client, script: Script, autojump_clock: MockClock
) -> None:
    """5xx, a broken connection, HTML from a portal: a read gets over each of them."""
    script.fail(503)
    script.drop()
    script.answer(b"<html>sign in</html>")
    script.answer(PAGE)
    page = await client.fetch_page(PAGE_ID)
    assert page.id == PAGE_ID
    assert client.calls == Counter(get_page=4)


async def test_searches_and_queries_are_reads(
    client: Client, script: Script, autojump_clock: MockClock
) -> None:
    """They are POSTs, but asking twice is harmless."""
    script.fail(502)
    script.answer(EMPTY_LIST)
    await client.search()
    script.answers.clear()
    script.drop()
    script.answer(EMPTY_LIST)
    await client.query(SOURCE_ID)
    assert client.calls == Counter(search=2, query=2)


async def test_patience_with_trouble_ends(
    client: Client, script: Script, autojump_clock: MockClock
) -> None:
    """After a few attempts within seconds the trouble is reported as it is."""
    script.fail(500)
    started = trio.current_time()
    with pytest.raises(ServerTrouble):
        await client.fetch_page(PAGE_ID)
    assert client.calls["get_page"] == 1 + MAX_TROUBLES
    assert trio.current_time() - started < 10


async def test_a_refused_read_is_not_asked_again(client: Client, script: Script) -> None:
    """Nothing will be different the second time."""
    script.answer(NOT_FOUND, 404)
    with pytest.raises(RemoteMissing):
        await client.fetch_page(PAGE_ID)
    assert client.calls["get_page"] == 1


WRITES: list[Ask] = [
    lambda c: c.create_page(UNDER_PAGE, {}, "text"),
    lambda c: c.update_page(PAGE_ID, in_trash=True),
    lambda c: c.move_page(PAGE_ID, UNDER_PAGE),
    lambda c: c.append_body(PAGE_ID, "more"),
]


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("fault", ["drop", "503", "html", "half"])
async def test_a_write_is_never_repeated_after_a_lost_answer(
    client: Client, script: Script, write: Ask, fault: str
) -> None:
    """It may have happened: the caller hears that, and nothing is sent a second time."""
    faults: dict[str, Callable[[], None]] = {
        "drop": script.drop,
        "503": lambda: script.fail(503),
        "html": lambda: script.answer(b"<html>"),
        "half": lambda: script.answer(b'{"obj'),
    }
    faults[fault]()
    with pytest.raises((Unreachable, ServerTrouble)) as caught:
        await write(client)
    assert caught.value.maybe_applied
    assert len(script.requests) == 1


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("status", [429, 529])
async def test_a_write_is_repeated_after_a_full_window(
    client: Client, script: Script, write: Ask, status: int, autojump_clock: MockClock
) -> None:
    """Notion has not even looked at it, so it waits as long as asked and goes again, once."""
    script.fail(status, retry_after="30")
    script.answer({**PAGE, **BODY, "object": "page"})
    started = trio.current_time()
    with suppress(BadAnswer):  # one scripted object cannot be both a page and a text
        await write(client)
    assert trio.current_time() - started >= 30
    assert len(script.requests) == 2


async def test_silence_that_one_request_was_asked_for_holds_for_all(
    client: Client, script: Script, autojump_clock: MockClock
) -> None:
    """A 429 is about the token, not about the request."""
    script.fail(429, retry_after="30")
    script.answer(PAGE)
    left: list[float] = []
    started = trio.current_time()

    async def ask(priority: Priority) -> None:
        await client.at(priority).fetch_page(PAGE_ID)
        left.append(trio.current_time() - started)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(ask, Priority.FILL)
        await trio.sleep(1)
        nursery.start_soon(ask, Priority.PROMPT)

    assert min(left) >= 30


async def test_a_throttle_without_end_is_reported(
    client: Client, script: Script, autojump_clock: MockClock
) -> None:
    """Without a Retry-After the pauses grow, and in the end the caller decides."""
    script.fail(529)
    started = trio.current_time()
    with pytest.raises(Throttled) as caught:
        await client.fetch_page(PAGE_ID)
    assert len(script.requests) == 1 + MAX_THROTTLES
    assert trio.current_time() - started > 60
    assert not caught.value.maybe_applied


async def test_a_deadline_ends_all_patience(
    client: Client, script: Script, autojump_clock: MockClock
) -> None:
    """Waiting for Retry-After is cancelled like any wait."""
    script.fail(429, retry_after="600")
    with trio.move_on_after(5) as scope:
        await client.fetch_page(PAGE_ID)
    assert scope.cancelled_caught


# --- strange answers ------------------------------------------------------------------------------


async def test_a_create_whose_answer_is_not_a_whole_page_names_what_exists(
    client: Client, script: Script
) -> None:
    """An insert-only token gets an id and no more; the page must not be created again."""
    script.answer({"object": "page", "id": PAGE_ID})
    with pytest.raises(BadAnswer) as caught:
        await client.create_page(UNDER_PAGE, {}, None)
    assert caught.value.maybe_applied
    assert caught.value.committed_id == PAGE_ID


async def test_a_read_of_another_shape_is_a_bad_answer(client: Client, script: Script) -> None:
    """It is JSON from Notion, so asking again would not help."""
    script.answer({"object": "async_task", "id": PAGE_ID})
    with pytest.raises(BadAnswer) as caught:
        await client.fetch_body(PAGE_ID)
    assert not caught.value.maybe_applied
    assert len(script.requests) == 1


async def test_half_an_emoji_does_not_hide_a_page(client: Client, script: Script) -> None:
    """A title that was cut inside a character is valid JSON and invalid Unicode."""
    title = {"title": {"type": "title", "title": [{"plain_text": "cut \ud83d"}]}}
    script.answer(PAGE | {"properties": title})
    assert (await client.fetch_page(PAGE_ID)).title == "cut \ufffd"


async def test_a_listing_in_parts_is_joined(client: Client, script: Script) -> None:
    """Relations and users come whole, however many parts Notion makes of them."""
    for number, more in ((1, True), (2, True), (3, False)):
        relation = {"type": "relation", "relation": {"id": str(number)}}
        script.answer(
            {
                "object": "list",
                "results": [relation],
                "has_more": more,
                "next_cursor": f"c{number}" if more else None,
            }
        )
    entries = await client.fetch_entries(PAGE_ID, "rel")
    assert [entry["id"] for entry in entries] == ["1", "2", "3"]
    assert [query.get("start_cursor") for _, _, query, _ in script.requests] == [None, "c1", "c2"]


async def test_a_listing_that_runs_in_a_circle_ends(client: Client, script: Script) -> None:
    """A cursor that comes back would be followed for ever."""
    script.answer({"object": "list", "results": [], "has_more": True, "next_cursor": "c"})
    with pytest.raises(BadAnswer):
        await client.fetch_users()


# --- one client, many views -----------------------------------------------------------------------


async def test_views_share_the_count_and_the_pace(client: Client, script: Script) -> None:
    """However many tasks hold a view, the token has one budget."""
    script.answer(PAGE)
    background = client.at(Priority.FILL)
    await background.fetch_page(PAGE_ID)
    await client.fetch_page(PAGE_ID)
    assert background.calls == client.calls == Counter(get_page=2)
    assert background.pace is client.pace
    assert client.pace.recent() == 2


async def test_neither_token_nor_text_is_logged_or_told(
    client: Client, script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    """At the most talkative level, through success and failure."""
    caplog.set_level(logging.DEBUG)
    script.answer(BODY | {"markdown": "private words"})
    await client.fetch_body(PAGE_ID)
    script.answers.clear()
    complaint = {
        "object": "error",
        "status": 400,
        "code": "validation_error",
        "message": f"Cannot place private words with {TOKEN}",
    }
    script.answer(complaint, 400)
    with pytest.raises(RemoteError) as caught:
        await client.append_body(PAGE_ID, "private words")
    told = caplog.text + str(caught.value) + repr(caught.value) + repr(client)
    assert TOKEN not in told
    assert "private" not in told
    assert "patch_markdown" in caplog.text
