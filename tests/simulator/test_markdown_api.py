"""The markdown endpoints: reading, the four commands, guards, and what happens to sub-pages."""

from __future__ import annotations

from typing import Any

import pytest

from notionfs.simulator import Simulator

from .conftest import Api


def update(*pairs: tuple[str, str], **more: Any) -> dict[str, Any]:
    items = [{"old_str": old, "new_str": new} for old, new in pairs]
    command = {"content_updates": items, **more}
    return {"type": "update_content", "update_content": command, "markdown_version": "v2"}


def replace(text: str, **more: Any) -> dict[str, Any]:
    command = {"new_str": text, **more}
    return {"type": "replace_content", "replace_content": command, "markdown_version": "v2"}


async def test_reading_shows_both_dialects(sim: Simulator, api: Api) -> None:
    """v1 unless v2 is asked for; an empty page is an empty string."""
    page = sim.add_page("Page", markdown="one\n\ntwo")
    path = f"pages/{page}/markdown"
    assert (await api.ok("GET", path))["markdown"] == "one\ntwo"
    shown = await api.ok("GET", f"{path}?markdown_version=v2")
    assert shown["markdown"] == "one\n\ntwo"
    assert shown["object"] == "page_markdown"
    assert shown["truncated"] is False
    assert shown["unknown_block_ids"] == []
    await api.refused("GET", f"{path}?markdown_version=v9")
    empty = sim.add_page("Empty")
    assert (await api.ok("GET", f"pages/{empty}/markdown"))["markdown"] == ""


async def test_an_update_answers_with_the_whole_page_and_keeps_ids(
    sim: Simulator, api: Api
) -> None:
    """Only the block that changed has a new edit time."""
    page = sim.add_page("Page", markdown="one\n\ntwo and more\n\nthree")
    before = sim.children(page)
    sim.advance(120)
    answer = await api.ok("PATCH", f"pages/{page}/markdown", update(("two and", "two or")))
    assert answer["markdown"] == "one\n\ntwo or more\n\nthree"
    after = sim.children(page)
    assert [block["id"] for block in after] == [block["id"] for block in before]
    changed = [
        new["last_edited_time"] != old["last_edited_time"]
        for old, new in zip(before, after, strict=True)
    ]
    assert changed == [False, True, False]
    assert sim.page(page)["last_edited_by"]["id"] == sim.workspace.records.bot_id


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (update(("nowhere", "x")), "No match"),
        (update(("e", "x")), "Multiple matches"),
        (update(("", "x")), "empty"),
        (update(("one", "1"), ("nowhere", "x")), "No match"),
        ({"type": "update_content", "update_content": {}}, "content_updates"),
        ({"type": "nonsense"}, "body.type"),
        ({"type": "replace_content"}, "should be defined"),
        ({"type": "replace_content", "replace_content": {"new_str": 1}}, "a string"),
        ({**replace("x"), "extra": 1}, "body.extra"),
        ({**replace("x"), "insert_content": {}}, "not present"),
        ({**replace("x"), "markdown_version": "v3"}, "markdown_version"),
        (update(*[("one", "1")] * 101), "≤ `100`"),
    ],
)
async def test_a_bad_edit_is_refused_and_changes_nothing(
    sim: Simulator, api: Api, body: dict[str, Any], complaint: str
) -> None:
    """All or nothing, and a validation error that says why."""
    page = sim.add_page("Page", markdown="one\n\nthree")
    assert complaint in await api.refused("PATCH", f"pages/{page}/markdown", body)
    assert sim.markdown(page) == "one\n\nthree"


async def test_found_items_are_applied_if_the_switch_says_so(sim: Simulator, api: Api) -> None:
    """As the service was once seen to do."""
    page = sim.add_page("Page", markdown="one\n\ntwo")
    sim.switches.partial_updates = True
    answer = await api.ok("PATCH", f"pages/{page}/markdown", update(("one", "1"), ("nowhere", "x")))
    assert answer["markdown"] == "1\n\ntwo"


async def test_sub_pages_are_guarded(sim: Simulator, api: Api) -> None:
    """Leaving one out is refused with its name, unless deleting was allowed; then it is trashed."""
    page = sim.add_page("Page", markdown="text")
    child = sim.add_page("Child", parent=page)
    path = f"pages/{page}/markdown"
    assert "Child" in await api.refused("PATCH", path, replace("other"))
    assert sim.page(child)["in_trash"] is False
    await api.ok("PATCH", path, replace("other", allow_deleting_content=True))
    assert sim.page(child)["in_trash"] is True
    sim.restore(child)
    assert "Child" in sim.markdown(page)


async def test_a_page_tag_without_an_address_makes_a_page(sim: Simulator, api: Api) -> None:
    """Once: reading the answer and writing it back makes no second one."""
    page = sim.add_page("Page")
    path = f"pages/{page}/markdown"
    answer = await api.ok("PATCH", path, replace("<page>New</page>"))
    child = sim.find("New")
    assert sim.page(child)["parent"] == {"type": "page_id", "page_id": page}
    again = await api.ok("PATCH", path, replace(answer["markdown"]))
    assert again["markdown"] == answer["markdown"]
    assert sim.titles() == ["New", "Page"]


