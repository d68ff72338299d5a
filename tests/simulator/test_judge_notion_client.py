"""The Python client `notion-client` judges the simulator: in process, and over a socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import trio

from notionfs.simulator import Simulator
from notionfs.simulator.server import serve

notion_client = pytest.importorskip(
    "notion_client", reason="notion-client is not installed (the registry lacks it)"
)

VERSIONS = ("2025-09-03", "2026-03-11")


@pytest.fixture(params=VERSIONS)
async def notion(sim: Simulator, request: pytest.FixtureRequest) -> AsyncIterator[Any]:
    """An asynchronous client whose requests end in *sim*."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(sim.app)) as http:
        options = {"auth": "demo-token", "notion_version": request.param}
        yield notion_client.AsyncClient(options, client=http)


def text(content: str) -> list[dict[str, Any]]:
    return [{"text": {"content": content}}]


async def test_list_query_create_update_append_trash_and_read_back(
    sim: Simulator, notion: Any
) -> None:
    """The paths every client takes."""
    root = sim.add_page("Root")
    database = await notion.databases.create(
        parent={"type": "page_id", "page_id": root},
        title=text("Books"),
        initial_data_source={"properties": {"Name": {"title": {}}, "Pages": {"number": {}}}},
    )
    source = database["data_sources"][0]["id"]
    rows = [
        await notion.pages.create(
            parent={"data_source_id": source},
            properties={"Name": {"title": text(f"Book {n}")}, "Pages": {"number": n * 100}},
            children=[{"paragraph": {"rich_text": text("First words.")}}],
        )
        for n in range(4)
    ]
    long = await notion.data_sources.query(
        source, filter={"property": "Pages", "number": {"greater_than": 150}}
    )
    assert {row["id"] for row in long["results"]} == {rows[2]["id"], rows[3]["id"]}

    row = rows[0]["id"]
    await notion.pages.update(row, properties={"Pages": {"number": 7}}, icon={"emoji": "📗"})
    assert (await notion.pages.retrieve(row))["properties"]["Pages"]["number"] == 7
    await notion.blocks.children.append(row, children=[{"divider": {}}])
    listed = await notion.blocks.children.list(row)
    assert [block["type"] for block in listed["results"]] == ["paragraph", "divider"]
    block = listed["results"][0]["id"]
    await notion.blocks.update(block, paragraph={"rich_text": text("Other words.")})
    assert sim.markdown(row) == "Other words.\n\n---"
    await notion.blocks.delete(block)
    assert sim.markdown(row) == "---"

    await notion.pages.update(row, in_trash=True)
    left = await notion.data_sources.query(source)
    assert len(left["results"]) == 3


async def test_search_users_comments_and_properties(sim: Simulator, notion: Any) -> None:
    """What else a client asks for."""
    page = sim.add_page("A page to find", markdown="text")
    found = await notion.search(query="find", filter={"property": "object", "value": "page"})
    assert [result["id"] for result in found["results"]] == [page]
    assert (await notion.users.me())["type"] == "bot"
    assert len((await notion.users.list())["results"]) == 4
    await notion.comments.create(parent={"page_id": page}, rich_text=text("Well said."))
    comments = await notion.comments.list(block_id=page)
    assert comments["results"][0]["rich_text"][0]["plain_text"] == "Well said."
    title = await notion.pages.properties.retrieve(page, "title")
    assert title["results"][0]["title"]["plain_text"] == "A page to find"


async def test_a_schema_changes_through_the_client(sim: Simulator, notion: Any) -> None:
    """Properties are added, renamed and removed."""
    _, (source,) = sim.add_database("T", sources={"T": {"Old": "number"}})
    changed = await notion.data_sources.update(
        source, properties={"Old": {"name": "New"}, "Tags": {"multi_select": {}}}
    )
    assert set(changed["properties"]) == {"Name", "New", "Tags"}
    changed = await notion.data_sources.update(source, properties={"Tags": None})
    assert set(changed["properties"]) == {"Name", "New"}


async def test_errors_are_what_the_client_expects(sim: Simulator, notion: Any) -> None:
    """Its own exception classes, with our codes."""
    with pytest.raises(notion_client.APIResponseError) as missing:
        await notion.pages.retrieve("00000000-0000-4000-8000-0000000000aa")
    assert missing.value.code == notion_client.APIErrorCode.ObjectNotFound
    page = sim.add_page("Page")
    with pytest.raises(notion_client.APIResponseError) as invalid:
        await notion.pages.update(page, properties={"Nope": {"number": 1}})
    assert invalid.value.code == notion_client.APIErrorCode.ValidationError


async def test_pagination_helpers_walk_to_the_end(sim: Simulator, notion: Any) -> None:
    """250 rows in three pages."""
    from notion_client.helpers import async_collect_paginated_api

    _, (source,) = sim.add_database("T")
    for number in range(250):
        sim.add_page(str(number), parent=source)
    rows = await async_collect_paginated_api(notion.data_sources.query, data_source_id=source)
    assert len({row["id"] for row in rows}) == 250
    assert sim.count("query") == 3


async def test_a_blocking_client_talks_to_the_loopback_server(sim: Simulator) -> None:
    """A socket, threads, files by multipart: what tests in process cannot show."""
    page = sim.add_page("Page", markdown="text")

    def work(url: str) -> dict[str, Any]:
        client = notion_client.Client(auth="demo-token", base_url=url)
        upload = client.file_uploads.create(mode="single_part", filename="a.txt")
        content = ("a.txt", b"hello", "text/plain")
        client.file_uploads.send(upload["id"], file=content)
        file = {"type": "file_upload", "file_upload": {"id": upload["id"]}}
        client.blocks.children.append(page, children=[{"type": "file", "file": file}])
        shown = client.blocks.children.list(page)["results"][-1]
        assert httpx.get(shown["file"]["file"]["url"]).content == b"hello"
        client.close()
        return dict(shown)

    async with trio.open_nursery() as nursery:
        address = await nursery.start(serve, sim)
        shown = await trio.to_thread.run_sync(work, address.url)
        nursery.cancel_scope.cancel()
    assert shown["file"]["name"] == "a.txt"
