"""PyPI `notion-client` (ramnes/notion-sdk-py) uses the simulator as it uses Notion."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from .served import TOKEN, Served

notion_client = pytest.importorskip(
    "notion_client", reason="notion-client is not installed (pip install notion-client)"
)

VERSIONS = ("2025-09-03", "2026-03-11")  # the client's own default, and ours
TASKS = {
    "Name": {"title": {}},
    "State": {"select": {"options": [{"name": "open", "color": "red"}, {"name": "done"}]}},
    "Points": {"number": {"format": "number"}},
    "Due": {"date": {}},
    "Notes": {"rich_text": {}},
    "Flag": {"checkbox": {}},
    "Tags": {"multi_select": {"options": []}},
}


def connect(url: str, version: str = VERSIONS[1]):
    return notion_client.Client(auth=TOKEN, base_url=url, notion_version=version)


@pytest.fixture(params=VERSIONS)
def notion(request: pytest.FixtureRequest, served: Served) -> Iterator[notion_client.Client]:
    with connect(served.url, request.param) as client:
        yield client


def words(text: str) -> list[dict]:
    return [{"type": "text", "text": {"content": text}}]


def paragraph(text: str) -> dict:
    return {"object": "block", "type": "paragraph", "paragraph": {"rich_text": words(text)}}


def home(notion: notion_client.Client) -> str:
    """The id of a top-level page of the demo."""
    found = notion.search(query="Company Home", filter={"property": "object", "value": "page"})
    return found["results"][0]["id"]


def table(notion: notion_client.Client) -> str:
    """A new table with five tasks; returns the id of its data source."""
    made = notion.databases.create(
        parent={"type": "page_id", "page_id": home(notion)},
        title=words("Tasks of a judge"),
        initial_data_source={"properties": TASKS},
    )
    source = made["data_sources"][0]["id"]
    for index, state in enumerate(("open", "open", "done", "done", "later")):
        notion.pages.create(
            parent={"type": "data_source_id", "data_source_id": source},
            properties={
                "Name": {"title": words(f"Task {index}")},
                "State": {"select": {"name": state}},
                "Points": {"number": index},
                "Due": {"date": {"start": f"2026-06-0{index + 1}"}},
                "Notes": {"rich_text": words("even" if index % 2 == 0 else "odd")},
                "Flag": {"checkbox": index == 3},
                "Tags": {"multi_select": [{"name": "all"}, {"name": f"t{index}"}]},
            },
        )
    return source


def test_people_and_the_bot_are_listed(notion):
    """`users.me`, the list and one user agree with each other."""
    me = notion.users.me()
    listed = notion_client.helpers.collect_paginated_api(notion.users.list, page_size=2)
    assert me["type"] == "bot"
    assert {me["id"], *(user["id"] for user in listed)} == {user["id"] for user in listed}
    person = next(user for user in listed if user["type"] == "person")
    again = notion.users.retrieve(user_id=person["id"])
    again.pop("request_id")
    assert again == person


def test_the_whole_workspace_is_found_page_by_page(notion, served: Served):
    """Search and the client's own paging helper enumerate every page and data source once."""
    found = notion_client.helpers.collect_paginated_api(notion.search, page_size=25)
    ids = [thing["id"] for thing in found]
    assert len(ids) == len(set(ids))
    there = served.sim.workspace
    pages = {page.id for page in there.pages.values() if not page.is_template}
    assert set(ids) == {*pages, *there.data_sources}
    assert all(notion_client.helpers.is_full_page_or_data_source(thing) for thing in found)


FILTERS = (
    ({"property": "State", "select": {"equals": "open"}}, {0, 1}),
    ({"property": "State", "select": {"does_not_equal": "open"}}, {2, 3, 4}),
    ({"property": "Points", "number": {"greater_than_or_equal_to": 3}}, {3, 4}),
    ({"property": "Due", "date": {"before": "2026-06-03"}}, {0, 1}),
    ({"property": "Notes", "rich_text": {"contains": "dd"}}, {1, 3}),
    ({"property": "Name", "title": {"ends_with": "4"}}, {4}),
    ({"property": "Flag", "checkbox": {"equals": True}}, {3}),
    ({"property": "Tags", "multi_select": {"contains": "t2"}}, {2}),
    (
        {
            "or": [
                {"property": "Points", "number": {"equals": 0}},
                {
                    "and": [
                        {"property": "Flag", "checkbox": {"equals": False}},
                        {"property": "State", "select": {"equals": "done"}},
                    ]
                },
            ]
        },
        {0, 2},
    ),
    ({"timestamp": "created_time", "created_time": {"on_or_after": "2026-06-09"}}, {0, 1, 2, 3, 4}),
    ({"property": "Due", "date": {"is_empty": True}}, set()),
)


def test_a_new_table_answers_filters_and_sorts(notion):
    """Rows come back for each kind of condition, in the order asked for, in pages."""
    source = table(notion)
    for condition, wanted in FILTERS:
        rows = notion.data_sources.query(data_source_id=source, filter=condition)["results"]
        assert {row["properties"]["Points"]["number"] for row in rows} == wanted, condition
    ordered = notion_client.helpers.collect_paginated_api(
        notion.data_sources.query,
        data_source_id=source,
        sorts=[{"property": "Points", "direction": "descending"}],
        page_size=2,
    )
    assert [row["properties"]["Points"]["number"] for row in ordered] == [4, 3, 2, 1, 0]
    options = notion.data_sources.retrieve(data_source_id=source)["properties"]["State"]["select"]
    assert [option["name"] for option in options["options"]] == ["open", "done", "later"]