async def test_a_sub_page_inside_a_column_has_a_block_as_parent(sim: Simulator, api: Api) -> None:
    """Moving its tag moves the page; its id stays."""
    page = sim.add_page("Page")
    child = sim.add_page("Child", parent=page)
    tag = sim.markdown(page)
    columns = f"<columns>\n<column>\n{tag}\n</column>\n<column>\ntext\n</column>\n</columns>"
    await api.ok("PATCH", f"pages/{page}/markdown", replace(columns))
    parent = sim.page(child)["parent"]
    assert parent["type"] == "block_id"
    assert (await api.ok("GET", f"blocks/{parent['block_id']}"))["type"] == "column"
    await api.ok("PATCH", f"pages/{page}/markdown", replace(tag))
    assert sim.page(child)["parent"] == {"type": "page_id", "page_id": page}


async def test_a_database_cannot_be_read_or_edited_as_markdown(sim: Simulator, api: Api) -> None:
    """Nor a block be edited; a block can be read."""
    page = sim.add_page("Page", markdown="text")
    database, _ = sim.add_database("T", parent=page)
    await api.refused("GET", f"pages/{database}/markdown")
    await api.refused("PATCH", f"pages/{database}/markdown", replace("x"))
    block = sim.children(page)[0]["id"]
    shown = await api.ok("GET", f"pages/{block}/markdown?markdown_version=v2")
    assert shown["markdown"] == "text"
    await api.refused("PATCH", f"pages/{block}/markdown", replace("x"))


async def test_a_long_page_is_cut_and_the_rest_cannot_be_lost(sim: Simulator, api: Api) -> None:
    """Beyond the record limit stand unknown tags whose ids can be read by themselves."""
    page = sim.add_page("Page", markdown="\n\n".join(f"line {n}" for n in range(10)))
    sim.limits.records = 5
    shown = await api.ok("GET", f"pages/{page}/markdown?markdown_version=v2")
    assert shown["truncated"] is True
    assert "<unknown" in shown["markdown"]
    assert shown["unknown_block_ids"]
    part = shown["unknown_block_ids"][0]
    more = await api.ok("GET", f"pages/{part}/markdown?markdown_version=v2")
    assert "line" in more["markdown"]
    message = await api.refused("PATCH", f"pages/{page}/markdown", replace("short"))
    assert "too large" in message


async def test_what_is_not_shared_shows_as_unknown(sim: Simulator, api: Api) -> None:
    """Its title is not given away, and the answer says that something is missing."""
    page = sim.add_page("Page", markdown="text")
    hidden = sim.add_page("Secret plan", parent=page)
    sim.unshare(hidden)
    shown = await api.ok("GET", f"pages/{page}/markdown?markdown_version=v2")
    assert "Secret" not in shown["markdown"]
    assert "<unknown" in shown["markdown"]
    assert shown["truncated"] is True
    assert shown["unknown_block_ids"] == [hidden]
    await api.refused("GET", f"pages/{hidden}/markdown", status=404)
    path = f"pages/{page}/markdown"
    assert "cannot access" in await api.refused("PATCH", path, replace("other"))
    await api.ok("PATCH", path, update(("text", "words")))
    assert "Secret plan" in sim.markdown(page)


async def test_hosted_files_have_another_address_at_each_read(sim: Simulator, api: Api) -> None:
    """Writing an old address back keeps the file a hosted one."""
    address = sim.add_file("a.png", b"picture")
    page = sim.add_page("Page", markdown=f"![A]({address})")
    path = f"pages/{page}/markdown"
    first = (await api.ok("GET", f"{path}?markdown_version=v2"))["markdown"]
    second = (await api.ok("GET", f"{path}?markdown_version=v2"))["markdown"]
    assert first != second
    await api.ok("PATCH", path, replace(first + "\n\ntext"))
    image = sim.children(page)[0]["image"]
    assert image["type"] == "file"
    answer = await api.http.get(image["file"]["url"])
    assert answer.content == b"picture"


async def test_an_asynchronous_edit_is_done_later(sim: Simulator, api: Api) -> None:
    """202 and a task; polling tells the outcome, errors too."""
    page = sim.add_page("Page", markdown="one")
    path = f"pages/{page}/markdown"
    task = await api.ok("PATCH", path, {**update(("one", "two")), "allow_async": True})
    assert task["object"] == "async_task"
    assert task["status"] == "queued"
    assert sim.markdown(page) == "one"
    sim.advance(5)
    done = await api.ok("GET", f"async_tasks/{task['id']}")
    assert done["status"] == "succeeded"
    assert done["result"]["markdown"] == "two"
    task = await api.ok("PATCH", path, {**update(("nowhere", "x")), "allow_async": True})
    sim.advance(5)
    failed = await api.ok("GET", f"async_tasks/{task['id']}")
    assert failed["status"] == "failed"
    assert "No match" in failed["error"]["message"]
    await api.refused("GET", "async_tasks/nobody", status=404)


async def test_an_asynchronous_creation_is_done_later(sim: Simulator, api: Api) -> None:
    """The page exists when the task has succeeded, not before."""
    root = sim.add_page("Root")
    body = {"parent": {"page_id": root}, "markdown": "# New\n\ntext", "allow_async": True}
    task = await api.ok("POST", "pages", body)
    assert sim.titles() == ["Root"]
    sim.advance(5)
    done = await api.ok("GET", f"async_tasks/{task['id']}")
    assert done["result"]["object"] == "page"
    assert sim.titles() == ["New", "Root"]