def test_a_page_lives_from_creation_to_trash_and_back(notion):
    """Create, update, append, edit, delete, trash, restore; each is read back."""
    page = notion.pages.create(
        parent={"type": "page_id", "page_id": home(notion)},
        properties={"title": {"title": words("Made by a judge")}},
        icon={"type": "emoji", "emoji": "⚖️"},
        children=[paragraph("first"), {"type": "divider", "divider": {}}],
    )
    notion.pages.update(page["id"], properties={"title": {"title": words("Renamed")}})
    assert notion.pages.retrieve(page["id"])["properties"]["title"]["title"][0]["plain_text"] == (
        "Renamed"
    )
    first, rule = notion.blocks.children.list(page["id"])["results"]
    made = notion.blocks.children.append(page["id"], children=[paragraph("last")])["results"]
    notion.blocks.update(first["id"], paragraph={"rich_text": words("changed")})
    notion.blocks.delete(rule["id"])
    now = notion.blocks.children.list(page["id"])["results"]
    assert [block["paragraph"]["rich_text"][0]["plain_text"] for block in now] == [
        "changed",
        "last",
    ]
    assert now[1]["id"] == made[-1]["id"]
    assert notion.pages.update(page["id"], in_trash=True)["in_trash"] is True
    assert notion.pages.retrieve(page["id"])["in_trash"] is True
    assert notion.pages.update(page["id"], in_trash=False)["in_trash"] is False


def test_blocks_are_put_in_the_middle_in_the_words_of_each_version(served: Served):
    """`after` until 2025-09-03, `position` from 2026-03-11; neither in the other's time."""
    for version in VERSIONS:
        with connect(served.url, version) as notion:
            page = notion.pages.create(
                parent={"page_id": home(notion)}, children=[paragraph("a"), paragraph("c")]
            )["id"]
            after = notion.blocks.children.list(page)["results"][0]["id"]
            place = (
                {"after": after}
                if version == VERSIONS[0]
                else {"position": {"type": "after_block", "after_block": {"id": after}}}
            )
            notion.blocks.children.append(page, children=[paragraph("b")], **place)
            shown = notion.blocks.children.list(page)["results"]
            assert [one["paragraph"]["rich_text"][0]["plain_text"] for one in shown] == [*"abc"]
            assert ("archived" in shown[0]) is (version == VERSIONS[0])


def test_markdown_is_read_and_written(served: Served):
    """The markdown endpoints of a client that only passes things on."""
    with connect(served.url) as notion:
        page = notion.pages.create(parent={"page_id": home(notion)}, markdown="# Hi\n\nOne two.")
        answer = notion.request(
            path=f"pages/{page['id']}/markdown",
            method="PATCH",
            body={
                "type": "update_content",
                "update_content": {"content_updates": [{"old_str": "two", "new_str": "three"}]},
            },
        )
        assert "One three." in answer["markdown"]
        read = notion.request(path=f"pages/{page['id']}/markdown", method="GET")
        assert read["markdown"] == answer["markdown"]


def test_comments_and_files_go_up_and_come_down(notion):
    """A thread on a page; a file sent in one part and shown by a block."""
    page = notion.pages.create(parent={"page_id": home(notion)})["id"]
    made = notion.comments.create(parent={"page_id": page}, rich_text=words("Objection"))
    listed = notion.comments.list(block_id=page)["results"]
    assert [one["id"] for one in listed] == [made["id"]]
    upload = notion.file_uploads.create(
        mode="single_part", filename="a.txt", content_type="text/plain"
    )
    sent = notion.file_uploads.send(
        file_upload_id=upload["id"], file=("a.txt", b"evidence", "text/plain")
    )
    assert sent["status"] == "uploaded"
    shown = {"type": "file_upload", "file_upload": {"id": upload["id"]}}
    block = {"type": "file", "file": shown}
    kept = notion.blocks.children.append(page, children=[block])["results"][0]
    with notion_client.client.httpx.Client(trust_env=False) as plain:
        assert plain.get(kept["file"]["file"]["url"]).content == b"evidence"


def test_refusals_arrive_as_the_errors_the_client_knows(served: Served):
    """Its error classes and codes, not a failure to understand the answer."""
    with connect(served.url) as notion:
        with pytest.raises(notion_client.APIResponseError) as missing:
            notion.pages.retrieve("00000000-0000-4000-8000-000000000000")
        assert missing.value.code == notion_client.APIErrorCode.ObjectNotFound
        with pytest.raises(notion_client.APIResponseError) as wrong:
            notion.pages.create(parent={"page_id": home(notion)}, properties={"Nope": 1})
        assert wrong.value.code == notion_client.APIErrorCode.ValidationError
    with notion_client.Client(auth="no", base_url=served.url) as stranger:
        with pytest.raises(notion_client.APIResponseError) as closed:
            stranger.users.me()
        assert closed.value.code == notion_client.APIErrorCode.Unauthorized


def test_notionfs_simulate_is_enough():
    """The command alone serves the client: list, create, append, read back, trash."""
    command = (sys.executable, "-u", "-m", "notionfs", "simulate", "--port", "0")
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            with connect(process.stdout.readline().split()[-1]) as notion:
                page = notion.pages.create(
                    parent={"page_id": home(notion)}, children=[paragraph("kept")]
                )["id"]
                notion.blocks.children.append(page, children=[paragraph("more")])
                assert len(notion.blocks.children.list(page)["results"]) == 2
                assert notion.pages.update(page, in_trash=True)["in_trash"]
        finally:
            process.send_signal(signal.SIGINT)
            process.stdout.read()
            assert process.stderr.read() == ""
